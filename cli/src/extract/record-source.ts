/** Where the records of an extract come from: the host build of the kernel's headers, or the loaded programs. */

import { dirname } from 'node:path'
import type { RecordSource } from '../../../daemon/src/local/extract.js'
import { usageError } from '../errors.js'
import { hostProgram } from '../host-program.js'
import type { Reading } from './run-extract.js'

export interface SourceOptions {
  /** Files, merged by time; `-` is standard input. */
  readonly captures: readonly string[]
  /** Run the packets through the loaded BPF programs. */
  readonly isKernel: boolean
  readonly maxFlows: number | undefined
  readonly retransmissions: boolean
  readonly otherProtocols: boolean
}

/**
 * @returns what opens the source; nothing runs before
 * @throws CliError when the kernel's programs are asked for what they do not do, or a program of idsd is missing
 */
export async function recordSource(options: SourceOptions): Promise<(reading: Reading) => RecordSource> {
  const { isKernel, ...rest } = options
  if (isKernel) {
    const refused = [
      ...(options.retransmissions ? ['--retransmissions'] : []),
      ...(options.otherProtocols ? ['--other-protocols'] : []),
    ]
    if (refused.length > 0)
      throw usageError(
        `--kernel excludes ${refused.join(' and ')}: the programs in the kernel do not know that`,
        'leave --kernel away: everything else is the same without it',
      )
  }
  const program = hostProgram('extract')
  if (!isKernel) {
    const { openExtract } = await import('../../../daemon/src/local/extract.js')
    return (reading) => openExtract({ program, ...rest, ...reading })
  }
  const { openKernelRecords } = await import('../../../daemon/src/local/kernel-records.js')
  // It lies at build/host/extract.
  const root = dirname(dirname(dirname(program)))
  const { captures, maxFlows } = options
  return (reading) => openKernelRecords({ root, program, captures, maxFlows, ...reading })
}
