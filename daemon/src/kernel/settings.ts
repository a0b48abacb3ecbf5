/** Whether what is loaded is enforced: the beat, the lease that hangs on it, the panic, the trial. Words of the settings map. */

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
  /**
   * CLOCK_BOOTTIME until which the generation on trial is in force, us; 0 = no trial, Infinity = it is confirmed and the
   * entries follow.
   */
  trialUntilBootUs: number
  /**
   * As the two above, where the word still is as it was read: an operator may write it past the daemon at any instant.
   * @returns whether it was
   */
  replacePanic(fromBootUs: number, untilBootUs: number): boolean
  replaceTrial(fromBootUs: number, untilBootUs: number): boolean
}

/** `panic_until_ns` of a panic without an end, `trial_until_ns` of a trial that was confirmed. */
const untilEnded = 0xffff_ffff_ffff_ffffn

/** Where the words lie, bytes; an older version knows no trial. */
export type SettingsPlaces = Readonly<Record<'beatNs' | 'leaseNs' | 'panicUntilNs', number>> & {
  readonly trialUntilNs: number | undefined
}

/**
 * @param memory of the settings map of a daemon that lives or died
 * @param places those of its layout; all are multiples of 8
 */
export function openSettings(memory: ArrayBuffer, places: SettingsPlaces = settings.offset): Settings {
  const words = new BigUint64Array(memory)
  const { beatNs, leaseNs, panicUntilNs, trialUntilNs } = places
  const [beat, lease, panic] = [beatNs / 8, leaseNs / 8, panicUntilNs / 8]
  const trial = trialUntilNs === undefined ? undefined : trialUntilNs / 8
  /** In one piece: a program on another CPU never sees half a word. */
  const write = (index: number, us: number) => {
    Atomics.store(words, index, wordOf(us))
  }
  const read = (index: number) => Number(Atomics.load(words, index)) / 1000
  /** Of words that may have no end. */
  const readEnd = (index: number) =>
    Atomics.load(words, index) === untilEnded ? Number.POSITIVE_INFINITY : read(index)
  const replace = (index: number, fromUs: number, us: number) => {
    const from = wordOf(fromUs)
    return Atomics.compareExchange(words, index, from, wordOf(us)) === from
  }

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
      return readEnd(panic)
    },
    set panicUntilBootUs(us) {
      write(panic, us)
    },
    get trialUntilBootUs() {
      return trial === undefined ? 0 : readEnd(trial)
    },
    set trialUntilBootUs(us) {
      if (trial !== undefined) write(trial, us)
    },
    replacePanic: (fromUs, us) => replace(panic, fromUs, us),
    replaceTrial: (fromUs, us) => trial !== undefined && replace(trial, fromUs, us),
  }
}

/** As the map has it, ns. */
function wordOf(us: number): bigint {
  return us === Number.POSITIVE_INFINITY ? untilEnded : BigInt(Math.round(us)) * 1000n
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
