/** Floods in the name of others: whoever owns the address stays served, the flood is held back, and nobody is banned. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab, until } from '../../../lab/namespaces.js'
import { tcpPacket, udpPacket } from '../../../lab/packet.js'
import { decisionAgainst, eventually, lengthS, program, reload, summaryOf } from './attacks.js'
import {
  connects,
  datagramsSeen,
  type Json,
  openSite,
  type Site,
  sendOn,
  serveHttp,
  skipE2e,
  startMs,
} from './harness.js'

const host = '10.77.0.1'
const resolver = '10.77.0.53'
const stepS = 5
const limitPps = 50
const floodPps = 2_500
const questionsPerS = 20

/** Two floods are found within two seconds, and a step is over in five. */
const config = `
[guards]
resolvers = ["${resolver}"]
[policy]
limit_pps = ${limitPps}
step_s = ${stepS}
[detect.syn_flood]
window_s = 1
[detect.udp_flood]
window_s = 1
[detect.rate]
window_s = 1
`

/** Answers and timeouts that a program has told so far, with `--progress`. */
function progressOf(running: LabProcess): Json {
  const lines = running.stdout.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines.map((line) => JSON.parse(line)).findLast(({ event }) => event === 'progress') ?? {}
}

describe('floods in the name of others', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let client: LabNamespace
  let attacker: LabNamespace
  let visitor: LabProcess
  let questions: LabProcess
  const floods: { stop(): Promise<number> }[] = []

  const link = () => ({ srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string, dst: host })
  const flood = (frame: Uint8Array, ...args: string[]) => {
    const running = sendOn(attacker, { frame, rate: floodPps, args })
    floods.push(running)
    return running
  }
  const decisions = async (...args: string[]): Promise<Json[]> =>
    (await site.ok('decisions', 'list', '--last', '1000', ...args)).decisions

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2espoof' })
    server = lab.ns('server')
    client = lab.ns('client')
    attacker = lab.ns('attacker')
    site = openSite(server, 'spoof')
    const added = await client.exec(['ip', 'addr', 'add', `${resolver}/24`, 'dev', 'eth0'])
    assert.equal(added.code, 0, added.stderr)
    const names = client.spawn(program('udp-echo', '--port', '53', '--bind', resolver, '--duration', '600'))
    await Promise.all([site.start({ config }), serveHttp(server), names.untilOutput(/listening/, startMs)])
    const asks = [
      '--target',
      host,
      '--port',
      '80',
      '--rate',
      '20',
      '--concurrency',
      '1',
      '--duration',
      '300',
      '--progress',
      '1',
    ]
    visitor = client.spawn(program('http-client', ...asks))
    questions = server.spawn(
      program(
        'udp-questions',
        ...['--target', resolver, '--port', '53', '--rate', `${questionsPerS}`],
        ...['--duration', '300', '--progress', '1'],
      ),
    )
    await eventually('the visit is a proven conversation', async () => {
      const { flows } = await site.ok('flows', '--ip', client.addresses.v4, '--port', '80')
      return flows.some((flow: Json) => flow.path_proven && flow.bytes_fwd > 0 && flow.bytes_bwd > 0)
    })
    await eventually('the resolver answers', () => progressOf(questions).answered > 0)
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('the resolver is limited, its flows spared, and the host gets its answers', async () => {
    const forged = { ...link(), src: resolver, srcPort: 53, dstPort: 9_999, payload: 'x' }
    const running = flood(udpPacket(forged))
    const decision = await decisionAgainst(site, resolver)
    assert.deepEqual(
      [decision.kind, decision.action, decision.limit.per_second, decision.spares_flows, decision.in_kernel],
      ['spoofable', 'limit', limitPps, true, true],
    )
    assert.match(decision.reason, /limited at most: 10\.77\.0\.53 is a configured resolver/)

    const [seenBefore, answeredBefore, sinceMs] = [
      await datagramsSeen(server),
      progressOf(questions).answered,
      Date.now(),
    ]
    const limited = await eventually('the limit keeps most of the flood back', async () => {
      // On a slow machine the one that was seen first may be over.
      return (await decisions('--ip', resolver)).find(({ limit }) => limit.limited > floodPps)
    })
    const seconds = (Date.now() - sinceMs) / 1_000
    const seen = (await datagramsSeen(server)) - seenBefore
    const most = (limitPps + questionsPerS) * (seconds + 1) * 1.2
    assert.ok(seen <= most, `${seen} datagrams in ${seconds} s, of a flood of ${floodPps}/s`)
    assert.ok(limited.limit.passed <= limitPps * (stepS + 2), `${limited.limit.passed} let through`)
    await eventually('the resolver answers', () => progressOf(questions).answered > answeredBefore)
    assert.equal(progressOf(questions).timeout, 0, 'a question went without an answer')
    assert.ok((await running.stop()) > 0)
  })

  test('a client with open connections is limited at first, and goes on over them', async () => {
    flood(
      tcpPacket({ ...link(), src: client.addresses.v4, srcPort: 5_000, dstPort: 81, flags: 'S' }),
      '--random-sport',
    )
    const decision = await decisionAgainst(site, client.addresses.v4, ({ action }) => action === 'limit')
    assert.deepEqual([decision.kind, decision.spares_flows], ['spoofable', true])
    assert.match(decision.reason, /step 1 of 2: limit to 50 packets\/s, sparing flows$/)
    await eventually('idsctl why tells of it', async () =>
      ['limited', 'syn_dropped'].includes((await site.ok('why', client.addresses.v4)).fate),
    )
    const answeredBefore = progressOf(visitor).answered
    await eventually('pages come', () => progressOf(visitor).answered > answeredBefore + questionsPerS)
  })

  test('a flood that goes on has its SYNs dropped: open connections go on, new ones wait for its end', async () => {
    const decision = await decisionAgainst(site, client.addresses.v4, ({ action }) => action === 'syn_drop')
    assert.deepEqual([decision.kind, decision.spares_flows], ['spoofable', true])
    assert.match(decision.reason, /step 2 of 2: SYN drop, sparing flows$/)
    await until(async () => !(await connects(client, host, 80)), {
      what: 'a new one waits',
      timeoutMs: startMs,
    })
    const answeredBefore = progressOf(visitor).answered
    await eventually('pages come', () => progressOf(visitor).answered > answeredBefore + questionsPerS)
    const { ladder } = await site.ok('status')
    assert.ok(ladder.limited_packets > 0 && ladder.syn_dropped_packets > 0, JSON.stringify(ladder))
    assert.ok(ladder.spared_packets > 0, JSON.stringify(ladder))
    assert.ok(((await floods.at(-1)?.stop()) as number) > 0)
    await until(() => connects(client, host, 80), { what: 'a new connection', timeoutMs: startMs })
  })

  test('through all of it nobody was banned, and neither lost a thing', async () => {
    const all = await decisions('--all')
    const made = all.map(({ target, action }) => `${target} ${action}`)
    assert.deepEqual(
      new Set(made),
      new Set([`${resolver} limit`, `${client.addresses.v4} limit`, `${client.addresses.v4} syn_drop`]),
    )
    const visit = await summaryOf(visitor)
    assert.equal(visit.failed, 0, visitor.stdout)
    const asked = await summaryOf(questions)
    assert.equal(asked.timeout, 0, questions.stdout)
  })

  test('an address whose last proven flow is too long ago is dropped, for a short time', async () => {
    await reload(site, config.replace('[policy]', '[policy]\nproof_lasts_s = 1\nunproven_block_s = 3'))
    const frame = { ...link(), src: client.addresses.v4, srcPort: 5_000, dstPort: 82, flags: 'S' } as const
    const running = flood(tcpPacket(frame), '--random-sport')
    const decision = await decisionAgainst(site, client.addresses.v4, ({ action }) => action === 'drop')
    assert.deepEqual([decision.kind, decision.spares_flows, lengthS(decision)], ['block', false, 3])
    assert.match(decision.reason, /path unproven: at most 3 s/)
    assert.ok((await running.stop()) > 0)
  })

  test('what an operator allowed is not touched, whoever claims to be it', async () => {
    await until(async () => (await decisions('--ip', resolver)).length === 0, {
      what: 'the limit is over',
      timeoutMs: startMs,
    })
    const had = (await decisions('--all', '--ip', resolver)).length
    await site.ok('allow', 'add', resolver, '--log-only', '--reason', 'ours')
    const running = flood(udpPacket({ ...link(), src: resolver, srcPort: 53, dstPort: 9_998, payload: 'x' }))
    await eventually('the guard objects', () =>
      site.log().some(({ msg, source }) => /^not blocked: a guard objects/.test(msg) && source === resolver),
    )
    assert.equal((await decisions('--all', '--ip', resolver)).length, had)
    assert.ok((await running.stop()) > 0)
  })
})
