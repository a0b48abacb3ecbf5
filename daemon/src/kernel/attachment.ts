/** Programs on an interface: attached by links that are pinned, so that the kernel goes on when the daemon dies. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError, KernelError } from '../errors.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import { makePinFolder, nextFolderOf, removeEmptyPinFolder } from './bpffs.js'
import type { DataPath } from './data-path.js'
import { unpinnedMaps } from './map-fates.js'
import { pinTelltale, publishPins, removePins, telltaleProgram } from './pin-set.js'

export interface Attachment {
  readonly xdpMode: 'native' | 'generic'
  readonly egressHook: 'tcx' | 'clsact'
  /** Lets go of the links; the pins keep the programs in place. */
  release(): void
  /** Takes the programs off the interface and removes the pins. */
  detach(): void
}

export interface AttachOptions {
  readonly binding: Binding
  readonly path: DataPath
  readonly name: string
  readonly xdpMode: 'native' | 'generic' | 'auto'
  /** Folder in bpffs for this interface's pins. */
  readonly pinFolder: string
  /** Maps that no program names, to be pinned beside the others: their descriptors by name. */
  readonly tables?: ReadonlyMap<string, number>
  /** Names of foreign XDP programs by id, noted while the kernel still told them: it tells root alone. */
  readonly xdpNames?: ReadonlyMap<number, string>
}

/** Pin of a link: where an earlier idsd left it, and where it is to be. */
interface LinkPin {
  readonly before: string
  readonly next: string
}

/**
 * Puts the programs on the interface. Links that an earlier idsd left are taken over with no packet in between. All pins
 * are made beside those in force, and take their place when everything stands.
 * @throws IdsdError when another XDP program is there, or native mode was demanded and is not to be had
 */
export function attach(options: AttachOptions): Attachment {
  const { binding, path, name, xdpMode, pinFolder, xdpNames, tables = new Map<string, number>() } = options
  const next = nextFolderOf(pinFolder)
  const pinOf = (link: string): LinkPin => ({ before: join(pinFolder, link), next: join(next, link) })
  makePinFolder(next)
  let xdp: { fd: number; mode: 'native' | 'generic' }
  try {
    for (const map of path.maps.filter((one) => !unpinnedMaps.has(one)))
      kernelCall(() => binding.pin(path.fd(map), join(next, map)))
    for (const [table, fd] of tables) kernelCall(() => binding.pin(fd, join(next, table)))
    pinTelltale(binding, path.programFd(telltaleProgram), next)
    xdp = attachXdp(binding, path, name, xdpMode, pinOf('xdp_link'), xdpNames)
  } catch (error) {
    rmSync(next, { recursive: true, force: true })
    removeEmptyPinFolder(pinFolder)
    throw error
  }
  const hooks: Hook[] = []
  try {
    // What is rejected leaves XDP by this hook only: it comes first.
    hooks.push(attachHook(binding, path, name, 'ingress', pinOf('reject_link')))
    hooks.push(attachHook(binding, path, name, 'egress', pinOf('egress_link')))
    publishPins(pinFolder)
  } catch (error) {
    // Half a guard is none: what was there, and what an earlier idsd left, goes.
    binding.closeFd(xdp.fd)
    closeHooks(binding, hooks)
    detachInterface(binding, path.ifindex, pinFolder)
    throw error
  }
  let isReleased = false
  const release = () => {
    if (isReleased) return
    isReleased = true
    binding.closeFd(xdp.fd)
    closeHooks(binding, hooks)
  }
  return {
    xdpMode: xdp.mode,
    egressHook: hooks.at(-1)?.kind ?? 'tcx',
    release,
    detach() {
      release()
      detachInterface(binding, path.ifindex, pinFolder)
    },
  }
}

/** Takes an interface's programs off by their pins, whoever put them there. @returns whether there were any */
export function detachInterface(binding: Binding, ifindex: number | undefined, pinFolder: string): boolean {
  const isThere = removePins(pinFolder)
  removeEmptyPinFolder(pinFolder)
  const hadFilter = ifindex !== undefined && binding.detachClsact(ifindex)
  return isThere || hadFilter
}

/** Opens a pinned link when it still stands on this interface; a corpse's pin is removed. */
function takeOver(binding: Binding, pin: string, ifindex: number): number | undefined {
  const fd = kernelCall(() => binding.openPinned(pin))
  if (fd === undefined) return undefined
  if (binding.linkInfo(fd).ifindex === ifindex) return fd
  binding.closeFd(fd)
  rmSync(pin, { force: true })
  return undefined
}

/** A link that cannot be pinned is let go: it would end with this process. */
function pinOrClose(binding: Binding, fd: number, pin: string): void {
  try {
    kernelCall(() => binding.pin(fd, pin))
  } catch (error) {
    binding.closeFd(fd)
    throw error
  }
}

function attachXdp(
  binding: Binding,
  path: DataPath,
  name: string,
  wanted: 'native' | 'generic' | 'auto',
  pin: LinkPin,
  xdpNames: ReadonlyMap<number, string> = new Map(),
): { fd: number; mode: 'native' | 'generic' } {
  const program = path.programFd('idsd_ingress')
  const before = kernelCall(() => binding.xdpQuery(path.ifindex))
  const own = takeOver(binding, pin.before, path.ifindex)
  if (own !== undefined) {
    const mode = before.mode === 'generic' ? 'generic' : 'native'
    if (wanted === 'auto' || wanted === mode) {
      pinOrClose(binding, own, pin.next)
      kernelCall(() => binding.linkUpdate(own, program))
      return { fd: own, mode }
    }
    rmSync(pin.before, { force: true })
    binding.closeFd(own)
  } else if (before.mode !== 'none') {
    const other = xdpNames.get(before.programId) ?? binding.programName(before.programId) ?? 'unknown'
    throw new IdsdError(
      'ERR_INTERFACE',
      `${name} already carries an XDP program (${other}, id ${before.programId}, ${before.mode} mode): ` +
        `take it off first (ip link set dev ${name} xdp off; bpftool link detach where a link holds it; ` +
        'idsd --detach where it is another idsd that stopped)',
    )
  }
  const link = createXdp(binding, program, path.ifindex, name, wanted)
  pinOrClose(binding, link.fd, pin.next)
  return link
}

function createXdp(
  binding: Binding,
  program: number,
  ifindex: number,
  name: string,
  wanted: 'native' | 'generic' | 'auto',
): { fd: number; mode: 'native' | 'generic' } {
  if (wanted !== 'generic') {
    try {
      return { fd: kernelCall(() => binding.attachXdp(program, ifindex, 'native')), mode: 'native' }
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      if (wanted === 'native') {
        throw new IdsdError(
          'ERR_INTERFACE',
          `${name}: native XDP is not to be had (${error.errnoName}): check the driver and the MTU, ` +
            'or use --xdp-mode generic (slower)',
          { cause: error },
        )
      }
    }
  }
  return { fd: kernelCall(() => binding.attachXdp(program, ifindex, 'generic')), mode: 'generic' }
}

/** A program at a hook of the stack; without a link there is nothing to hold. */
interface Hook {
  readonly fd: number | undefined
  readonly kind: 'tcx' | 'clsact'
}

function closeHooks(binding: Binding, hooks: readonly Hook[]): void {
  for (const { fd } of hooks) if (fd !== undefined) binding.closeFd(fd)
}

const hookPrograms = { ingress: 'idsd_reject', egress: 'idsd_egress' } as const

function attachHook(
  binding: Binding,
  path: DataPath,
  name: string,
  direction: 'ingress' | 'egress',
  pin: LinkPin,
): Hook {
  const program = path.programFd(hookPrograms[direction])
  const own = takeOver(binding, pin.before, path.ifindex)
  if (own !== undefined) {
    pinOrClose(binding, own, pin.next)
    kernelCall(() => binding.linkUpdate(own, program))
    return { fd: own, kind: 'tcx' }
  }
  try {
    const fd = kernelCall(() => binding.attachTcx(program, path.ifindex, direction))
    pinOrClose(binding, fd, pin.next)
    return { fd, kind: 'tcx' }
  } catch (error) {
    // Kernels before 6.6 know no TCX.
    if (!(error instanceof KernelError) || error.errnoName !== 'EINVAL') throw error
  }
  try {
    kernelCall(() => binding.attachClsact(program, path.ifindex, direction))
  } catch (cause) {
    throw new IdsdError('ERR_INTERFACE', `${name}: no ${direction} hook is to be had (TCX or clsact)`, {
      cause,
    })
  }
  return { fd: undefined, kind: 'clsact' }
}
