/** What became of the change on trial: for people and as `idsd.trial.v1`. */

import type { TrialEndOrder, TrialEndOutcome } from '../end-trial.js'
import { fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { utcMs } from './time.js'
import { trialDocument } from './trial.js'

/** Past the daemon nothing is known of the change but its end: the rest is null. */
export function trialEndDocument(
  { name, dryRun }: TrialEndOrder,
  { trial, leftMs, past }: TrialEndOutcome,
  nowMs: number,
): Document {
  const unknown = { by: null, what: null, reason: null }
  const bare = { since: null, until: utcMs(nowMs + leftMs), seconds_left: leftMs / 1000, ...unknown }
  return {
    schema: 'idsd.trial.v1',
    ...{ action: name, dry_run: dryRun, via: past === undefined ? 'daemon' : 'maps' },
    ...{ interfaces: past?.interfaces ?? null, trial: trial === undefined ? bare : trialDocument(trial) },
  }
}

export function trialEndPage(
  { name, dryRun }: TrialEndOrder,
  { trial, leftMs, past }: TrialEndOutcome,
  style: Style,
): string {
  const what = style.colors.bold(trial === undefined ? 'the change on trial' : printable(trial.what))
  const done = name === 'confirm' ? `confirmed: ${what}` : `taken back: ${what}`
  const would = name === 'confirm' ? `would confirm ${what}` : `would take back ${what}`
  const reached = past?.interfaces.map(printable).join(', ')
  return `${dryRun ? `${would}; nothing was changed` : done}\n${fields(
    [
      ['by', printable(trial?.by ?? '')],
      ['reason', printable(trial?.reason ?? '')],
      ['left', `${Math.ceil(leftMs / 1000)} s`],
      ['daemon', past === undefined ? '' : style.colors.yellow(printable(past.problem))],
      [
        'instead',
        reached === undefined ? '' : `${dryRun ? 'would be written' : 'written'} into the maps of ${reached}`,
      ],
    ],
    style,
  )}`
}
