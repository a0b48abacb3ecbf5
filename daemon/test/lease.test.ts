/** Lease and panic in the loaded programs: which entries hang on the beat, and what a panic lets through. */

import assert from 'node:assert/strict'
import { afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import type { KernelEntry } from '../src/kernel/block-list.js'
import { isLapsed, openSettings, type Settings } from '../src/kernel/settings.js'
import { count, drop, from, target, useBlockStage } from './block-stage.js'
import { loadUnavailable } from './loaded-programs.js'

const leased: KernelEntry = { ...drop, leasedFromBootUs: 0 }
const minuteUs = 60_000_000
const secondUs = 1_000_000
/** An address, a prefix that holds it, both families. */
const targets = ['10.9.8.7', '10.9.8.0/24', '2001:db8::7', '2001:db8::/64']
const addressOf = (text: string) => text.replace(/\/.*/, '')

describe('lease and panic', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()
  const { allow, block, mustDrop, mustPass } = stage
  let settings: Settings
  const bootUs = () => stage.programs.binding.clocks().bootUs
  const counts = () => {
    const { wouldDrop, lapsedHits, expiredHits, allowed, dropped } = stage.programs.counters()
    return { wouldDrop, lapsedHits, expiredHits, allowed, dropped: dropped.reduce((sum, n) => sum + n, 0) }
  }
  /** What the counters grew by. */
  const counted = (work: () => void) => {
    const earlier = counts()
    work()
    const now = counts()
    return Object.fromEntries(
      Object.entries(now).flatMap(([name, value]) => {
        const grown = value - earlier[name as keyof typeof earlier]
        return grown === 0 ? [] : [[name, grown]]
      }),
    )
  }
  before(() => {
    settings = openSettings(stage.programs.binding.mapMemory(stage.programs.path.fd('settings')))
  })
  afterEach(() => {
    settings.leaseUs = 0
    settings.panicUntilBootUs = 0
  })

  describe('lease', () => {
    for (const text of targets) {
      test(`${text}, leased, drops after a beat, lapses without one, drops again after the next`, () => {
        block(text, leased)
        settings.leaseUs = minuteUs
        settings.beat(bootUs())
        const beatUs = settings.beatBootUs
        mustDrop(addressOf(text))
        settings.leaseUs = 1
        // The kernel's clock is read once per jiffy, of 10 ms at most.
        while (bootUs() < beatUs + 20_000) stage.programs.ingress(from(addressOf(text)), 0)
        assert.deepEqual(
          counted(() => mustPass(addressOf(text))),
          { lapsedHits: 2 },
        )
        settings.leaseUs = minuteUs
        settings.beat(bootUs())
        mustDrop(addressOf(text))
      })
    }

    for (const [name, entry, leaseUs, isDropped] of [
      ['without a lease a leased entry needs no beat', leased, 0, true],
      ['an entry that is not leased needs no beat', drop, secondUs, true],
      ['a leased entry without any beat is out of force', leased, secondUs, false],
    ] as const) {
      test(name, () => {
        settings.beat(0)
        settings.leaseUs = leaseUs
        for (const text of targets) block(text, entry)
        for (const text of targets) assert.equal(stage.isDropped(addressOf(text)), isDropped, text)
      })
    }

    test('an entry is leased from its own time on: until then it needs no beat', () => {
      settings.beat(0)
      settings.leaseUs = secondUs
      for (const text of targets) block(text, { ...drop, leasedFromBootUs: bootUs() + minuteUs })
      mustDrop(...targets.map(addressOf))
      for (const text of targets) block(text, { ...drop, leasedFromBootUs: bootUs() - 2 * secondUs })
      mustPass(...targets.map(addressOf))
    })

    test('the time from when on an entry is leased is kept to 1.1 s, and never is too early', () => {
      for (const fromBootUs of [0, 1, secondUs, 1_073_742, 86_400 * secondUs, 10 * 365 * 86_400 * secondUs]) {
        for (const text of targets) {
          block(text, { ...drop, leasedFromBootUs: fromBootUs })
          const kept = stage.list.get(target(text))?.leasedFromBootUs as number
          assert.ok(
            kept >= fromBootUs && kept <= fromBootUs + 1.1 * secondUs,
            `${text}: ${kept} of ${fromBootUs}`,
          )
        }
      }
      block('10.9.8.7', drop)
      assert.equal(stage.list.get(target('10.9.8.7'))?.leasedFromBootUs, undefined)
    })

    test('an entry that ends during its lease ends', () => {
      settings.beat(bootUs())
      settings.leaseUs = minuteUs
      for (const text of targets) block(text, { ...leased, expiresBootUs: 1 })
      assert.deepEqual(
        counted(() => mustPass(...targets.map(addressOf))),
        { expiredHits: 12 },
      )
    })

    test('a lapsed address hides neither prefix nor allow entry, a lapsed prefix no shorter one', () => {
      settings.beat(0)
      settings.leaseUs = secondUs
      block('10.9.8.7', leased)
      block('10.9.8.0/24', leased)
      mustPass('10.9.8.7')
      block('10.9.0.0/16')
      mustDrop('10.9.8.7')
      allow('10.9.8.7')
      assert.deepEqual(
        counted(() => mustPass('10.9.8.7')),
        { lapsedHits: 4, allowed: 2 },
      )
    })

    test('user space calls an entry lapsed exactly when the kernel lets it pass', () => {
      const now = bootUs()
      for (const [leasedFromBootUs, leaseUs, beatBootUs] of [
        [undefined, secondUs, 0],
        [0, secondUs, 0],
        [0, 0, 0],
        [0, minuteUs, now],
        [now + minuteUs, secondUs, 0],
        [now - 2 * secondUs, secondUs, 0],
      ] as const) {
        settings.leaseUs = leaseUs
        settings.beat(beatBootUs)
        block('10.9.8.7', { ...drop, ...(leasedFromBootUs === undefined ? {} : { leasedFromBootUs }) })
        const isDropped = stage.isDropped('10.9.8.7')
        const words = `${leasedFromBootUs} ${leaseUs} ${beatBootUs}`
        assert.equal(isLapsed(leasedFromBootUs, settings, bootUs()), !isDropped, words)
      }
    })
  })

  describe('panic', () => {
    for (const text of targets) {
      test(`${text} passes while a panic lasts, and is counted as what would have been dropped`, () => {
        block(text)
        mustDrop(addressOf(text))
        settings.panicUntilBootUs = Number.POSITIVE_INFINITY
        assert.equal(settings.panicUntilBootUs, Number.POSITIVE_INFINITY)
        assert.deepEqual(
          counted(() => mustPass(addressOf(text))),
          { wouldDrop: 2 },
        )
        assert.equal(stage.list.get(target(text))?.packets, 4)
        settings.panicUntilBootUs = 0
        assert.deepEqual(
          counted(() => mustDrop(addressOf(text))),
          { dropped: 2 },
        )
      })
    }

    test('it ends by itself, in the kernel alone', () => {
      block('10.9.8.7')
      settings.panicUntilBootUs = bootUs() + minuteUs
      mustPass('10.9.8.7')
      const endUs = bootUs()
      settings.panicUntilBootUs = endUs
      while (bootUs() < endUs + 20_000) stage.programs.ingress(from('10.9.8.7'), 0)
      mustDrop('10.9.8.7')
    })

    test('a packet counts once, though an address and two prefixes would have dropped it', () => {
      settings.panicUntilBootUs = Number.POSITIVE_INFINITY
      for (const text of ['10.9.8.7', '10.9.8.0/24', '10.9.0.0/16']) block(text)
      assert.deepEqual(
        counted(() => mustPass('10.9.8.7')),
        { wouldDrop: 2 },
      )
    })

    test('what only counts goes on counting, and what is allowed counts as allowed', () => {
      settings.panicUntilBootUs = Number.POSITIVE_INFINITY
      block('10.9.8.7', count)
      block('10.9.9.7')
      allow('10.9.9.7')
      assert.deepEqual(
        counted(() => mustPass('10.9.8.7', '10.9.9.7')),
        { wouldDrop: 2, allowed: 2 },
      )
    })

    test('writing entries, and what they count, leaves beat, lease and panic as they are', () => {
      settings.panicUntilBootUs = 5e12
      settings.leaseUs = minuteUs
      settings.beat(7_000_000)
      block('10.9.8.7')
      stage.list.refresh()
      const { panicUntilBootUs, leaseUs, beatBootUs } = settings
      assert.deepEqual([panicUntilBootUs, leaseUs, beatBootUs], [5e12, minuteUs, 7_000_000])
    })
  })
})
