/** XDP against iptables: the same frames of the same 10,000 blocked sources, from one namespace into another. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type LabNamespace, openLab } from '../lab/namespaces.js'
import type { BenchContext } from './kernel-rows.js'
import { type Round, summarize } from './measure.js'

const name = 'drop_vs_iptables_10k'
const sources = 10_000
const mostRounds = 5
const helper = fileURLToPath(new URL('veth-end.js', import.meta.url))

/** `inside` sends, `gateway` drops: the pair of the lab with no switch between its ends. */
const target = { device: 'eth1', address: '10.77.1.1' }

export async function measureVeth(context: BenchContext): Promise<void> {
  if (!context.wants(name)) return
  await using lab = await openLab({ topology: 'gateway', tag: 'bench' })
  const gateway = lab.ns('gateway')
  const inside = lab.ns('inside')
  // Without a program on the receiving end frames enter by NAPI only when GRO is on.
  await need(gateway, ['ethtool', '-K', target.device, 'gro', 'on'])
  await need(gateway, [restoreCommand(), '--noflush'], rules())

  const flood = async (frames: number): Promise<number> => {
    const before = await received(gateway)
    const mac = gateway.macs[target.device]!
    const argv = ['send', 'eth0', mac, target.address, String(sources), String(frames)]
    const { stdout } = await need(inside, [process.execPath, helper, ...argv])
    const arrived = (await received(gateway)) - before
    if (arrived < frames * 0.98) throw new Error(`${name}: ${arrived} of ${frames} frames arrived`)
    return (JSON.parse(stdout) as { ns: number }).ns
  }
  const rounds: Round[] = []
  for (let round = 0; round < Math.min(context.rounds, mostRounds); round++) {
    const dropper = gateway.spawn([process.execPath, helper, 'drop', target.device, String(sources)])
    await dropper.untilOutput(/ready/, 20_000)
    const base = await flood(2_000_000)
    await dropper.stop()
    const value = await flood(40_000)
    rounds.push({ base, value })
  }
  context.emit(summarize({ name, unit: 'ns', goal: 50, isGain: true }, rounds))
}

/** The older backend where it is there: it walks a list of rules faster. */
function restoreCommand(): string {
  const legacy = 'iptables-legacy-restore'
  return spawnSync(legacy, ['--version']).error === undefined ? legacy : 'iptables-restore'
}

function rules(): string {
  const lines = Array.from(
    { length: sources },
    (_unused, i) => `-A INPUT -s 10.0.${i >> 8}.${i & 255} -j DROP`,
  )
  return ['*filter', ...lines, 'COMMIT', ''].join('\n')
}

async function need(space: LabNamespace, argv: readonly string[], input = '') {
  const result = await space.exec(argv, { input, timeoutMs: 60_000 })
  if (result.code !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr.trim()}`)
  return result
}

async function received(space: LabNamespace): Promise<number> {
  const { stdout } = await need(space, ['ip', '-s', '-j', 'link', 'show', 'dev', target.device])
  const [link] = JSON.parse(stdout) as [{ stats64: { rx: { packets: number } } }]
  return link.stats64.rx.packets
}
