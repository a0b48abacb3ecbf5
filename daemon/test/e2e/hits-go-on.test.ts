import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { buildOtherLayout, type OtherLayout } from '../other-layout.js'
import { createRandom } from '../random.js'
import {
  echo,
  type Family,
  type Json,
  namesIn,
  openSite,
  type Site,
  send,
  sendOn,
  skipE2e,
  startMs,
} from './harness.js'

/** What a source is kept back by. */
type Kind = 'address' | 'ipv6' | 'prefix' | 'prefix6' | 'limit' | 'list' | 'list6'

describe('hits of decisions and lists', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let other: OtherLayout
  const sources = new Map<Kind, string>()
  const sent = new Map<Kind, number>()

  before(async () => {
    other = buildOtherLayout()
    lab = await openLab({ topology: 'host', tag: 'e2ehits', extraAddresses: 8 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'hits')
    site.writeConfig('mode = "detect"\n')
    const of = (family: Family) =>
      attacker.addresses.all.filter((address) => address.includes(':') === (family === 'v6')).slice(1)
    const [v4, v6] = [of('v4'), of('v6')]
    const kinds = { address: v4[0], prefix: v4[2], limit: v4[4], list: v4[6] }
    const kinds6 = { ipv6: v6[0], prefix6: v6[2], list6: v6[4] }
    for (const [kind, address] of Object.entries({ ...kinds, ...kinds6 }))
      sources.set(kind as Kind, address as string)
  })

  after(async () => {
    await site?.close()
    await lab?.close()
    other?.[Symbol.dispose]()
  })

  const source = (kind: Kind) => sources.get(kind) as string
  const frame = (kind: Kind) => {
    const address = source(kind)
    const family: Family = address.includes(':') ? 'v6' : 'v4'
    return echo({ ...attacker, addresses: { ...attacker.addresses, [family]: address } }, server, family)
  }
  const note = (kind: Kind, count: number) => void sent.set(kind, (sent.get(kind) ?? 0) + count)
  /** Another number from each source, so that one is not taken for another. */
  const sendEach = async (least: number) => {
    const sending = [...sources.keys()].map(async (kind, i) => {
      await send(attacker, { frame: frame(kind), count: least + i, rate: 20_000 })
      note(kind, least + i)
    })
    await Promise.all(sending)
  }
  /** Sends from every source at a steady rate until it is stopped. */
  const sendSteadily = () => {
    const senders = [...sources.keys()].map((kind) => ({
      kind,
      sender: sendOn(attacker, { frame: frame(kind), rate: 500 }),
    }))
    return async () => {
      for (const { kind, sender } of senders) note(kind, await sender.stop())
    }
  }
  const targetOf = (kind: Kind) => {
    if (kind === 'prefix')
      return source(kind).replace(/\.\d+$/, (last) => `.${Number(last.slice(1)) & ~1}/31`)
    return kind === 'prefix6' ? `${source(kind)}/127` : source(kind)
  }

  /** Packets and bytes of each kind, as idsctl tells them. */
  const told = async (): Promise<Record<string, [number, number]>> => {
    const { decisions } = await site.ok('decisions', 'list')
    const { lists } = await site.ok('lists')
    const rows = new Map<string, Json>(decisions.map((one: Json) => [one.target, one]))
    for (const list of lists) rows.set(list.name, list)
    return Object.fromEntries(
      [...sources.keys()].map((kind) => {
        const row = rows.get(kind.startsWith('list') ? kind : targetOf(kind))
        assert.ok(row !== undefined, `${kind} is told of: ${[...rows.keys()]}`)
        return [kind, [row.packets ?? row.hits, row.bytes]]
      }),
    )
  }
  const expected = () =>
    Object.fromEntries(
      [...sources.keys()].map((kind) => {
        const packets = sent.get(kind) ?? 0
        return [kind, [packets, packets * frame(kind).length]]
      }),
    )
  const check = async (what: string) => assert.deepEqual(await told(), expected(), what)

  const block = async () => {
    for (const kind of ['address', 'ipv6', 'prefix', 'prefix6'] as const)
      await site.ok('block', targetOf(kind))
    await site.ok('block', source('limit'), '--action', 'limit', '--rate', '10pps')
    await importList('list')
    await importList('list6')
  }
  const importList = async (kind: 'list' | 'list6') => {
    const path = join(site.dir, `${kind}.txt`)
    writeFileSync(path, `${source(kind)}\n`)
    await site.ok('import', path, '--list', kind)
  }

  test('are what was met, through kill -9, a time without a daemon, restart and upgrade', async () => {
    await site.start({ program: other.program })
    await block()
    await sendEach(20)
    await check('at first')
    const steps: readonly (readonly [string, () => Promise<unknown>, readonly string[] | undefined])[] = [
      ['kill -9', () => site.killHard(), other.program],
      ['stop and upgrade', () => site.stop(), undefined],
      ['kill -9 after an upgrade', () => site.killHard(), undefined],
    ]
    for (const [step, end, program] of steps) {
      // Some of it is stored by then, and some is not.
      await sendEach(30)
      // What the table has counted that is swapped out is not lost with it.
      await importList('list')
      await end()
      await sendEach(50)
      const stop = sendSteadily()
      await site.start(program === undefined ? {} : { program })
      await stop()
      await check(step)
    }
    const { decisions } = await site.ok('decisions', 'list')
    const { limit } = decisions.find(({ target }: Json) => target === source('limit'))
    assert.equal(limit.passed + limit.limited, sent.get('limit'))
    for (const kind of ['address', 'prefix6'] as const) {
      const page = await site.ok('why', source(kind))
      const entry = page.kernel.find(({ target }: Json) => target === targetOf(kind))
      assert.deepEqual([entry.packets, entry.bytes], expected()[kind])
    }
  })

  test('are what was met, whatever instant a starting daemon is killed at', async () => {
    const random = createRandom(Number(process.env.IDSD_SEED ?? 11))
    const patience = { timeoutMs: startMs, intervalMs: 1 }
    const stop = sendSteadily()
    await site.killHard()
    for (let i = 0; i < 4; i++) {
      const program = i % 2 === 0 ? other.program : undefined
      const starting = server.spawn(site.argv(program === undefined ? {} : { program }))
      const isSwitching = () =>
        namesIn(site.bpffs).includes('eth0%next') || starting.stdout.includes('idsd runs in mode')
      await until(isSwitching, { what: 'pins are made', ...patience })
      const waitMs = random.next() * 60
      await Promise.race([starting.exited, new Promise((resolve) => setTimeout(resolve, waitMs))])
      starting.kill('SIGKILL')
      await starting.exited
    }
    await site.start()
    await stop()
    await check('after four killed starts')
    await until(() => namesIn(site.bpffs).length === 1, { what: 'nothing is left of the half starts' })
    await check('when the earlier maps are gone')
    await site.stop()
  })
})
