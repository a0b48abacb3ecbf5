import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type ByteSource, openByteSource } from './byte-source.js'

const text = Array.from({ length: 50_000 }, (_, i) => `${i},${i * i}\n`).join('')

describe('bytes of a table', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'idsctl-bytes-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function fileOf(name: string, bytes: string | Buffer): ByteSource {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return openByteSource(path)
  }

  async function all(source: ByteSource): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of source.chunks) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('come from a file, and tell how far they are', async () => {
    const source = fileOf('a.csv', text)
    assert.equal(source.totalBytes, text.length)
    assert.equal(source.readBytes(), 0)
    assert.equal(await all(source), text)
    assert.equal(source.readBytes(), text.length)
  })

  it('are unpacked whatever the name says, from several members too', async () => {
    const half = text.length / 2
    const packed = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))])
    const source = fileOf('packed.csv', packed)
    assert.equal(await all(source), text)
    assert.equal(source.readBytes(), packed.length)
  })

  it('come from standard input, which may be gzip and come byte by byte', async () => {
    for (const bytes of [Buffer.from('a,b\n1,2\n'), gzipSync('a,b\n1,2\n')]) {
      const source = openByteSource('-', Readable.from([...bytes].map((byte) => Buffer.from([byte]))))
      assert.deepEqual([source.name, source.totalBytes], ['standard input', 0])
      assert.equal(await all(source), 'a,b\n1,2\n')
    }
  })

  it('may be none, or one', async () => {
    assert.equal(await all(fileOf('none.csv', '')), '')
    assert.equal(await all(fileOf('one.csv', 'x')), 'x')
  })

  it('that end too early, or are damaged, are told with the name of the file', async () => {
    const packed = gzipSync(text)
    await assert.rejects(all(fileOf('cut.gz', packed.subarray(0, packed.length / 2))), {
      message: `${join(folder, 'cut.gz')}: the gzip stream ends before its end`,
    })
    const damaged = Buffer.from(packed)
    damaged.fill(0xff, 1_000, 1_200)
    await assert.rejects(all(fileOf('damaged.gz', damaged)), /damaged\.gz: damaged gzip/)
  })

  it('that are not there are told at once', async () => {
    assert.throws(() => openByteSource(join(folder, 'absent.csv')), /cannot read .*absent\.csv: ENOENT/)
    await assert.rejects(all(openByteSource(folder)), /cannot read .*: EISDIR/)
  })
})
