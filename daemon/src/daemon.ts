/**
 * Opens the rooms in order, runs the loop, closes in reverse. Nothing else knows the order: ring, decode, features,
 * score, detect, judge, enforce, record, publish. How each group of rooms is made is in `wiring/`.
 */

import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'
import type { Config } from './config/config.js'
import { createPanic } from './enforce/panic.js'
import { createHostAddresses } from './host/addresses.js'
import { readBootId } from './host/boot-id.js'
import { createPeerWatch } from './host/peers.js'
import { createHousekeeping } from './housekeeping.js'
import { openKernel } from './kernel/kernel.js'
import { openPrivilege } from './kernel/privilege.js'
import type { Logger } from './log.js'
import { createMainLoop } from './main-loop.js'
import { createPipeline } from './pipeline.js'
import { createFeed } from './publish/feed.js'
import type { DecisionChange, Feeds } from './publish/handlers.js'
import { createMeters } from './publish/meters.js'
import { openMetrics } from './publish/metrics.js'
import type { AlertRow, FlowRow } from './publish/view.js'
import { leaseUs } from './room-options.js'
import { createView } from './view.js'
import { attach } from './wiring/attach.js'
import { createConfiguration } from './wiring/configuration.js'
import { configuredAllow } from './wiring/configured-allow.js'
import { createEventOutput } from './wiring/event-output.js'
import type { Ground, InForce } from './wiring/ground.js'
import { openEnforcement } from './wiring/open-enforcement.js'
import { openGrpc } from './wiring/open-grpc.js'
import { openJudgement } from './wiring/open-judgement.js'
import { openLists } from './wiring/open-lists.js'
import { openRecord } from './wiring/open-record.js'
import { openTrial } from './wiring/open-trial.js'
import { panicTeller } from './wiring/panic-teller.js'
import { createPastActs } from './wiring/past-acts.js'
import { prepareRunAs } from './wiring/run-as.js'
import { mapSizes, tellStart } from './wiring/start.js'

export interface DaemonOptions {
  readonly config: Config
  /** Keys that the file or a flag names: nothing is fitted there. Default: none. */
  readonly pinned?: ReadonlySet<string>
  /** Folder that holds `build/`, `proto/` and `models/`. */
  readonly root: string
  readonly version: string
  readonly log: Logger
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Daemon {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Takes over what can change at run time. */
  reload(config: Config, pinned?: ReadonlySet<string>): void
  /** The part of it that asks no configuration: who was called back is shut out whatever is wrong with that. */
  readFilesAgain(): void
  close(): Promise<void>
}

/** Opens everything; when something fails, what was opened is closed again. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const { log } = options
  const opened: (() => unknown)[] = []
  const close = async () => {
    for (const room of opened.splice(0).reverse()) {
      try {
        await room()
      } catch (error) {
        log.error({ problem: (error as Error).message }, 'a room did not close; the others do')
      }
    }
  }
  try {
    return { ...(await openRooms(options, (room) => opened.push(room))), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openRooms(
  { config: file, pinned = new Set(), root, version, log, env }: DaemonOptions,
  onClose: Ground['onClose'],
): Promise<Omit<Daemon, 'close'>> {
  const startedAtMs = Date.now()
  const inForce: InForce = { written: file, config: file, pinned }
  const sizes = mapSizes(file)

  // Who idsd is, the store, the kernel.
  const privilege = openPrivilege({ root, user: file.user })
  if (privilege.problem !== '') log.warn({ user: file.user }, privilege.problem)
  const runAs = prepareRunAs(file, privilege)
  for (const warning of runAs.warnings) log.warn({ user: file.user }, warning)
  const recording = openRecord(file, privilege, log)
  const { store, sturdyStore, audit } = recording
  onClose(() => store.close())
  const kernel = openKernel({
    root,
    names: file.interfaces,
    sizes,
    xdpMode: file.kernel.xdpMode,
    newFlowsPerSecond: file.kernel.newFlowBudgetPerS,
    hashSeed: randomInt(2 ** 32),
    bpffs: runAs.bpffs,
    runDir: file.paths.runDir,
    onEvent: ({ kind, name, detail }) => {
      if (kind === 'attached') log.info({ interface: name }, `attached, ${detail}`)
      else log.warn({ interface: name, event: kind }, detail)
    },
  })
  const { interfaces } = kernel
  onClose(async () => {
    await kernel.idle()
    interfaces.close(inForce.config.onExit === 'detach')
  })
  const clock = { nowMs: () => Date.now(), bootUs: () => kernel.clocks().bootUs }
  const ground: Ground = { inForce, clock, startedAtMs, audit, onClose, log }

  // What rooms tell each other, and what this machine is.
  const feeds: Feeds = {
    flows: createFeed<FlowRow>(),
    alerts: createFeed<AlertRow>(),
    decisions: createFeed<DecisionChange>(),
  }
  const meters = createMeters()
  const host = createHostAddresses({
    configured: () => inForce.config.guards.resolvers,
    nowMs: clock.nowMs,
  })
  const peers = createPeerWatch({
    ports: () => [
      ...inForce.config.guards.managementPorts,
      ...(file.grpc.listen === null ? [] : [file.grpc.listen.port]),
    ],
    minAgeMs: () => inForce.config.guards.peerMinAgeS * 1000,
    uptimeMs: () => clock.bootUs() / 1000,
  })
  peers.refresh()

  // The settings in force: a trial of an earlier run may go on.
  const pastActs = createPastActs({
    ...{ socket: file.paths.socket, bpffs: resolve(file.paths.bpffs), bootId: readBootId() },
    ...{ store, audit, nowMs: clock.nowMs, lastBeatBootUs: kernel.settings.beatBootUs },
  })
  // While the daemon is root: not every folder is its user's.
  pastActs.tick()
  const { goesOn, trial, begin, lookAgain } = openTrial(ground, kernel, store, pastActs, {
    enforcer: () => enforcer,
    lists: () => lists,
    configuration: () => configuration,
    events: () => output.writer,
  })
  const configuration = createConfiguration(ground, {
    file,
    pinned,
    store,
    onTrial: goesOn?.applied,
    followers: () => ({ kernel, enforcement, judgement, schedule, output }),
  })

  // Entries and lists.
  const enforcement = openEnforcement(ground, {
    ...{ kernel, store, sturdyStore, host, peers, feeds, meters },
    policy: () => judgement.policy,
    events: () => output.writer,
  })
  const { enforcer, guards, neighbours } = enforcement
  enforcement.restore(configuration.settings, goesOn)
  begin()
  onClose(() => enforcer.saveHits())
  const imported = await openLists(ground, { kernel, store, enforcement, trial, goesOn })
  const { lists, schedule } = imported
  schedule.configure(configuration.settings.confirmed.lists)
  const panic = createPanic({
    kernel,
    store,
    clock,
    noted: pastActs.panic,
    onChange: panicTeller({ log, audit, nowMs: clock.nowMs }),
    onUnstored: (fault) => log.error({ problem: fault.message }, 'the store does not know of the panic'),
  })
  kernel.settings.leaseUs = leaseUs(inForce.config)

  // From records to decisions.
  const judgement = await openJudgement(ground, { kernel, store, host, enforcement })
  const { path, policy, scorer, breakers, calibration, detectors } = judgement
  const ring = kernel.openRing(inForce.config.kernel.drainMs)
  onClose(() => ring.close())
  const pipeline = createPipeline({
    ...{ kernel, scorer, enforcer, guards, store, feeds, meters, log },
    ...{ path, neighbours, breakers, calibration, detectors },
    policy: () => policy,
    sample: () => inForce.config.store,
    mayModelBlock: () => inForce.config.policy.modelMayBlock,
  })
  const housekeeping = createHousekeeping({
    ...{ kernel, enforcer, panic, trial, pastActs, peers, lists, schedule, store, log },
    retry: recording.retry,
    sweepMs: inForce.config.kernel.sweepMs,
    reconcileS: inForce.config.kernel.reconcileS,
    retention: () => ({
      maxAgeMs: inForce.config.store.maxAgeDays * 86_400_000,
      // The file was opened with this bound.
      maxBytes: file.store.maxBytes,
    }),
  })

  // Outward.
  const { view, snapshot } = createView({
    ...{ kernel, version, startedAtMs, sizes, enforcer, panic, trial, breakers, lists, calibration },
    ...{ privilege, store: sturdyStore, scorer, pipeline, detectors, feeds, meters },
    config: () => inForce.config,
    configuredAllow: (settings) => configuredAllow(settings, startedAtMs),
    listsToCome: imported.toCome,
    listImportFailures: () => schedule.failures,
    scheduledLists: schedule.states,
    policy: () => policy,
    events: () => output.file?.counts(),
  })
  const output = createEventOutput(ground, feeds, view)
  await output.openDevice()
  const grpc = await openGrpc(ground, {
    ...{ root, env, privilege, kernel, store, configuration, enforcement, imported, judgement },
    ...{ panic, trial, view, feeds, meters },
  })
  const beat = () => kernel.settings.beat(kernel.clocks().bootUs)
  const loop = createMainLoop({
    ...{ kernel, ring, pipeline, housekeeping, beat, log },
    isDetaching: () => inForce.config.onExit === 'detach',
  })
  const metrics = await openMetrics({
    listen: inForce.config.metrics.listen,
    collect: snapshot,
    ready: () => {
      if (!loop.isRunning) return 'the main loop does not run'
      const isGuarding = interfaces.states().some(({ xdpMode }) => xdpMode !== 'down')
      return isGuarding ? true : 'no interface is guarded: all are gone'
    },
    log,
  })
  onClose(() => metrics.close())

  // What only root can open is open by now; what the daemon's user can open, it opens itself.
  privilege.drop()
  const { user, capabilities } = privilege.state()
  log.info({ user, capabilities }, `idsd runs as ${user}`)
  await output.openFile()
  attach({ kernel, panic, trial: { lookAgain }, enforcer, lists, beat, log })
  tellStart(log, {
    config: { ...inForce.config, mode: enforcer.mode },
    ...{ version, kernel, sizes },
    model: scorer.state(),
  })
  output.writer?.started({
    version,
    mode: enforcer.mode,
    interfaces: interfaces.states().map(({ name }) => name),
  })
  onClose(() => output.writer?.stopped({ version }))
  kernel.notify('READY=1')
  return {
    run: loop.run,
    reload(next, named) {
      try {
        configuration.reload(next, named)
      } finally {
        grpc.readFilesAgain()
      }
    },
    readFilesAgain: grpc.readFilesAgain,
  }
}
