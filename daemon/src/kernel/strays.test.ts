import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listsTriesSafely } from './strays.js'

test('keys of tries are listed only where the kernel does so without harm', () => {
  const kernels = [
    '5.15.0-118-generic',
    '6.1.0-25-amd64',
    '6.6.31',
    '6.11.0',
    '6.12.0',
    '6.12.1-amd64',
    '7.0.1',
    'odd',
  ]
  const isSafe = kernels.map(listsTriesSafely)
  assert.deepEqual(isSafe, [false, false, false, false, true, true, true, false])
})
