/** The model: is one loaded, may it block by itself, does its threshold fit this site. */

import type { HostFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

export function checkModel({ daemon }: HostFacts): Finding[] {
  if (daemon === undefined) return []
  const { model } = daemon
  if (model === null || !model.loaded) {
    const why = model === null || model.problem === '' ? 'no reason given' : model.problem
    return [
      finding('model', '', {
        level: 'warning',
        found: `none is loaded: ${why}`,
        consequence: 'flows get no score; the detectors go on',
        fix: 'idsctl model verify DIR says what is wrong with a bundle; model.dir = "none" is a choice, too',
      }),
    ]
  }
  const { name, version, threshold, mayBlock } = model
  return [
    finding('model', '', { level: 'ok', found: `${name} ${version} scores flows, threshold ${threshold}` }),
    finding('calibration', '', calibration(mayBlock)),
  ]
}

function calibration(mayBlock: boolean): Said {
  return mayBlock
    ? {
        level: 'warning',
        found: 'policy.model_may_block is set, and the threshold was not fitted to this site',
        consequence: 'the model alone blocks; how often it errs on your traffic is not known',
        fix: 'policy.model_may_block = false and systemctl reload idsd, until its alerts of a week were right',
      }
    : {
        level: 'ok',
        found: 'the threshold was not fitted to this site; the model does not block by itself',
      }
}
