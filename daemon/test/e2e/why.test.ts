import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { decisionAgainst, framesTaken, program } from './attacks.js'
import { bpftool, type Json, openSite, type Site, skipE2e, startMs, unreadable } from './harness.js'

/** The features of every flow are kept, and what differs is repaired soon. */
const config = `
[store]
sample_percent = 100
[kernel]
reconcile_s = 2
`
const prefix = '10.77.0.2/31'
const stranger = '198.51.100.77'
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))

describe('idsctl why', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2ewhy' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'why')
    await site.start({ config })
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const why = (target: string) => site.ok('why', target)
  const page = async (target: string) => (await site.text(['why', target])).stdout
  const taken = (count: number) => framesTaken(attacker, attacker.addresses.v4, server, { count })

  test('of an address nobody knows it says that it passes, and that nothing is known', async () => {
    const found = await why(stranger)
    assert.deepEqual(
      [found.source, found.fate, found.kernel, found.decisions, found.history, found.alerts, found.undo],
      ['daemon', 'passes', [], [], [], [], []],
    )
    const text = await page(stranger)
    assert.match(
      text,
      /^198\.51\.100\.77 passes: no entry in force covers it\n\nIn the kernel\n {2}no entry\n/,
    )
    assert.match(text, /History\n {2}nothing is known of it\n/)
  })

  test('of a prefix that an operator blocked it names entry, hits, decision, and how to let one through', async () => {
    const { decision } = await site.ok('block', prefix, '--reason', 'why e2e', '--ttl', '10m')
    assert.equal(await taken(30), 0)
    const found = await why(attacker.addresses.v4)
    assert.equal(found.fate, 'dropped')
    const [entry, ...others] = found.kernel
    assert.deepEqual(others, [])
    const { target, kind, action, origin, reason, state, deciding, packets } = entry
    assert.deepEqual(
      { target, kind, action, origin, reason, state, deciding, packets },
      {
        ...{ target: prefix, kind: 'prefix', action: 'drop', origin: 'operator', reason: 'manual' },
        ...{ state: 'in_force', deciding: true, packets: 30 },
      },
    )
    assert.equal(entry.decision, decision.id)
    assert.ok(Math.abs(Date.parse(entry.expires_at) - Date.parse(decision.expires_at)) < 2_000)
    assert.equal(found.decisions[0].reason, 'why e2e')
    assert.deepEqual(found.divergences, [])
    assert.deepEqual(
      found.undo.map(({ command }: Json) => command),
      [`idsctl unblock ${decision.id}`, `idsctl allow add ${attacker.addresses.v4}`],
    )
    assert.match(await page(attacker.addresses.v4), /is dropped by d\d+ \(10\.77\.0\.2\/31\)\n/)
    await site.ok('unblock', decision.id)
    const later = await why(attacker.addresses.v4)
    assert.equal(later.fate, 'passes')
    assert.equal(later.history[0].id, decision.id, 'and the history keeps it')
    assert.equal(later.history[0].packets, 30)
  })

  test('the kernel does what it says, where an allow entry lies in a blocked prefix too', async () => {
    const { decision } = await site.ok('block', prefix)
    await site.ok('allow', 'add', attacker.addresses.v4, '--reason', 'a friend')
    assert.equal(await taken(10), 10)
    const found = await why(attacker.addresses.v4)
    assert.deepEqual([found.fate, found.fate_without_allow], ['allowed', 'dropped'])
    assert.deepEqual(
      found.allows.map(({ target, reason, source, in_kernel }: Json) => [target, reason, source, in_kernel]),
      [[attacker.addresses.v4, 'a friend', 'operator', true]],
    )
    assert.equal(found.undo[0].command, `idsctl allow rm ${attacker.addresses.v4}`)
    const text = await page(attacker.addresses.v4)
    assert.match(text, /is allowed by 10\.77\.0\.\d+\n/)
    assert.match(text, new RegExp(`without it: dropped by ${decision.id}\n`))
    const around = await why(prefix)
    assert.equal(around.fate, 'dropped', 'the prefix itself is not allowed')
    await site.ok('allow', 'rm', attacker.addresses.v4)
    await site.ok('unblock', decision.id)
  })

  test('where a list drops what a decision lets through it names the list, with the daemon or without it', async () => {
    const file = join(site.dir, 'why.txt')
    writeFileSync(file, attacker.addresses.v4)
    await site.ok('import', file, '--list', 'all', '--action', 'observe')
    await site.ok('block', attacker.addresses.v4, '--action', 'limit', '--rate', '1pps')
    assert.equal((await why(attacker.addresses.v4)).fate, 'limited', 'a list that counts hides no limit')
    await site.ok('import', file, '--list', 'bad')
    assert.equal(await taken(10), 0)
    const found = await why(attacker.addresses.v4)
    assert.deepEqual([found.fate, found.kernel[0].deciding], ['dropped', false])
    const text = await page(attacker.addresses.v4)
    assert.match(text, /^10\.77\.0\.\d+ is dropped by the list bad\n/)
    assert.match(text, /bad: drop 10\.77\.0\.\d+, .*; all of it met \d+ packets?, \d+ dropped\n/)
    await site.killHard()
    const { stdout } = await site.text(['why', attacker.addresses.v4, '--bpffs', site.bpffs])
    assert.match(stdout, /\n10\.77\.0\.\d+ is dropped by imported list \d+ on eth0\n/)
    await site.start()
    for (const name of ['all', 'bad']) await site.ok('lists', 'rm', name)
    await site.ok('block', attacker.addresses.v4, '--action', 'reject')
    await site.ok('import', file, '--list', 'bad')
    assert.equal((await why(attacker.addresses.v4)).fate, 'rejected', 'the decision is asked first')
    await site.ok('lists', 'rm', 'bad')
    await site.unblockAll()
  })

  test('what is on trial is undone by a rollback, as it says', async () => {
    await site.ok('block', prefix, '--confirm', '60s')
    const { undo } = await why(attacker.addresses.v4)
    assert.equal(undo[0].command, 'idsctl rollback')
    await site.ok(...undo[0].command.split(' ').slice(1))
    assert.equal((await why(attacker.addresses.v4)).fate, 'passes')
  })

  /** Puts an entry into a map until `why` tells of it: idsd may be faster. @returns what it told */
  const toldOf = (map: string, value: Uint8Array) => {
    const key = hex(Uint8Array.of(24, 0, 0, 0, 198, 51, 100, 0))
    const words = [
      'map',
      'update',
      'pinned',
      site.pin(map),
      'key',
      'hex',
      ...key,
      'value',
      'hex',
      ...hex(value),
    ]
    return until(
      async () => {
        bpftool(...words)
        const { divergences } = await why(stranger)
        return divergences.length > 0 ? (divergences as string[]) : undefined
      },
      { what: `why tells of a stray in ${map}`, timeoutMs: 60_000 },
    )
  }
  const noneTold = () =>
    until(
      async () => {
        const { kernel, divergences } = await why(stranger)
        return kernel.length + divergences.length === 0
      },
      { what: 'the stray entry is gone', timeoutMs: 30_000 },
    )

  test('an entry that somebody else put in is told, and then taken out and counted', async () => {
    const before = (await site.ok('status')).divergences_repaired
    const value = new Uint8Array(64)
    // Decision 4242, action drop, origin operator, reason manual, /24.
    new DataView(value.buffer).setUint32(48, 4242, true)
    value.set([1, 1, 1, 24], 52)
    assert.deepEqual(await toldOf('prefixes4', value), [
      'the kernel holds an entry for 198.51.100.0/24 that no active decision is behind',
    ])
    await noneTold()
    assert.ok((await site.ok('status')).divergences_repaired > before)
    assert.ok(site.log().some(({ entries }) => Array.isArray(entries) && entries.includes('198.51.100.0/24')))
  })

  test('an allow entry that somebody else put in is told, and then taken out', async () => {
    assert.deepEqual(await toldOf('allows4', Uint8Array.of(0x92, 0x10, 0, 0, 1, 1, 0, 0)), [
      'the kernel allows 198.51.100.0/24, which nobody asked for',
    ])
    await noneTold()
  })

  test('of an address that a scan got blocked it shows evidence, flows, and what the model’s score rests on', async () => {
    const scan = attacker.spawn(
      program(
        'connect-scan',
        '--target',
        server.addresses.v4,
        '--duration',
        '20',
        '--ports',
        '1-200',
        '--rate',
        '100',
      ),
    )
    const decision = await decisionAgainst(site, attacker.addresses.v4)
    await scan.stop()
    const found = await until(
      async () => {
        const now = await why(attacker.addresses.v4)
        return now.model_reason === null ? undefined : now
      },
      { what: 'a flow of the scan has its features in the store', timeoutMs: startMs },
    )
    assert.equal(found.fate, 'dropped')
    assert.equal(found.kernel[0].kind, 'exact')
    assert.equal(found.kernel[0].origin, 'detector')
    assert.equal(found.decisions[0].id, decision.id)
    const ports = found.decisions[0].evidence.find(({ detector }: Json) => detector === 'scan_vertical')
    assert.match(ports.text, /distinct TCP ports of .*\(threshold 20 in 15 s\)/)
    assert.ok(ports.flows.length > 0)
    assert.match(found.model.sha256, /^[0-9a-f]{64}$/)
    assert.equal(found.model_reason.method, 'occlusion against the training median')
    const { score, features } = found.model_reason
    assert.ok(score >= 0 && score <= 1)
    assert.ok(features.length > 0, 'some feature moves the score')
    const scores = features.map((feature: Json) => feature.score)
    assert.deepEqual(
      scores,
      scores.toSorted((a: number, b: number) => a - b),
    )
    assert.ok(found.alerts.length > 0)
    const text = await page(attacker.addresses.v4)
    assert.match(text, /what weighed most: occlusion against the training median\n {4}FEATURE +VALUE +MEDIAN/)
    assert.match(text, new RegExp(`Undo\n {2}idsctl unblock ${decision.id} `))
  })

  test('while the daemon hangs it reads the pinned maps too', async () => {
    site.process.kill('SIGSTOP')
    try {
      const args = ['why', attacker.addresses.v4, '--bpffs', site.bpffs, '--timeout', '1s']
      const { json, stderr } = await site.ctl(args)
      assert.match(stderr, /did not answer within 1 s .*; read from the pinned maps/)
      assert.equal(json.interfaces[0].kernel[0].target, attacker.addresses.v4)
    } finally {
      site.process.kill('SIGCONT')
    }
    await until(async () => (await site.ctl(['why', stranger])).code === 0, { what: 'it answers again' })
  })

  test('with the daemon killed it reads the pinned maps, says so, and leaves them as they are', async () => {
    const alive = await why(attacker.addresses.v4)
    const { decision: six } = await site.ok('block', '2001:db8::77', '--reason', 'an IPv6 address')
    await site.killHard()
    const dead = await site.ctl(['why', attacker.addresses.v4, '--bpffs', site.bpffs])
    assert.equal(dead.code, 0, dead.stderr)
    assert.match(dead.stderr, /idsd is not running.*read from the pinned maps in/)
    assert.equal(dead.json.source, 'pinned maps')
    const [eth0] = dead.json.interfaces
    assert.deepEqual([eth0.interface, eth0.attached, eth0.fate], ['eth0', true, 'dropped'])
    assert.equal(eth0.kernel[0].decision, alive.kernel[0].decision)
    assert.ok(Math.abs(Date.parse(eth0.kernel[0].expires_at) - Date.parse(alive.kernel[0].expires_at)) <= 5)
    const found = (await site.ctl(['why', '2001:db8::77', '--bpffs', site.bpffs])).json.interfaces[0]
    assert.deepEqual(
      [found.kernel[0].decision, found.kernel[0].kind, found.fate],
      [six.id, 'exact', 'dropped'],
    )
    assert.equal(await taken(10), 0)
    const after = (await site.ctl(['why', attacker.addresses.v4, '--bpffs', site.bpffs])).json
    assert.equal(after.interfaces[0].kernel[0].packets, eth0.kernel[0].packets + 10)
    const { stdout } = await site.text(['why', attacker.addresses.v4, '--bpffs', site.bpffs])
    assert.match(
      stdout,
      /^idsd does not answer: this is read from the pinned maps, and nothing was changed\.\n/,
    )
  })

  test('who may not read the pins is told so, and not that nothing is enforced', {
    skip: unreadable(),
  }, async () => {
    const before = ['setpriv', '--reuid=65534', '--clear-groups']
    const { code, stderr } = await site.ctl(['why', stranger, '--bpffs', site.bpffs], { before })
    assert.equal(code, 5)
    assert.match(stderr, /pinned maps in .* cannot be read: run the command through sudo/)
  })

  test('with neither a daemon nor pins it is unreachable, and says where it looked', async () => {
    const { code, stderr } = await site.ctl(['why', stranger, '--bpffs', '/sys/fs/bpf/idsd-nothing-here'])
    assert.equal(code, 5)
    assert.match(stderr, /there are no pinned maps in \/sys\/fs\/bpf\/idsd-nothing-here/)
  })
})
