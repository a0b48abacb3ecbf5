/** What one kind of traffic is: its options and its programs. */

/** Names of the options that only some modes take. */
export type ExtraOption = 'bind' | 'concurrency' | 'iface' | 'spoof-src'

/** What was asked for. Ports are at least one. */
export interface Settings {
  readonly target: string
  readonly ports: readonly number[]
  /** The ports as they were given. */
  readonly portsText: string
  /** Attempts a second; 0 means flat out. */
  readonly rate: number
  /** Attempts in all; 0 means no bound. */
  readonly count: number
  /** Seconds; 0 means until Ctrl-C. */
  readonly durationS: number
  /** Own address, '' for the one the kernel chooses. */
  readonly bind: string
  /** Attempts under way at once. */
  readonly concurrency: number
  /** Interface of raw frames, '' for the one on the way to the target. */
  readonly iface: string
  /** Sources that raw frames claim, '' for the own address. */
  readonly spoofSrc: string
  readonly ownsTarget: boolean
}

/** One program of a mode. */
export interface Part {
  readonly name: string
  readonly argv: readonly string[]
}

export interface Mode {
  readonly name: string
  /** One line, for the list of modes. */
  readonly purpose: string
  /** More lines, for the help of the mode. */
  readonly details: readonly string[]
  /** Meaning of `--ports`, and how many there are: undefined for any number. */
  readonly ports: { readonly value: string; readonly help: string; readonly count?: number }
  readonly rate: { readonly value: number; readonly help: string }
  /** Meaning of `--count`. */
  readonly count: string
  /** Default of `--duration`, s. */
  readonly durationS: number
  /** Options it takes besides those of all modes, with their defaults and help. */
  readonly extra: Readonly<Partial<Record<ExtraOption, readonly [value: string, help: string]>>>
  readonly example: string
  readonly isHarmless: boolean
  readonly needsRoot: boolean
  /** Programs to run at once. */
  parts(settings: Settings): Part[] | Promise<Part[]>
}
