/** Whether what is loaded is enforced: the beat, the lease that hangs on it, the panic. Words of the settings map. */

import { settings } from './wire.js'

export interface Settings {
  /** Tells the programs that the main loop lives. @param bootUs CLOCK_BOOTTIME, us */
  beat(bootUs: number): void
  /** CLOCK_BOOTTIME of the last beat, us; 0 = none yet. */
  readonly beatBootUs: number
  /** How long a leased entry is in force after a beat, us; 0 = always. */
  leaseUs: number
  /** CLOCK_BOOTTIME until which nothing is dropped, us; 0 = no panic, Infinity = until it is ended. */
  panicUntilBootUs: number
}

/** `panic_until_ns` of a panic without an end. */
const untilEnded = 0xffff_ffff_ffff_ffffn

/** @param memory of the settings map of a daemon that lives or died */
export function openSettings(memory: ArrayBuffer): Settings {
  const words = new BigUint64Array(memory)
  const { beatNs, leaseNs, panicUntilNs } = settings.offset
  const [beat, lease, panic] = [beatNs / 8, leaseNs / 8, panicUntilNs / 8]
  /** In one piece: a program on another CPU never sees half a word. */
  const write = (index: number, us: number) => {
    Atomics.store(words, index, BigInt(Math.round(us)) * 1000n)
  }
  const read = (index: number) => Number(Atomics.load(words, index)) / 1000

  return {
    beat: (bootUs) => write(beat, bootUs),
    get beatBootUs() {
      return read(beat)
    },
    get leaseUs() {
      return read(lease)
    },
    set leaseUs(us) {
      write(lease, us)
    },
    get panicUntilBootUs() {
      const word = Atomics.load(words, panic)
      return word === untilEnded ? Number.POSITIVE_INFINITY : Number(word) / 1000
    },
    set panicUntilBootUs(us) {
      if (us === Number.POSITIVE_INFINITY) Atomics.store(words, panic, untilEnded)
      else write(panic, us)
    },
  }
}

/** Whether an entry of this lease is out of force at a time. @param bootUs CLOCK_BOOTTIME, us */
export function isLapsed(
  leasedFromBootUs: number | undefined,
  { leaseUs, beatBootUs }: Pick<Settings, 'leaseUs' | 'beatBootUs'>,
  bootUs: number,
): boolean {
  return (
    leasedFromBootUs !== undefined &&
    bootUs >= leasedFromBootUs &&
    leaseUs > 0 &&
    bootUs >= beatBootUs + leaseUs
  )
}
