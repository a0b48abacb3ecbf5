/** A proposal that is applied, over what was applied before. Pure. */

import type { Proposal } from './proposal.js'
import type { SiteThresholds } from './site.js'

/** Keys that the file names, and detectors that stay as they are, are left out. */
export function fittedSite(
  proposal: Proposal,
  before: SiteThresholds | undefined,
  facts: Pick<SiteThresholds, 'atMs' | 'by' | 'sources' | 'sinceMs' | 'untilMs'>,
): SiteThresholds {
  const { model: fit, detectors } = proposal
  const changed = detectors
    .filter(({ isPinned }) => !isPinned)
    .filter(
      ({ detector, proposed, before: was }) => proposed !== was || before?.thresholds[detector] !== undefined,
    )
  return {
    ...facts,
    alerts: proposal.alerts,
    flows: proposal.flows,
    thresholds: {
      ...before?.thresholds,
      ...Object.fromEntries(changed.map(({ detector, proposed }) => [detector, proposed])),
    },
    model: modelOf(fit, before),
    forced: proposal.missing.join('; '),
  }
}

/** Without a model in use that of before stands; one that does not fit the site ends it. */
function modelOf(fit: Proposal['model'], before: SiteThresholds | undefined): SiteThresholds['model'] {
  if (fit === undefined) return before?.model
  if (fit.problem !== '') return undefined
  return { name: fit.name, sha256: fit.sha256, threshold: fit.proposed }
}
