/**
 * How what is configured reaches the rooms: when the file is read again, when settings are applied, when a trial of
 * settings ends.
 */

import type { Config } from '../config/config.js'
import { diffConfig, settingsInWords } from '../config/diff-config.js'
import { audited } from '../control/audited.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Schedule } from '../lists/schedule.js'
import type { Store } from '../record/store.js'
import { leaseUs } from '../room-options.js'
import { configuredAllow } from './configured-allow.js'
import type { EventOutput } from './event-output.js'
import type { Ground } from './ground.js'
import type { Enforcement } from './open-enforcement.js'
import type { Judgement } from './open-judgement.js'
import { createSettings, type Settings } from './settings.js'

export interface Configuration {
  readonly settings: Settings
  /** The rooms follow the settings in force. @throws what hinders them */
  follow(): void
  /**
   * Settings of a file that was applied; stored, but for a trial, which stores them when it is confirmed.
   * @throws StoreError, KernelError: then all is as before, on trial once its own end took it back
   */
  apply(text: string | undefined, isTrial: boolean): void
  /** Another file was read, or the same one again. @throws as `follow`, and ConfigError: the file of before is in force */
  reload(file: Config, pinned: ReadonlySet<string> | undefined): void
}

/** The rooms that follow. */
export interface Followers {
  readonly kernel: Pick<Kernel, 'settings'>
  readonly enforcement: Pick<Enforcement, 'enforcer' | 'configure' | 'setConfiguredMode'>
  readonly judgement: Pick<Judgement, 'adopt' | 'calibration'>
  readonly schedule: Pick<Schedule, 'configure'>
  readonly output: Pick<EventOutput, 'reopen'>
}

export interface ConfigurationOptions {
  /** What the file and flags say. */
  readonly file: Config
  readonly pinned: ReadonlySet<string>
  readonly store: Pick<Store, 'applied' | 'saveApplied' | 'transaction'>
  /** As in `SettingsOptions`. */
  readonly onTrial: string | null | undefined
  /** Asked when there is something to follow. */
  readonly followers: () => Followers
}

/** From here on `ground.inForce` holds what was applied too. */
export function createConfiguration(ground: Ground, options: ConfigurationOptions): Configuration {
  const { inForce, clock, startedAtMs, audit, log } = ground
  const { file, pinned, store, onTrial } = options
  const settings = createSettings({
    ...{ file, pinned, store, onTrial },
    onUnusable: (fault) =>
      log.error({ problem: fault.message }, 'settings that were applied earlier are not in force'),
  })
  inForce.written = settings.now
  inForce.pinned = settings.pinned
  inForce.config = inForce.written

  function takeOver(given: Config) {
    const { kernel, enforcement, judgement, schedule, output } = options.followers()
    // First what can fail, while the rest is still as it was.
    enforcement.enforcer.setConfiguredAllow(
      configuredAllow(settings.confirmed, startedAtMs),
      configuredAllow(given, startedAtMs),
    )
    const before = inForce.config
    inForce.written = given
    inForce.pinned = settings.pinned
    judgement.adopt()
    const next = inForce.config
    kernel.settings.leaseUs = leaseUs(next)
    enforcement.configure(next)
    // What it imports is imported for good: settings on trial begin no import.
    schedule.configure(settings.confirmed.lists)
    log.level = next.log.level
    output.reopen()
    // A reload for another reason does not undo what an operator chose.
    if (next.mode === 'prevent' && before.mode !== 'prevent' && judgement.calibration.run?.endedAtMs === 0)
      log.warn(
        {},
        'the mode stays detect, because this site is learnt: idsctl mode prevent, or a start, once that is over',
      )
    else if (next.mode !== before.mode) enforcement.setConfiguredMode(next.mode)
  }

  return {
    settings,
    follow: () => takeOver(settings.now),
    apply(text, isTrial) {
      const before = settings.now
      try {
        store.transaction(() => {
          if (!isTrial) store.saveApplied(text, clock.nowMs())
          settings.use(text, isTrial)
          takeOver(settings.now)
        })
      } catch (fault) {
        // Of a trial its own end takes it back.
        if (!isTrial) {
          settings.use(store.applied(), false)
          takeOver(before)
        }
        throw fault
      }
    },
    reload(next, named) {
      const [old, oldPinned] = [settings.file, settings.pinned]
      settings.reload(next, named ?? settings.pinned)
      const { reloadable } = diffConfig(inForce.written, settings.now)
      const row = { atMs: clock.nowMs(), action: 'reload', target: '', caller: 'configuration' } as const
      const before = settingsInWords(inForce.written, reloadable)
      try {
        audited({ audit }, row, () => takeOver(settings.now))
      } catch (fault) {
        settings.reload(old, oldPinned)
        throw fault
      }
      if (reloadable.length === 0) return
      const after = settingsInWords(settings.now, reloadable)
      const detail = reloadable.join(', ')
      audit({ ...row, outcome: 'done', detail, decisionNumbers: [], before, after })
    },
  }
}
