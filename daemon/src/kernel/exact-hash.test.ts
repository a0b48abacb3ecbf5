import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { addressBytes, exactTag, hashBucket } from './exact-hash.js'

const bytesOf = (text: string) => addressBytes(parseTarget(text, 'target').bytes)

/** The arithmetic of `bpf/block.h`, written anew over integers without a width. */
const u32 = (value: bigint) => BigInt.asUintN(32, value)
const mix = (hash: bigint) => {
  const product = u32(hash * 0x85ebca6bn)
  return product ^ (product >> 15n)
}
function tagOf(address: Uint8Array, isV4: boolean, seed: bigint): bigint {
  const view = new DataView(address.buffer)
  const word = (i: number) => BigInt(view.getUint32(i * 4, true))
  const fold = isV4 ? 0n : mix(mix(mix(seed ^ word(0)) ^ word(1)) ^ word(2))
  return word(3) ^ fold || 1n
}
function bucketOf(tag: bigint, seed: bigint, mask: bigint): bigint {
  let hash = u32((tag ^ seed) * 0x9e3779b1n)
  hash ^= hash >> 15n
  hash = u32(hash * 0xc2b2ae35n)
  hash ^= hash >> 13n
  return hash & mask
}

/** Marsaglia's xorshift32, so that a failure repeats. */
function random(): () => number {
  let state = 0x2545f491
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

test('an IPv4 address is 16 bytes in ::ffff:0:0/96, an IPv6 address is itself', () => {
  assert.equal(Buffer.from(bytesOf('10.1.2.3')).toString('hex'), '00000000000000000000ffff0a010203')
  assert.equal(Buffer.from(bytesOf('2001:db8::1')).toString('hex'), '20010db8000000000000000000000001')
})

test('tag and bucket are those of the kernel for 20,000 addresses and seeds', () => {
  const next = random()
  for (let i = 0; i < 20_000; i++) {
    const family = i % 2 === 0 ? 4 : 6
    const address = addressBytes(Uint8Array.from({ length: family === 4 ? 4 : 16 }, () => next() & 255))
    const seed = next()
    const mask = 2 ** (i % 20) - 1
    const tag = exactTag(new DataView(address.buffer), family, seed)
    assert.equal(BigInt(tag), tagOf(address, family === 4, BigInt(seed)))
    assert.equal(BigInt(hashBucket(tag, seed, mask)), bucketOf(BigInt(tag), BigInt(seed), BigInt(mask)))
  }
})

test('of all addresses only 0.0.0.0 has the tag of an empty slot: the set cannot hold it', () => {
  assert.equal(exactTag(new DataView(bytesOf('0.0.0.0').buffer), 4, 5), 0)
  assert.equal(exactTag(new DataView(bytesOf('1.0.0.0').buffer), 4, 5), 1)
})

test('neighbouring addresses spread: of 1,024 buckets for 8,192 addresses none holds more than 24', () => {
  const sizes = new Uint32Array(1024)
  for (let i = 0; i < 8_192; i++) {
    const tag = exactTag(new DataView(bytesOf(`10.0.${i >> 8}.${i & 255}`).buffer), 4, 99)
    const bucket = hashBucket(tag, 99, 1023)
    sizes[bucket] = (sizes[bucket] as number) + 1
  }
  assert.ok(Math.max(...sizes) <= 24, String(Math.max(...sizes)))
})
