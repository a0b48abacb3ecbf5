/**
 * The pins of one interface as a whole: `IFACE`, in force; `IFACE%next`, being made; `IFACE%last1` and on, which gave way
 * and are still read out. Who is killed at any instant leaves one whole set whose programs are on the interface.
 */

import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { KernelError } from '../errors.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import { freeLastFolderOf, lastFoldersOf, nextFolderOf } from './bpffs.js'

/** The program whose presence on the interface tells which set is in force: it is switched first. */
export const telltaleProgram = 'idsd_ingress'
const telltalePin = 'ingress_program'
const telltaleLink = 'xdp_link'
const linkEnd = '_link'

/** Pins the program that tells which set is in force. */
export function pinTelltale(binding: Binding, fd: number, folder: string): void {
  kernelCall(() => binding.pin(fd, join(folder, telltalePin)))
}

/** Puts the next pins in force. The links of those that give way are held by the next ones alone. */
export function publishPins(folder: string): void {
  if (existsSync(folder)) {
    const last = freeLastFolderOf(folder)
    renameSync(folder, last)
    renameSync(nextFolderOf(folder), folder)
    removeLinks(last)
  } else {
    renameSync(nextFolderOf(folder), folder)
  }
}

/** Puts in order what a start that was killed left. To be called by whoever holds the interface's lock. */
export function recoverPins(binding: Binding, folder: string): void {
  const next = nextFolderOf(folder)
  if (existsSync(next)) {
    if (isInForce(binding, folder, next)) {
      adoptLinks(binding, folder, next)
      publishPins(folder)
    } else {
      rmSync(next, { recursive: true, force: true })
    }
  }
  for (const last of lastFoldersOf(folder)) removeLinks(last)
}

/** Removes all pins of an interface, whatever state they are in. @returns whether there were any */
export function removePins(folder: string): boolean {
  const all = [folder, nextFolderOf(folder), ...lastFoldersOf(folder)]
  const isThere = all.some((one) => existsSync(one) && readdirSync(one).length > 0)
  for (const one of all) rmSync(one, { recursive: true, force: true })
  return isThere
}

/** Whether the programs of the next set are on the interface: the switch had begun. */
function isInForce(binding: Binding, folder: string, next: string): boolean {
  const program = withPin(binding, join(next, telltalePin), (fd) => binding.programId(fd))
  if (program === undefined) return false
  return [next, folder].some(
    (one) =>
      withPin(binding, join(one, telltaleLink), (fd) => {
        const link = binding.linkInfo(fd)
        return link.ifindex !== 0 && link.programId === program
      }) === true,
  )
}

/** Links that the next set does not hold yet go into it. */
function adoptLinks(binding: Binding, folder: string, next: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter((pin) => pin.endsWith(linkEnd))) {
    if (existsSync(join(next, name))) continue
    withPin(binding, join(folder, name), (fd) => binding.pin(fd, join(next, name)))
  }
}

function removeLinks(folder: string): void {
  for (const name of readdirSync(folder).filter((pin) => pin.endsWith(linkEnd)))
    rmSync(join(folder, name), { force: true })
}

/** @returns undefined where there is no such pin, or it is of another kind */
function withPin<T>(binding: Binding, pin: string, work: (fd: number) => T): T | undefined {
  let fd: number | undefined
  try {
    fd = kernelCall(() => binding.openPinned(pin))
    const open = fd
    return open === undefined ? undefined : kernelCall(() => work(open))
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    return undefined
  } finally {
    if (fd !== undefined) binding.closeFd(fd)
  }
}
