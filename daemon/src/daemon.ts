/**
 * Opens the rooms in order, runs the loop, closes in reverse. Nothing else knows the order: ring, decode, features,
 * score, detect, judge, enforce, record, publish.
 */

import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { createBreakers } from './breakers.js'
import { createCalibration } from './calibrate/calibration.js'
import { isLearning } from './calibrate/run-state.js'
import type { Config } from './config/config.js'
import { diffConfig, settingsInWords } from './config/diff-config.js'
import type { AuditRow } from './control/audit-row.js'
import { audited } from './control/block-commands.js'
import { createCommands } from './control/commands.js'
import { createListCommands } from './control/list-commands.js'
import { createDetectors } from './detect/detectors.js'
import { createEnforcer, type Enforcer } from './enforce/enforcer.js'
import { createPanic } from './enforce/panic.js'
import { createTrial } from './enforce/trial.js'
import { trialWithLists } from './enforce/trial-with-lists.js'
import { featureColumns } from './features/columns.js'
import { createHostAddresses } from './host/addresses.js'
import { readBootId } from './host/boot-id.js'
import { createPeerWatch } from './host/peers.js'
import { createHousekeeping } from './housekeeping.js'
import { mapBytes } from './kernel/data-path.js'
import { openKernel } from './kernel/kernel.js'
import { openPrivilege } from './kernel/privilege.js'
import { createListService } from './list-service.js'
import { createLists, listedInWords } from './lists/lists.js'
import { prepareAside } from './lists/prepare-aside.js'
import { createSchedule } from './lists/schedule.js'
import type { Logger } from './log.js'
import { createMainLoop } from './main-loop.js'
import { panicTeller } from './panic-teller.js'
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
import { type EventFile, openEventFile } from './publish/event-file.js'
import { createEventLines } from './publish/event-lines.js'
import { createEventWriter, type EventWriter } from './publish/event-writer.js'
import { createFeed } from './publish/feed.js'
import { openGrpcServer } from './publish/grpc-server.js'
import type { DecisionChange, Feeds } from './publish/handlers.js'
import { createMeters } from './publish/meters.js'
import { openMetrics } from './publish/metrics.js'
import { createRefusalLog } from './publish/refusal-log.js'
import { socketAcl } from './publish/socket-acl.js'
import type { AlertRow, FlowRow } from './publish/view.js'
import { openStore, type Store } from './record/store.js'
import { StoreError } from './record/store-error.js'
import { createSturdyDecisions } from './record/sturdy-decisions.js'
import { breakerOptions, detectorOptions, leaseUs, neighboursOptions, policyOptions } from './room-options.js'
import { isDevice, prepareRunAs } from './run-as.js'
import { createScorer, type ScorerState } from './score/scorer.js'
import { createSettings } from './settings.js'
import { banner, mapSizes, sudoUser } from './start.js'
import { trialTeller } from './trial-teller.js'
import { createView } from './view.js'

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
  close(): Promise<void>
}

/** Opens everything; when something fails, what was opened is closed again. */
export async function openDaemon(options: DaemonOptions): Promise<Daemon> {
  const { root, version, log, env } = options
  /** As it was written and applied; `config` has what was fitted to this site too. */
  let written = options.config
  let pinned = options.pinned ?? new Set<string>()
  let config = written
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

    const privilege = openPrivilege({ root, user: config.user })
    if (privilege.problem !== '') log.warn({ user: config.user }, privilege.problem)
    const runAs = prepareRunAs(config, privilege)
    for (const warning of runAs.warnings) log.warn({ user: config.user }, warning)
    const store = privilege.asAccount(() =>
      openStore({
        path: config.paths.db,
        maxFileBytes: config.store.maxBytes * 2,
        featureNames: featureColumns.map(({ name }) => name),
      }),
    )
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
      bpffs: runAs.bpffs,
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

    const teller = trialTeller({
      log,
      audit,
      events: () => (isOpen ? events : undefined),
      nowMs: clock.nowMs,
    })
    const trial = createTrial({
      settings: kernel.settings,
      enforcer: () => trialWithLists(enforcer, lists),
      store,
      clock,
      bootId: readBootId(),
      onBegin: teller.begun,
      onEnd: (ended, how, row) => {
        teller.ended(ended, how)
        if (!isOpen) return
        if (how === 'confirmed') settings.keep()
        else settings.drop()
        if (row.applied !== undefined) takeOver(settings.now)
      },
      onUndone: () => {
        settings.drop()
        takeOver(settings.now)
      },
      onFault: (fault) => log.error({ problem: fault.message }, 'a trial has ended, but not everywhere yet'),
    })
    /** False while a trial of an earlier run is looked at: nothing is there yet that would follow. */
    let isOpen = false
    const goesOn = trial.restore(kernel.pinnedTrial())
    const settings = createSettings({
      file: options.config,
      pinned,
      store,
      onTrial: goesOn?.applied,
      onUnusable: (fault) =>
        log.error({ problem: fault.message }, 'settings that were applied earlier are not in force'),
    })
    written = settings.now
    pinned = settings.pinned
    config = written

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
      // What learns goes on to learn where nothing drops.
      mode: isLearning(store.calibration('run')) ? 'detect' : config.mode,
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
    const unloaded = enforcer.restore(
      configured(settings.confirmed),
      goesOn && { change: goesOn.change, configured: configured(settings.now) },
    )
    isOpen = true
    opened.push(() => trial.close())
    if (goesOn !== undefined && trial.state !== undefined) teller.goesOn(trial.state)
    opened.push(() => enforcer.saveHits())
    if (unloaded.length > 0) {
      const decisions = unloaded.slice(0, 10).map(({ number }) => `d${number}`)
      log.error(
        { count: unloaded.length, decisions },
        'stored blocks find no room in the maps and are not enforced: raise kernel.blocks and kernel.prefixes',
      )
    }
    const lists = createLists({
      store,
      maps: kernel.lists,
      clock,
      protections: guards.protections,
      allows: () =>
        enforcer
          .allowEntries()
          .filter(({ source }) => source !== 'automatic')
          .map(({ target }) => parseTarget(target, 'allow')),
      prepare: prepareAside,
      onSettled: trial.watch,
      log,
    })
    opened.push(() => lists.close())
    opened.push(() => lists.saveHits())
    await lists.restore(goesOn?.change.lists)
    const listCommands = createListCommands({ lists, audit, trial, parseTarget, nowMs: clock.nowMs })
    const schedule = createSchedule({
      commands: listCommands,
      states: lists.states,
      isOnTrial: () => lists.isOnTrial,
      nowMs: clock.nowMs,
      log,
    })
    opened.push(() => schedule.close())
    schedule.configure(settings.confirmed.lists)
    const panic = createPanic({
      kernel,
      store,
      clock,
      onChange: panicTeller({ log, audit, nowMs: clock.nowMs }),
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
      lastStep: (target, ladder, sinceMs) => {
        try {
          return store.lastStep(target, ladder, sinceMs)
        } catch (fault) {
          // Without the store the ladder begins anew.
          if (!(fault instanceof StoreError)) throw fault
          return undefined
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
    const adopt = () => {
      const before = config
      scorer.configure(written.model)
      config = calibration.fit(written)
      policy.configure(policyOptions(config))
      if (!isDeepStrictEqual(detectorOptions(config), detectorOptions(before)))
        detectors = createDetectors(detectorOptions(config), surroundings)
      scorer.configure(config.model)
    }
    const calibration = createCalibration({
      store,
      config: () => config,
      isPinned: (path) => pinned.has(path),
      surroundings,
      standing: {
        isKnown: (source) => known.of(source, clock.nowMs()).knownMs >= config.breaker.knownGoodS * 1_000,
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
    opened.push(() => calibration.save())
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
      calibration,
      sample: () => config.store,
      detectors: () => detectors,
      policy: () => policy,
      mayModelBlock: () => config.policy.modelMayBlock,
    })
    const housekeeping = createHousekeeping({
      kernel,
      enforcer,
      panic,
      trial,
      peers,
      lists,
      schedule,
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
      trial,
      breakers,
      lists,
      listImportFailures: () => schedule.failures,
      calibration,
      privilege,
      store: sturdyStore,
      scorer,
      pipeline,
      detectors: () => detectors,
      policy: () => policy,
      feeds,
      meters,
      events: () => eventFile?.counts(),
    })
    let eventFile: EventFile | undefined
    let events: EventWriter | undefined
    const openEvents = async (path: string) => {
      const { maxBytes, keep } = config.events
      const file = await openEventFile({ path, maxBytes, keep, log })
      opened.push(() => file.close())
      eventFile = file
      events = createEventWriter({
        feeds,
        file,
        lines: createEventLines(view, createCommunityId()),
        flows: () => config.events.flows,
        nowMs: clock.nowMs,
      })
    }
    const { file: eventPath } = config.events
    if (eventPath !== null && isDevice(eventPath)) await openEvents(eventPath)

    const { listen, ca, cert, key, operatorGroup, readerGroup } = config.grpc
    const grpc = await openGrpcServer({
      protoRoot: `${root}/proto`,
      socketPath: config.paths.socket,
      admission: {
        operatorGid: privilege.groupId(operatorGroup),
        readerGid: privilege.groupId(readerGroup),
        admitUid: sudoUser(env),
      },
      admitReaders: (path, gid) => privilege.setAcl(path, socketAcl(gid)),
      readPeer: (fd) => kernel.peer(fd),
      userName: privilege.userName,
      groups: { operator: operatorGroup, reader: readerGroup },
      onRefused: createRefusalLog({ audit, count: meters.countRefusedRequest }),
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
        trial,
        settings: {
          get now() {
            return settings.now
          },
          with: settings.with,
          get applied() {
            return store.applied()
          },
          get appliedBefore() {
            return store.appliedBefore()
          },
          apply,
          allowEntries: configured,
        },
        breakers,
        listed: (target) => listedInWords(lists.holding(target)),
        calibration,
        calibrateForMs: () => config.calibrate.forS * 1_000,
        parseTarget,
        nowMs: clock.nowMs,
      }),
      lists: createListService({
        lists,
        commands: listCommands,
        enforcer,
        guards,
        interfaces,
        store,
        uploadS: () => config.lists.uploadS,
        prepare: prepareAside,
      }),
      feeds,
      parseTarget,
      log,
    })
    opened.push(() => grpc.close())
    const beat = () => kernel.settings.beat(kernel.clocks().bootUs)
    const loop = createMainLoop({
      kernel,
      ring,
      pipeline,
      housekeeping,
      beat,
      isDetaching: () => config.onExit === 'detach',
      log,
    })
    const metrics = await openMetrics({
      listen: config.metrics.listen,
      collect: snapshot,
      ready: () => {
        if (!loop.isRunning) return 'the main loop does not run'
        const isGuarding = interfaces.states().some(({ xdpMode }) => xdpMode !== 'down')
        return isGuarding ? true : 'no interface is guarded: all are gone'
      },
      log,
    })
    opened.push(() => metrics.close())
    // What only root can open is open by now; what the daemon's user can open, it opens itself.
    privilege.drop()
    const { user, capabilities } = privilege.state()
    log.info({ user, capabilities }, `idsd runs as ${user}`)
    if (eventPath !== null && !isDevice(eventPath)) await openEvents(eventPath)

    // As late as may be: until then an operator may write into the maps of the daemon before.
    const pinnedPanic = kernel.openPinnedPanic()
    panic.restore(pinnedPanic())
    const restoredUs = pinnedPanic()
    beat()
    interfaces.attachAll()
    const lastUs = pinnedPanic()
    if (lastUs !== restoredUs) panic.restore(lastUs)
    for (const line of banner({
      config: { ...config, mode: enforcer.mode },
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
    events?.started({ version, mode: enforcer.mode, interfaces: interfaces.states().map(({ name }) => name) })
    opened.push(() => events?.stopped({ version }))
    kernel.notify('READY=1')

    /** Settings of a file that was applied; stored, but for a trial, which stores them when it is confirmed. */
    function apply(text: string | undefined, isTrial: boolean) {
      const before = settings.now
      try {
        store.transaction(() => {
          if (!isTrial) store.saveApplied(text, clock.nowMs())
          settings.use(text, isTrial)
          takeOver(settings.now)
        })
      } catch (fault) {
        // Of a trial its own end takes it back.
        if (!isTrial) {
          settings.use(store.applied(), false)
          takeOver(before)
        }
        throw fault
      }
    }

    function takeOver(given: Config) {
      // First what can fail, while the rest is still as it was.
      enforcer.setConfiguredAllow(configured(settings.confirmed), configured(given))
      const before = config
      written = given
      pinned = settings.pinned
      scorer.configure(given.model)
      const next = calibration.fit(given)
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
      // What it imports is imported for good: settings on trial begin no import.
      schedule.configure(settings.confirmed.lists)
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
      run: loop.run,
      reload(next, named) {
        const [old, oldPinned] = [settings.file, settings.pinned]
        settings.reload(next, named ?? settings.pinned)
        const { reloadable } = diffConfig(written, settings.now)
        const row = { atMs: clock.nowMs(), action: 'reload', target: '', caller: 'configuration' } as const
        const before = settingsInWords(written, reloadable)
        try {
          audited({ audit }, row, () => takeOver(settings.now))
        } catch (fault) {
          settings.reload(old, oldPinned)
          throw fault
        }
        if (reloadable.length === 0) return
        const after = settingsInWords(settings.now, reloadable)
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
