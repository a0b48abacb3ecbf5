/** Programs on an interface: attached by links that are pinned, so that the kernel goes on when the daemon dies. */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError, KernelError } from '../errors.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import { makePinFolder, removeEmptyPinFolder, removePinFolder } from './bpffs.js'
import type { DataPath } from './data-path.js'

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
}

/** Maps that tools and a later daemon may want to open by name. */
const pinnedMaps = [
  ...['flows', 'flow_count', 'cpu', 'settings', 'block_tags', 'block_entries', 'prefixes4', 'prefixes6'],
  ...['block_bits', 'allows4', 'allows6', 'sources', 'tombstones'],
]

/**
 * Puts the programs on the interface. Links that an earlier idsd left are taken over with no packet in between.
 * @throws IdsdError when another XDP program is there, or native mode was demanded and is not to be had
 */
export function attach({ binding, path, name, xdpMode, pinFolder }: AttachOptions): Attachment {
  makePinFolder(pinFolder)
  let xdp: { fd: number; mode: 'native' | 'generic' }
  try {
    xdp = attachXdp(binding, path, name, xdpMode, join(pinFolder, 'xdp_link'))
  } catch (error) {
    removeEmptyPinFolder(pinFolder)
    throw error
  }
  let egress: { fd: number | undefined; hook: 'tcx' | 'clsact' } | undefined
  try {
    egress = attachEgress(binding, path, name, join(pinFolder, 'egress_link'))
    for (const map of pinnedMaps) {
      const pin = join(pinFolder, map)
      rmSync(pin, { force: true })
      kernelCall(() => binding.pin(path.fd(map), pin))
    }
  } catch (error) {
    // Half a guard is none: what was there, and what an earlier idsd left, goes.
    binding.closeFd(xdp.fd)
    if (egress?.fd !== undefined) binding.closeFd(egress.fd)
    detachInterface(binding, path.ifindex, pinFolder)
    throw error
  }
  const hooked = egress
  let isReleased = false
  const release = () => {
    if (isReleased) return
    isReleased = true
    binding.closeFd(xdp.fd)
    if (hooked.fd !== undefined) binding.closeFd(hooked.fd)
  }
  return {
    xdpMode: xdp.mode,
    egressHook: hooked.hook,
    release,
    detach() {
      release()
      detachInterface(binding, path.ifindex, pinFolder)
    },
  }
}

/** Takes an interface's programs off by their pins, whoever put them there. @returns whether there were any */
export function detachInterface(binding: Binding, ifindex: number | undefined, pinFolder: string): boolean {
  const isThere = existsSync(pinFolder) && readdirSync(pinFolder).length > 0
  removePinFolder(pinFolder)
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
  pin: string,
): { fd: number; mode: 'native' | 'generic' } {
  const program = path.programFd('idsd_ingress')
  const before = kernelCall(() => binding.xdpQuery(path.ifindex))
  const own = takeOver(binding, pin, path.ifindex)
  if (own !== undefined) {
    const mode = before.mode === 'generic' ? 'generic' : 'native'
    if (wanted === 'auto' || wanted === mode) {
      kernelCall(() => binding.linkUpdate(own, program))
      return { fd: own, mode }
    }
    rmSync(pin, { force: true })
    binding.closeFd(own)
  } else if (before.mode !== 'none') {
    const other = binding.programName(before.programId) ?? 'unknown'
    throw new IdsdError(
      'ERR_INTERFACE',
      `${name} already carries an XDP program (${other}, id ${before.programId}, ${before.mode} mode): ` +
        `take it off first (ip link set dev ${name} xdp off; bpftool link detach where a link holds it; ` +
        'idsd --detach where it is another idsd that stopped)',
    )
  }
  const link = createXdp(binding, program, path.ifindex, name, wanted)
  pinOrClose(binding, link.fd, pin)
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

function attachEgress(
  binding: Binding,
  path: DataPath,
  name: string,
  pin: string,
): { fd: number | undefined; hook: 'tcx' | 'clsact' } {
  const program = path.programFd('idsd_egress')
  const own = takeOver(binding, pin, path.ifindex)
  if (own !== undefined) {
    kernelCall(() => binding.linkUpdate(own, program))
    return { fd: own, hook: 'tcx' }
  }
  try {
    const fd = kernelCall(() => binding.attachEgress(program, path.ifindex))
    pinOrClose(binding, fd, pin)
    return { fd, hook: 'tcx' }
  } catch (error) {
    // Kernels before 6.6 know no TCX.
    if (!(error instanceof KernelError) || error.errnoName !== 'EINVAL') throw error
  }
  try {
    kernelCall(() => binding.attachClsact(program, path.ifindex))
  } catch (cause) {
    throw new IdsdError('ERR_INTERFACE', `${name}: no egress hook is to be had (TCX or clsact)`, { cause })
  }
  return { fd: undefined, hook: 'clsact' }
}
