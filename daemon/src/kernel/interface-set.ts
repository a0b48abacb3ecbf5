/**
 * The interfaces that idsd guards: locked, loaded, attached; watched, because interfaces come and go. The first one
 * loaded owns the maps that all share: all but the flow tables.
 */

import { join } from 'node:path'
import { IdsdError } from '../errors.js'
import { makeFolder } from '../folder.js'
import { type Attachment, attach, detachInterface } from './attachment.js'
import type { Binding, InterfaceInfo } from './binding.js'
import { kernelCall } from './binding.js'
import { lastFoldersOf, pinFolderOf } from './bpffs.js'
import { carrySettings } from './carried.js'
import { type DataPath, type MapSizes, openDataPath } from './data-path.js'
import type { Description } from './description.js'
import { type Earlier, openEarlier } from './earlier.js'
import { type EarlierHits, openEarlierHits } from './earlier-hits.js'
import { earlierShared } from './earlier-shared.js'
import { handFlowsOn } from './hand-flows-on.js'
import { type LeftOver, openLeftOver } from './left-over.js'
import { recoverPins } from './pin-set.js'
import { sweepFlows } from './sweep.js'
import { createTablePins, type EarlierTable, readEarlierTables, type TablePins } from './table-pins.js'

const arphrdEther = 1

export interface InterfaceState {
  readonly name: string
  readonly ifindex: number
  readonly xdpMode: 'native' | 'generic' | 'down'
  readonly egressHook: 'tcx' | 'clsact'
  readonly frags: boolean
}

export interface InterfaceEvent {
  readonly kind: 'attached' | 'lost' | 'skipped' | 'failed'
  readonly name: string
  /** In words; '' when there is nothing to add. */
  readonly detail: string
}

export interface InterfaceSet {
  /** The path whose maps all interfaces share. */
  readonly core: DataPath
  /** Paths of the interfaces that are up. */
  paths(): DataPath[]
  states(): InterfaceState[]
  nameOf(ifindex: number): string
  /** Attaches what was opened: to be called when the maps are filled. */
  attachAll(): void
  /** What earlier programs of another layout still held when they were switched; there from `attachAll` on. */
  readonly leftOver: LeftOver | undefined
  /**
   * Reads what entries met in all maps that gave way and whose pins are still there: from `attachAll` on, when nobody
   * counts there any more.
   */
  readEarlierHits<T>(read: (earlier: readonly EarlierHits[]) => T): T
  /** The same of imported lists. */
  readEarlierTables(): EarlierTable[]
  /** Pins of the tables of imported lists, on every interface. */
  readonly tablePins: TablePins
  /** Looks which interfaces went away or came back. */
  watch(): void
  /**
   * Takes the programs off and ends every flow, a ring's worth at a time.
   * @returns whether the ring is to be read before it goes on
   */
  endFlows(): Iterable<boolean>
  /** Lets go; with `detach` the programs leave the interfaces too. */
  close(detach: boolean): void
}

export interface InterfaceSetOptions {
  readonly binding: Binding
  readonly root: string
  /** Names, or `['any']` for every Ethernet interface. */
  readonly names: readonly string[]
  readonly sizes: MapSizes
  readonly xdpMode: 'native' | 'generic' | 'auto'
  readonly newFlowsPerSecond: number
  readonly hashSeed: number
  /** Contents of the BPF object; without them its file is read each time. */
  readonly objectBytes?: Uint8Array
  /** Folder in bpffs; each interface pins in a folder of its own. */
  readonly bpffs: string
  /** Folder of the locks. */
  readonly runDir: string
  readonly onEvent: (event: InterfaceEvent) => void
  /** Puts the programs on an interface. Default: by links that are pinned. */
  readonly attachTo?: typeof attach
}

interface Slot {
  readonly name: string
  readonly lockFd: number
  path: DataPath
  /** What an earlier daemon left, until the programs are switched. */
  earlier: Earlier | undefined
  attachment: Attachment | undefined
  isUp: boolean
  /** Why its return failed; '' when it did not. */
  problem: string
  /** Looks to let pass before the next try. */
  looksToSkip: number
}

/** Loading the programs takes the loop's time: what failed is tried again at every tenth look. */
const skippedLooks = 9

function check(info: InterfaceInfo | undefined, name: string, all: readonly InterfaceInfo[]): InterfaceInfo {
  if (info === undefined) {
    const names = all.map((candidate) => candidate.name).join(', ')
    throw new IdsdError('ERR_INTERFACE', `there is no interface ${name} here; there are: ${names}`)
  }
  if (info.hardwareType !== arphrdEther) {
    throw new IdsdError(
      'ERR_INTERFACE',
      `${name} carries no Ethernet header (hardware type ${info.hardwareType}): idsd reads Ethernet interfaces only`,
    )
  }
  return info
}

/** @throws IdsdError naming the interface that cannot be guarded */
export function openInterfaceSet(options: InterfaceSetOptions): InterfaceSet {
  const { binding, names, runDir, bpffs, onEvent, attachTo = attach } = options
  const isAny = names.includes('any')
  const slots = new Map<string, Slot>()
  const knownNames = new Map<number, string>()
  const xdpNames = new Map<number, string>()
  /** Layouts of earlier maps, by the number of their flow table: once root is given up the kernel tells them no more. */
  const descriptions = new Map<number, Description>()
  let core: DataPath | undefined
  let isAttached = false
  let leftOver: LeftOver | undefined

  const load = (ifindex: number, own: Earlier | undefined): DataPath => {
    if (core !== undefined) {
      return openDataPath({ ...options, shareWith: core, ifindex, earlier: { own, shared: undefined } })
    }
    const shared = earlierShared({ binding, bpffs, names }, own)
    try {
      core = openDataPath({ ...options, ifindex, earlier: { own, shared } })
      carrySettings(binding, shared, core)
    } finally {
      if (shared !== own) shared?.close()
    }
    return core
  }

  const lock = (name: string): number => {
    makeFolder(runDir, 0o755, 'paths.run_dir')
    const path = join(runDir, `${name}.lock`)
    const fd = kernelCall(() => binding.lockFile(path))
    if (fd === undefined) {
      throw new IdsdError('ERR_INTERFACE', `${name}: another idsd guards this interface (${path} is locked)`)
    }
    return fd
  }

  const indexKey = (ifindex: number) => new Uint8Array(new Uint32Array([ifindex]).buffer)

  const noteAttached = (ifindex: number) => {
    const key = indexKey(ifindex)
    kernelCall(() => binding.mapUpdate((core as DataPath).fd('attached'), key, key, 0))
  }

  /** The index may be another interface's one day, whose flows are no transit; and the map has an end. */
  const noteGone = (ifindex: number) => {
    kernelCall(() => binding.mapDelete((core as DataPath).fd('attached'), indexKey(ifindex)))
  }

  const attachSlot = (slot: Slot) => {
    if (slot.earlier !== undefined) {
      handFlowsOn(binding, slot.earlier, slot.path, (detail) =>
        onEvent({ kind: 'failed', name: slot.name, detail }),
      )
    }
    slot.attachment = attachTo({
      binding,
      path: slot.path,
      name: slot.name,
      xdpMode: options.xdpMode,
      pinFolder: pinFolderOf(bpffs, slot.name),
      tables: tablePins.tables,
      xdpNames,
    })
    noteAttached(slot.path.ifindex)
    slot.earlier?.close()
    slot.earlier = undefined
    slot.isUp = true
    const { xdpMode, egressHook } = slot.attachment
    onEvent({ kind: 'attached', name: slot.name, detail: `XDP ${xdpMode}, egress ${egressHook}` })
  }

  /** Pins that gave way. */
  const foldersLeft = () => [...slots.keys()].flatMap((name) => lastFoldersOf(pinFolderOf(bpffs, name)))

  const tablePins = createTablePins({
    binding,
    folders: () => [...slots.values()].flatMap(({ name, isUp }) => (isUp ? [pinFolderOf(bpffs, name)] : [])),
    onFault: (detail) => onEvent({ kind: 'failed', name: names.join(', '), detail }),
  })

  const note = (earlier: Earlier | undefined) => {
    const id = earlier?.info('flows')?.id
    if (id !== undefined && earlier?.description !== undefined) descriptions.set(id, earlier.description)
  }

  const open = (info: InterfaceInfo) => {
    const lockFd = lock(info.name)
    let earlier: Earlier | undefined
    try {
      const pinFolder = pinFolderOf(bpffs, info.name)
      recoverPins(binding, pinFolder)
      earlier = openEarlier(binding, pinFolder)
      note(earlier)
      for (const folder of lastFoldersOf(pinFolder)) {
        const last = openEarlier(binding, folder)
        note(last)
        last?.close()
      }
      knownNames.set(info.index, info.name)
      const { mode, programId } = kernelCall(() => binding.xdpQuery(info.index))
      const there = mode === 'none' ? undefined : binding.programName(programId)
      if (there !== undefined) xdpNames.set(programId, there)
      slots.set(info.name, {
        name: info.name,
        lockFd,
        path: load(info.index, earlier),
        earlier,
        attachment: undefined,
        isUp: false,
        problem: '',
        looksToSkip: 0,
      })
    } catch (error) {
      earlier?.close()
      binding.closeFd(lockFd)
      throw error
    }
  }

  const lose = (slot: Slot) => {
    slot.isUp = false
    slot.problem = ''
    slot.looksToSkip = 0
    try {
      // What was open is told, so that nothing waits for packets that cannot come.
      sweepFlows(binding, slot.path, { flush: true })
      noteGone(slot.path.ifindex)
    } catch (error) {
      onEvent({ kind: 'failed', name: slot.name, detail: (error as Error).message })
    }
    slot.attachment?.release()
    slot.attachment = undefined
    detachInterface(binding, undefined, pinFolderOf(bpffs, slot.name))
    onEvent({ kind: 'lost', name: slot.name, detail: 'the interface is gone; idsd waits for its return' })
  }

  const comeBack = (slot: Slot, info: InterfaceInfo) => {
    const before = slot.path
    slot.path = openDataPath({
      ...options,
      ifindex: info.index,
      shareWith: core as DataPath,
      shareFlowsWith: before,
    })
    if (before !== core) before.close()
    knownNames.set(info.index, info.name)
    attachSlot(slot)
  }

  const all = kernelCall(() => binding.interfaces())
  const wanted = isAny
    ? all.filter((info) => info.hardwareType === arphrdEther)
    : names.map((name) =>
        check(
          all.find((info) => info.name === name),
          name,
          all,
        ),
      )
  if (wanted.length === 0) throw new IdsdError('ERR_INTERFACE', 'there is no Ethernet interface here')
  for (const info of wanted) {
    if (slots.has(info.name)) continue
    try {
      open(info)
    } catch (error) {
      if (!isAny) throw error
      onEvent({ kind: 'skipped', name: info.name, detail: (error as Error).message })
    }
  }
  if (slots.size === 0) throw new IdsdError('ERR_INTERFACE', 'no interface here can be guarded: see the log')

  return {
    get core() {
      return core as DataPath
    },
    paths: () => [...slots.values()].filter(({ isUp }) => isUp).map(({ path }) => path),
    states: () =>
      [...slots.values()].map(({ name, path, attachment, isUp }) => ({
        name,
        ifindex: path.ifindex,
        xdpMode: isUp && attachment !== undefined ? attachment.xdpMode : 'down',
        egressHook: attachment?.egressHook ?? 'tcx',
        frags: path.frags,
      })),
    nameOf: (ifindex) => knownNames.get(ifindex) ?? '',
    get leftOver() {
      return leftOver
    },
    attachAll() {
      // Before any switch: a flow that enters by one and leaves by another is counted once from the first packet on.
      for (const { path } of slots.values()) noteAttached(path.ifindex)
      for (const slot of [...slots.values()]) {
        try {
          attachSlot(slot)
        } catch (error) {
          if (!isAny || slots.size === 1) {
            for (const other of slots.values()) other.attachment?.detach()
            throw error
          }
          slots.delete(slot.name)
          slot.earlier?.close()
          noteGone(slot.path.ifindex)
          if (slot.path !== core) slot.path.close()
          binding.closeFd(slot.lockFd)
          onEvent({ kind: 'skipped', name: slot.name, detail: (error as Error).message })
        }
      }
      isAttached = true
      if (foldersLeft().length > 0) binding.waitForPrograms()
      leftOver = openLeftOver(
        binding,
        [...slots.values()].map(({ name, path }) => ({ path, pinFolder: pinFolderOf(bpffs, name) })),
        descriptions,
      )
    },
    readEarlierHits(read) {
      const open: Earlier[] = []
      try {
        const found = new Map<number, EarlierHits>()
        for (const folder of foldersLeft()) {
          const earlier = openEarlier(binding, folder, descriptions)
          if (earlier === undefined) continue
          open.push(earlier)
          const hits = openEarlierHits(binding, earlier)
          // Interfaces share them.
          if (hits !== undefined) found.set(hits.incarnation, hits)
        }
        return read([...found.values()])
      } finally {
        for (const earlier of open) earlier.close()
      }
    },
    readEarlierTables: () => readEarlierTables(binding, foldersLeft()),
    tablePins,
    watch() {
      if (!isAttached) return
      const now = kernelCall(() => binding.interfaces())
      for (const slot of slots.values()) {
        const info = now.find((candidate) => candidate.name === slot.name)
        const isSame = info !== undefined && info.index === slot.path.ifindex
        if (slot.isUp && !isSame) lose(slot)
        if (slot.isUp || info === undefined || slot.looksToSkip-- > 0) continue
        try {
          comeBack(slot, check(info, slot.name, now))
        } catch (error) {
          const { message } = error as Error
          if (message !== slot.problem) onEvent({ kind: 'failed', name: slot.name, detail: message })
          slot.problem = message
          slot.looksToSkip = skippedLooks
        }
      }
    },
    *endFlows() {
      for (const slot of slots.values()) {
        if (!slot.isUp) continue
        slot.attachment?.detach()
        slot.attachment = undefined
        for (let isRingFull = true; isRingFull; yield isRingFull)
          isRingFull = sweepFlows(binding, slot.path, { flush: true }).isRingFull
      }
    },
    close(detach) {
      leftOver?.close()
      leftOver = undefined
      for (const slot of slots.values()) {
        slot.earlier?.close()
        if (detach) slot.attachment?.detach()
        else slot.attachment?.release()
        if (slot.path !== core) slot.path.close()
        binding.closeFd(slot.lockFd)
      }
      slots.clear()
      core?.close()
    },
  }
}
