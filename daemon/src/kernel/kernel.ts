/** The room's face: programs, maps, rings and clocks of one daemon, with the addon kept inside. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceSummary } from '../detect/source-summary.js'
import { IdsdError, KernelError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { type AddressTrace, openAddressTrace } from './address-trace.js'
import { detachInterface } from './attachment.js'
import { type Binding, kernelCall, loadBinding } from './binding.js'
import { type BlockList, openBlockList } from './block-list.js'
import { pinFolderOf } from './bpffs.js'
import { type KernelCounters, readCounters, readFlowCount } from './counters.js'
import { type DataPath, objectFile } from './data-path.js'
import { type InterfaceSet, type InterfaceSetOptions, openInterfaceSet } from './interface-set.js'
import { type ListMaps, openListMaps } from './list-maps.js'
import { openPinnedSettings } from './pinned-settings.js'
import { openRing, type RecordRing } from './ring.js'
import { openSettings, type Settings } from './settings.js'
import { openSources } from './sources.js'
import { openSuspects, type Suspects } from './suspects.js'
import { sweepAside } from './sweep.js'

export interface Clocks {
  /** CLOCK_MONOTONIC, us: the time of flows. */
  readonly monotonicUs: number
  /** CLOCK_BOOTTIME, us: the time of expiries. */
  readonly bootUs: number
  /** Microseconds since 1970. */
  readonly wallUs: number
}

export interface Kernel {
  readonly interfaces: InterfaceSet
  readonly blockList: BlockList
  /** `incarnation` of its maps: see Description. */
  readonly incarnation: number
  /** What the imported lists hold. To be closed before the interfaces. */
  readonly lists: ListMaps
  readonly suspects: Suspects
  /** Beat and lease. A panic is set by `setPanic`. */
  readonly settings: Settings
  /**
   * Stops all enforcement, also by programs that an earlier idsd left on interfaces which this one does not guard.
   * @param untilBootUs as in `Settings`; 0 ends the panic
   * @param insteadOfBootUs only words that are this one or over are written: another was written since, and is the later
   * order. Default: all
   */
  setPanic(untilBootUs: number, insteadOfBootUs?: number): void
  /** Opens what an earlier idsd pinned, to be read before these interfaces are attached and after. */
  openPinnedPanic(): PinnedPanicWords
  /**
   * Opens the trial in the pins of these interfaces, from before they are attached.
   * @returns reads its end as in `Settings`, the latest of them; undefined without pins
   */
  openPinnedTrial(): () => number | undefined
  clocks(): Clocks
  /** What the maps hold about an address or prefix, and what becomes of its packets. */
  trace(target: Target): AddressTrace
  counters(): KernelCounters
  /** Flows in the tables of all interfaces. */
  flowCount(): number
  openRing(intervalMs: number): RecordRing
  /** Sources over the new-flow budget with at least `minPackets`. */
  sources(minPackets: number): SourceSummary[]
  /**
   * Begins to end what is over in every table, aside; while it runs a call does nothing.
   * @throws KernelError when the sweep before this one failed
   */
  sweep(): void
  /** Tombstones left after the last sweep. */
  tombstones(): number
  /** Waits for a sweep that runs. */
  idle(): Promise<void>
  /** User and groups of who connected a unix socket. */
  peer(fd: number): { readonly uid: number; readonly groups: readonly number[] } | undefined
  /** Tells systemd, when it asked. */
  notify(state: string): void
}

/** The panic as earlier maps have it, and these. */
export interface PinnedPanicWords {
  /**
   * @returns the end of the panic that lasts on any interface, as in `Settings`; 0 = there is none; undefined = nor is
   * there a pin of these interfaces
   */
  read(): number | undefined
  /** Writes every word that still is as `read` found it: one that was written since is the later order. */
  replace(untilBootUs: number): void
}

export type KernelOptions = Omit<InterfaceSetOptions, 'binding'>

/** Share of a table from which quiet flows are ended early. */
const pressureShare = 0.8
/** Below this share a table is swept at every fifth call only: what is over waits some seconds, and costs nothing. */
const calmShare = 0.25
const calmCalls = 5

/** Loads the programs; nothing is attached before `interfaces.attachAll`. @throws IdsdError, KernelError */
export function openKernel(options: KernelOptions): Kernel {
  const binding = loadBinding(options.root)
  // An interface that comes back is loaded from memory: its user may not read the folder of the programs.
  const objectBytes = readFileSync(join(options.root, objectFile))
  const interfaces = openInterfaceSet({ ...options, binding, objectBytes })
  const { core } = interfaces
  const { sizes } = options
  const graves = new WeakMap<DataPath, number>()
  let sweeping: Promise<void> | undefined
  let fault: unknown
  let sweeps = 0
  const settings = openSettings(kernelCall(() => binding.mapMemory(core.fd('settings'))))
  const flowCount = () => interfaces.paths().reduce((sum, path) => sum + readFlowCount(binding, path), 0)

  const tombstones = () => interfaces.paths().reduce((sum, path) => sum + (graves.get(path) ?? 0), 0)

  const sweepAll = async () => {
    const isCalmTurn = sweeps++ % calmCalls === 0
    for (const path of interfaces.paths()) {
      const share = readFlowCount(binding, path) / sizes.flows
      if (share < calmShare && !isCalmTurn) continue
      const needRoom = (graves.get(path) ?? 0) > sizes.tombstones * pressureShare
      const pressure = () => readFlowCount(binding, path) / sizes.flows > pressureShare
      graves.set(path, await sweepAside(binding, path, { hasFlows: share > 0, pressure, needRoom }))
    }
  }

  return {
    interfaces,
    blockList: openBlockList({ binding, path: core, blocks: sizes.blocks, hashSeed: core.hashSeed }),
    incarnation: core.description.incarnation,
    lists: openListMaps({ binding, path: core, pins: interfaces.tablePins }),
    suspects: openSuspects(binding, core),
    settings,
    setPanic(untilBootUs, insteadOfBootUs) {
      const { bootUs } = binding.clocks()
      const write = (one: Settings) => {
        const word = one.panicUntilBootUs
        if (insteadOfBootUs === undefined) one.panicUntilBootUs = untilBootUs
        else if (word === insteadOfBootUs || word <= bootUs) one.replacePanic(word, untilBootUs)
      }
      write(settings)
      try {
        for (const pinned of openPinnedSettings(binding, options.bpffs)) write(pinned.settings)
      } catch (error) {
        // What others left may be closed to this daemon; its own programs obey already.
        const { code } = error as NodeJS.ErrnoException
        if (!(error instanceof KernelError) && code !== 'EACCES' && code !== 'EPERM') throw error
      }
    },
    openPinnedPanic() {
      const names = interfaces.states().map(({ name }) => name)
      const pinned = openPinnedSettings(binding, options.bpffs)
      const hasOwn = pinned.some(({ name }) => names.includes(name))
      const all = [settings, ...pinned.map((one) => one.settings)]
      let seen: number[] = []
      return {
        read() {
          const { bootUs } = binding.clocks()
          seen = all.map((one) => one.panicUntilBootUs)
          const ends = seen.slice(1).filter((endUs) => endUs > bootUs)
          // Nobody began one past the daemon on interfaces that are not guarded here: that says nothing of the store's.
          return ends.length === 0 && !hasOwn ? undefined : Math.max(0, ...ends)
        },
        replace(untilBootUs) {
          for (const [i, wordUs] of seen.entries()) all[i]?.replacePanic(wordUs, untilBootUs)
        },
      }
    },
    openPinnedTrial() {
      const names = interfaces.states().map(({ name }) => name)
      const own = openPinnedSettings(binding, options.bpffs).filter(({ name }) => names.includes(name))
      return () =>
        own.length === 0 ? undefined : Math.max(...own.map((one) => one.settings.trialUntilBootUs))
    },
    clocks: () => binding.clocks(),
    trace: openAddressTrace(binding, core),
    counters: () => readCounters(binding, core),
    flowCount,
    openRing: (intervalMs) => openRing({ binding, path: core, intervalMs }),
    sources: openSources(binding, core),
    sweep() {
      if (sweeping !== undefined) return
      if (fault !== undefined) {
        const before = fault
        fault = undefined
        throw before
      }
      sweeping = sweepAll()
        .catch((error: unknown) => {
          fault = error
        })
        .finally(() => {
          sweeping = undefined
        })
    },
    tombstones,
    async idle() {
      await sweeping
    },
    peer: (fd) => binding.peer(fd),
    notify: (state) => {
      binding.sdNotify(state)
    },
  }
}

/**
 * Takes an interface's programs off by its pins: no daemon is needed.
 * @returns whether there were any
 */
export function detachByName(binding: Binding, bpffs: string, name: string): boolean {
  const index = kernelCall(() => binding.interfaces()).find((info) => info.name === name)?.index
  return detachInterface(binding, index, pinFolderOf(bpffs, name))
}

export interface DetachOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  readonly bpffs: string
  /** Folder of the locks. */
  readonly runDir: string
  readonly names: readonly string[]
}

/**
 * Takes programs off several interfaces. @returns those that had some
 * @throws IdsdError when an idsd guards one of them: it holds the links, so the programs would stay without their pins
 */
export function detachNames({ root, bpffs, runDir, names }: DetachOptions): string[] {
  const binding = loadBinding(root)
  for (const name of names) {
    const lock = join(runDir, `${name}.lock`)
    if (!existsSync(lock)) continue
    const fd = kernelCall(() => binding.lockFile(lock))
    if (fd === undefined) {
      throw new IdsdError(
        'ERR_INTERFACE',
        `${name}: an idsd guards this interface (${lock} is locked): stop it first`,
      )
    }
    binding.closeFd(fd)
  }
  return names.filter((name) => detachByName(binding, bpffs, name))
}
