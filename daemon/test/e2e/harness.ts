/**
 * The real daemon and the real idsctl, in a namespace of the lab. Each daemon has a folder, a socket, a database and
 * pins of its own, so that several run side by side and none touches one that is installed.
 */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type ExecResult,
  type LabNamespace,
  type LabProcess,
  labUnavailable,
  type SpawnOptions,
  skipOrFail,
  until,
} from '../../../lab/namespaces.js'
import { icmpPacket } from '../../../lab/packet.js'

/** Folder of the checkout, from `build/daemon/test/e2e/`. */
export const root = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '')
export const idsdPath = join(root, 'build/bin/idsd')
export const idsctlPath = join(root, 'build/bin/idsctl')
export const sendPath = join(root, 'build/lab/send')

/** User that daemons become where a test names none: IDSD_E2E_USER=nobody runs everything without root. */
const daemonUser = process.env.IDSD_E2E_USER ?? 'root'

/** How many times longer a start or a call may take: an emulated machine is slow. */
const patience = Number(process.env.IDSD_TEST_PATIENCE ?? 1)
/** Long enough for a slow machine; a wait ends as soon as what it waits for is there. */
export const startMs = 30_000 * patience
export const callMs = 20_000 * patience

/** `skip` of a suite that needs the lab and idsd. */
export const skipE2e = skipOrFail(labUnavailable() ?? unusable())

/** Why another user cannot run what was built here; undefined when one can. */
export function unreadable(): string | undefined {
  const { status } = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', 'test', '-x', idsctlPath])
  return status === 0 ? undefined : 'the checkout is not readable for other users'
}

function unusable(): string | undefined {
  if (!existsSync(idsdPath) || !existsSync(idsctlPath)) return 'idsd and idsctl are not built: run make'
  if (!existsSync('/sys/fs/bpf')) return 'there is no /sys/fs/bpf'
  return undefined
}

/** A document of `idsctl -o json`. */
// biome-ignore lint/suspicious/noExplicitAny: what a document holds is what the tests are about.
export type Json = any

/** How `idsctl` ended. */
export interface CtlResult extends ExecResult {
  /** Its document; throws where it printed none. */
  readonly json: Json
}

export interface CtlOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Words in front of the command, e.g. of setpriv. */
  readonly before?: readonly string[]
}

export interface StartOptions {
  /** Default `['eth0']`. */
  readonly interfaces?: readonly string[]
  /** More flags. */
  readonly args?: readonly string[]
  /** Text of the configuration file; without it the one written last, at first an empty one. */
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  /** Words that start another idsd than the one built here. */
  readonly program?: readonly string[]
}

/** What one daemon leaves between its runs, and idsctl for it. */
export interface Site extends AsyncDisposable {
  readonly dir: string
  readonly socket: string
  readonly db: string
  readonly bpffs: string
  readonly configFile: string
  /** The daemon that was started last. Throws when there is none. */
  readonly process: LabProcess
  /** Arguments of a start. */
  argv(options?: StartOptions): string[]
  /** Starts idsd and waits until it runs. Throws with its log when it ends before. */
  start(options?: StartOptions): Promise<LabProcess>
  /** Runs idsd to its end, for a start that must fail and for commands such as `--detach`. */
  run(args: readonly string[]): Promise<ExecResult>
  writeConfig(text: string): void
  /** Runs idsctl with `-o json`. */
  ctl(args: readonly string[], options?: CtlOptions): Promise<CtlResult>
  /** The same for a command that must succeed. @returns its document */
  ok(...args: string[]): Promise<Json>
  /** Runs idsctl without `-o json`, and starts it for a watch. */
  text(args: readonly string[], options?: CtlOptions): Promise<ExecResult>
  spawnCtl(args: readonly string[], options?: SpawnOptions): LabProcess
  /** Lifts what is blocked. */
  unblockAll(): Promise<void>
  /** Lines of the daemon's log, of the last start. */
  log(): Json[]
  /** Pinned file of an interface. */
  pin(name: string, iface?: string): string
  /** SIGKILL, and waits until it is gone. */
  killHard(): Promise<void>
  /** SIGTERM, and waits; asserts that it ended with 0. */
  stop(): Promise<void>
  /** `idsd --detach`. */
  detach(): Promise<ExecResult>
  close(): Promise<void>
}

/** Folders of sites that are open: they and their pins go with this process, whatever became of a test. */
const open = new Set<{ readonly dir: string; readonly bpffs: string }>()
process.on('exit', () => {
  for (const { dir, bpffs } of open) removeFolders(dir, bpffs)
})

function removeFolders(...folders: readonly string[]): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** What a process that was killed left: folders and pins that carry its number. */
function sweepSites(): void {
  for (const parent of [tmpdir(), '/sys/fs/bpf']) {
    for (const name of namesIn(parent)) {
      const pid = /^idsd-e2e-[a-z]+-(\d+)-/.exec(name)?.[1]
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeFolders(join(parent, name))
    }
  }
}

/**
 * A daemon's place in `ns`. It must be closed, which removes programs, pins and folders.
 * @param options `db`: a database elsewhere than in the site's folder
 */
export function openSite(ns: LabNamespace, name: string, options: { readonly db?: string } = {}): Site {
  sweepSites()
  const dir = mkdtempSync(join(tmpdir(), `idsd-e2e-${name}-${process.pid}-`))
  chmodSync(dir, 0o755)
  const id = basename(dir)
  const socket = join(dir, 'idsd.sock')
  const db = options.db ?? join(dir, 'idsd.db')
  const bpffs = join('/sys/fs/bpf', id)
  const configFile = join(dir, 'idsd.toml')
  const place = { dir, bpffs }
  let last: LabProcess | undefined
  open.add(place)
  writeFileSync(configFile, '')

  const paths = ['--config', configFile, '--db', db, '--socket', socket, '--bpffs', bpffs, '--run-dir', dir]
  const current = () => {
    assert.ok(last !== undefined, 'no idsd was started')
    return last
  }
  const ctlArgv = (args: readonly string[], before: readonly string[] = []) => [
    ...before,
    idsctlPath,
    '--socket',
    socket,
    '--timeout',
    `${callMs / 1_000}s`,
    ...args,
  ]

  const site: Site = {
    dir,
    socket,
    db,
    bpffs,
    configFile,
    get process() {
      return current()
    },
    argv({ interfaces = ['eth0'], args = [], config, program = [idsdPath] } = {}) {
      if (config !== undefined) site.writeConfig(config)
      return [
        ...program,
        ...interfaces.flatMap((iface) => ['--iface', iface]),
        ...paths,
        ...(args.includes('--user') ? [] : ['--user', daemonUser]),
        ...(args.includes('--flows') ? [] : ['--flows', '16384']),
        ...(args.includes('--blocks') ? [] : ['--blocks', '4096']),
        ...['--log-format', 'json'],
        ...(args.includes('--metrics-listen') ? [] : ['--metrics-listen', 'off']),
        ...args,
      ]
    },
    async start(options = {}) {
      const { env = {} } = options
      last = ns.spawn(site.argv(options), { env: { SUDO_UID: '', SUDO_GID: '', ...env } })
      try {
        await last.untilOutput(/"msg":"idsd runs in mode/, startMs)
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${last.stdout}${last.stderr}`)
      }
      return last
    },
    run: (args) => ns.exec([idsdPath, ...paths, ...args], { timeoutMs: startMs }),
    writeConfig: (text) => writeFileSync(configFile, text),
    async ctl(args, { env = {}, before } = {}) {
      const found = await ns.exec(ctlArgv([...args, '-o', 'json'], before), {
        env: { SSH_CONNECTION: '', ...env },
        timeoutMs: callMs + 10_000,
      })
      return {
        ...found,
        get json() {
          assert.match(found.stdout, /^\{/, `no document: exit ${found.code}, ${found.stderr}`)
          return JSON.parse(found.stdout)
        },
      }
    },
    async ok(...args) {
      const found = await site.ctl(args)
      assert.equal(found.code, 0, `idsctl ${args.join(' ')}: ${found.stderr}`)
      return found.json
    },
    text: (args, { env = {}, before } = {}) =>
      ns.exec(ctlArgv(args, before), { env: { SSH_CONNECTION: '', ...env }, timeoutMs: callMs + 10_000 }),
    spawnCtl: (args, options) => ns.spawn(ctlArgv(args), options),
    async unblockAll() {
      const { decisions } = await site.ok('decisions', 'list', '--last', '1000')
      for (const { id } of decisions) await site.ok('unblock', id)
    },
    log: () =>
      current()
        .stdout.split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line)),
    pin: (name, iface = 'eth0') => join(bpffs, iface, name),
    async killHard() {
      current().kill('SIGKILL')
      await current().exited
    },
    async stop() {
      const { code } = await current().stop({ graceMs: 15_000 })
      assert.equal(code, 0, `idsd ended with ${code}\n${current().stdout}${current().stderr}`)
    },
    detach: () => site.run(['--detach']),
    async close() {
      await last?.stop({ graceMs: 10_000 })
      if (existsSync(bpffs)) await site.detach().catch(() => undefined)
      removeFolders(bpffs, dir)
      open.delete(place)
    },
    [Symbol.asyncDispose]: () => site.close(),
  }
  return site
}

export type Family = 'v4' | 'v6'
export const families: readonly Family[] = ['v4', 'v6']

export function familyOf(address: string): Family {
  return address.includes(':') ? 'v6' : 'v4'
}

/** IPv4 addresses of a namespace beside its first: sources that no other test has used. */
export function extraSources({ addresses }: LabNamespace): string[] {
  return addresses.all.filter((address) => !address.includes(':')).slice(1)
}

/** Whether a TCP connection is made within `seconds`. */
export async function connects(
  from: LabNamespace,
  address: string,
  port: number,
  seconds = 1,
): Promise<boolean> {
  const script = `exec 3<>/dev/tcp/${address}/${port}`
  const { code } = await from.exec(['timeout', `${seconds}`, 'bash', '-c', script], { timeoutMs: callMs })
  return code === 0
}

/** Echo requests that the host's own stack took, of both families, since its namespace was made. */
export async function echoesSeen(ns: LabNamespace): Promise<Record<Family, number>> {
  const { stdout } = await ns.exec(['cat', '/proc/self/net/snmp', '/proc/self/net/snmp6'])
  const [names = '', values = ''] = stdout.split('\n').filter((line) => line.startsWith('Icmp: '))
  const at = names.split(' ').indexOf('InEchos')
  const six = /^Icmp6InEchos\s+(\d+)/m.exec(stdout)?.[1]
  return { v4: Number(values.split(' ')[at]), v6: Number(six) }
}

/** UDP datagrams that reached the host, whether or not somebody listened. */
export async function datagramsSeen(ns: LabNamespace): Promise<number> {
  const { stdout } = await ns.exec(['cat', '/proc/self/net/snmp'])
  const [names = '', values = ''] = stdout.split('\n').filter((line) => line.startsWith('Udp: '))
  const cells = values.split(' ').map(Number)
  const column = (name: string) => cells[names.split(' ').indexOf(name)] as number
  return column('InDatagrams') + column('NoPorts')
}

export interface Sending {
  readonly frame: Uint8Array
  readonly count?: number
  readonly rate?: number
  readonly seconds?: number
  /** More flags of `send flood`. */
  readonly args?: readonly string[]
  readonly iface?: string
}

function floodArgv({
  frame,
  count,
  rate = 1_000,
  seconds = 30,
  args = [],
  iface = 'eth0',
}: Sending): string[] {
  const amount = count === undefined ? ['--duration', `${seconds}`] : ['--count', `${count}`]
  const hex = Buffer.from(frame).toString('hex')
  return [sendPath, 'flood', '--iface', iface, '--frame', hex, ...amount, '--rate', `${rate}`, ...args]
}

/** Sends frames and waits until they have left. */
export async function send(from: LabNamespace, sending: Sending): Promise<void> {
  const { code, stdout, stderr } = await from.exec(floodArgv(sending), { timeoutMs: 60_000 })
  assert.equal(code, 0, stderr)
  if (sending.count !== undefined) assert.equal(JSON.parse(stdout).sent, sending.count)
}

/** Sends until it is stopped, at most 60 s. `stop` gives how many frames left. */
export function sendOn(from: LabNamespace, sending: Sending): { stop(): Promise<number> } {
  const sender = from.spawn(floodArgv({ seconds: 60, ...sending }))
  return {
    async stop() {
      await sender.stop({ signal: 'SIGINT', graceMs: 10_000 })
      assert.match(sender.stdout, /"sent"/, `send told nothing: ${sender.stderr}`)
      return JSON.parse(sender.stdout.trim().split('\n').at(-1) as string).sent
    },
  }
}

/** Echo request from one namespace's main address to another's. */
export function echo(from: LabNamespace, to: LabNamespace, family: Family = 'v4'): Uint8Array {
  return icmpPacket({
    src: from.addresses[family],
    dst: to.addresses[family],
    srcMac: from.macs.eth0 as string,
    dstMac: to.macs.eth0 as string,
    echoId: process.pid & 0xffff,
  })
}

/** Serves pages on port 80 for as long as the lab is open. */
export async function serveHttp(ns: LabNamespace): Promise<LabProcess> {
  const server = ns.spawn([
    process.execPath,
    join(root, 'build/lab/programs/http-server.js'),
    ...['--port', '80', '--duration', '600'],
  ])
  await server.untilOutput(/listening/, startMs)
  return server
}

const bpftoolPath = () =>
  spawnSync(join(root, 'packaging/packages.sh'), ['bpftool'], { encoding: 'utf8' }).stdout.trim() || 'bpftool'
let bpftoolFound: string | undefined

/** Output of `bpftool -j`; throws where it fails. */
export function bpftool(...args: string[]): Json {
  bpftoolFound ??= bpftoolPath()
  const { status, stdout, stderr } = spawnSync(bpftoolFound, ['-j', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  assert.equal(status, 0, `bpftool ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout.trim() === '' ? null : JSON.parse(stdout)
}

/** Adds an interface to a namespace: one end of a veth pair whose other end, `NAMEp`, is beside it. */
export async function spareInterface(ns: LabNamespace, name: string): Promise<void> {
  const words = ['link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`]
  const { code, stderr } = await ns.exec(['ip', ...words])
  assert.equal(code, 0, stderr)
}

/** MAC addresses and IPv4 addresses of a cable between two namespaces. */
export const cable = {
  host: { mac: '02:00:00:00:09:01', v4: '10.77.9.1' },
  peer: { mac: '02:00:00:00:09:02', v4: '10.77.9.2' },
} as const

/** Links two namespaces directly, by interfaces of the same name: no switch looks into the frames. */
export async function layCable(host: LabNamespace, peer: LabNamespace, name: string): Promise<void> {
  const run = async (ns: LabNamespace, words: string) => {
    const { code, stderr } = await ns.exec(['ip', ...words.split(' ')])
    assert.equal(code, 0, stderr)
  }
  const far = `peer name ${name} address ${cable.peer.mac} netns ${peer.name}`
  await run(host, `link add ${name} address ${cable.host.mac} type veth ${far}`)
  await run(host, `addr add ${cable.host.v4}/24 dev ${name}`)
  await run(peer, `addr add ${cable.peer.v4}/24 dev ${name}`)
  await run(host, `link set ${name} up`)
  await run(peer, `link set ${name} up`)
  await until(async () => (await host.exec(['ip', 'link', 'show', name])).stdout.includes('LOWER_UP'), {
    what: `${name} carries packets`,
  })
}

/** XDP program id of an interface. */
export async function xdpProgram(ns: LabNamespace, iface = 'eth0'): Promise<number | undefined> {
  const { stdout } = await ns.exec(['ip', '-j', '-d', 'link', 'show', 'dev', iface])
  return JSON.parse(stdout)[0]?.xdp?.prog?.id
}

/** Names below a folder; none where it does not exist. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** Waits until the echo counter of `ns` has grown past `before`. @returns wall time of the first look that saw it, ms */
export async function firstEchoAfter(
  ns: LabNamespace,
  family: Family,
  before: number,
  timeoutMs: number,
): Promise<number> {
  await until(async () => (await echoesSeen(ns))[family] > before, {
    what: 'an echo request reaches the host',
    timeoutMs,
    intervalMs: 20,
  })
  return Date.now()
}

/** Something that ends by itself, and the look at it before that. */
export interface Passing<T> {
  /** Time that is tried first, s. Default 2. */
  readonly seconds?: number
  /** Makes it, for so many seconds. */
  begin(seconds: number): Promise<T>
  /** Throws where something is amiss. */
  look(begun: T): Promise<void>
  /** After a look that came too late: puts back what was before `begin`. */
  again(): Promise<unknown>
}

/**
 * Looks at something while it lasts. On a slow machine its end may come before the look does, which then says nothing:
 * all is done again with twice the time, at most a minute.
 * @returns what the last `begin` gave
 */
export async function whileItLasts<T>({ seconds = 2, begin, look, again }: Passing<T>): Promise<T> {
  const beganMs = performance.now()
  const begun = await begin(seconds)
  try {
    await look(begun)
    return begun
  } catch (error) {
    const isOver = performance.now() - beganMs >= seconds * 1_000
    if (!isOver || seconds > 30) throw error
  }
  await again()
  return whileItLasts({ seconds: seconds * 2, begin, look, again })
}
