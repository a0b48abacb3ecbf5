/** Two generations of entries in the loaded programs: which one is in force, and that the other hides nothing. */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { type BlockList, type KernelEntry, openBlockList } from '../src/kernel/block-list.js'
import { xdpDrop } from '../src/kernel/replay.js'
import { BlockAction, settings } from '../src/kernel/wire.js'
import { drop, from, hashSeed, target, to } from './block-stage.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes, tcDrop } from './loaded-programs.js'

const { none, drop: dropping, count } = BlockAction
const until = 2n ** 64n - 1n

const inGenerations = (action: number, trialAction: number): KernelEntry => ({ ...drop, action, trialAction })

describe('a trial in the kernel', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  let list: BlockList
  let loaded: DataView
  const blocked = new Set<string>()
  const allowed = new Set<string>()
  before(() => {
    programs = openPrograms({ hashSeed, replay: false })
    list = openBlockList({ ...programs, blocks: smallSizes.blocks, hashSeed })
    loaded = new DataView(programs.binding.mapMemory(programs.path.fd('settings')))
  })
  after(() => programs.close())
  afterEach(() => {
    for (const text of blocked) list.remove(target(text))
    for (const text of allowed) list.disallow(target(text))
    blocked.clear()
    allowed.clear()
    trialUntil(0n)
  })
  const trialUntil = (ns: bigint) => loaded.setBigUint64(settings.offset.trialUntilNs, ns, true)
  const block = (text: string, entry: KernelEntry) => {
    list.set(target(text), entry)
    blocked.add(text)
  }
  const allow = (text: string, confirmed: boolean, trial: boolean) => {
    list.allow(target(text), 1, { confirmed, trial })
    allowed.add(text)
  }
  const isDropped = (address: string) => {
    const ingress = programs.ingress(from(address), 0) === xdpDrop
    assert.equal(programs.egress(to(address), 0) === tcDrop, ingress, 'in and out disagree')
    return ingress
  }
  /** Whether it is dropped in the confirmed generation, on trial, and past the deadline. */
  const fates = (address: string) => {
    trialUntil(0n)
    const confirmed = isDropped(address)
    trialUntil(until)
    const onTrial = isDropped(address)
    trialUntil(1n)
    const past = isDropped(address)
    return [confirmed, onTrial, past]
  }

  for (const [family, address, prefix, wider] of [
    ['IPv4', '198.51.100.66', '198.51.100.0/24', '198.51.0.0/16'],
    ['IPv6', '2001:db8:66::66', '2001:db8:66::/48', '2001:db8::/32'],
  ] as const) {
    for (const [kind, text] of [
      ['address', address],
      ['prefix', prefix],
    ] as const) {
      test(`an ${family} ${kind} obeys the generation that is in force`, () => {
        for (const [action, trialAction, expected] of [
          [dropping, dropping, [true, true, true]],
          [none, dropping, [false, true, false]],
          [dropping, none, [true, false, true]],
          [count, dropping, [false, true, false]],
          [none, none, [false, false, false]],
        ] as const) {
          block(text, inGenerations(action, trialAction))
          assert.deepEqual(fates(address), expected, `${action} ${trialAction}`)
        }
      })

      test(`an ${family} ${kind} that is not in the generation hides no shorter prefix and counts no hit`, () => {
        block(text, inGenerations(none, none))
        block(wider, drop)
        assert.deepEqual(fates(address), [true, true, true])
        assert.equal(list.get(target(text))?.packets, 0)
      })
    }

    test(`an allow entry over ${family} holds in its generations only`, () => {
      block(address, drop)
      allow(prefix, true, false)
      assert.deepEqual(fates(address), [false, true, false])
      allow(prefix, false, true)
      assert.deepEqual(fates(address), [true, false, true])
      allow(prefix, false, false)
      assert.deepEqual(fates(address), [true, true, true])
    })

    test(`an allow entry over ${family} that is not in the generation hides no shorter one`, () => {
      block(address, drop)
      allow(address, false, true)
      allow(prefix, false, true)
      allow(wider, true, false)
      assert.deepEqual(fates(address), [false, false, false])
      list.disallow(target(wider))
      assert.deepEqual(fates(address), [true, false, true])
    })
  }

  test('an allow entry of all addresses is found behind 32 that are not in the generation', () => {
    block('198.51.100.66', drop)
    for (let bits = 1; bits <= 32; bits++) {
      const { text } = target(bits === 32 ? '198.51.100.66' : masked('198.51.100.66', bits))
      allow(text, false, true)
    }
    allow('0.0.0.0/0', true, false)
    assert.deepEqual(fates('198.51.100.66'), [false, false, false])
  })

  test('what the list reads back is what was written', () => {
    block('198.51.100.66', inGenerations(none, dropping))
    const { action, trialAction } = list.get(target('198.51.100.66'))!
    assert.deepEqual([action, trialAction], [none, dropping])
    block('198.51.100.66', drop)
    assert.equal(list.get(target('198.51.100.66'))?.trialAction, undefined)
  })
})

function masked(address: string, bits: number): string {
  const value = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const kept = Math.floor(value / 2 ** (32 - bits)) * 2 ** (32 - bits)
  return `${[24, 16, 8, 0].map((shift) => Math.floor(kept / 2 ** shift) % 256).join('.')}/${bits}`
}
