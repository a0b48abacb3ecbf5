/**
 * A daemon that guards one end of veth pairs without addresses, and keeps the features of every flow. Who deletes a pair
 * ends its flows: they are told as the interface is lost.
 */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type LabNamespace, until } from '../../../lab/namespaces.js'
import { type ExportedRow, exportedRows } from './flow-rows.js'
import { callMs, type Json, type Site } from './harness.js'

/** Nothing is blocked, nothing is scored, everything is kept. */
const config = `
mode = "detect"
[model]
dir = "none"
[store]
sample_percent = 100
`

/** Runs `ip` in a namespace; it must succeed. */
export async function ip(ns: LabNamespace, words: string): Promise<void> {
  const { code, stderr } = await ns.exec(['ip', ...words.split(' ')])
  assert.equal(code, 0, `ip ${words}: ${stderr}`)
}

/** No address, no neighbour discovery: on a line there is only what is sent on purpose. */
export async function layBareLine(near: LabNamespace, far: LabNamespace, name: string): Promise<void> {
  await ip(near, `link add ${name} type veth peer name ${name} netns ${far.name}`)
  for (const ns of [near, far]) {
    await ns.exec(['sysctl', '-q', '-w', `net.ipv6.conf.${name}.disable_ipv6=1`])
    await ip(ns, `link set ${name} up`)
  }
  await until(async () => (await near.exec(['ip', 'link', 'show', name])).stdout.includes('LOWER_UP'), {
    what: `${name} carries packets`,
  })
}

/** Starts the daemon on lines that lie. */
export async function guardLines(site: Site, interfaces: readonly string[]): Promise<void> {
  await site.start({ interfaces, config, args: ['--flows', '4096'] })
}

/** What a daemon has of lines that were deleted. */
export interface Cut {
  readonly rows: readonly ExportedRow[]
  /** Packets that left through all lines; one that is cut up further on counts once. */
  readonly egressPackets: number
  /** Packets that two CPUs brought to one flow at once, and of which one is missing in it. */
  readonly lockMissed: number
}

/** Deletes the lines, and waits until every flow that the kernel counted has been stored as over. */
export async function cutLines(
  site: Site,
  guarded: LabNamespace,
  interfaces: readonly string[],
): Promise<Cut> {
  for (const name of interfaces) await ip(guarded, `link del ${name}`)
  const areDown = ({ interfaces: states }: Json) => states.every((one: Json) => one.xdp_mode === 'down')
  await until(async () => areDown(await site.ok('status')), {
    what: 'the loss of every line is told',
    timeoutMs: callMs,
  })
  const { lost, new_flows_total: flows, traffic } = await site.ok('status')
  const { lock_missed: lockMissed, ...others } = lost
  assert.deepEqual(
    Object.entries(others).filter(([, count]) => count !== 0),
    [],
    'nothing is lost',
  )
  const path = join(site.dir, 'flows.csv')
  const rows = await until(
    async () => {
      const { code, stderr } = await site.text(['flows', 'export', '--features', '-o', path])
      assert.equal(code, 0, stderr)
      const found = exportedRows(path)
      return found.filter(({ isOver }) => isOver).length === flows ? found : undefined
    },
    { what: `${flows} flows are exported as over`, timeoutMs: callMs },
  )
  return { rows, egressPackets: traffic.passed_packets_egress, lockMissed }
}
