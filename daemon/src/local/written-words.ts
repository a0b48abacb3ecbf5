/** What was written into the pinned settings past the daemon: what a note of it tells, and how it stays. */

export interface WrittenWords {
  /** Before and after, CLOCK_BOOTTIME, us; 0 = none, Infinity = without end. */
  readonly fromUs: number
  readonly toUs: number
  /** CLOCK_BOOTTIME when it was written, us. */
  readonly atBootUs: number
  readonly bootId: string
  /**
   * Looks again until the words stay as they are, whatever daemon starts.
   * @throws IdsdError `ERR_OVERWRITTEN`; KernelError
   */
  hold(): Promise<void>
}
