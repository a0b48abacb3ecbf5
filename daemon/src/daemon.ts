/**
 * Opens the rooms in order, runs the loop, closes in reverse. Nothing else knows the order: ring, decode, features,
 * score, detect, judge, enforce, record, publish.
 */

import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { createBreakers } from './breakers.js'
import type { Config } from './config/config.js'
import { diffConfig, settingsInWords } from './config/diff-config.js'
import type { AuditRow } from './control/audit-row.js'
import { audited } from './control/block-commands.js'
import { createCommands } from './control/commands.js'
import { panicInWords } from './control/panic-command.js'
import { createDetectors } from './detect/detectors.js'
import { createEnforcer, type Enforcer } from './enforce/enforcer.js'
import { createPanic } from './enforce/panic.js'
import { featureColumns } from './features/columns.js'
import { makeFolder } from './folder.js'
import { createHostAddresses } from './host/addresses.js'
import { createPeerWatch } from './host/peers.js'
import { createHousekeeping } from './housekeeping.js'
import { mapBytes } from './kernel/data-path.js'
import { openKernel } from './kernel/kernel.js'
import type { Logger } from './log.js'
import { createPipeline } from './pipeline.js'
import { parseTarget } from './policy/address.js'
import { automaticAllow } from './policy/automatic-allow.js'
import { createBreaker } from './policy/breaker.js'
import { createGuards } from './policy/guards.js'
import { createKnownGood } from './policy/known-good.js'
import { createNeighbours } from './policy/neighbours.js'
import { createPacketRate } from './policy/packet-rate.js'
import { createPathProof } from './policy/path-proof.js'
import { createPolicy } from './policy/policy.js'
import { createCommunityId } from './publish/community-id.js'
import { openEventFile } from './publish/event-file.js'
import { createEventLines } from './publish/event-lines.js'
import { createEventWriter } from './publish/event-writer.js'
import { createFeed } from './publish/feed.js'
import { openGrpcServer } from './publish/grpc-server.js'
import type { DecisionChange, Feeds } from './publish/handlers.js'
import { createMeters } from './publish/meters.js'
import { openMetrics } from './publish/metrics.js'
import type { AlertRow, FlowRow } from './publish/view.js'
import { openStore, type Store } from './record/store.js'
import { StoreError } from './record/store-error.js'
import { createSturdyDecisions } from './record/sturdy-decisions.js'
import { breakerOptions, detectorOptions, leaseUs, neighboursOptions, policyOptions } from './room-options.js'
import { createScorer, type ScorerState } from './score/scorer.js'
import { banner, mapSizes, startedBy } from './start.js'
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

/** Bytes read at the end: the rings at their default sizes, twice. */
const maxLastBytes = 66 << 20

/** Opens everything; when something fails, what was opened is closed again. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const { root, version, log, env } = options
  let { config } = options
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
    return await openRooms()
  } catch (error) {
    await close()
    throw error
  }

  async function openRooms(): Promise<Daemon> {
    const startedAtMs = Date.now()
    const clock = { nowMs: () => Date.now(), bootUs: () => kernel.clocks().bootUs }
    const sizes = mapSizes(config)
    const hashSeed = randomInt(2 ** 32)

    makeFolder(dirname(config.paths.db), 0o750, 'paths.db')
    makeFolder(dirname(config.paths.socket), 0o755, 'paths.socket')
    const store = openStore({
      path: config.paths.db,
      maxFileBytes: config.store.maxBytes * 2,
      featureNames: featureColumns.map(({ name }) => name),
    })
    opened.push(() => store.close())
    // A full disk must neither disarm idsd nor keep an operator from lifting a block.
    const decisions = createSturdyDecisions(store, (fault) =>
      log.error({ problem: fault.message }, 'a decision is in force but not in the store'),
    )
    const sturdyStore: Store = { ...store, ...decisions }

    const audit = (row: AuditRow) => {
      try {
        store.audit(row)
      } catch (fault) {
        if (!(fault instanceof StoreError)) throw fault
        log.error({ problem: fault.message, row }, 'this audit row is not in the store')
      }
    }

    const kernel = openKernel({
      root,
      names: config.interfaces,
      sizes,
      xdpMode: config.kernel.xdpMode,
      newFlowsPerSecond: config.kernel.newFlowBudgetPerS,
      hashSeed,
      bpffs: config.paths.bpffs,
      runDir: config.paths.runDir,
      onEvent: ({ kind, name, detail }) => {
        if (kind === 'attached') log.info({ interface: name }, `attached, ${detail}`)
        else log.warn({ interface: name, event: kind }, detail)
      },
    })
    const { interfaces, blockList } = kernel
    opened.push(async () => {
      await kernel.idle()
      interfaces.close(config.onExit === 'detach')
    })

    const feeds: Feeds = {
      flows: createFeed<FlowRow>(),
      alerts: createFeed<AlertRow>(),
      decisions: createFeed<DecisionChange>(),
    }
    const meters = createMeters()
    const host = createHostAddresses({ configured: () => config.guards.resolvers, nowMs: clock.nowMs })
    const peers = createPeerWatch({
      ports: () => [
        ...config.guards.managementPorts,
        ...(options.config.grpc.listen === null ? [] : [options.config.grpc.listen.port]),
      ],
      minAgeMs: () => config.guards.peerMinAgeS * 1000,
      uptimeMs: () => clock.bootUs() / 1000,
    })
    peers.refresh()

    const known = createKnownGood(breakerOptions(config).known)
    const rate = createPacketRate(breakerOptions(config).rate)
    const breaker = createBreaker({ ...breakerOptions(config).trip, known, isQuiet: rate.isQuiet })
    const neighbours = createNeighbours(neighboursOptions(config))
    // Before the entries are written: what a tripped origin decided only counts.
    breaker.restore(store.breakers(), clock.nowMs())

    let modeBy = 'operator'
    const enforcer: Enforcer = createEnforcer({
      blockList,
      store: sturdyStore,
      parseTarget,
      clock,
      mode: config.mode,
      automaticAllow: () => automaticAllow(host, startedAtMs),
      tripped: breaker.open,
      onChange: (change) => {
        log.info(
          {
            decision: `d${change.decision.number}`,
            target: change.decision.target,
            reason: change.decision.reason,
          },
          `decision ${change.kind}`,
        )
        if (change.kind === 'lifted') {
          policy.forget(change.decision.target)
          neighbours.forget(change.decision.target)
        }
        if (change.kind === 'added') meters.countDecision(change.decision)
        try {
          feeds.decisions.publish([change])
        } catch (error) {
          // The decision stands, whoever listens.
          log.error({ err: error }, 'a change of a decision was not published')
        }
      },
      onAllowEnd: (ended) => {
        for (const { target, reason } of ended) log.info({ target, reason }, 'an allow entry is over')
      },
      onStrays: (strays) =>
        log.warn(
          { entries: strays.slice(0, 10), count: strays.length },
          'entries of another hand left the maps',
        ),
      onMode: (mode, before) => {
        policy.reconsider()
        log.warn({ mode, before }, `the mode is ${mode} from here on`)
        events?.modeChanged({ before, mode, by: modeBy })
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
      from.allow.entries.map(({ logOnly, ...entry }) => ({
        ...entry,
        ...(logOnly ? { isLogOnly: true as const } : {}),
        createdAtMs: startedAtMs,
        createdBy: 'configuration',
        source: 'config' as const,
      }))
    // Entries first, links last: a packet never meets programs without their lists, and a start that fails leaves
    // nothing on an interface.
    const unloaded = enforcer.restore(configured(config))
    opened.push(() => enforcer.saveHits())
    if (unloaded.length > 0) {
      const decisions = unloaded.slice(0, 10).map(({ number }) => `d${number}`)
      log.error(
        { count: unloaded.length, decisions },
        'stored blocks find no room in the maps and are not enforced: raise kernel.blocks and kernel.prefixes',
      )
    }
    const panic = createPanic({
      kernel,
      store,
      clock,
      onChange: ({ panic: now, before, how }) => {
        if (now === undefined) log.warn({ before, how }, 'the panic is over: idsd enforces again')
        else log.error({ panic: now, how }, `PANIC: ${panicInWords(now)}`)
        if (how === 'asked') return
        // What was asked for is in the audit already.
        const who = how === 'past' ? 'root, past the daemon' : 'idsd, its time was over'
        const words = { detail: panicInWords(now), before: panicInWords(before), after: panicInWords(now) }
        const what = { action: now === undefined ? 'resume' : 'panic', caller: who } as const
        audit({ atMs: clock.nowMs(), ...what, target: '', outcome: 'done', ...words, decisionNumbers: [] })
      },
      onUnstored: (fault) => log.error({ problem: fault.message }, 'the store does not know of the panic'),
    })
    kernel.settings.leaseUs = leaseUs(config)
    const path = createPathProof()
    const policy = createPolicy({
      ...policyOptions(config),
      path: path.of,
      tripped: breaker.open,
      repeats: (source, sinceMs, longerThanMs) => {
        try {
          return store.repeats(source, sinceMs, longerThanMs)
        } catch (fault) {
          // An attack does not wait for the store: the block has its first length.
          if (!(fault instanceof StoreError)) throw fault
          return 0
        }
      },
    })
    const surroundings = { isOwn: (address: string) => host.own().includes(address) }
    let detectors = createDetectors(detectorOptions(config), surroundings)
    const scorer = await createScorer({ model: config.model, log })
    opened.push(() => scorer.close())
    const breakers = createBreakers({
      ...{ breaker, known, rate, enforcer, policy, store, log },
      packets: () => kernel.counters().packets.reduce((sum, count) => sum + count, 0),
      bundle: scorer.state().sha256,
    })
    const ring = kernel.openRing(config.kernel.drainMs)
    opened.push(() => ring.close())

    const pipeline = createPipeline({
      kernel,
      scorer,
      enforcer,
      guards,
      store,
      feeds,
      meters,
      log,
      path,
      neighbours,
      breakers,
      sample: () => config.store,
      detectors: () => detectors,
      policy: () => policy,
      mayModelBlock: () => config.policy.modelMayBlock,
    })
    const housekeeping = createHousekeeping({
      kernel,
      enforcer,
      panic,
      peers,
      store,
      retry: () => decisions.retry(),
      log,
      sweepMs: config.kernel.sweepMs,
      reconcileS: config.kernel.reconcileS,
      retention: () => ({
        maxAgeMs: config.store.maxAgeDays * 86_400_000,
        // The file was opened with this bound.
        maxBytes: options.config.store.maxBytes,
      }),
    })
    const { view, snapshot } = createView({
      kernel,
      version,
      startedAtMs,
      config: () => config,
      sizes,
      enforcer,
      panic,
      breakers,
      store: sturdyStore,
      scorer,
      pipeline,
      detectors: () => detectors,
      policy: () => policy,
      feeds,
      meters,
      events: () => eventFile?.counts(),
    })
    const { file: eventPath, maxBytes, keep } = config.events
    if (eventPath !== null) makeFolder(dirname(eventPath), 0o750, 'events.file')
    const eventFile =
      eventPath === null ? undefined : await openEventFile({ path: eventPath, maxBytes, keep, log })
    opened.push(() => eventFile?.close())
    const events =
      eventFile &&
      createEventWriter({
        feeds,
        file: eventFile,
        lines: createEventLines(view, createCommunityId()),
        flows: () => config.events.flows,
        nowMs: clock.nowMs,
      })

    const user = startedBy(env)
    const { listen, ca, cert, key } = config.grpc
    const grpc = await openGrpcServer({
      protoRoot: `${root}/proto`,
      socketPath: config.paths.socket,
      socketGid: user.groupId,
      admitUid: user.sudoUid,
      peerUid: (fd) => kernel.peerUid(fd),
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
        audit,
        panic,
        breakers,
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
      ready: () => {
        if (!isRunning) return 'the main loop does not run'
        const isGuarding = interfaces.states().some(({ xdpMode }) => xdpMode !== 'down')
        return isGuarding ? true : 'no interface is guarded: all are gone'
      },
      log,
    })
    opened.push(() => metrics.close())
    const beat = () => kernel.settings.beat(kernel.clocks().bootUs)

    // As late as may be: until then an operator may write into the maps of the daemon before.
    const pinnedPanic = kernel.openPinnedPanic()
    panic.restore(pinnedPanic())
    const restoredUs = pinnedPanic()
    beat()
    interfaces.attachAll()
    const lastUs = pinnedPanic()
    if (lastUs !== restoredUs) panic.restore(lastUs)
    for (const line of banner({
      config,
      version,
      interfaces: interfaces.states(),
      sizes,
      bytes: mapBytes(sizes, interfaces.states().length),
      lists: {
        addresses: blockList.exactCount,
        prefixes: blockList.prefixCount,
        allowed: blockList.allowCount,
      },
      model: modelName(scorer.state()),
    })) {
      if (line.level === 'warn') log.warn(line.fields, line.message)
      else log.info(line.fields, line.message)
    }
    events?.started({ version, mode: config.mode, interfaces: interfaces.states().map(({ name }) => name) })
    opened.push(() => events?.stopped({ version }))
    kernel.notify('READY=1')

    const takeOver = (next: Config) => {
      // First what can fail, while the rest is still as it was.
      enforcer.setConfiguredAllow(configured(next))
      const before = config
      config = next
      kernel.settings.leaseUs = leaseUs(next)
      policy.configure(policyOptions(next))
      neighbours.configure(neighboursOptions(next))
      known.configure(breakerOptions(next).known)
      rate.configure(breakerOptions(next).rate)
      breaker.configure(breakerOptions(next).trip)
      // Windows live on unless their own thresholds changed.
      if (!isDeepStrictEqual(detectorOptions(next), detectorOptions(before)))
        detectors = createDetectors(detectorOptions(next), surroundings)
      scorer.configure(next.model)
      log.level = next.log.level
      eventFile?.reopen()
      // A reload for another reason does not undo what an operator chose.
      if (next.mode !== before.mode) {
        modeBy = 'configuration'
        try {
          enforcer.setMode(next.mode)
        } finally {
          modeBy = 'operator'
        }
      }
    }

    return {
      async run(signal) {
        isRunning = true
        housekeeping.start()
        try {
          for await (const batch of ring.batches(signal)) {
            await pipeline.take(batch)
            beat()
          }
          // What still waits is read out; packets that go on bring more, so not for ever.
          for (let left = maxLastBytes; left > 0; ) {
            const batch = ring.drain()
            if (batch.bytes.length === 0) break
            left -= batch.bytes.length
            await pipeline.take(batch)
          }
        } finally {
          isRunning = false
          kernel.notify('STOPPING=1')
          housekeeping.stop()
        }
      },
      reload(next) {
        const { reloadable } = diffConfig(config, next)
        const row = { atMs: clock.nowMs(), action: 'reload', target: '', caller: 'configuration' } as const
        const before = settingsInWords(config, reloadable)
        audited({ audit }, row, () => takeOver(next))
        if (reloadable.length === 0) return
        const after = settingsInWords(next, reloadable)
        const detail = reloadable.join(', ')
        audit({ ...row, outcome: 'done', detail, decisionNumbers: [], before, after })
      },
      close,
    }
  }
}

/** Name and version, or why there is no model. */
function modelName({ isLoaded, name, version, problem }: ScorerState): string {
  return isLoaded ? `${name} ${version}` : `none, ${problem}`
}
