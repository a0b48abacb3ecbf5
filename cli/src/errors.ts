/** Exit codes of idsctl, and the errors that carry them. */

/** What a script may rely on. */
export const EXIT = { ok: 0, error: 1, usage: 2, refused: 3, notFound: 4, unreachable: 5 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An error that ends the command. `message` says what happened, `hints` what to do about it, one line each. */
export class CliError extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    readonly hints: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.name = 'CliError'
  }
}

/** The command line contradicts itself, or an argument is not what it must be. */
export function usageError(message: string, ...hints: readonly string[]): CliError {
  return new CliError(EXIT.usage, message, hints)
}
