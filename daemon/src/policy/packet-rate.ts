/** Whether the line is as busy as it used to be, from a counter of packets that is read now and then. Pure. */

export interface PacketRateSettings {
  /** What is compared, ms. */
  readonly windowMs: number
  /** With the mean of so long before it, ms. */
  readonly meanMs: number
  /** Quiet is less than so many times that mean. */
  readonly quietFactor: number
}

export interface PacketRate {
  configure(settings: PacketRateSettings): void
  /** @param packets all packets so far  @param nowMs time that does not go back, ms */
  observe(packets: number, nowMs: number): void
  /** True when a reading is due. */
  isDue(nowMs: number): boolean
  /**
   * Whether the packets of the last window stay under `quietFactor` times the mean before it. While less than two
   * windows are known, the later half is compared with the earlier one; true while nothing can be compared.
   * @param spanMs looks at so long in place of the window, but at a twentieth of it at least
   */
  isQuiet(spanMs?: number): boolean
}

interface Sample {
  readonly atMs: number
  readonly packets: number
}

/** Readings in one window. */
const SAMPLES = 20
const LEAST = 4

export function createPacketRate(given: PacketRateSettings): PacketRate {
  let settings = given
  let samples: Sample[] = []

  const everyMs = () => settings.windowMs / SAMPLES
  const lastMs = () => samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  /** The latest sample that is at least so old. */
  const at = (atMs: number): Sample =>
    samples.findLast((sample) => sample.atMs <= atMs) ?? (samples[0] as Sample)

  return {
    configure: (next) => {
      settings = next
    },
    observe: (packets, nowMs) => {
      // Counters that went back are those of other programs.
      if (packets < (samples.at(-1)?.packets ?? 0)) samples = []
      if (nowMs - (samples.at(-2)?.atMs ?? Number.NEGATIVE_INFINITY) < everyMs()) samples.pop()
      samples.push({ atMs: nowMs, packets })
      const keptMs = settings.windowMs + settings.meanMs + everyMs()
      const first = samples.findIndex(({ atMs }) => atMs >= nowMs - keptMs)
      if (first > 0) samples.splice(0, first)
    },
    isDue: (nowMs) => nowMs - lastMs() >= everyMs(),
    isQuiet: (spanMs = settings.windowMs) => {
      const last = samples.at(-1)
      const first = samples[0]
      if (samples.length < LEAST || last === undefined || first === undefined) return true
      const lookedAtMs = Math.min(settings.windowMs, Math.max(spanMs, everyMs()))
      const middle = at(last.atMs - Math.min(lookedAtMs, (last.atMs - first.atMs) / 2))
      const begin = at(middle.atMs - settings.meanMs)
      const isKnown = last.atMs > middle.atMs && middle.atMs > begin.atMs
      if (!isKnown) return true
      const present = (last.packets - middle.packets) / (last.atMs - middle.atMs)
      const mean = (middle.packets - begin.packets) / (middle.atMs - begin.atMs)
      return present === 0 || present < mean * settings.quietFactor
    },
  }
}
