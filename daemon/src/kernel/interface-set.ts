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
import { pinFolderOf } from './bpffs.js'
import { type DataPath, type MapSizes, openDataPath } from './data-path.js'
import { sweepFlows } from './sweep.js'

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
  /** Looks which interfaces went away or came back. */
  watch(): void
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
  let core: DataPath | undefined
  let isAttached = false

  const load = (ifindex: number): DataPath => {
    const shared = core === undefined ? {} : { shareWith: core }
    const path = openDataPath({ ...options, ...shared, ifindex })
    core ??= path
    return path
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
    slot.attachment = attachTo({
      binding,
      path: slot.path,
      name: slot.name,
      xdpMode: options.xdpMode,
      pinFolder: pinFolderOf(bpffs, slot.name),
    })
    noteAttached(slot.path.ifindex)
    slot.isUp = true
    const { xdpMode, egressHook } = slot.attachment
    onEvent({ kind: 'attached', name: slot.name, detail: `XDP ${xdpMode}, egress ${egressHook}` })
  }

  const open = (info: InterfaceInfo) => {
    const lockFd = lock(info.name)
    try {
      knownNames.set(info.index, info.name)
      slots.set(info.name, {
        name: info.name,
        lockFd,
        path: load(info.index),
        attachment: undefined,
        isUp: false,
        problem: '',
        looksToSkip: 0,
      })
    } catch (error) {
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
    attachAll() {
      for (const slot of [...slots.values()]) {
        try {
          attachSlot(slot)
        } catch (error) {
          if (!isAny || slots.size === 1) {
            for (const other of slots.values()) other.attachment?.detach()
            throw error
          }
          slots.delete(slot.name)
          if (slot.path !== core) slot.path.close()
          binding.closeFd(slot.lockFd)
          onEvent({ kind: 'skipped', name: slot.name, detail: (error as Error).message })
        }
      }
      isAttached = true
    },
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
    close(detach) {
      for (const slot of slots.values()) {
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
