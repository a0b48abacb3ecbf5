/** A monitor's echo requests: the raw sender sends them, the kernel's counters tell how many were answered. */

import { fileURLToPath } from 'node:url'
import { type Lab, until } from '../namespaces.js'
import type { PartResult } from './run.js'

export interface Pings {
  /** Stops them and counts. */
  stop(): Promise<PartResult>
}

const sender = fileURLToPath(new URL('../send', import.meta.url))
const perSecond = 5

/** Sends from the client's namespace, in which nobody else asks for echoes. */
export async function startPings(lab: Lab, frame: Uint8Array): Promise<Pings> {
  const client = lab.ns('client')
  const replies = async () => repliesIn((await client.exec(['cat', '/proc/net/snmp'])).stdout)
  const before = await replies()
  const hex = Buffer.from(frame).toString('hex')
  const process = client.spawn([
    ...[
      sender,
      'flood',
      '--iface',
      'eth0',
      '--frame',
      hex,
      '--rate',
      String(perSecond),
      '--duration',
      '3600',
    ],
  ])
  return {
    async stop() {
      await process.stop({ signal: 'SIGINT' })
      const { sent } = JSON.parse(process.stdout || '{"sent":0}') as { sent: number }
      const answered = async () => (await replies()) - before
      const missing = async () => sent - (await answered())
      // The last answer may still be on its way.
      await until(async () => (await missing()) <= 0, {
        what: 'every echo is answered',
        timeoutMs: 1_000,
      }).catch(() => {})
      const failed = Math.max(sent === 0 ? 1 : 0, await missing())
      return {
        ...{ who: 'monitor', what: 'pings the server', attempts: sent, failed },
        firstFailure: failed > 0 ? `${failed} echoes were not answered ${process.stderr.trim()}` : undefined,
      }
    },
  }
}

function repliesIn(snmp: string): number {
  const [titles, values] = snmp.split('\n').filter((line) => line.startsWith('Icmp:'))
  return Number(values?.split(' ')[titles?.split(' ').indexOf('InEchoReps') ?? -1])
}
