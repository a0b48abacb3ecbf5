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
    Atomics.store(words, index, BigInt(Math.round(us)) * 1000n)
  }
  const read = (index: number) => Number(Atomics.load(words, index)) / 1000
  /** Of words that may have no end. */
  const readEnd = (index: number) =>
    Atomics.load(words, index) === untilEnded ? Number.POSITIVE_INFINITY : read(index)
  const writeEnd = (index: number, us: number) => {
    if (us === Number.POSITIVE_INFINITY) Atomics.store(words, index, untilEnded)
    else write(index, us)
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
      writeEnd(panic, us)
    },
    get trialUntilBootUs() {
      return trial === undefined ? 0 : readEnd(trial)
    },
    set trialUntilBootUs(us) {
      if (trial !== undefined) writeEnd(trial, us)
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
