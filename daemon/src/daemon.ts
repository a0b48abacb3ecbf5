/**
 * Opens the rooms in order, runs the loop, closes in reverse. Nothing else knows the order: ring, decode, features,
 * score, detect, judge, enforce, record, publish.
 */

import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from './config/config.js'
import { createCommands } from './control/commands.js'
import { createDetectors } from './detect/detectors.js'
import { createEnforcer, type Enforcer } from './enforce/enforcer.js'
import { createHostAddresses } from './host/addresses.js'
import { createPeerWatch } from './host/peers.js'
import { type Binding, loadBinding } from './kernel/binding.js'
import { openBlockList } from './kernel/block-list.js'
import { mapBytes } from './kernel/data-path.js'
import { openInterfaceSet } from './kernel/interface-set.js'
import { openRing } from './kernel/ring.js'
import { openSources } from './kernel/sources.js'
import { openSuspects } from './kernel/suspects.js'
import type { Logger } from './log.js'
import { automaticAllow } from './policy/automatic-allow.js'
import { parseTarget } from './policy/address.js'
import { createGuards } from './policy/guards.js'
import { createPolicy } from './policy/policy.js'
import { createFeed } from './publish/feed.js'
import { openGrpcServer } from './publish/grpc-server.js'
import type { DecisionChange, Feeds } from './publish/handlers.js'
import { openMetrics } from './publish/metrics.js'
import type { FlowRow } from './publish/view.js'
import { openStore } from './record/store.js'
import { createScorer } from './score/scorer.js'
import { createHousekeeping } from './housekeeping.js'
import { createPipeline } from './pipeline.js'
import { mapSizes, banner, startedBy } from './start.js'
import { createView } from './view.js'

export interface DaemonOptions {
  readonly config: Config
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
  reload(config: Config): void
  close(): Promise<void>
}

/** Opens everything; when something fails, what was opened is closed again. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const { root, version, log, env } = options
  let { config } = options
  const opened: (() => unknown)[] = []
  const close = async () => {
    for (const room of opened.splice(0).reverse()) await room()
  }
  try {
    return await openRooms()
  } catch (error) {
    await close()
    throw error
  }

  async function openRooms(): Promise<Daemon> {
    const binding: Binding = loadBinding(root)
    const startedAtMs = Date.now()
    const clock = { nowMs: () => Date.now(), bootUs: () => binding.clocks().bootUs }
    const sizes = mapSizes(config)
    const hashSeed = randomInt(2 ** 32)

    mkdirSync(dirname(config.paths.db), { recursive: true, mode: 0o750 })
    mkdirSync(dirname(config.paths.socket), { recursive: true, mode: 0o755 })
    const store = openStore({ path: config.paths.db, maxFileBytes: config.store.maxBytes * 2 })
    opened.push(() => store.close())

    const interfaces = openInterfaceSet({
      binding,
      root,
      names: config.interfaces,
      sizes,
      xdpMode: config.kernel.xdpMode,
      newFlowsPerSecond: config.kernel.newFlowBudgetPerS,
      hashSeed,
      bpffs: config.paths.bpffs,
      runDir: config.paths.runDir,
      onEvent: ({ kind, name, detail }) => {
        if (kind === 'attached') log.info({ interface: name }, 'attached')
        else log.warn({ interface: name, event: kind }, detail)
      },
    })
    opened.push(() => interfaces.close(config.onExit === 'detach'))

    const feeds: Feeds = { flows: createFeed<FlowRow>(), decisions: createFeed<DecisionChange>() }
    const host = createHostAddresses({ configured: () => config.guards.resolvers, nowMs: clock.nowMs })
    const peers = createPeerWatch({
      ports: () => [
        ...config.guards.managementPorts,
        ...(config.grpc.listen === null ? [] : [config.grpc.listen.port]),
      ],
      minAgeMs: () => config.guards.peerMinAgeS * 1000,
      nowMs: clock.nowMs,
    })
    peers.refresh()

    const blockList = openBlockList({ binding, path: interfaces.core, blocks: sizes.blocks, hashSeed })
    const enforcer: Enforcer = createEnforcer({
      blockList,
      store,
      parseTarget,
      clock,
      mode: config.mode,
      automaticAllow: () => automaticAllow(host, startedAtMs),
      onChange: (change) => {
        log.info(
          {
            decision: `d${change.decision.number}`,
            target: change.decision.target,
            reason: change.decision.reason,
          },
          `decision ${change.kind}`,
        )
        if (change.kind === 'lifted' && change.decision.origin !== 'operator')
          policy.forget(change.decision.target)
        feeds.decisions.publish([change])
      },
    })
    const guards = createGuards({
      ownAddresses: host.own,
      gateways: host.gateways,
      resolvers: host.resolvers,
      peers: peers.peers,
      allow: () =>
        enforcer
          .allowEntries()
          .filter(({ source }) => source !== 'automatic')
          .map(({ target }) => target),
    })
    const configured = (from: Config) =>
      from.allow.entries.map((entry) => ({
        ...entry,
        createdAtMs: startedAtMs,
        createdBy: 'configuration',
        source: 'config' as const,
      }))
    // Entries first, links after: a packet never meets programs without their lists.
    enforcer.restore(configured(config))
    interfaces.attachAll()

    let policy = createPolicy(policyOptions(config))
    let detectors = createDetectors(detectorOptions(config))
    const scorer = await createScorer({ model: config.model, log })
    opened.push(() => scorer.close())
    const ring = openRing({ binding, path: interfaces.core, intervalMs: config.kernel.drainMs })
    opened.push(() => ring.close())

    const pipeline = createPipeline({
      binding,
      scorer,
      enforcer,
      guards,
      store,
      feeds,
      log,
      suspects: openSuspects(binding, interfaces.core),
      sources: openSources(binding, interfaces.core),
      core: interfaces.core,
      detectors: () => detectors,
      policy: () => policy,
    })
    const housekeeping = createHousekeeping({
      binding,
      interfaces,
      enforcer,
      peers,
      store,
      log,
      sweepMs: config.kernel.sweepMs,
      flowCapacity: sizes.flows,
      retention: () => ({
        maxAgeMs: config.store.maxAgeDays * 86_400_000,
        maxBytes: config.store.maxBytes,
      }),
    })
    const { view, snapshot } = createView({
      binding,
      version,
      startedAtMs,
      config: () => config,
      sizes,
      interfaces,
      blockList,
      enforcer,
      store,
      scorer,
      pipeline,
      housekeeping,
      feeds,
    })

    const user = startedBy(env)
    const { listen, ca, cert, key } = config.grpc
    const grpc = await openGrpcServer({
      protoRoot: `${root}/proto`,
      socketPath: config.paths.socket,
      socketGid: user.groupId,
      admitUid: user.sudoUid,
      peerUid: (fd) => binding.peerUid(fd),
      tcp:
        listen === null
          ? undefined
          : {
              endpoint: listen,
              ca: readFileSync(ca as string),
              cert: readFileSync(cert as string),
              key: readFileSync(key as string),
            },
      view,
      commands: createCommands({
        enforcement: enforcer,
        refusals: (target, callerPeer) => guards.refusals(target, callerPeer),
        audit: (row) => store.audit(row),
        parseTarget,
        nowMs: clock.nowMs,
      }),
      feeds,
      parseTarget,
      log,
    })
    opened.push(() => grpc.close())
    let isRunning = false
    const metrics = await openMetrics({
      listen: config.metrics.listen,
      collect: snapshot,
      ready: () => (isRunning ? true : 'the main loop does not run'),
      log,
    })
    opened.push(() => metrics.close())

    for (const line of banner({
      config,
      version,
      interfaces: interfaces.states(),
      sizes,
      bytes: mapBytes(sizes),
    })) {
      if (line.level === 'warn') log.warn(line.fields, line.message)
      else log.info(line.fields, line.message)
    }
    binding.sdNotify('READY=1')

    return {
      async run(signal) {
        isRunning = true
        housekeeping.start()
        try {
          for await (const batch of ring.batches(signal)) await pipeline.take(batch)
          await pipeline.take(ring.drain())
        } finally {
          isRunning = false
          binding.sdNotify('STOPPING=1')
          housekeeping.stop()
        }
      },
      reload(next) {
        config = next
        policy = createPolicy(policyOptions(next))
        detectors = createDetectors(detectorOptions(next))
        enforcer.setMode(next.mode)
        enforcer.setConfiguredAllow(configured(next))
        scorer.configure(next.model)
        log.level = next.log.level
      },
      close,
    }
  }
}

function policyOptions({ policy }: Config) {
  return {
    blockAtPoints: policy.blockAtPoints,
    blockMs: policy.blockS * 1000,
    pointsLastMs: policy.pointsLastS * 1000,
    modelPointsCap: policy.modelPointsCap,
    modelMayBlock: policy.modelMayBlock,
  }
}

function detectorOptions({ detect, policy }: Config) {
  return {
    scanPorts: detect.scanVertical.ports,
    scanWindowMs: detect.scanVertical.windowS * 1000,
    scanUnansweredShare: detect.scanVertical.unansweredPercent / 100,
    scanPoints: detect.scanVertical.points,
    loginConnections: detect.login.connections,
    loginWindowMs: detect.login.windowS * 1000,
    loginMaxMs: detect.login.maxSeconds * 1000,
    loginMaxBytesBack: detect.login.maxBytesBack,
    loginPorts: detect.login.ports,
    loginPoints: detect.login.points,
    modelPoints: policy.modelPoints,
  }
}
