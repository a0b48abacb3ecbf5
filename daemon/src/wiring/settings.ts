/**
 * What is configured: the file with flags, and above it the settings that were applied while idsd ran. On trial, other
 * settings are applied for the time being.
 */

import { type Applied, readApplied, readAppliedAllow } from '../config/applied.js'
import type { Config } from '../config/config.js'
import type { Store } from '../record/store.js'

export interface Settings {
  /** What the file and flags say. */
  readonly file: Config
  /** What is in force: on trial, that of the trial. */
  readonly now: Config
  /** What is in force when the trial is taken back; without one `now`. */
  readonly confirmed: Config
  /** Keys that the file, a flag or what is applied names. */
  readonly pinned: ReadonlySet<string>
  /** Another file was read, or the same one again. @throws ConfigError when what is applied does not fit to it */
  reload(file: Config, pinned: ReadonlySet<string>): void
  /** What `now` would be. @param text undefined: nothing is applied @throws ConfigError */
  with(text: string | undefined, name: string): Config
  /**
   * Puts settings in force; they are not stored here.
   * @param isTrial those in force before come back by `drop`
   */
  use(text: string | undefined, isTrial: boolean): void
  /** What is on trial is confirmed, or dropped. */
  keep(): void
  drop(): void
}

export interface SettingsOptions {
  readonly file: Config
  readonly pinned: ReadonlySet<string>
  readonly store: Pick<Store, 'applied'>
  /** Text that is on trial; null = nothing is applied in it; undefined = no settings are on trial. */
  readonly onTrial: string | null | undefined
  /** What was applied earlier cannot be used by this idsd: it goes on with its allow entries alone. */
  readonly onUnusable: (fault: Error) => void
}

const NAME = 'the settings that were applied'

export function createSettings(options: SettingsOptions): Settings {
  let { file, pinned } = options
  const read = (text: string | undefined) => (text === undefined ? undefined : readApplied(text, NAME, file))
  const readStored = (text: string | undefined) => {
    try {
      return read(text)
    } catch (fault) {
      options.onUnusable(fault as Error)
      // Whom an operator let through must not be met by a block because another key is worth nothing any more.
      return text === undefined ? undefined : readAppliedAllow(text)
    }
  }
  let confirmed: Applied | undefined = readStored(options.store.applied())
  let trial: { readonly applied: Applied | undefined } | undefined =
    options.onTrial === undefined ? undefined : { applied: readStored(options.onTrial ?? undefined) }

  const over = (applied: Applied | undefined) => applied?.over(file) ?? file
  const inForce = () => (trial === undefined ? confirmed : trial.applied)

  return {
    get file() {
      return file
    },
    get now() {
      return over(inForce())
    },
    get confirmed() {
      return over(confirmed)
    },
    get pinned() {
      return new Set([...pinned, ...(inForce()?.paths ?? [])])
    },
    reload(next, named) {
      for (const applied of [confirmed, trial?.applied])
        if (applied !== undefined && !applied.isPart) readApplied(applied.text, NAME, next)
      file = next
      pinned = named
    },
    with: (text, name) => (text === undefined ? file : readApplied(text, name, file).over(file)),
    use(text, isTrial) {
      const applied = read(text)
      if (isTrial) trial = { applied }
      else confirmed = applied
    },
    keep() {
      if (trial !== undefined) confirmed = trial.applied
      trial = undefined
    },
    drop() {
      trial = undefined
    },
  }
}
