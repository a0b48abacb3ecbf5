/** Breakers that are tripped, and the end of a trip: for people and as `idsd.breaker_reset.v1`. */

import type { Breaker } from '../contract.js'
import { fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime, utcMs } from './time.js'

/** A part of other documents. */
export function breakerDocument({
  origin,
  sinceMs,
  untilMs,
  why,
}: Breaker): Readonly<Record<string, unknown>> {
  return { origin, since: utcMs(sinceMs), until: utcMs(untilMs), why }
}

export function breakerResetDocument(tripped: Breaker | null, dryRun: boolean): Document {
  return {
    schema: 'idsd.breaker_reset.v1',
    dry_run: dryRun,
    tripped: tripped && breakerDocument(tripped),
    undo: null,
  }
}

export function breakerResetPage(tripped: Breaker | null, dryRun: boolean, style: Style): string {
  if (tripped === null) return 'nothing was tripped; nothing was changed\n'
  const origin = style.colors.bold(printable(tripped.origin))
  const head = dryRun
    ? `would let ${origin} block again; nothing was changed`
    : `${origin} may block again, and its blocks that stand drop again`
  return `${head}\n${fields(
    [
      ['was tripped', `at ${localTime(tripped.sinceMs)}, until ${localTime(tripped.untilMs)}`],
      ['because', printable(tripped.why)],
      [
        'undo',
        dryRun
          ? ''
          : 'none: it trips again by itself when it blocks the wrong ones; idsctl mode detect stops all',
      ],
    ],
    style,
  )}`
}

/** For the page of the status. */
export function breakersText(breakers: readonly Breaker[], { colors }: Style): string {
  const words = breakers.map(
    ({ origin, untilMs, why }) =>
      `${printable(origin)} only counts until ${localTime(untilMs)} (${printable(why)})`,
  )
  if (words.length === 0) return ''
  return colors.bold(colors.yellow(`${words.join('; ')}; idsctl resume ${breakers[0]?.origin} ends it`))
}
