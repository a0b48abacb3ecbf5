/** The ladder of actions against a real attacker, with seconds in place of minutes, and on an operator's word. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, type LabProcess, openLab } from '../../../lab/namespaces.js'
import { eventually, inTheNameOf, lengthS, program } from './attacks.js'
import { echo, echoesSeen, type Json, openSite, type Site, sendOn, skipE2e, startMs } from './harness.js'

const host = '10.77.0.1'
const attackerAddress = '10.77.0.3'
const stepS = 1
const blockS = 2
const decayS = 2
const steps = ['count', 'limit', 'drop']

const config = `
[policy]
ladder = ["observe", "limit", "drop"]
limit_pps = 200
step_s = ${stepS}
block_s = ${blockS}
max_block_s = ${blockS}
decay_s = ${decayS}
unproven_block_s = 1
[detect.login]
connections = 4
window_s = 5
`

describe('the ladder', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let attack: LabProcess

  const startAttack = () =>
    attacker.spawn(
      program(
        'login-bruteforce',
        '--target',
        host,
        '--service',
        'ssh',
        '--port',
        '22',
        '--rate',
        '30',
        '--duration',
        '120',
      ),
    )
  /** Decisions against the attacker, the oldest first. */
  const made = async (): Promise<Json[]> => {
    const found = await site.ok('decisions', 'list', '--all', '--last', '1000', '--ip', attackerAddress)
    return found.decisions.toReversed()
  }
  const nth = (number: number) =>
    eventually(`decision ${number} against the attacker`, async () => (await made())[number - 1])

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2eladder', extraAddresses: 2 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'ladder')
    const logins = server.spawn(
      program('login-server', '--service', 'ssh', '--port', '22', '--duration', '600'),
    )
    await Promise.all([site.start({ config }), logins.untilOutput(/./, startMs)])
    attack = startAttack()
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('is climbed one step with each repetition, and its end is kept', async () => {
    const found: Json[] = []
    for (const number of [1, 2, 3, 4]) found.push(await nth(number))
    assert.deepEqual(
      found.map(({ action }) => action),
      [...steps, 'drop'],
    )
    assert.deepEqual(found.map(lengthS), [stepS, stepS, blockS, blockS])
    for (const [i, { reason }] of found.entries())
      assert.match(reason, new RegExp(`; step ${Math.min(i + 1, 3)} of 3: ${steps[Math.min(i, 2)]}`))
    // Each begins when the one before is over, and not sooner.
    for (const [i, { created_at }] of found.entries()) {
      if (i > 0) assert.ok(Date.parse(created_at) >= Date.parse(found[i - 1].expires_at))
    }
  })

  test('a ban ends when it was to end, though it is hit all the while', async () => {
    const ban = await nth(4)
    const hit = await eventually('the ban is hit', async () => {
      const now = await site.ok('decisions', 'get', ban.id)
      return now.packets > 0 ? now : undefined
    })
    assert.equal(hit.expires_at, ban.expires_at)
    const over = await eventually('the ban is over', async () => {
      const now = await site.ok('decisions', 'get', ban.id)
      return now.state === 'expired' ? now : undefined
    })
    assert.equal(over.expires_at, ban.expires_at)
    const lateMs = Date.parse(over.ended_at) - Date.parse(ban.expires_at)
    assert.ok(lateMs >= 0 && lateMs < 3_000, `it ended ${lateMs} ms after its time`)
  })

  test('after quiet the source begins at the first step again', async () => {
    await attack.stop({ signal: 'SIGINT', graceMs: 10_000 })
    // What the attack left may be told, and decided on, for a while.
    const quietMs = (steps.length * decayS + 0.5) * 1_000
    await eventually('nothing stood for a while', async () =>
      (await made()).every(({ expires_at }) => Date.now() > Date.parse(expires_at) + quietMs),
    )
    const before = (await made()).length
    attack = startAttack()
    const again = await nth(before + 1)
    assert.equal(again.action, 'count')
    assert.match(again.reason, /; step 1 of 3: count$/)
    await attack.stop({ signal: 'SIGINT', graceMs: 10_000 })
  })

  test('an operator limits an address, sees what passed and what did not, and undoes it', async () => {
    const address = '10.77.0.17'
    const block = await site.ok('block', address, '--action', 'limit', '--rate', '50pps')
    assert.deepEqual(
      [block.decision.action, block.decision.limit],
      ['limit', { unit: 'packets', per_second: 50, passed: 0, limited: 0 }],
    )
    const before = (await echoesSeen(server)).v4
    const beganMs = Date.now()
    const running = sendOn(attacker, { frame: echo(inTheNameOf(attacker, address), server), rate: 1_000 })
    const found = await eventually('a thousand packets are kept back', async () => {
      const now = await site.ok('decisions', 'get', block.decision.id)
      return now.limit.limited >= 1_000 ? now : undefined
    })
    assert.ok((await running.stop()) > 1_000)
    const seconds = (Date.now() - beganMs) / 1_000
    const taken = (await echoesSeen(server)).v4 - before
    assert.ok(taken > 0 && taken <= 50 * seconds + 2, `${taken} in ${seconds} s`)
    assert.ok(found.limit.passed > 0 && found.limit.passed <= taken)
    const page = await site.text(['decisions', 'get', block.decision.id])
    assert.match(page.stdout, /action +limit 50pps\n/)
    assert.match(page.stdout, /hits .* seen: [\d,]+ packets let through, [\d,]+ kept back/)
    const why = await site.ok('why', address)
    assert.deepEqual(
      [why.fate, why.kernel[0].action, why.kernel[0].limit.per_second],
      ['limited', 'limit', 50],
    )
    const undone = await site.text(['unblock', block.decision.id])
    assert.match(undone.stdout, /undo {2}idsctl block 10\.77\.0\.17 .*--action limit --rate 50pps\n/)
    const audit = await site.ok('audit', '--last', '2')
    assert.ok(audit.rows.some(({ detail }: Json) => /^limit to 50 packets\/s until unblocked/.test(detail)))
  })
})
