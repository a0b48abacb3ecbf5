import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, until } from '../../../lab/namespaces.js'
import { call, createClient } from '../../src/publish/fake-daemon.js'
import { type Json, openSite, root, type Site, serveHttp, skipE2e, startMs } from './harness.js'

const room = 1_024

describe('a full map', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2edisp', extraAddresses: 4 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    site = openSite(server, 'displaced')
    const config = ['[kernel]', `prefixes = ${room}`, '[policy]', 'block_s = 600'].join('\n')
    await Promise.all([site.start({ config, args: ['--blocks', `${room}`] }), serveHttp(server)])
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  test('an automatic decision gives way to operators, whose blocks never do, and is told of', async () => {
    const source = attacker.addresses.all.filter((address) => !address.includes(':'))[1] as string
    await attacker.exec(
      [
        ...[process.execPath, join(root, 'build/lab/programs/connect-scan.js')],
        ...['--target', server.addresses.v4, '--bind', source, '--ports', '80,1-100'],
        ...['--timeout', '500', '--rate', '100'],
      ],
      { timeoutMs: 60_000 },
    )
    const decision: Json = await until(
      async () => (await site.ok('decisions', 'list', '--ip', source)).decisions[0],
      { what: 'a decision about the scan', timeoutMs: startMs, intervalMs: 50 },
    )
    const client = createClient(`unix:${site.socket}`)
    let refused = 0
    try {
      // The set and the trie that takes what the set does not: one place of both is the attacker's.
      for (let first = 0; first < 2 * room + 64; first += 64) {
        const one = async (i: number) => {
          const target = `203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`
          const request = { target, ttlMs: 600_000, action: 'ACTION_DROP', force: true, caller: 'test' }
          await call(client, 'Block', request).catch(() => refused++)
        }
        await Promise.all(Array.from({ length: 64 }, (_, i) => one(first + i)))
      }
    } finally {
      client.close()
    }
    assert.ok(refused > 0, 'the maps are not full')
    assert.equal((await site.ok('decisions', 'get', decision.id)).state, 'displaced')
    const { warnings, decisions_active } = await site.ok('status')
    assert.ok(warnings.some((text: string) => text.includes('gave way in a full map')))
    assert.equal(decisions_active, 2 * room + 64 - refused)
    assert.ok(decisions_active >= 2 * room - 16)
  })
})
