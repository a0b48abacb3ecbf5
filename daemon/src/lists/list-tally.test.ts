import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noEntries } from './entries.js'
import { createListTally } from './list-tally.js'
import type { Held } from './list-trial.js'

const list: Held = {
  row: {
    ...{ name: 'feed', number: 7, version: 8, action: 'drop', entries: 1, source: 'feed.txt', reason: '' },
    ...{ createdAtMs: 0, createdBy: 'root', expiresAtMs: 0 },
    ...{ packets: 0, bytes: 0, droppedPackets: 0, lastSeenMs: 0 },
  },
  entries: noEntries,
  base: { packets: 1, bytes: 100, droppedPackets: 1, lastSeenMs: 5 },
}
const hits = (packets: number) => ({ packets, bytes: packets * 100, dropped: packets, lastSeenBootUs: 1_000 })
const earlier = (table: number, packets: number) => ({ table, hits: new Map([[7, hits(packets)]]) })

test('a fault of the store between two earlier tables loses neither and counts none twice', () => {
  const faults = [6]
  const saved: { packets: number; settled: readonly number[] }[] = []
  const tally = createListTally({
    store: {
      listReadings: (table) => {
        if (faults[0] === table) throw new Error(`no page ${faults.shift()}`)
        return new Map()
      },
      saveListHits: (rows, _readings, settled = []) =>
        void saved.push({ packets: rows[0]?.packets ?? 0, settled: [...settled] }),
    },
    maps: {
      counts: () => ({ hits: new Map([[7, hits(1)]]), readings: [], retired: [] }),
      dropRetired() {},
      forget() {},
    },
    clock: { nowMs: () => 1_000, bootUs: () => 1_000 },
    kept: () => [list],
    hasEarlier: true,
    log: { warn() {} } as never,
  })
  tally.save()
  assert.deepEqual(saved, [], 'before earlier tables are known nothing is stored')
  assert.throws(() => tally.settle([earlier(5, 10), earlier(6, 20), earlier(4, 40)]), /no page 6/)
  assert.equal(tally.rowOf(list).packets, 1 + 1 + 10)
  tally.save()
  tally.save()
  assert.deepEqual(saved, [
    { packets: 72, settled: [5, 6, 4] },
    { packets: 72, settled: [] },
  ])
})
