import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { decisionAgainst, eventually, framesTaken, program } from './attacks.js'
import { type Json, openSite, type Site, serveHttp, skipE2e, startMs } from './harness.js'

const host = 'fd77::1'
/** Two customers: of one /64 everybody attacks, in the other lives somebody who does not. */
const bad = '2001:db8:77::'
const mixed = '2001:db8:78::'
const honest = `${mixed}abc`

/** One round of guesses blocks. */
const config = `
[detect.login]
connections = 5
points = 120
`

describe('IPv6 /64', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  const run = async (ns: LabNamespace, line: string) => {
    const { code, stderr } = await ns.exec(line.split(' '))
    assert.equal(code, 0, `${line}: ${stderr}`)
  }
  const guess = async (address: string) => {
    const words = ['--target', host, '--service', 'ssh', '--port', '22', '--bind', address]
    const running = attacker.spawn(program('login-bruteforce', ...words, '--rate', '20', '--count', '12'))
    await running.exited
  }
  const taken = (address: string) => framesTaken(attacker, address, server)
  const decided = async (target: string): Promise<Json[]> =>
    (await site.ok('decisions', 'list', '--ip', target)).decisions

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2esite' })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    for (const prefix of [bad, mixed]) {
      for (const last of ['1', '2', '3', '4', 'abc'])
        await run(attacker, `ip -6 addr add ${prefix}${last}/64 dev eth0 nodad`)
      await run(server, `ip -6 route add ${prefix}/64 dev eth0`)
    }
    site = openSite(server, 'site')
    const logins = server.spawn(
      program('login-server', '--service', 'ssh', '--port', '22', '--duration', '600'),
    )
    await Promise.all([site.start({ config }), serveHttp(server), logins.untilOutput(/./, startMs)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('two blocked addresses are two entries, the third makes one of the /64', async () => {
    for (const last of [1, 2]) {
      await guess(`${bad}${last}`)
      const made = await decisionAgainst(site, `${bad}${last}`)
      assert.deepEqual([made.target, made.action], [`${bad}${last}`, 'drop'])
    }
    assert.equal(await taken(`${bad}4`), 20)
    await guess(`${bad}3`)
    const made = await decisionAgainst(site, `${bad}3`)
    assert.deepEqual(
      [made.target, made.action, made.kind, made.in_kernel],
      [`${bad}/64`, 'drop', 'block', true],
    )
    assert.match(made.reason, /^3 addresses of 2001:db8:77::\/64 within 600 s \(threshold 3\): /)
    const sources = new Set(made.evidence.flatMap(({ flows }: Json) => flows.map(({ src }: Json) => src)))
    assert.deepEqual(sources, new Set([1, 2, 3].map((last) => `${bad}${last}`)))
    assert.ok(made.evidence.every(({ flows }: Json) => flows.length > 0))
    assert.equal((Date.parse(made.expires_at) - Date.parse(made.created_at)) / 1_000, 600)
  })

  test('an address of it that was never seen is dropped, and one beside it is not', async () => {
    assert.equal(await taken(`${bad}4`), 0)
    assert.equal(await taken(`${bad}abc`), 0)
    assert.equal(await taken(`${mixed}4`), 20)
    const { packets } = await eventually('its packets are counted', async () =>
      (await decided(`${bad}/64`)).find((one) => one.target === `${bad}/64` && one.packets >= 40),
    )
    assert.ok(packets >= 40)
  })

  test('allow and unblock reach it: an allowed address passes, and the lifted /64 lets all others pass', async () => {
    await site.ok('allow', 'add', `${bad}abc`)
    assert.deepEqual([await taken(`${bad}abc`), await taken(`${bad}4`)], [20, 0])
    const { lifted } = await site.ok('unblock', `${bad}/64`)
    assert.deepEqual(
      lifted.map(({ target }: Json) => target),
      [`${bad}/64`],
    )
    assert.equal(await taken(`${bad}4`), 20)
    // What it was made of starts anew: one more attacker is one entry.
    await guess(`${bad}4`)
    assert.equal((await decisionAgainst(site, `${bad}4`)).target, `${bad}4`)
  })

  test('the /64 of a client who is served stays open, its attackers are blocked one by one', async () => {
    const visitor = attacker.spawn(
      program(
        'http-client',
        '--target',
        host,
        '--port',
        '80',
        '--bind',
        honest,
        '--rate',
        '5',
        '--duration',
        '300',
      ),
    )
    await eventually('the visit is a proven flow', async () => {
      const { flows } = await site.ok('flows', '--ip', honest)
      return flows.some((flow: Json) => flow.path_proven && flow.bytes_bwd > 0)
    })
    for (const last of [1, 2, 3, 4]) {
      await guess(`${mixed}${last}`)
      assert.equal((await decisionAgainst(site, `${mixed}${last}`)).target, `${mixed}${last}`)
      assert.equal(await taken(`${mixed}${last}`), 0)
    }
    assert.equal(await taken(honest), 20)
    await visitor.stop({ signal: 'SIGINT', graceMs: 10_000 })
    const { ok, failed } = JSON.parse(visitor.stdout.trim().split('\n').at(-1) as string)
    assert.ok(ok > 0 && failed === 0, `${failed} of ${ok + failed} failed`)
  })
})
