/** Random entries in the loaded programs against a slow reading of the rules. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import type { KernelEntry } from '../src/kernel/block-list.js'
import { BlockAction } from '../src/kernel/wire.js'
import { covers, type Target } from '../src/policy/address.js'
import { count, drop, expired, target, toAddress, toNumber, useBlockStage } from './block-stage.js'
import { loadUnavailable } from './loaded-programs.js'
import { createRandom } from './random.js'

describe('the rules of the block list', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()
  const { allow, block, disallow, isDropped, unblock } = stage

  for (const seed of [1, 2, 3, 4]) {
    test(`random entries and removals (seed ${seed}) drop exactly what a slow reading of the rules drops`, () => {
      const random = createRandom(seed)
      const entries = new Map<string, { target: Target; entry: KernelEntry }>()
      const allows = new Map<string, Target>()
      // A small world, so that entries nest and meet.
      const randomAddress = () =>
        random.next() < 0.5
          ? `10.${random.below(2)}.${random.below(3)}.${random.below(8)}`
          : target(`2001:db8:${random.below(2)}::${random.below(2)}:${random.below(8)}`).text
      const randomPrefix = () => {
        const address = randomAddress()
        const bits = address.includes(':') ? 128 : 32
        const length = random.pick(
          bits === 32 ? [0, 7, 8, 15, 16, 22, 23, 24, 29, 30, 31] : [0, 31, 32, 47, 48, 112, 125, 127],
        )
        const size = 1n << BigInt(bits - length)
        return `${toAddress((toNumber(address) / size) * size, bits === 32 ? 4 : 6)}/${length}`
      }
      const judge = (address: Target): boolean => {
        const isAllowed = [...allows.values()].some((one) => covers(one, address))
        const hits = [...entries.values()]
          .filter(({ target, entry }) => covers(target, address) && entry.expiresBootUs !== 1)
          .sort((a, b) => b.target.prefix - a.target.prefix)
        for (const { target, entry } of hits) {
          if (isAllowed) return false
          if (entry.action === BlockAction.drop) return true
          if (target.isPrefix) return false
        }
        return false
      }

      let drops = 0
      const rounds = 300
      const probes = 24
      for (let round = 0; round < rounds; round++) {
        const text = random.next() < 0.5 ? randomAddress() : randomPrefix()
        const what = random.next()
        if (what < 0.45) {
          const entry = random.pick([drop, drop, drop, count, expired])
          block(text, entry)
          entries.set(target(text).text, { target: target(text), entry })
        } else if (what < 0.6) {
          // Allows of few addresses, or nothing would be left to drop.
          if (target(text).prefix >= (text.includes(':') ? 112 : 22)) {
            allow(text)
            allows.set(target(text).text, target(text))
          }
        } else if (what < 0.85) {
          const held = random.pick([...entries.keys(), text])
          assert.equal(unblock(held), entries.delete(held), held)
        } else {
          const held = random.pick([...allows.keys(), text])
          assert.equal(disallow(held), allows.delete(held), held)
        }
        for (let probe = 0; probe < probes; probe++) {
          const address = randomAddress()
          const expected = judge(target(address))
          assert.equal(
            isDropped(address),
            expected,
            `round ${round}: ${address} with ${[...entries].map(([key, { entry }]) => `${key}:${entry.action}:${entry.expiresBootUs}`).join(' ')}, allowed ${[...allows.keys()].join(' ')}`,
          )
          if (expected) drops++
        }
      }
      const share = drops / (rounds * probes)
      assert.ok(share > 0.1 && share < 0.9, `${share} of the packets were dropped`)
    })
  }
})
