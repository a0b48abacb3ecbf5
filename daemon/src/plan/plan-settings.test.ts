import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import type { AllowEntry, Decision } from '../enforce/decision.js'
import { testAllow } from '../enforce/test-enforcer.js'
import { sortEntries } from '../lists/entry-builder.js'
import { createListReader } from '../lists/list-reader.js'
import { storeFlows, testDecision, testEvidence, testStore } from '../record/test-store.js'
import { type ListInForce, planSettings, type SettingsChange } from './plan-settings.js'

const policy = { blockAtPoints: 100, lastMs: 60_000, modelCap: 40 }
const none: SettingsChange = {
  ...{ before: policy, after: policy, allows: [], listsToCome: [], listsLeft: [] },
}

function entriesOf(...lines: readonly string[]) {
  const reader = createListReader({ format: 'plain' })
  reader.push(Buffer.from(lines.join('\n')))
  reader.end()
  const { packed4, packed6 } = reader.builder.packed()
  return sortEntries(packed4, packed6)
}

const list = (name: string, ...lines: readonly string[]) => ({
  ...{ name, action: 'drop' as const, entries: entriesOf(...lines) },
})
const coming = (name: string, ...lines: readonly string[]) => ({
  ...list(name, ...lines),
  badLines: 1,
  refused: 2,
})

interface World {
  readonly allows?: readonly AllowEntry[]
  readonly blocks?: readonly string[]
  readonly lists?: readonly ListInForce[]
}

/** 10 packets of each of four addresses: .1 to .4 of 203.0.113.0/24. */
function world(t: TestContext, { allows = [], blocks = [], lists = [] }: World) {
  const store = testStore(t)
  const flows = [1, 2, 3, 4].map((n) =>
    testFlow({ kind: 'ended', src: `203.0.113.${n}`, protocol: 17, packetsFwd: 6, packetsBwd: 4 }),
  )
  storeFlows(store, flows)
  for (const target of blocks) store.insertDecision(testDecision({ target, origin: 'operator' }))
  const enforcer = {
    mode: 'prevent' as const,
    active: () => store.activeDecisions(),
    hits: () => ({ packets: 7, bytes: 70, lastSeenMs: 0 }),
  }
  const options = {
    ...{ store, enforcer, allows: () => allows, lists: () => lists },
    ...{ isForwarding: () => false, nowMs: () => 1_010_000 },
    doing: ({ action }: Decision) => ({ action }),
  }
  return {
    store,
    async plan(change: Partial<SettingsChange>) {
      const found = await planSettings(options, { ...none, allows, ...change }, 0, () => true)
      const rows = (all: typeof found.hit.addresses) =>
        all.map(({ address, by }) => `${address} ${by}`).sort()
      return { ...found, hits: rows(found.hit.addresses), freed: rows(found.hit.freed) }
    },
  }
}

test('a list that comes hits who is not kept back already', async (t) => {
  const { plan } = world(t, { blocks: ['203.0.113.2'] })
  const found = await plan({ listsToCome: [coming('bad', '203.0.113.0/30')] })
  assert.deepEqual([found.hits, found.freed], [['203.0.113.1 list bad', '203.0.113.3 list bad'], []])
  assert.deepEqual([found.hit.hit.packets, found.hit.isAtMost], [20, false])
  const [told] = found.lists
  assert.deepEqual([told?.entries, told?.badLines, told?.refused, told?.isLeft], [1, 1, 2, false])
})

test('what a block limits only, a list that comes hits, at most', async (t) => {
  const { store, plan } = world(t, { lists: [list('old', '203.0.113.3')] })
  for (const target of ['203.0.113.2', '203.0.113.3']) {
    const limit = { unit: 'packets', perSecond: 1 } as const
    store.insertDecision(testDecision({ target, origin: 'operator', action: 'limit', limit }))
  }
  const found = await plan({ listsToCome: [coming('bad', '203.0.113.2', '203.0.113.3')] })
  assert.deepEqual([found.hits, found.freed], [['203.0.113.2 list bad'], []])
  assert.deepEqual([found.hit.hit.packets, found.hit.isAtMost], [10, true])
  const observing = await plan({ listsToCome: [{ ...coming('old', '203.0.113.3'), action: 'count' }] })
  assert.deepEqual([observing.hits, observing.freed], [[], ['203.0.113.3 list old']])
})

test('a list that comes keeps back what its action keeps back, at most', async (t) => {
  const { plan } = world(t, {})
  const bad = coming('bad', '203.0.113.2')
  const limiting = { ...bad, action: 'limit', limit: { unit: 'packets', perSecond: 1 } } as const
  const cases = [
    [{ ...bad, action: 'reject' }, 10, false],
    [limiting, 6, true],
    // UDP has no SYNs.
    [{ ...bad, action: 'synDrop' }, 0, false],
    [{ ...bad, action: 'count' }, 0, false],
  ] as const
  for (const [list, packets, isAtMost] of cases) {
    const { hit, lists } = await plan({ listsToCome: [list] })
    assert.deepEqual([hit.hit.packets, hit.isAtMost], [packets, isAtMost], list.action)
    assert.deepEqual(
      [lists[0]?.action, lists[0]?.limit],
      [list.action, 'limit' in list ? list.limit : undefined],
    )
  }
  // Where both hold an address, what is limited is no less than the SYNs.
  const both = [{ ...coming('syns', '203.0.113.2'), action: 'synDrop' } as const, limiting]
  const { hit, hits } = await plan({ listsToCome: both })
  assert.deepEqual([hit.hit.packets, hits], [6, ['203.0.113.2 list bad']])
})

test('a list that does something else from now on hits whom it holds already', async (t) => {
  const slow = { unit: 'packets', perSecond: 1 } as const
  const limiting = { action: 'limit', limit: { unit: 'bits', perSecond: 1e9 } } as const
  const cases = [
    [limiting, limiting, 0, false],
    [limiting, { action: 'limit', limit: slow }, 6, true],
    [limiting, { action: 'drop' }, 10, true],
    [{ action: 'synDrop' }, limiting, 6, true],
    [{ action: 'drop' }, { action: 'reject' }, 0, false],
  ] as const
  for (const [before, after, packets, isAtMost] of cases) {
    const name = `${before.action} to ${after.action}`
    const { plan } = world(t, { lists: [{ ...list('feed', '203.0.113.2'), ...before }] })
    const { hit, freed } = await plan({ listsToCome: [{ ...coming('feed', '203.0.113.2'), ...after }] })
    assert.deepEqual([hit.hit.packets, hit.isAtMost], [packets, isAtMost], name)
    // No SYN drop holds UDP back.
    assert.deepEqual(freed, [], name)
  }
})

test('what a block limits, or spares for its flow, a list limits once more', async (t) => {
  const { store, plan } = world(t, {})
  const limit = { unit: 'packets', perSecond: 1 } as const
  store.insertDecision(testDecision({ target: '203.0.113.2', origin: 'operator', action: 'limit', limit }))
  const found = await plan({
    listsToCome: [{ ...coming('feed', '203.0.113.2'), action: 'limit', limit } as const],
  })
  assert.deepEqual([found.hits, found.hit.hit.packets], [['203.0.113.2 list feed'], 6])
  assert.deepEqual([found.hit.isAtMost, found.freed], [true, []])
})

test('a list that takes the place of another hits and frees what differs', async (t) => {
  const { plan } = world(t, { lists: [list('bad', '203.0.113.1', '203.0.113.2')] })
  const found = await plan({ listsToCome: [coming('bad', '203.0.113.2', '203.0.113.3')] })
  assert.deepEqual([found.hits, found.freed], [['203.0.113.3 list bad'], ['203.0.113.1 list bad']])
  const observing = await plan({ listsToCome: [{ ...coming('bad', '203.0.113.9'), action: 'count' }] })
  assert.deepEqual([observing.hits, observing.freed.length], [[], 2])
})

test('a list that is left stays in force, and one that cannot be read changes nothing', async (t) => {
  const { plan } = world(t, { lists: [list('old', '203.0.113.1')] })
  const problem = { name: 'gone', action: 'drop', problem: 'it is not there' } as const
  const found = await plan({ listsLeft: ['old', 'never'], listsToCome: [problem] })
  assert.deepEqual([found.hits, found.freed], [[], []])
  assert.deepEqual(
    found.lists.map(({ name, isLeft, problem }) => [name, isLeft, problem]),
    [
      ['gone', false, 'it is not there'],
      ['old', true, ''],
    ],
  )
})

test('an allow entry that comes frees whom blocks and lists keep back, and one that goes lets them hit', async (t) => {
  const entry = testAllow('203.0.113.0/30', 'config')
  const standing = { blocks: ['203.0.113.1'], lists: [list('bad', '203.0.113.2')] }
  const freed = await world(t, standing).plan({ allows: [entry] })
  assert.deepEqual([freed.hits, freed.freed], [[], ['203.0.113.1 d1', '203.0.113.2 list bad']])
  assert.equal(freed.hit.freedTraffic.packets, 20)
  const lost = await world(t, { ...standing, allows: [entry] }).plan({ allows: [] })
  assert.deepEqual([lost.hits, lost.freed], [['203.0.113.1 d1', '203.0.113.2 list bad'], []])
})

test('what a coming allow entry spares of a coming list is told', async (t) => {
  const { plan } = world(t, {})
  const entry = testAllow('203.0.113.2', 'config')
  const found = await plan({ allows: [entry], listsToCome: [coming('bad', '203.0.113.0/24')] })
  assert.equal(found.hits.length, 3)
  assert.deepEqual(
    found.hit.allowed.map(({ target, entry, spared }) => [target, entry.target, spared.packets]),
    [['203.0.113.0/24', '203.0.113.2', 10]],
  )
})

test('whom the policy would block is hit at most, with what was counted on him before', async (t) => {
  const { store, plan } = world(t, {})
  const evidence = testEvidence({ source: '203.0.113.4', points: 60, atMs: 1_000 })
  store.append({ flows: [], scores: new Float32Array(0), alerts: [{ evidence, decisionNumber: 0 }] })
  store.insertDecision(testDecision({ target: '203.0.113.4', kind: 'would_block', action: 'count' }))
  const found = await plan({ after: { ...policy, blockAtPoints: 50 } })
  assert.deepEqual(
    found.more.map(({ source, packets }) => [source, packets]),
    [['203.0.113.4', 7]],
  )
  assert.deepEqual(
    [found.hits, found.hit.isAtMost, found.hit.hit.packets],
    [['203.0.113.4 policy'], true, 10],
  )
})
