/** Files packed as gzip and zstd pack them, for tests. */

import { gzipSync } from 'node:zlib'

/** Ways to pack a file, by name. */
export const packings: readonly { readonly name: string; readonly pack: (file: Uint8Array) => Buffer }[] = [
  { name: 'gzip', pack: (file) => gzipSync(file) },
  { name: 'zstd', pack: zstdFrame },
]

const maxBlockBytes = 1 << 17

/**
 * A frame of zstd whose blocks hold their bytes as they are: Node has no packer before version 22.
 * Source: RFC 8878, sections 3.1.1 and 3.1.1.2.
 */
export function zstdFrame(file: Uint8Array): Buffer {
  // One segment, the size of what is in it in four bytes.
  const header = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0)
  header.writeUInt32LE(file.length, 5)
  const blocks = [header]
  for (let at = 0; at < file.length || at === 0; at += maxBlockBytes) {
    const bytes = file.subarray(at, at + maxBlockBytes)
    const isLast = at + maxBlockBytes >= file.length
    const blockHeader = Buffer.alloc(3)
    blockHeader.writeUIntLE((bytes.length << 3) | (isLast ? 1 : 0), 0, 3)
    blocks.push(blockHeader, Buffer.from(bytes))
  }
  return Buffer.concat(blocks)
}

/** A frame that unpackers pass over. Source: RFC 8878, section 3.1.2. */
export function zstdSkippableFrame(bytes: Uint8Array): Buffer {
  const header = Buffer.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0)
  header.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}
