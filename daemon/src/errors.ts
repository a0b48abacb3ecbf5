/** Errors thrown on purpose: a stable `code` for programs, a message for people that says what was expected. */

export class IdsdError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = new.target.name
  }
}

/** One fault of the configuration: where it is, what was expected, what came. */
export interface ConfigFault {
  readonly path: string
  readonly expected: string
  readonly got: string
}

/** All faults of a configuration at once. */
export class ConfigError extends IdsdError {
  constructor(
    readonly file: string,
    readonly faults: readonly ConfigFault[],
    /** True when the file is sound: only values of flags are at fault. */
    readonly isOfFlags = false,
  ) {
    const lines = faults.map((fault) => `  ${fault.path}: expected ${fault.expected}, got ${fault.got}`)
    super(
      'ERR_CONFIG',
      `${file}: ${faults.length} fault${faults.length === 1 ? '' : 's'}\n${lines.join('\n')}`,
    )
  }
}

/** A kernel or libbpf call that failed. `errno` is positive. */
export class KernelError extends IdsdError {
  constructor(
    readonly operation: string,
    readonly errno: number,
    readonly errnoName: string,
    detail = '',
    options?: ErrorOptions,
  ) {
    super('ERR_KERNEL', `${operation} failed: ${errnoName}${detail === '' ? '' : ` (${detail})`}`, options)
  }
}

/** A guard said no. `guards` are sentences that name the guard and the entry. */
export class RefusedError extends IdsdError {
  constructor(
    message: string,
    readonly guards: readonly string[],
  ) {
    super('ERR_REFUSED', message)
  }
}

/** A request field that does not hold what it must. `field` is the name in the proto contract. */
export class ArgumentError extends IdsdError {
  constructor(
    readonly field: string,
    readonly expected: string,
    got: string,
  ) {
    super('ERR_ARGUMENT', `${field}: expected ${expected}, got ${got}`)
  }
}

/** The thing asked for does not exist. */
export class NotFoundError extends IdsdError {
  constructor(message: string) {
    super('ERR_NOT_FOUND', message)
  }
}

/** The caller's role is not enough. The message says what is lacking and how to get it. */
export class ForbiddenError extends IdsdError {
  constructor(message: string) {
    super('ERR_FORBIDDEN', message)
  }
}
