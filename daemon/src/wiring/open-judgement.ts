/** What judges flows: model, detectors and policy, the breakers over them, and what is learnt of this site. */

import { isDeepStrictEqual } from 'node:util'
import { type Breakers, createBreakers } from '../breakers.js'
import { type Calibration, createCalibration } from '../calibrate/calibration.js'
import { createDetectors, type Detectors } from '../detect/detectors.js'
import type { HostAddresses } from '../host/addresses.js'
import type { Kernel } from '../kernel/kernel.js'
import { parseTarget } from '../policy/address.js'
import { createPathProof, type PathProof } from '../policy/path-proof.js'
import { createPolicy, type Policy } from '../policy/policy.js'
import type { Store } from '../record/store.js'
import { StoreError } from '../record/store-error.js'
import { detectorOptions, pathProofOptions, policyOptions } from '../room-options.js'
import { createScorer, type Scorer } from '../score/scorer.js'
import type { Ground } from './ground.js'
import type { Enforcement } from './open-enforcement.js'

export interface Judgement {
  readonly path: PathProof
  readonly policy: Policy
  readonly scorer: Scorer
  readonly breakers: Breakers
  readonly calibration: Calibration
  /** Others after a change of their thresholds. */
  detectors(): Detectors
  /** Fits what is written to this site: that is in force from here on. */
  adopt(): void
}

export interface JudgementOptions {
  readonly kernel: Pick<Kernel, 'counters'>
  readonly store: Store
  readonly host: Pick<HostAddresses, 'own'>
  readonly enforcement: Pick<Enforcement, 'enforcer' | 'breaker' | 'known' | 'rate'>
}

/** A model that does not load is told and left out. */
export async function openJudgement(ground: Ground, options: JudgementOptions): Promise<Judgement> {
  const { inForce, clock, onClose, log } = ground
  const { kernel, store, host, enforcement } = options
  const { enforcer, breaker, known, rate } = enforcement

  const path = createPathProof(pathProofOptions(inForce.config))
  const policy = createPolicy({
    ...policyOptions(inForce.config),
    path: path.of,
    tripped: breaker.open,
    // An attack does not wait for the store: the block has its first length.
    repeats: (source, sinceMs, longerThanMs) =>
      orWithoutStore(0, () => store.repeats(source, sinceMs, longerThanMs)),
    // Without the store the ladder begins anew.
    lastStep: (target, ladder, sinceMs) =>
      orWithoutStore(undefined, () => store.lastStep(target, ladder, sinceMs)),
  })
  const surroundings = { isOwn: (address: string) => host.own().includes(address) }
  let detectors = createDetectors(detectorOptions(inForce.config), surroundings)
  const scorer = await createScorer({ model: inForce.config.model, log })
  onClose(() => scorer.close())
  const breakers = createBreakers({
    ...{ breaker, known, rate, enforcer, policy, store, log },
    packets: () => kernel.counters().packets.reduce((sum, count) => sum + count, 0),
    bundle: scorer.state().sha256,
  })

  const adopt = () => {
    const before = inForce.config
    scorer.configure(inForce.written.model)
    const next = calibration.fit(inForce.written)
    inForce.config = next
    policy.configure(policyOptions(next))
    path.configure(pathProofOptions(next))
    // Windows live on unless their own thresholds changed.
    if (!isDeepStrictEqual(detectorOptions(next), detectorOptions(before)))
      detectors = createDetectors(detectorOptions(next), surroundings)
    scorer.configure(next.model)
  }
  const calibration = createCalibration({
    store,
    config: () => inForce.config,
    isPinned: (path) => inForce.pinned.has(path),
    surroundings,
    standing: {
      isKnown: (source) =>
        known.of(source, clock.nowMs()).knownMs >= inForce.config.breaker.knownGoodS * 1_000,
      isBlocked: (source) => {
        if (enforcer.activeCount === 0) return false
        const { exact, covering } = enforcer.blocksAround(parseTarget(source, 'source'))
        return [...exact, ...covering].some(({ origin }) => origin === 'operator' || origin === 'list')
      },
    },
    model: scorer.state,
    scoresOf: (source, sinceMs) =>
      store
        .flows({ target: parseTarget(source, 'source'), sinceMs, last: 10_000 })
        .rows.filter(({ flow }) => flow.src === source)
        .map(({ score }) => score),
    onSite: adopt,
    log,
  })
  adopt()
  onClose(() => calibration.save())
  return { path, policy, scorer, breakers, calibration, detectors: () => detectors, adopt }
}

/** What the store says; `otherwise` where it fails. */
function orWithoutStore<T>(otherwise: T, ask: () => T): T {
  try {
    return ask()
  } catch (fault) {
    if (!(fault instanceof StoreError)) throw fault
    return otherwise
  }
}
