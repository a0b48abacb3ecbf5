/** Runs the real idsctl as its own process. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Path of the compiled entry. */
export const IDSCTL = fileURLToPath(new URL('../src/idsctl.js', import.meta.url))

export interface Outcome {
  /** null when a signal ended the process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly socket?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Folder that holds `idsd/v1/idsd.proto`: the first one above this file. */
export function protoRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'proto/idsd/v1/idsd.proto'))) {
    if (dirname(folder) === folder)
      throw new Error('no folder above this file holds proto/idsd/v1/idsd.proto')
    folder = dirname(folder)
  }
  return join(folder, 'proto')
}

/** Environment without anything that would colour or steer the run; times in UTC+5:30. */
export function cleanEnv(options: RunOptions = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: 'Asia/Kolkata',
    IDSD_PROTO_ROOT: protoRoot(),
    IDSD_SOCKET: options.socket ?? '/nonexistent/idsd.sock',
    ...options.env,
  }
}

export function startIdsctl(
  args: readonly string[],
  options: RunOptions = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [IDSCTL, ...args], { env: cleanEnv(options) })
}

export function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function runIdsctl(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return outcomeOf(startIdsctl(args, options))
}
