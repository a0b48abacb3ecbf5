/** Names of lab namespaces, and the removal of those whose process is gone. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { LabError } from './lab-error.js'

const folder = '/run/netns'

/** Start of every namespace name of one lab: holds the tag, and the pid and start time of this process. */
export function labPrefix(tag: string): string {
  if (!/^[a-z0-9]{1,16}$/.test(tag)) throw new LabError(`tag: 1 to 16 of a-z 0-9 expected, got ${tag}`)
  return `idsd-${tag}-${process.pid}-${startTime(process.pid)}-${randomBytes(3).toString('hex')}`
}

const labName = /^idsd-[a-z0-9]{1,16}-(?<pid>\d+)-(?<started>\d+)-[0-9a-f]{6}-[a-z]+$/

/** Where a namespace name is found as a file. */
export function namespacePath(name: string): string {
  return `${folder}/${name}`
}

/** Names of all lab namespaces that exist, of living processes and of dead ones. */
export function labNamespaces(): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => labName.test(name)) : []
}

/**
 * Removes the namespaces of labs whose process is gone, as after `kill -9`, and nothing else.
 * @returns the names that were removed
 * Throws LabError when one cannot be removed.
 */
export function sweepLeftovers(): string[] {
  const dead = labNamespaces().filter((name) => {
    const { pid, started } = labName.exec(name)!.groups!
    return startTime(Number(pid)) !== started
  })
  removeNamespaces(dead)
  return dead
}

/** Removes namespaces by name; one that is already gone is fine. Throws LabError after having tried all. */
export function removeNamespaces(names: readonly string[]): void {
  const faults = names.flatMap((name) => {
    if (!existsSync(namespacePath(name))) return []
    const { status, stderr } = spawnSync('ip', ['netns', 'delete', name], { encoding: 'utf8' })
    return status === 0 || !existsSync(namespacePath(name)) ? [] : [`${name}: ${stderr.trim()}`]
  })
  if (faults.length > 0) throw new LabError(`could not remove ${faults.join('; ')}`)
}

/** Start of a process in clock ticks since boot, as text: with the pid it names one process only (proc(5), stat). */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name may hold spaces and brackets; field 3 follows its last bracket, the start time is field 22.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}
