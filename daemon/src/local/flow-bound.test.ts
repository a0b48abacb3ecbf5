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
  /** As long, beginning as a capture does. */
  const capture = (bytes: number) => {
    const file = new Uint8Array(bytes)
    file.set([0xd4, 0xc3, 0xb2, 0xa1])
    return file
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-bound-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  test('is at least one for each 40 bytes of all files together', () => {
    const [a, b] = [written('a', capture(400)), written('b', capture(401))]
    assert.equal(flowBound([a]), 10)
    assert.equal(flowBound([a, b]), 21)
    assert.equal(flowBound([written('c', capture(24))]), 1)
  })

  test('cannot be known of standard input, of compressed files, of what is no file', () => {
    const gzip = written('a.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 0))
    const zstd = written('a.zst', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0))
    const passedOver = written('b.zst', Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0))
    for (const unknown of ['-', gzip, zstd, passedOver, folder, '/dev/zero', join(folder, 'none')])
      assert.equal(flowBound([written('plain', capture(44)), unknown]), Number.POSITIVE_INFINITY, unknown)
  })
})
