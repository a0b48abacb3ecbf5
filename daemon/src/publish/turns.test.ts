import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createTurns } from './turns.js'

const here = new AbortController().signal

describe('turns', () => {
  const open = (waitMs = 60_000) =>
    createTurns({ most: 2, mostWaiting: 2, waitMs: () => waitMs, what: 'lists are being imported' })
  /** Names of those whose turn came, in that order. */
  const watched = (turns: ReturnType<typeof open>) => {
    const begun: string[] = []
    const take = async (name: string, gone = here) => {
      const end = await turns.take(gone)
      begun.push(name)
      return end
    }
    return { begun, take }
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  /** Waits until the test is over. */
  const stay = (t: TestContext, { take }: ReturnType<typeof watched>, name: string) => {
    const over = new AbortController()
    t.after(() => over.abort())
    return take(name, over.signal).catch(() => undefined)
  }

  test('are taken in order, as many at a time as there may be', async () => {
    const { begun, take } = watched(open())
    const ends = [await take('a'), await take('b')]
    const later = [take('c'), take('d')]
    await settled()
    assert.deepEqual(begun, ['a', 'b'])
    ends[1]?.()
    await settled()
    assert.deepEqual(begun, ['a', 'b', 'c'])
    ends[0]?.()
    for (const end of await Promise.all(later)) end()
    assert.deepEqual(begun, ['a', 'b', 'c', 'd'])
    await Promise.all([take('e'), take('f')])
    assert.deepEqual(begun.slice(4), ['e', 'f'])
  })

  test('beyond those that may wait it is refused, with what to do', async (t) => {
    const turns = watched(open())
    const { take } = turns
    const end = await take('a')
    await take('b')
    const waits = take('c')
    void stay(t, turns, 'd')
    await assert.rejects(take('e'), {
      code: 'ERR_BUSY',
      message: '2 lists are being imported and 2 wait for their turn: try again when some are done',
    })
    end()
    await waits
    void stay(t, turns, 'f')
  })

  test('who goes away keeps nobody waiting, and is told why', async () => {
    const { begun, take } = watched(open())
    const end = await take('a')
    await take('b')
    const gone = new AbortController()
    const left = assert.rejects(take('c', gone.signal), /called back/)
    const waits = take('d')
    gone.abort(new Error('called back'))
    await left
    await assert.rejects(take('e', gone.signal), /called back/)
    end()
    await waits
    assert.deepEqual(begun, ['a', 'b', 'd'])
  })

  test('who waited long enough is refused, and keeps nobody waiting', async () => {
    const { begun, take } = watched(open(20))
    const end = await take('a')
    await take('b')
    await assert.rejects(take('c'), {
      code: 'ERR_BUSY',
      message: '2 lists are being imported, and have been all the while: try again when some are done',
    })
    end()
    await take('d')
    assert.deepEqual(begun, ['a', 'b', 'd'])
  })

  test('a turn that is ended twice is given to one', async (t) => {
    const turns = watched(open())
    const { begun, take } = turns
    const end = await take('a')
    await take('b')
    const waits = take('c')
    void stay(t, turns, 'd')
    end()
    end()
    await waits
    await settled()
    assert.deepEqual(begun, ['a', 'b', 'c'])
  })
})
