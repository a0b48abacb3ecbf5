import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { createMemoryBlockList } from './memory-block-list.js'

const at = (text: string) => parseTarget(text, 'target')
const entry = { decision: 1, action: 1, origin: 2, reason: 3, expiresBootUs: 0 }

test('an address and a prefix are held apart, changed in place and taken out', () => {
  const list = createMemoryBlockList()
  list.setMany([
    [at('10.0.0.1'), entry],
    [at('10.0.0.0/24'), entry],
    [at('10.0.0.1'), { ...entry, decision: 2 }],
  ])
  assert.deepEqual([list.exactCount, list.prefixCount], [1, 1])
  assert.equal(list.get(at('10.0.0.1'))?.decision, 2)
  assert.equal(list.get(at('10.0.0.0/24'))?.packets, 0)
  assert.equal(list.get(at('10.0.0.2')), undefined)
  assert.equal(list.remove(at('10.0.0.1')), true)
  assert.equal(list.remove(at('10.0.0.1')), false)
  assert.deepEqual([list.exactCount, list.prefixCount], [0, 1])
})

test('an allow entry is loaded until it is taken out', () => {
  const list = createMemoryBlockList()
  list.allow(at('10.0.0.0/8'), 1)
  assert.deepEqual([list.isAllowLoaded(at('10.0.0.0/8')), list.allowCount], [true, 1])
  assert.equal(list.disallow(at('10.0.0.0/8')), true)
  assert.equal(list.disallow(at('10.0.0.0/8')), false)
  assert.equal(list.isAllowLoaded(at('10.0.0.0/8')), false)
})
