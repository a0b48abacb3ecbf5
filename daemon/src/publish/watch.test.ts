import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type ClientReadableStream, status } from '@grpc/grpc-js'
import { type FakeDaemon, openFakeDaemon, take, until } from './fake-daemon.js'
import { sampleDecision, sampleFlow } from './fake-view.js'
import type { DecisionEvent__Output } from './generated/idsd/v1/DecisionEvent.js'
import type { FlowEvent__Output } from './generated/idsd/v1/FlowEvent.js'
import type { FlowRow } from './view.js'

let daemon: FakeDaemon
before(async () => {
  daemon = await openFakeDaemon()
})
after(() => daemon[Symbol.asyncDispose]())
beforeEach(() => Object.assign(daemon.view, { flowRows: [], decisionRows: [] }))

const row = (id: number, change = {}): FlowRow => ({ flow: sampleFlow({ id, ...change }), score: 0.5 })
const ids = (events: readonly FlowEvent__Output[]) => events.map(({ flow }) => flow?.id)
const isOpen = (kind: 'flows' | 'decisions' | 'alerts', readers = 1) =>
  until(() => daemon.feeds[kind].readers() === readers)

/** The status that a stream ends with. */
function ending(stream: ClientReadableStream<unknown>): Promise<number> {
  return new Promise((resolve) => {
    stream.on('error', () => {})
    stream.on('status', ({ code }) => resolve(code))
    stream.resume()
  })
}

describe('watching flows', () => {
  it('delivers what matches as it comes, and the reader is forgotten when it goes', async () => {
    const taken = take(daemon.client.watchFlows({ filter: { ip: '192.0.2.0/24' } }), 2)
    await isOpen('flows')
    daemon.feeds.flows.publish([row(1), row(2, { src: '203.0.113.1' }), row(3)])
    const events = await taken
    assert.deepEqual(ids(events), ['f1', 'f3'])
    assert.deepEqual(
      events.map(({ lost }) => lost),
      [0, 0],
    )
    assert.equal(events[0]?.flow?.score, 0.5)
    await isOpen('flows', 0)
  })

  it('shows the last rows first, oldest first, then goes on', async () => {
    daemon.view.flowRows = [row(3), row(2), row(1)]
    const taken = take(daemon.client.watchFlows({ filter: { last: 2 } }), 3)
    await isOpen('flows')
    daemon.feeds.flows.publish([row(4)])
    assert.deepEqual(ids(await taken), ['f2', 'f3', 'f4'])
  })

  it('a slow reader loses the oldest and is told how many; a quick one loses nothing', async () => {
    const total = 20_000
    const slow = daemon.client.watchFlows({})
    slow.pause()
    await isOpen('flows')
    const quick = take(daemon.client.watchFlows({ filter: { port: 7 } }), 1)
    await isOpen('flows', 2)
    const lostBefore = daemon.feeds.flows.lost()
    for (let id = 1; id <= total; id += 40) {
      daemon.feeds.flows.publish(Array.from({ length: 40 }, (_, i) => row(id + i)))
      await new Promise((resolve) => setImmediate(resolve))
    }
    daemon.feeds.flows.publish([row(total + 1, { dstPort: 7 })])
    const events: FlowEvent__Output[] = []
    slow.on('error', () => {})
    slow.on('data', (event: FlowEvent__Output) => events.push(event))
    slow.resume()
    await until(() => events.at(-1)?.flow?.id === `f${total + 1}`)
    slow.cancel()

    const lost = events.reduce((sum, event) => sum + event.lost, 0)
    assert.ok(lost > 0, 'the reader was not slow')
    assert.equal(events.length + lost, total + 1)
    assert.equal(daemon.feeds.flows.lost() - lostBefore, lost)
    let expected = 1
    for (const event of events) {
      expected += event.lost
      assert.equal(event.flow?.id, `f${expected++}`)
    }
    assert.deepEqual(ids(await quick), [`f${total + 1}`])
    await isOpen('flows', 0)
  })

  it('a stream of the past is as slow as its reader', async () => {
    daemon.view.flowRows = Array.from({ length: 10_000 }, (_, i) => row(10_000 - i))
    const slow = daemon.client.watchFlows({ filter: { last: 10_000 } })
    slow.pause()
    await isOpen('flows')
    const events = await take(slow, 10_000)
    assert.equal(events.at(-1)?.flow?.id, 'f10000')
    await isOpen('flows', 0)
  })

  it('refuses a bad filter and an end', async () => {
    for (const filter of [{ ip: 'x' }, { untilMs: 5 }, { port: 70_000 }]) {
      assert.equal(await ending(daemon.client.watchFlows({ filter })), status.INVALID_ARGUMENT)
    }
    assert.equal(daemon.feeds.flows.readers(), 0)
  })

  it('refuses one stream more than it may hold', async () => {
    const streams = Array.from({ length: 4 }, () => daemon.client.watchFlows({}))
    const endings = streams.map(ending)
    await isOpen('flows', 4)
    assert.equal(await ending(daemon.client.watchFlows({})), status.RESOURCE_EXHAUSTED)
    for (const stream of streams) stream.cancel()
    await Promise.all(endings)
    await isOpen('flows', 0)
  })

  it('a row that cannot be told ends the stream and no more', async () => {
    const end = ending(daemon.client.watchFlows({}))
    await isOpen('flows')
    daemon.feeds.flows.publish([{ flow: undefined as never, score: 0 }])
    assert.equal(await end, status.INTERNAL)
    await isOpen('flows', 0)
  })
})

describe('watching decisions', () => {
  it('tells what happened to each, with its counters', async () => {
    const taken = take(daemon.client.watchDecisions({ filter: { ip: '192.0.2.7' } }), 2)
    await isOpen('decisions')
    const decision = sampleDecision({ target: '192.0.2.0/24' })
    daemon.feeds.decisions.publish([
      { kind: 'added', decision, atMs: 5 },
      { kind: 'added', decision: sampleDecision({ target: '203.0.113.1' }), atMs: 6 },
      { kind: 'repaired', decision, atMs: 7 },
    ])
    const events: DecisionEvent__Output[] = await taken
    assert.deepEqual(
      events.map(({ kind, atMs, decision }) => [kind, atMs, decision?.id, decision?.packets]),
      [
        ['KIND_ADDED', 5, 'd12', 40],
        ['KIND_REPAIRED', 7, 'd12', 40],
      ],
    )
  })

  it('begins with the last that is stored', async () => {
    daemon.view.decisionRows = [
      sampleDecision(),
      sampleDecision({ number: 11, state: 'lifted', endedAtMs: 9 }),
    ]
    const events = await take(daemon.client.watchDecisions({ filter: { last: 5 } }), 2)
    assert.deepEqual(
      events.map(({ kind, atMs, decision }) => [kind, atMs, decision?.id]),
      [
        ['KIND_LIFTED', 9, 'd11'],
        ['KIND_ADDED', 1_700_000_001_000, 'd12'],
      ],
    )
  })

  it('refuses a port', async () => {
    assert.equal(
      await ending(daemon.client.watchDecisions({ filter: { port: 22 } })),
      status.INVALID_ARGUMENT,
    )
  })
})

describe('closing the server', () => {
  it('ends open streams with UNAVAILABLE at once', async () => {
    const other = await openFakeDaemon({ closeWithinMs: 5_000 })
    const end = ending(other.client.watchFlows({}))
    await until(() => other.feeds.flows.readers() === 1)
    const began = Date.now()
    await other.server.close()
    assert.equal(await end, status.UNAVAILABLE)
    assert.ok(Date.now() - began < 2_000)
    assert.equal(other.feeds.flows.readers(), 0)
    await other[Symbol.asyncDispose]()
  })

  it('cuts off a reader that does not read when the time is over', async () => {
    const other = await openFakeDaemon({ closeWithinMs: 100 })
    other.view.flowRows = Array.from({ length: 10_000 }, (_, i) => row(i))
    const stuck = other.client.watchFlows({ filter: { last: 10_000 } })
    stuck.on('error', () => {})
    stuck.pause()
    await until(() => other.feeds.flows.readers() === 1)
    const began = Date.now()
    await other.server.close()
    assert.ok(Date.now() - began < 2_000)
    stuck.cancel()
    await other[Symbol.asyncDispose]()
  })
})
