import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPlainLog } from './plain-log.js'

test('a warning is one line with its fields behind it, what is less is not written', () => {
  const lines: string[] = []
  const log = createPlainLog((line) => lines.push(line))
  log.info({}, 'nothing')
  log.warn({}, 'plain')
  log.error({ err: new Error('broken'), failures: 2, guards: ['a', 'b'], step: 'detection' }, 'failed')
  assert.deepEqual(lines, [
    'idsd: plain\n',
    'idsd: failed (err: broken, failures: 2, guards: ["a","b"], step: detection)\n',
  ])
})
