/**
 * The real daemon on one end of a veth pair, and raw senders on both ends: what a bench of the whole chain stands on. The
 * frames carry a foreign MAC address, so that only the programs under test take them.
 */

import { readFileSync } from 'node:fs'
import { openSite, type Site, sendPath } from '../../daemon/test/e2e/harness.js'
import { type LabNamespace, type LabProcess, openLab, until } from '../../lab/namespaces.js'

const strangerMac = '02:00:00:00:00:99'
const metricsPort = 9479

/** What one sender says at its end. */
export interface SendReport {
  readonly sent: number
  readonly dropped: number
}

export interface Conversations {
  readonly perSecond: number
  readonly seconds: number
  /** Share by UDP, percent. Default 50. */
  readonly udpPercent?: number
}

export interface Pair extends AsyncDisposable {
  readonly site: Site
  readonly guarded: LabNamespace
  readonly stranger: LabNamespace
  /** Begins a moment ahead, so that both ends begin together. Wall time, ms. */
  soonMs(): number
  /** Both halves of short conversations. Resolves when all were sent. */
  converse(load: Conversations, startAtMs: number): Promise<readonly SendReport[]>
  /** Both halves of a capture: frames from `clients`, a prefix, come from outside, the others from the guarded end. */
  replay(capture: string, clients: string, startAtMs: number): Promise<readonly SendReport[]>
  /** All samples of /metrics, labels in the name. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** CPU seconds that the daemon has used, and its resident memory, bytes. */
  usage(): { readonly cpuSeconds: number; readonly rssBytes: number }
}

const ticksPerSecond = 100
const pageBytes = 4_096

/** @param args more flags of idsd; its own defaults stand otherwise */
export async function openPair(name: string, args: readonly string[] = []): Promise<Pair> {
  const lab = await openLab({ topology: 'gateway', tag: name })
  const guarded = lab.ns('gateway')
  const stranger = lab.ns('inside')
  const site = openSite(guarded, name)
  const metricsListen = ['--metrics-listen', `127.0.0.1:${metricsPort}`]
  const close = async () => {
    await site.close()
    await lab.close()
  }
  try {
    await site.start({
      interfaces: ['eth1'],
      args: [...args, ...(args.includes('--flows') ? [] : ['--flows', 'auto']), ...metricsListen],
    })
  } catch (error) {
    await close()
    throw error
  }

  const sender = (from: LabNamespace, words: readonly string[]): LabProcess =>
    from.spawn([sendPath, ...words, '--dst-mac', strangerMac])

  async function ended(senders: readonly LabProcess[], timeoutMs: number): Promise<SendReport[]> {
    await until(() => senders.every(({ exit }) => exit !== undefined), { what: 'the senders end', timeoutMs })
    return senders.map(({ exit, stdout, stderr }) => {
      if (exit?.code !== 0) throw new Error(`send ended with ${exit?.code}: ${stderr}`)
      return JSON.parse(stdout) as SendReport
    })
  }

  return {
    site,
    guarded,
    stranger,
    soonMs: () => Date.now() + 500,
    converse: ({ perSecond, seconds, udpPercent = 50 }, startAtMs) => {
      const words = (iface: string, side: string) => [
        ...['flows', '--iface', iface, '--side', side, '--rate', `${perSecond}`, '--duration', `${seconds}`],
        ...['--udp', `${udpPercent}`, '--start-at-ms', `${startAtMs}`],
      ]
      const both = [sender(stranger, words('eth0', 'client')), sender(guarded, words('eth1', 'server'))]
      return ended(both, (seconds + 30) * 1_000)
    },
    replay: (capture, clients, startAtMs) => {
      const words = (iface: string, which: string) => [
        ...['replay', '--iface', iface, capture, which, clients, '--start-at-ms', `${startAtMs}`],
      ]
      return ended(
        [sender(stranger, words('eth0', '--only-src')), sender(guarded, words('eth1', '--not-src'))],
        120_000,
      )
    },
    async metrics() {
      const { stdout } = await guarded.exec(['curl', '-sS', `http://127.0.0.1:${metricsPort}/metrics`])
      const samples = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
      return new Map(
        samples.map((line) => {
          const at = line.lastIndexOf(' ')
          return [line.slice(0, at), Number(line.slice(at + 1))] as const
        }),
      )
    },
    usage() {
      const { pid } = site.process
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number)
      return {
        cpuSeconds: ((fields[11] as number) + (fields[12] as number)) / ticksPerSecond,
        rssBytes: (fields[21] as number) * pageBytes,
      }
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Sum of all samples of one metric, or of those whose labels hold a text. */
export function total(samples: ReadonlyMap<string, number>, name: string, label = ''): number {
  let sum = 0
  for (const [key, value] of samples) {
    if ((key === name || key.startsWith(`${name}{`)) && key.includes(label)) sum += value
  }
  return sum
}
