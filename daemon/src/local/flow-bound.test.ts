import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { flowBound } from './flow-bound.js'

describe('how many flows captures can hold', () => {
  let folder: string
  const written = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-bound-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('is at least one for each 44 bytes of all files together', () => {
    const [a, b] = [written('a', new Uint8Array(440)), written('b', new Uint8Array(441))]
    assert.equal(flowBound([a]), 10)
    assert.equal(flowBound([a, b]), 21)
    assert.equal(flowBound([written('empty', new Uint8Array(0))]), 0)
  })

  test('cannot be known of standard input, of compressed files, of what is no file', () => {
    const gzip = written('a.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0))
    const zstd = written('a.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0))
    for (const unknown of ['-', gzip, zstd, folder, '/dev/zero', join(folder, 'none')])
      assert.equal(
        flowBound([written('plain', new Uint8Array(44)), unknown]),
        Number.POSITIVE_INFINITY,
        unknown,
      )
  })
})
