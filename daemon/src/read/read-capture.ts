/**
 * Runs a capture through all rooms on its own clock: no root, no kernel, no database. The same capture with the
 * same configuration writes the same lines.
 */

import type { Config } from '../config/config.js'
import { createDetectors } from '../detect/detectors.js'
import type { DetectorOptions } from '../detect/options.js'
import { createEnforcer } from '../enforce/enforcer.js'
import type { RecordBatch } from '../kernel/ring.js'
import type { Logger } from '../log.js'
import { createPipeline, type PipelineCounts } from '../pipeline.js'
import { parseTarget } from '../policy/address.js'
import { createGuards } from '../policy/guards.js'
import { createNeighbours, type NeighboursSettings } from '../policy/neighbours.js'
import { createPathProof } from '../policy/path-proof.js'
import { createPolicy, type PolicySettings } from '../policy/policy.js'
import { createFeed } from '../publish/feed.js'
import type { Feeds } from '../publish/handlers.js'
import { createMeters, type MetersReading } from '../publish/meters.js'
import type { FeatureSample } from '../record/feature-sample.js'
import type { Scorer } from '../score/scorer.js'
import { configuredAllow } from '../wiring/configured-allow.js'
import { createCaptureClock } from './capture-clock.js'
import type { CaptureFacts } from './capture-facts.js'
import { createEventQueue } from './event-queue.js'
import { openLiveRecords } from './live-records.js'
import { createMemoryBlockList } from './memory-block-list.js'
import { createMemoryStore } from './memory-store.js'
import { looksBetween } from './waiting.js'

export interface ReadCaptureOptions {
  /** File of the capture. */
  readonly capture: string
  readonly config: Config
  /** As they follow from `config` for the daemon. */
  readonly detectorOptions: Partial<DetectorOptions>
  readonly policySettings: PolicySettings
  readonly neighboursOptions: NeighboursSettings
  /** Folder that holds `build/`. */
  readonly root: string
  readonly scorer: Scorer
  /** Where warnings go. */
  readonly log: Logger
  /** Takes one line of JSON, its newline included. */
  readonly write: (line: string) => void
}

export interface Reading {
  readonly facts: CaptureFacts
  readonly counts: PipelineCounts
  /** Alerts and decisions made. */
  readonly found: MetersReading
}

/** So long behind the last packet silence still counts as no answer, ms: twice the wait for one. */
const afterMs = 2_000
const expireEveryMs = 1_000
/** No flow is kept, so none with its features. */
const noFeatures: FeatureSample = { featuresMinScore: Number.POSITIVE_INFINITY, samplePercent: 0 }
const nothing: RecordBatch = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  isMoreWaiting: false,
}

/** @throws IdsdError `ERR_CAPTURE` when it is no capture; one that is cut short is read as far as it goes */
export async function readCapture(options: ReadCaptureOptions): Promise<Reading> {
  const { capture, config, root, scorer, log, write } = options
  const clock = createCaptureClock()
  const events = createEventQueue(write)
  const meters = createMeters()
  const store = createMemoryStore()
  const path = createPathProof({ holdsMs: config.policy.proofLastsS * 1000 })
  const policy = createPolicy({
    ...options.policySettings,
    path: path.of,
    repeats: store.repeats,
    lastStep: store.lastStep,
  })
  const neighbours = createNeighbours(options.neighboursOptions)
  const detectors = createDetectors(options.detectorOptions)
  const enforcer = createEnforcer({
    blockList: createMemoryBlockList(),
    store: store.decisions,
    parseTarget,
    clock: { nowMs: () => clock.nowMs, bootUs: () => clock.nowUs },
    mode: config.mode,
    automaticAllow: () => [],
    onChange: (change) => {
      if (change.kind === 'added') meters.countDecision(change.decision)
      events.decision(change)
    },
  })
  enforcer.restore(configuredAllow(config, 0))
  // This machine's own addresses, gateway, resolvers and operators say nothing about a capture.
  const guards = createGuards({
    ownAddresses: () => [],
    gateways: () => [],
    resolvers: () => config.guards.resolvers,
    peers: () => [],
    allow: () => enforcer.allowEntries().map(({ target }) => target),
  })
  const feeds: Feeds = { flows: createFeed(), alerts: createFeed(), decisions: createFeed() }
  feeds.alerts.tap(events.alerts)
  const pipeline = createPipeline({
    kernel: clock.kernel,
    scorer,
    enforcer,
    guards,
    store,
    feeds,
    meters,
    log,
    path,
    sample: () => noFeatures,
    detectors: () => detectors,
    policy: () => policy,
    neighbours,
    mayModelBlock: () => config.policy.modelMayBlock,
  })

  let expiredMs = Number.NEGATIVE_INFINITY
  const look = async (batch: RecordBatch, nowUs: number) => {
    clock.advance(nowUs)
    if (clock.nowMs - expiredMs >= expireEveryMs) {
      expiredMs = clock.nowMs
      enforcer.expire()
    }
    await pipeline.take(batch)
    events.flush()
  }

  const nextEndUs = () => {
    let nextMs = Number.POSITIVE_INFINITY
    for (const { expiresAtMs } of enforcer.active()) nextMs = Math.min(nextMs, expiresAtMs)
    return nextMs * 1000
  }

  const { steps, facts } = openLiveRecords({
    program: `${root}/build/host/live`,
    capture,
    stepMs: config.kernel.drainMs,
    sweepMs: config.kernel.sweepMs,
    afterMs,
  })
  let toldUs: number | undefined
  for await (const step of steps()) {
    if (toldUs !== undefined) {
      for (const atUs of looksBetween(clock.nowUs, toldUs, step.nowUs, nextEndUs)) await look(nothing, atUs)
    }
    await look(step, step.nowUs)
    if (step.bytes.length > 0) toldUs = step.nowUs
  }
  return { facts: facts(), counts: pipeline.counts(), found: meters.read() }
}
