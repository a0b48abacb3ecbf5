import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createFeed } from './feed.js'

const all = () => true
const nobody = () => {}

describe('a feed', () => {
  it('delivers in order to every reader that accepts', () => {
    const feed = createFeed<number>()
    const a = feed.subscribe(all, nobody)
    const even = feed.subscribe((n) => n % 2 === 0, nobody)
    feed.publish([1, 2])
    feed.publish([3])
    assert.deepEqual(
      [a.take(), a.take(), a.take(), a.take()].map((d) => d?.event),
      [1, 2, 3, undefined],
    )
    assert.deepEqual([even.take()?.event, even.take()], [2, undefined])
  })

  it('drops the oldest of a full queue and tells in the next delivery how many', () => {
    const feed = createFeed<number>({ capacity: 3 })
    const slow = feed.subscribe(all, nobody)
    feed.publish([1, 2, 3, 4, 5])
    assert.deepEqual(slow.take(), { event: 3, lost: 2 })
    assert.deepEqual(slow.take(), { event: 4, lost: 0 })
    feed.publish([6, 7, 8])
    assert.deepEqual(slow.take(), { event: 6, lost: 1 })
    assert.equal(feed.lost(), 3)
  })

  it('keeps order and counts over many turns of its ring', () => {
    const feed = createFeed<number>({ capacity: 5 })
    const reader = feed.subscribe(all, nobody)
    let lost = 0
    let last = -1
    for (let n = 0; n < 1000; n++) {
      feed.publish([n])
      if (n % 7 > 4) continue
      const delivery = reader.take()!
      assert.equal(delivery.event, last + delivery.lost + 1)
      last = delivery.event
      lost += delivery.lost
    }
    assert.ok(lost > 0)
    for (let left = reader.take(); left !== undefined; left = reader.take()) {
      lost += left.lost
      last = left.event
    }
    assert.equal(last, 999)
    assert.equal(feed.lost(), lost)
  })

  it('wakes a reader once a batch, and not for what it does not accept', () => {
    const feed = createFeed<number>()
    let woken = 0
    feed.subscribe(
      (n) => n > 1,
      () => woken++,
    )
    feed.publish([1])
    assert.equal(woken, 0)
    feed.publish([2, 3, 4])
    assert.equal(woken, 1)
  })

  it('forgets a reader that closed', () => {
    const feed = createFeed<number>({ capacity: 1 })
    const reader = feed.subscribe(all, nobody)
    assert.equal(feed.readers(), 1)
    reader.close()
    feed.publish([1, 2])
    assert.equal(feed.readers(), 0)
    assert.equal(feed.lost(), 0)
  })

  it('takes no more readers than it may', () => {
    const feed = createFeed<number>({ maxReaders: 1 })
    const first = feed.subscribe(all, nobody)
    assert.throws(() => feed.subscribe(all, nobody), { code: 'ERR_BUSY' })
    first.close()
    feed.subscribe(all, nobody)
  })

  it('hands every batch whole to a tap, which loses nothing, until it is ended', () => {
    const feed = createFeed<number>({ capacity: 1, maxReaders: 1 })
    const taken: number[][] = []
    feed.subscribe(all, nobody)
    const untap = feed.tap((events) => taken.push([...events]))
    assert.equal(feed.readers(), 2)
    feed.publish([1, 2, 3])
    untap()
    feed.publish([4])
    assert.deepEqual(taken, [[1, 2, 3]])
    assert.equal(feed.readers(), 1)
  })
})
