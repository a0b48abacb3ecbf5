import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ClientWritableStream, ServiceError } from '@grpc/grpc-js'
import { until } from '../../../lab/until.js'
import type { AuditRow } from '../control/audit-row.js'
import { createListCommands } from '../control/list-commands.js'
import { createFakeListMaps } from '../kernel/fake-list-maps.js'
import { createLists } from '../lists/lists.js'
import { prepare } from '../lists/prepare.js'
import { noTraffic } from '../plan/plan.js'
import { parseTarget } from '../policy/address.js'
import { openStore, type Store } from '../record/store.js'
import { call, createTestLog, type FakeDaemon, openFakeDaemon, take } from './fake-daemon.js'
import type { ExportListPage__Output } from './generated/idsd/v1/ExportListPage.js'
import type { ImportListResponse__Output } from './generated/idsd/v1/ImportListResponse.js'
import type { ListListsResponse__Output } from './generated/idsd/v1/ListListsResponse.js'

const failing = {
  ...{ name: 'feed', source: 'command curl with 2 arguments', everyS: 300, isRunning: false, dueMs: 5_000 },
  ...{ failedTimes: 2, failedSinceMs: 1_000, problem: 'the command curl failed: it ended with 22' },
}
const four = (...bytes: number[]) => Buffer.from(bytes)

describe('lists over gRPC', () => {
  let daemon: FakeDaemon
  let store: Store
  const audit: AuditRow[] = []

  let folder: string
  let uploadMs = 10_000
  /** Plans go on until it is resolved. */
  let planned: Promise<void> | undefined
  let onPlan = () => {}

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-lists-'))
    store = openStore({ path: join(folder, 'idsd.db') })
    const lists = createLists({
      store,
      maps: createFakeListMaps(),
      clock: { nowMs: Date.now, bootUs: () => 1_000_000 },
      protections: () => [{ guard: 'gateway', target: parseTarget('192.0.2.1', 'target'), isRange: false }],
      allows: () => [],
      prepare: async (job) => prepare(job),
      log: createTestLog() as never,
    })
    const commands = createListCommands({
      lists,
      audit: (row) => audit.push(row),
      parseTarget,
      nowMs: Date.now,
    })
    const plan = {
      sinceMs: 1,
      untilMs: 2,
      recorded: noTraffic,
      hit: noTraffic,
      addresses: [],
      addressesTotal: 0,
      liveTotal: 0,
      allowed: [],
      isAtMost: false,
    }
    daemon = await openFakeDaemon({
      lists: {
        commands,
        scheduled: () => [failing],
        states: lists.states,
        entries: lists.entries,
        uploadMs: () => uploadMs,
        plan: async () => {
          onPlan()
          await planned
          return { plan, refused: [] }
        },
      },
    })
  })
  after(async () => {
    await daemon[Symbol.asyncDispose]()
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const send = (
    method: 'ImportList' | 'PlanImport',
    messages: readonly object[],
    end: 'whole' | 'cancelled' | 'open' = 'whole',
  ) =>
    new Promise<ImportListResponse__Output>((resolve, reject) => {
      type Answered = (error: ServiceError | null, answer?: unknown) => void
      const open = daemon.client[method].bind(daemon.client) as (
        answered: Answered,
      ) => ClientWritableStream<object>
      const sink = open((error, answer) =>
        error === null ? resolve(answer as ImportListResponse__Output) : reject(error),
      )
      if (end === 'cancelled') sink.write(messages[0] as object, () => sink.cancel())
      else for (const message of messages) sink.write(message)
      if (end === 'whole') sink.end()
    })
  const header = (given: object = {}) => ({
    list: { name: 'feed', action: 'ACTION_DROP', source: 'a.txt', caller: 'alice', entries: 2, ...given },
  })
  const refused = (code: number, words: RegExp) => (error: ServiceError) =>
    error.code === code && words.test(error.details)

  test('a list in several messages is taken, told, exported and taken out', async () => {
    const made = await send('ImportList', [
      header({ entries: 3 }),
      { entries4: four(198, 51, 100, 0, 24) },
      { entries4: four(192, 0, 2, 1, 32, 203, 0, 113, 9, 32) },
    ])
    assert.deepEqual([made.list?.entries, made.added, made.refusedTotal, made.before], [2, 2, 1, null])
    assert.deepEqual(made.refused, [{ target: '192.0.2.1', guard: '192.0.2.1 is the gateway' }])
    const listed = await call<ListListsResponse__Output>(daemon.client, 'ListLists', {})
    const [list] = listed.lists
    assert.deepEqual([list?.name, list?.loaded], ['feed', true])
    const { isRunning, dueMs, ...rest } = failing
    assert.deepEqual(listed.scheduled, [{ ...rest, running: isRunning, dueAtMs: dueMs }])
    const pages = await take<ExportListPage__Output>(daemon.client.ExportList({ name: 'feed' }), 9)
    assert.equal(pages[0]?.list?.name, 'feed')
    assert.deepEqual([...(pages[1]?.entries4 ?? [])], [198, 51, 100, 0, 24, 203, 0, 113, 9, 32])
    assert.deepEqual([audit.at(-1)?.outcome, audit.at(-1)?.action], ['done', 'list_import'])
    await call(daemon.client, 'RemoveList', { name: 'feed' })
    await assert.rejects(
      call(daemon.client, 'RemoveList', { name: 'feed' }),
      refused(5, /there is no list "feed"/),
    )
    await assert.rejects(take(daemon.client.ExportList({ name: 'feed' }), 1), refused(5, /there is no list/))
  })

  const faults: readonly (readonly [string, readonly object[], RegExp])[] = [
    ['without a header', [{ entries4: four(1, 2, 3, 4, 32) }], /^list: expected in the first message/],
    ['with two headers', [header(), header()], /^list: expected in the first message only/],
    ['with half an entry', [header(), { entries4: four(1, 2, 3) }], /^entries4: expected 5 bytes/],
    [
      'that is shorter than announced',
      [header(), { entries4: four(1, 2, 3, 4, 32) }],
      /^entries: expected 2, as announced/,
    ],
    [
      'with bits behind a length',
      [header({ entries: 1 }), { entries4: four(9, 2, 3, 4, 24) }],
      /IPv4 entry 0 is no network/,
    ],
    ['of nothing', [header({ entries: 0 })], /^entries: expected at least one/],
    [
      'with a name that is a path',
      [header({ name: '../x', entries: 1 }), { entries4: four(9, 9, 9, 9, 32) }],
      /^name:/,
    ],
    [
      'that limits to nothing',
      [header({ action: 'ACTION_LIMIT', entries: 1 }), { entries4: four(9, 9, 9, 9, 32) }],
      /^limit: expected packets or bits per second/,
    ],
    [
      'with a rate that is none of a limit',
      [
        header({ limit: { unit: 'LIMIT_UNIT_BITS', perSecond: 1e6 }, entries: 1 }),
        { entries4: four(9, 9, 9, 9, 32) },
      ],
      /^limit: expected nothing but with ACTION_LIMIT/,
    ],
    [
      'for ever and a day',
      [header({ ttlMs: 1e15, entries: 1 }), { entries4: four(9, 9, 9, 9, 32) }],
      /^ttl_ms:/,
    ],
    ['empty', [], /^list: expected in the first message/],
  ]
  for (const [name, messages, words] of faults) {
    test(`an import ${name} is refused, and the next one is taken`, async () => {
      await assert.rejects(send('ImportList', messages), refused(3, words))
      const good = [header({ entries: 1, dryRun: true }), { entries4: four(9, 9, 9, 9, 32) }]
      assert.equal((await send('ImportList', good)).list?.entries, 1)
      assert.equal(store.listRows().length, 0)
    })
  }

  for (const [action, limit, words] of [
    ['ACTION_LIMIT', { unit: 'LIMIT_UNIT_PACKETS', perSecond: 100 }, 'limit to 100 packets/s'],
    ['ACTION_SYN_DROP', null, 'SYN drop'],
    ['ACTION_REJECT', null, 'reject'],
    ['ACTION_COUNT', null, 'count'],
  ] as const) {
    test(`a list of ${action} is told as it was imported, and audited`, async () => {
      const given = header({ action, limit, entries: 1 })
      const entries = { entries4: four(9, 9, 9, 9, 32) }
      const { list } = await send('ImportList', [given, entries])
      assert.equal(list?.action, action)
      assert.deepEqual(list?.limit, limit === null ? null : { ...limit, passed: 0, limited: 0 })
      assert.equal(audit.at(-1)?.after, `list feed: ${words} 1 entry`)
      await call(daemon.client, 'RemoveList', { name: 'feed' })
    })
  }

  test('a caller that goes in the middle leaves nothing behind', async () => {
    const cut = [header(), { entries4: four(9, 9, 9, 9, 32) }]
    await Promise.all(
      Array.from({ length: 5 }, () => assert.rejects(send('ImportList', cut, 'cancelled'), refused(1, /./))),
    )
    const good = [header({ entries: 1, dryRun: true }), { entries4: four(9, 9, 9, 9, 32) }]
    assert.equal((await send('ImportList', good)).added, 1)
    assert.equal(store.listRows().length, 0)
  })

  test('a caller that never comes to an end is cut off', async (t) => {
    uploadMs = 50
    t.after(() => {
      uploadMs = 10_000
    })
    await assert.rejects(
      send('ImportList', [header()], 'open'),
      refused(3, /^entries: expected all of them within 50 ms/),
    )
    assert.equal(store.listRows().length, 0)
  })

  test('plans that go on keep no import out; those beyond two wait for their turn', async () => {
    let finish = () => {}
    planned = new Promise((resolve) => {
      finish = resolve
    })
    const entries = [header({ entries: 1, dryRun: true }), { entries4: four(9, 9, 9, 9, 32) }]
    let answered = 0
    const plans = Array.from({ length: 5 }, async () => {
      await send('PlanImport', entries)
      answered++
    })
    await assert.rejects(send('PlanImport', entries, 'cancelled'), refused(1, /./))
    assert.equal((await send('ImportList', entries)).list?.entries, 1)
    assert.equal(answered, 0)
    planned = undefined
    finish()
    await Promise.all(plans)
  })

  test('what guards leave nothing of is refused with the guard', async () => {
    const only = [header({ entries: 1 }), { entries4: four(192, 0, 2, 1, 32) }]
    await assert.rejects(send('ImportList', only), refused(9, /is the gateway/))
    assert.deepEqual([audit.at(-1)?.outcome, store.listRows().length], ['refused', 0])
    await send('PlanImport', only)
  })

  // The last one: from here on nobody is served.
  test('a daemon that stops lets those go on that have their turn, and begins none that waits', async () => {
    let finish = () => {}
    planned = new Promise((resolve) => {
      finish = resolve
    })
    let begun = 0
    onPlan = () => {
      begun++
    }
    const entries = [header({ entries: 1, dryRun: true }), { entries4: four(9, 9, 9, 9, 32) }]
    const plans = Array.from({ length: 4 }, () =>
      send('PlanImport', entries).then(
        () => 0,
        ({ code }: ServiceError) => code,
      ),
    )
    await until(() => begun === 2, { what: 'two have their turn' })
    // Behind the others on the same connection: by its answer these wait.
    await send('ImportList', entries)
    const closed = daemon.server.close()
    await until(async () => (await Promise.race([...plans, 'none'])) !== 'none', { what: 'one is refused' })
    finish()
    assert.deepEqual((await Promise.all(plans)).toSorted(), [0, 0, 14, 14])
    await closed
    assert.equal(begun, 2)
  })
})
