/**
 * Makes and removes the networks that tests, demo and benchmarks run in. All of it lives in network namespaces of
 * its own: no interface, address or route of the machine is touched, and no packet leaves.
 */

import { guardExit } from './exit-guard.js'
import { LabError } from './lab-error.js'
import { killNow, type LabProcess, type SpawnOptions, spawnInNamespace } from './lab-process.js'
import { labPrefix, namespacePath, removeNamespaces, sweepLeftovers } from './leftovers.js'
import { buildNetwork } from './network.js'
import { type Interface, interfacesOf, planTopology, type Role, type TopologyName } from './topology.js'

export { labUnavailable, skipOrFail } from './available.js'
export { LabError } from './lab-error.js'
export type { Exit, LabProcess, SpawnOptions } from './lab-process.js'
export { labNamespaces, sweepLeftovers } from './leftovers.js'
export type { Role, TopologyName } from './topology.js'
export { type UntilOptions, until } from './until.js'

/** Which network to build. */
export interface LabOptions {
  readonly topology: TopologyName
  /** Part of the namespace names, 1 to 16 of a-z 0-9. Default 'lab'. */
  readonly tag?: string
  /** MTU of every interface, bytes. Default 1 500. */
  readonly mtu?: number
  /** More addresses for the attacker, 0 to 200. Default 0. */
  readonly extraAddresses?: number
  /**
   * Gives the daemon's namespace a default route to a next hop that does not exist but has a neighbour entry, so
   * that answers to forged sources leave on the wire. Default false: they end as "no route".
   */
  readonly defaultRoute?: boolean
}

/** What a command gave back. */
export interface ExecResult {
  /** Exit code, or 128 plus the number of a signal. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** One namespace of a lab. */
export interface LabNamespace {
  readonly role: Role
  /** Name as `ip netns` lists it. */
  readonly name: string
  /** File to enter it by: `nsenter --net=PATH`. */
  readonly path: string
  /** Main addresses; `all` has the main ones and the extra ones. */
  readonly addresses: { readonly v4: string; readonly v6: string; readonly all: readonly string[] }
  /** MAC addresses by interface name. */
  readonly macs: Readonly<Record<string, string>>
  /** Runs a command to its end. Throws LabError when it takes longer than `timeoutMs` (default 10 000). */
  exec(argv: readonly string[], options?: SpawnOptions & { readonly timeoutMs?: number }): Promise<ExecResult>
  /** Starts a command; it is stopped at the latest when the lab closes. Throws LabError when the lab is closed. */
  spawn(argv: readonly string[], options?: SpawnOptions): LabProcess
}

/** A network that exists until it is closed. */
export interface Lab extends AsyncDisposable {
  readonly topology: TopologyName
  /** The namespace in which the daemon runs; its interfaces are eth0 and, on a gateway, eth1 to the inside. */
  readonly daemon: LabNamespace
  /** A namespace by its role. Throws LabError when the topology has no such role. */
  ns(role: Role): LabNamespace
  /** Stops every command that still runs and removes every namespace. Idempotent. */
  close(): Promise<void>
}

/**
 * Builds a network and waits until it carries packets. Leftovers of dead processes are removed first.
 * Throws LabError; whatever was made until then is removed.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { topology, tag = 'lab', extraAddresses = 0 } = options
  if (!(extraAddresses >= 0 && extraAddresses <= 200)) {
    throw new LabError(`extraAddresses: 0 to 200 expected, got ${extraAddresses}`)
  }
  const prefix = labPrefix(tag)
  const plan = planTopology(topology, extraAddresses)
  const interfaces = interfacesOf(plan)
  const roles = [...new Set(interfaces.map(({ role }) => role))]
  const nameOf = (role: Role | 'switch') => `${prefix}-${role}`
  const names = [...roles, 'switch' as const].map(nameOf)
  const running = new Set<LabProcess>()
  let isClosed = false

  sweepLeftovers()
  const guard = guardExit(() => {
    for (const one of running) killNow(one)
    removeNamespaces(names)
  })
  const close = async () => {
    isClosed = true
    await Promise.all([...running].map((one) => one.stop()))
    removeNamespaces(names)
    guard.release()
  }
  const start = (path: string, argv: readonly string[], spawnOptions?: SpawnOptions) => {
    if (isClosed) throw new LabError(`the lab is closed; not started: ${argv.join(' ')}`)
    const one = spawnInNamespace(path, argv, spawnOptions)
    running.add(one)
    void one.exited.then(() => running.delete(one))
    return one
  }
  const spaces = roles.map((role) =>
    describeNamespace(nameOf(role), interfaces.filter((one) => one.role === role) as [Interface], start),
  )
  const ns = (role: Role) => {
    const space = spaces.find((one) => one.role === role)
    if (space === undefined)
      throw new LabError(`topology ${topology} has no ${role}, only ${roles.join(', ')}`)
    return space
  }

  try {
    await buildNetwork(plan, nameOf, options)
  } catch (error) {
    await close()
    throw error
  }
  return { topology, daemon: ns(plan.daemonRole), ns, close, [Symbol.asyncDispose]: close }
}

function describeNamespace(
  name: string,
  interfaces: readonly [Interface, ...Interface[]],
  start: (path: string, argv: readonly string[], options?: SpawnOptions) => LabProcess,
): LabNamespace {
  const path = namespacePath(name)
  const [{ role, v4, v6 }] = interfaces
  return {
    role,
    name,
    path,
    addresses: { v4: v4[0]!, v6: v6[0]!, all: interfaces.flatMap((one) => [...one.v4, ...one.v6]) },
    macs: Object.fromEntries(interfaces.map(({ device, mac }) => [device, mac])),
    spawn: (argv, options) => start(path, argv, options),
    async exec(argv, { timeoutMs = 10_000, ...options } = {}) {
      const one = start(path, argv, options)
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        void one.stop()
      }, timeoutMs)
      const { code } = await one.exited
      clearTimeout(timer)
      if (isLate) throw new LabError(`not within ${timeoutMs} ms: ${argv.join(' ')}`)
      return { code, stdout: one.stdout, stderr: one.stderr }
    },
  }
}
