/** What a check of the doctor says. */

/**
 * `ok`: as it should be. `note`: worth knowing, nothing to mend. `warning`: slower, blinder or riskier than need be.
 * `problem`: packets are not judged, or soon will not be. `unknown`: could not be looked at.
 */
export type Level = 'ok' | 'note' | 'warning' | 'problem' | 'unknown'

export interface Finding {
  /** Name of the check: `xdp`, `mtu`, ... */
  readonly check: string
  /** Interface, map or loss that it is about; '' when it is about the machine. */
  readonly subject: string
  readonly level: Level
  /** What is. */
  readonly found: string
  /** What follows from it; '' when nothing does. */
  readonly consequence: string
  /** What to do; '' when nothing is to be done. */
  readonly fix: string
}

/** What a check says about its subject: consequence and fix only where there are any. */
export type Said = Pick<Finding, 'level' | 'found'> & Partial<Pick<Finding, 'consequence' | 'fix'>>

/** A finding of one check about one subject. */
export function finding(check: string, subject: string, said: Said): Finding {
  return { check, subject, consequence: '', fix: '', ...said }
}
