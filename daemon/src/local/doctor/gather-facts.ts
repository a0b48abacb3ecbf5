/** Looks at the machine: everything that the checks need, in one place. Changes nothing. */

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import { isBpffs, pinnedNames } from '../../kernel/bpffs.js'
import { type MachineState, readMachine } from '../../kernel/links.js'
import { openPinnedPanic } from '../panic.js'
import { openPinnedTrial } from '../trial.js'
import type { DaemonFacts, HostFacts, ListsFacts, NatFacts, PinnedFacts } from './facts.js'
import { defaultRouteInterfaces, natRulesOf, vlansOf } from './parse-tools.js'

export interface GatherOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** Interfaces to look at; empty: those that the daemon guards, else those with pins, else those of the default routes. */
  readonly names: readonly string[]
  /** Folder of pins, as `paths.bpffs`. */
  readonly bpffs: string
  readonly daemon: DaemonFacts | undefined
  readonly daemonProblem: string
  readonly lists: ListsFacts | undefined
}

const arphrdEther = 1
/** A tool that says nothing for so long is taken for absent, ms. */
const toolMs = 5_000
const maxToolBytes = 256 << 20
/** What lists the rules of the firewall; each knows its own kind, and some the other's. */
const ruleLists: readonly [string, ...string[]][] = [
  ['nft', 'list', 'ruleset'],
  ['iptables-save'],
  ['iptables-legacy-save'],
]
/** sbin is not on every user's path. */
const toolPath = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`

/**
 * What is there to judge. What cannot be read is undefined, never guessed.
 * @throws RangeError naming the first of `names` that is no interface here
 */
export async function gatherFacts(options: GatherOptions): Promise<HostFacts> {
  const { root, names, bpffs, daemon, daemonProblem, lists } = options
  const isRoot = process.getuid?.() === 0
  const pinned = pinnedBelow(bpffs)
  let machine: MachineState | undefined
  let linksProblem = ''
  try {
    machine = readMachine(root)
  } catch (error) {
    linksProblem = (error as Error).message
  }
  const states = machine?.links ?? []
  const missing = machine && names.find((name) => !states.some((one) => one.name === name))
  if (missing !== undefined) throw new RangeError(missing)
  const wanted = chosen(names, [
    daemon?.interfaces.map(({ name }) => name) ?? [],
    pinned ?? [],
    defaultRouteInterfaces(textOf('/proc/self/net/route')),
    states.filter(({ hardwareType, up }) => hardwareType === arphrdEther && up).map(({ name }) => name),
  ])
  const vlans = vlansOf(textOf('/proc/net/vlan/config'))
  return {
    kernel: release(),
    isRoot,
    memoryBytes: totalmem(),
    links: states
      .filter(({ name }) => wanted.includes(name))
      .map((state) => ({ ...state, isUp: state.up, vlans: vlans.get(state.name) ?? [] })),
    ...{ lists, nowMs: Date.now() },
    linksProblem,
    hasBpffs: isBpffs('/sys/fs/bpf'),
    hasBtf: existsSync('/sys/kernel/btf/vmlinux'),
    pinned,
    left: daemon === undefined ? readLeft({ root, bpffs }) : undefined,
    clocksource:
      textOf('/sys/devices/system/clocksource/clocksource0/current_clocksource').trim() || undefined,
    isSynchronised: machine?.isSynchronised,
    nat: await readNat(
      states.map(({ name }) => name),
      isRoot,
    ),
    daemon,
    daemonProblem,
  }
}

/** The names that were asked for, else the first list that names any. */
function chosen(names: readonly string[], otherwise: readonly (readonly string[])[]): readonly string[] {
  return names.length > 0 ? names : (otherwise.find((list) => list.length > 0) ?? [])
}

async function readNat(names: readonly string[], isRoot: boolean): Promise<NatFacts> {
  // Without root some of them list nothing and call that success.
  const tools = isRoot ? ruleLists : []
  const lists = await Promise.all(tools.map((tool) => run(...tool)))
  const counts = lists.filter((text) => text !== undefined).map(natRulesOf)
  // The same rules may be in two lists: the longest counts.
  const most = (part: 'source' | 'destination') =>
    counts.length === 0 ? undefined : Math.max(...counts.map((each) => each[part]))
  return {
    isForwarding: ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].some(
      (path) => textOf(`/proc/sys/net/${path}`).trim() === '1',
    ),
    sourceRules: most('source'),
    destinationRules: most('destination'),
    dockerBridges: names.filter((name) => /^(?:docker\d+|br-[0-9a-f]{12})$/.test(name)),
  }
}

/** Output of a tool; undefined when it is not here, may not do it, or fails. */
async function run(...[program, ...args]: [string, ...string[]]): Promise<string | undefined> {
  const env = { ...process.env, PATH: toolPath, LC_ALL: 'C' }
  try {
    const options = { env, timeout: toolMs, maxBuffer: maxToolBytes }
    return (await promisify(execFile)(program, args, options)).stdout
  } catch {
    return undefined
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** What holds enforcement up, or changes it for a while, though nobody answers who could say so. */
function readLeft(place: { readonly root: string; readonly bpffs: string }): PinnedFacts | undefined {
  try {
    const panic = openPinnedPanic(place)
    if (panic.names.length === 0) return undefined
    return { panicMs: panic.leftMs, trialMs: openPinnedTrial(place).leftMs }
  } catch {
    return undefined
  }
}

function pinnedBelow(bpffs: string): string[] | undefined {
  try {
    return pinnedNames(bpffs)
  } catch {
    return undefined
  }
}
