/** What tests of judgement do to a host of the lab, and how they look at what came of it. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LabNamespace, type LabProcess, until } from '../../../lab/namespaces.js'
import { echo, echoesSeen, familyOf, type Json, root, type Site, send, startMs } from './harness.js'

/** Command line of a program of the lab. */
export function program(name: string, ...args: string[]): string[] {
  return [process.execPath, join(root, 'build/lab/programs', `${name}.js`), ...args]
}

/** `from` as if `address` were its main address of that family. */
export function inTheNameOf(from: LabNamespace, address: string): LabNamespace {
  return { ...from, addresses: { ...from.addresses, [familyOf(address)]: address } }
}

/** How many echo requests in the name of `source` the host takes, of 20 or `count`, sent at `rate` a second. */
export async function framesTaken(
  from: LabNamespace,
  source: string,
  host: LabNamespace,
  { count = 20, rate = 1_000 } = {},
): Promise<number> {
  const family = familyOf(source)
  const before = (await echoesSeen(host))[family]
  const taken = async () => (await echoesSeen(host))[family] - before
  await send(from, { frame: echo(inTheNameOf(from, source), host, family), count, rate })
  if ((await taken()) === count) return count
  // Some may be on their way still, where this machine is busy.
  await sleep(50)
  return taken()
}

/** Looks until there is something, and gives it. */
export function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  return until(look, { what, timeoutMs: startMs, intervalMs: 100 }) as Promise<NonNullable<T>>
}

/** The newest decision against an address, with its evidence; waits for one that `isMeant`. */
export async function decisionAgainst(
  site: Site,
  address: string,
  isMeant: (decision: Json) => boolean = () => true,
): Promise<Json> {
  const { id } = await eventually(`a decision against ${address}`, async () =>
    (await site.ok('decisions', 'list', '--ip', address)).decisions.find(isMeant),
  )
  return site.ok('decisions', 'get', id)
}

/** Alerts about an address, newest first; waits for one. */
export async function alertsAbout(site: Site, address: string, ...args: string[]): Promise<Json[]> {
  return eventually(`an alert about ${address}`, async () => {
    const { alerts } = await site.ok('alerts', '--ip', address, ...args)
    return alerts.length > 0 ? alerts : undefined
  })
}

/** Length that a decision was made for, seconds. */
export function lengthS({ created_at, expires_at }: Json): number {
  return (Date.parse(expires_at) - Date.parse(created_at)) / 1_000
}

/** Values of the metrics of a daemon that serves them at 127.0.0.1:9478, by name with labels. */
export async function metricsOf(ns: LabNamespace): Promise<Map<string, number>> {
  const script = `fetch('http://127.0.0.1:9478/metrics').then(async (r) => process.stdout.write(await r.text()))`
  const { code, stdout, stderr } = await ns.exec([process.execPath, '-e', script], { timeoutMs: startMs })
  assert.equal(code, 0, stderr)
  const samples = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

/** Gives a daemon that runs another configuration. */
export async function reload(site: Site, config: string): Promise<void> {
  const before = site.log().length
  site.writeConfig(config)
  site.process.kill('SIGHUP')
  const told = () => site.log().slice(before)
  await eventually('SIGHUP is taken', () => told().some(({ msg }) => /reloaded/.test(msg)))
}

/** Stops a program of the lab, and gives its last line. */
export async function summaryOf(running: LabProcess): Promise<Json> {
  await running.stop({ signal: 'SIGINT', graceMs: 10_000 })
  return JSON.parse(running.stdout.trim().split('\n').at(-1) as string)
}

/** A real client: prints `answered`, or why a connection, or a connected datagram's answer, fails. */
const client = `
import errno, socket, sys
kind, source, address, port, seconds = sys.argv[1:]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM if kind == 'tcp' else socket.SOCK_DGRAM)
s.settimeout(int(seconds))
if source:
    s.bind((source, 0))
try:
    s.connect((address, int(port)))
    if kind == 'udp':
        s.send(b'x')
        s.recv(10)
    print('answered')
except socket.timeout:
    print('ETIMEDOUT')
except OSError as error:
    print(errno.errorcode[error.errno])
`

/**
 * What a real client on `from` is told by port 9 of an address.
 * @param source its own address; '' = the kernel's choice
 * @returns `answered`, or the name of the error
 */
export async function toldBy(
  from: LabNamespace,
  kind: 'tcp' | 'udp',
  { source = '', address, seconds }: { source?: string; address: string; seconds: number },
): Promise<string> {
  const words = ['-c', client, kind, source, address, '9', `${seconds}`]
  const { stdout, stderr } = await from.exec(['python3', ...words])
  assert.equal(stderr, '')
  return stdout.trim()
}
