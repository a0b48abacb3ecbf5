import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { type FakeDaemon, openFakeDaemon, take, until } from './fake-daemon.js'
import { sampleEvidence, sampleFlow } from './fake-view.js'
import type { ExportRow } from './view.js'

let daemon: FakeDaemon
before(async () => {
  daemon = await openFakeDaemon()
})
after(() => daemon[Symbol.asyncDispose]())
beforeEach(() =>
  Object.assign(daemon.view, {
    exportPages: [],
    featureNames: ['Flow Duration', 'Flow IAT Mean'],
    alertRows: [],
  }),
)

const row = (id: number, features?: readonly number[]): ExportRow => ({
  flow: sampleFlow({ id }),
  score: 0.5,
  features,
})

describe('an export', () => {
  it('names its features first, then goes on to the end over pages in which nothing matched', async () => {
    daemon.view.exportPages = [[row(1, [1.5, 2.5]), row(2)], [], [row(3, [3, 4])]]
    const pages = await take(daemon.client.exportFlows({ features: true }), 9)
    assert.deepEqual(
      pages.map(({ featureNames, flows }) => [featureNames, flows.map(({ id }) => id)]),
      [
        [['Flow Duration', 'Flow IAT Mean'], []],
        [[], ['f1', 'f2']],
        [[], ['f3']],
      ],
    )
    assert.deepEqual(pages[1]?.features, [1.5, 2.5, Number.NaN, Number.NaN])
    assert.deepEqual(pages[2]?.features, [3, 4])
  })

  it('without features has none, and of nothing is no page at all', async () => {
    daemon.view.exportPages = [[row(1, [1, 2])]]
    const [page] = await take(daemon.client.exportFlows({}), 9)
    assert.deepEqual([page?.features, page?.featureNames], [[], []])
    daemon.view.exportPages = []
    assert.deepEqual(await take(daemon.client.exportFlows({}), 9), [])
  })

  it('reads no further than its reader takes, and stops when it goes', async () => {
    let read = 0
    const page = Array.from({ length: 500 }, (_, i) => row(i + 1))
    const { exportFlows } = daemon.view
    const next = () => {
      read++
      return page
    }
    daemon.view.exportFlows = () => ({ featureNames: [], next })
    const stream = daemon.client.exportFlows({})
    stream.on('error', () => {})
    stream.pause()
    await until(() => read > 1)
    let before = -1
    await until(() => {
      const isStill = before === read
      before = read
      return isStill && read > 5
    })
    assert.ok(read < 5_000, `${read} pages were read for a reader that took none`)
    stream.cancel()
    daemon.view.exportFlows = exportFlows
    daemon.view.exportPages = [[row(1)]]
    assert.equal((await take(daemon.client.exportFlows({}), 9)).length, 1)
  })

  it('is one of four at most, and another may begin when one is over', async () => {
    await using busy = await openFakeDaemon()
    let open = 0
    const page = Array.from({ length: 500 }, (_, i) => row(i + 1))
    busy.view.exportFlows = () => {
      open++
      return { featureNames: [], next: () => page }
    }
    const begin = () => busy.client.exportFlows({}).on('error', () => {})
    const streams = [1, 2, 3, 4].map(() => begin().pause())
    await until(() => open === 4)
    const pages = () => take(busy.client.exportFlows({}), 1).then(({ length }) => length)
    await assert.rejects(pages(), { code: status.RESOURCE_EXHAUSTED, details: /4 exports are open already/ })
    streams[0]?.cancel()
    const endMs = Date.now() + 5_000
    let read = 0
    while (read === 0 && Date.now() < endMs) read = await pages().catch(() => 0)
    assert.equal(read, 1)
  })

  it('refuses what it would ignore, and tells what goes wrong on the way', async () => {
    const code = (request: object) =>
      new Promise((resolve) => {
        const stream = daemon.client.exportFlows(request)
        stream.on('error', () => {})
        stream.on('status', (ended) => resolve(ended.code))
        stream.resume()
      })
    assert.equal(await code({ filter: { last: 5 } }), status.INVALID_ARGUMENT)
    const { exportFlows } = daemon.view
    daemon.view.exportFlows = () => ({
      featureNames: [],
      next: () => {
        throw new Error('the disk is gone')
      },
    })
    assert.equal(await code({}), status.INTERNAL)
    daemon.view.exportFlows = exportFlows
  })
})

describe('watching alerts', () => {
  it('shows the last ones first, then those that match as they are raised', async () => {
    const alert = (number: number, change = {}) => ({
      number,
      evidence: sampleEvidence(change),
      decisionNumber: 0,
    })
    daemon.view.alertRows = [alert(2), alert(1)]
    const taken = take(daemon.client.watchAlerts({ filter: { last: 1, severity: 'high' } }), 2)
    await until(() => daemon.feeds.alerts.readers() === 1)
    daemon.feeds.alerts.publish([alert(3, { severity: 'low' }), alert(4)])
    assert.deepEqual(
      (await taken).map((event) => event.alert?.id),
      ['a2', 'a4'],
    )
  })
})
