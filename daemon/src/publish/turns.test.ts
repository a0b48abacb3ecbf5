import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTurns } from './turns.js'

const here = new AbortController().signal

describe('turns', () => {
  const open = () => createTurns({ most: 2, mostWaiting: 2, what: 'lists are being imported' })
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

  test('beyond those that may wait it is refused, with what to do', async () => {
    const { take } = watched(open())
    const end = await take('a')
    await take('b')
    const waits = [take('c'), take('d')]
    await assert.rejects(take('e'), {
      code: 'ERR_BUSY',
      message: '2 lists are being imported and 2 wait for their turn: try again when some are done',
    })
    end()
    await waits[0]
    void take('f')
  })

  test('who goes away keeps nobody waiting', async () => {
    const { begun, take } = watched(open())
    const end = await take('a')
    await take('b')
    const gone = new AbortController()
    const left = assert.rejects(take('c', gone.signal), { code: 'ERR_STOPPING' })
    const waits = take('d')
    gone.abort()
    await left
    end()
    await waits
    assert.deepEqual(begun, ['a', 'b', 'd'])
    // Once it has its turn it is no business of theirs.
    gone.abort()
  })
})
