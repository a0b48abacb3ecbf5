import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KernelError } from '../errors.js'
import { attach } from './attach.js'

test('earlier maps that cannot be opened do not keep what is met later from being stored', () => {
  const settled: string[] = []
  const cannot = () => {
    throw new KernelError('open', 13, 'EACCES')
  }
  attach({
    kernel: {
      openPinnedPanic: () => () => undefined,
      interfaces: { attachAll() {}, readEarlierHits: cannot, readEarlierTables: cannot },
    } as never,
    panic: { restore() {} } as never,
    enforcer: { settleHits: (earlier) => settled.push(`entries ${earlier.length}`) },
    lists: { settleHits: (earlier) => settled.push(`lists ${earlier.length}`) },
    beat() {},
    log: { error() {} } as never,
  })
  assert.deepEqual(settled, ['entries 0', 'lists 0'])
})
