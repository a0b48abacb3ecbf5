/**
 * A daemon that is killed at any instant while a trial begins, is confirmed or is taken back: the kernel goes on with one
 * generation as a whole, and the start after it with the same one.
 */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openClient } from '../../../cli/src/client.js'
import { type Lab, type LabNamespace, openLab } from '../../../lab/namespaces.js'
import { loadBinding } from '../../src/kernel/binding.js'
import { openPinnedSettings } from '../../src/kernel/pinned-settings.js'
import { openPinnedTrial } from '../../src/local/trial.js'
import { openStore } from '../../src/record/store.js'
import { testDecision } from '../../src/record/test-store.js'
import { createRandom } from '../random.js'
import { framesTaken } from './attacks.js'
import { callMs, extraSources, openSite, root, type Site, skipE2e, startMs } from './harness.js'

/** More rounds: IDSD_ROUNDS=N. */
const rounds = Number(process.env.IDSD_ROUNDS ?? 6)
const listRounds = Math.ceil(rounds / 2)
const listEntries = 100_000
/** Blocks that the change lifts: each is an entry that is written at the beginning and at the end. */
const blocks = 1_500

describe('killed in a trial', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace
  let attacker: LabNamespace
  let sources: string[]

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2etrialkill', extraAddresses: 4 })
    server = lab.ns('server')
    attacker = lab.ns('attacker')
    sources = extraSources(attacker).slice(0, 3)
    site = openSite(server, 'trialkill')
  })

  after(async () => {
    await site?.close()
    await lab?.close()
  })

  /** Blocks of the sources, the first, one in the middle and the last of many. */
  const fill = async () => {
    const store = openStore({ path: site.db })
    const [first = '', middle = '', last = ''] = sources
    const others = Array.from({ length: blocks }, (_, i) => `10.77.${100 + (i >> 8)}.${i & 255}`)
    const order = [first, ...others.slice(0, blocks / 2), middle, ...others.slice(blocks / 2), last]
    store.transaction(() => {
      for (const target of order)
        store.insertDecision(
          testDecision({ target, origin: 'operator', createdAtMs: Date.now(), expiresAtMs: 0 }),
        )
    })
    await store.close()
  }

  const passes = (source: string) => framesTaken(attacker, source, server, { count: 5, rate: 5_000 })
  /** True: all pass. False: all are dropped. */
  const allPass = async (when: string): Promise<boolean> => {
    const found: number[] = []
    for (const source of sources) found.push(await passes(source))
    assert.ok(
      found.every((count) => count === found[0]) && (found[0] === 0 || found[0] === 5),
      `${when}: ${found}`,
    )
    return found[0] === 5
  }
  const wordUs = () => {
    const [pinned] = openPinnedSettings(loadBinding(root), site.bpffs)
    assert.ok(pinned !== undefined, 'there are no pins')
    return pinned.settings.trialUntilBootUs
  }

  test(`${listRounds} times in a trial of lists, and each is the old one or the new one`, async () => {
    const random = createRandom(11)
    const [only = '', both = '', added = ''] = sources
    /** Two sources and so many others that the tables take a while. */
    const write = (name: string, ...two: string[]) => {
      const others = Array.from(
        { length: listEntries },
        (_, i) => `100.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
      )
      const path = join(site.dir, name)
      writeFileSync(path, [...two, ...others].join('\n'))
      return path
    }
    const [oldFile, newFile] = [write('old.txt', only, both), write('new.txt', both, added)]
    const whichList = async (when: string): Promise<'old' | 'new'> => {
      const found = [await passes(only), await passes(both), await passes(added)].join()
      assert.ok(found === '0,0,5' || found === '5,0,0', `${when}: ${found}`)
      return found === '0,0,5' ? 'old' : 'new'
    }
    await site.start()
    await site.ok('import', oldFile, '--list', 'list')
    const tryNew = () => site.text(['import', newFile, '--list', 'list', '--confirm', '10m'])
    const lengths: Record<string, number> = { import: 1_500, confirm: 100, rollback: 100 }
    for (let round = 0; round < listRounds; round++) {
      const name = (['import', 'confirm', 'rollback'] as const)[round % 3] as
        | 'import'
        | 'confirm'
        | 'rollback'
      if (name !== 'import') assert.equal((await tryNew()).code, 0)
      const client = await openClient({ socket: site.socket, timeout: callMs, protoRoot: undefined } as never)
      const beganMs = performance.now()
      const answer =
        name === 'import'
          ? tryNew().then(({ code }) => (code === 0 ? 'answered' : 'no answer'))
          : client.call(name, { caller: 'test' }).then(
              () => 'answered',
              () => 'no answer',
            )
      const waitMs = random.next() * 1.3 * (lengths[name] as number)
      const end = await Promise.race([
        answer,
        new Promise<'no answer'>((resolve) => setTimeout(resolve, waitMs, 'no answer')),
      ])
      if (end === 'answered') lengths[name] = performance.now() - beganMs
      await site.killHard()
      await answer
      client.close()
      const where = `round ${round}, ${name} killed after ${Math.round(waitMs)} ms`
      const word = wordUs()
      const inKernel = await whichList(`${where}, dead`)
      if (end === 'answered') assert.equal(inKernel, name === 'rollback' ? 'old' : 'new', where)
      await site.start()
      assert.equal(await whichList(`${where}, started`), inKernel, `${where}: the start changed it`)
      const { trial } = await site.ok('status')
      assert.equal(trial !== null, word !== 0 && word !== Number.POSITIVE_INFINITY, `${where}: ${word}`)
      if (trial !== null) await site.ok('rollback')
      else if (inKernel === 'new') await site.ok('import', oldFile, '--list', 'list')
      assert.equal(await whichList(`${where}, cleaned`), 'old')
    }
    await site.ok('lists', 'rm', 'list')
    await site.stop()
  })

  test('taken back past a daemon that starts, it is gone, though the start had read of it before', async () => {
    const [source = ''] = sources
    await site.start()
    await site.ok('block', `${source}/31`, '--force', '--reason', 'too wide', '--confirm', '10m')
    await site.killHard()
    assert.equal(await passes(source), 0)
    // The maps of the run that is dead, whatever becomes of their pins.
    const pinned = openPinnedTrial({ root, bpffs: site.bpffs })
    const started = site.start()
    await site.process.untilOutput(/a change goes on being on trial/, startMs)
    await pinned.rollBack().hold()
    await started
    assert.equal(await passes(source), 5)
    assert.deepEqual([(await site.ok('status')).trial, wordUs()], [null, 0])
    await site.stop()
  })

  test(`${rounds} times, and never is anything neither the one generation nor the other`, async () => {
    const seen = new Set<string>()
    const random = createRandom(7)
    await fill()
    await site.start()
    const lengths: Record<string, number> = { addAllow: 60, confirm: 60, rollback: 60 }
    for (let round = 0; round < rounds; round++) {
      const name = (['confirm', 'rollback', 'addAllow'] as const)[round % 3] as
        | 'confirm'
        | 'rollback'
        | 'addAllow'
      const client = await openClient({ socket: site.socket, timeout: callMs, protoRoot: undefined } as never)
      const add = { target: '10.77.0.0/16', confirmMs: 600_000, caller: 'test' }
      const call = () =>
        name === 'addAllow' ? client.call('addAllow', add) : client.call(name, { caller: 'test' })
      if (name !== 'addAllow') await client.call('addAllow', add)
      const beganMs = performance.now()
      const answer = call().then(
        () => 'answered',
        () => 'no answer',
      )
      const waitMs = random.next() * 1.3 * (lengths[name] as number)
      const end = await Promise.race([
        answer,
        new Promise<'no answer'>((resolve) => setTimeout(resolve, waitMs, 'no answer')),
      ])
      if (end === 'answered') lengths[name] = performance.now() - beganMs
      await site.killHard()
      client.close()
      const where = `round ${round}, ${name} killed after ${Math.round(waitMs)} ms`
      const word = wordUs()
      const inKernel = await allPass(`${where}, dead`)
      if (end === 'answered') assert.equal(inKernel, name !== 'rollback', where)
      await site.start()
      assert.equal(await allPass(`${where}, started`), inKernel, `${where}: the start changed it`)
      const { trial } = await site.ok('status')
      // What the kernel holds for good is on trial no more, and what is on trial is what it holds until then.
      assert.equal(
        trial !== null,
        word !== 0 && word !== Number.POSITIVE_INFINITY && inKernel,
        `${where}: ${word}`,
      )
      const { allowed } = (await site.ok('allow', 'check', sources[0] as string)) as { allowed: boolean }
      assert.equal(allowed, inKernel, where)
      seen.add(`${name} ${end} ${inKernel}`)
      if (trial !== null) await site.ok('rollback')
      else if (inKernel) {
        await site.ok('allow', 'rm', '10.77.0.0/16')
        await site.stop()
        await fill()
        await site.start()
      }
      assert.equal(await allPass(`${where}, cleaned`), false)
    }
    assert.ok(seen.size >= 3, [...seen].join('; '))
  })
})
