/** Something the lab needed did not work: a command failed, a deadline passed, a lab was already closed. */
export class LabError extends Error {
  /** Stable code for programs. */
  readonly code = 'ERR_LAB'
  override readonly name = 'LabError'
}
