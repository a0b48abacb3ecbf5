/** The model: is one loaded, may it block by itself, does its threshold fit this site. */

import type { DaemonFacts, HostFacts } from './facts.js'
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
  const { name, version, threshold } = model
  return [
    finding('model', '', { level: 'ok', found: `${name} ${version} scores flows, threshold ${threshold}` }),
    finding('calibration', '', said(daemon, model)),
  ]
}

type Model = NonNullable<DaemonFacts['model']>

function said({ calibration }: DaemonFacts, { mayBlock, calibrated, threshold }: Model): Said {
  const run = calibration?.run ?? null
  const site = calibration?.site ?? null
  if (calibrated) {
    const may = mayBlock ? 'its points may block' : 'it does not block by itself'
    const forced = site === null ? '' : site.forced
    if (forced === '')
      return { level: 'ok', found: `the threshold ${threshold} was fitted to this site; ${may}` }
    return {
      level: 'warning',
      found: `the threshold ${threshold} was fitted to this site with --force: ${forced}`,
      consequence: `how often the model errs on your traffic is hardly known; ${may}`,
      fix: 'idsctl calibrate start --for 24h, then idsctl calibrate finish --apply',
    }
  }
  if (mayBlock) {
    return {
      level: 'warning',
      found: 'policy.model_may_block is set, and the threshold was not fitted to this site',
      consequence: 'the model alone blocks; how often it errs on your traffic is not known',
      fix: 'policy.model_may_block = false and systemctl reload idsd, then idsctl calibrate start --for 24h',
    }
  }
  if (run !== null && run.endedAtMs === 0) {
    return {
      level: 'note',
      found: `idsd learns what this site does, ${run.flows} flows so far`,
      consequence: 'until it is finished the mode is detect, and the model does not block by itself',
      fix: 'idsctl calibrate status says when it ends; idsctl calibrate finish shows what it found',
    }
  }
  if (run !== null && site === null) {
    return {
      level: 'note',
      found: `what was learnt from ${run.flows} flows is not in force`,
      consequence: 'the thresholds are those of the file and the defaults',
      fix: 'idsctl calibrate finish shows what it asks for; --apply puts it in force, idsctl calibrate cancel drops it',
    }
  }
  if (site !== null && site.modelSha256 !== '') {
    return {
      level: 'note',
      found: 'the model is another one than was fitted to this site, or its threshold is lower',
      consequence: 'it does not block by itself',
      fix: 'idsctl calibrate start --for 24h, then idsctl calibrate finish --apply',
    }
  }
  return {
    level: 'ok',
    found: 'the threshold was not fitted to this site; the model does not block by itself',
  }
}
