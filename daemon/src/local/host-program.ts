/**
 * A program of `build/host` as a child: what it writes comes as chunks of bytes, what it tells comes as text. It ends
 * with this process, and when nobody wants its bytes any more.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename } from 'node:path'
import { IdsdError } from '../errors.js'

export interface HostProgramOptions {
  /** Path of the program. */
  readonly program: string
  readonly arguments: readonly string[]
  /** It reads this process's standard input. */
  readonly readsInput?: boolean
  /** Aborted: it is ended, and `chunks` throws. */
  readonly signal?: AbortSignal | undefined
  /** Takes each line of its standard error; false: the line is not kept. */
  readonly onLine?: (line: string) => boolean
}

export interface HostProgram {
  /** @throws IdsdError `ERR_CAPTURE` with what it told when it ends with a fault, or does not start */
  chunks(): AsyncGenerator<Uint8Array>
  /** What it has told so far, up to 64 Ki characters: lines with their line feeds. */
  told(): string
}

/** Names of captures as arguments: one that begins like an option is none. */
export function captureArguments(captures: readonly string[]): string[] {
  return captures.map((file) => (file.startsWith('-') && file !== '-' ? `./${file}` : file))
}

/** Takes how far a reading is: a share in [0, 1], undefined when it cannot be known. */
export type OnProgress = (share: number | undefined) => void

/** For `onLine`: lines `progress READ TOTAL` go to the listener, all others are kept. */
export function progressLines(onProgress: OnProgress | undefined): (line: string) => boolean {
  return (line) => {
    const [name, read, total] = line.split(' ')
    if (name !== 'progress') return true
    onProgress?.(Number(total) === 0 ? undefined : Number(read) / Number(total))
    return false
  }
}

const maxToldCharacters = 65_536

export function openHostProgram(options: HostProgramOptions): HostProgram {
  const { program, readsInput = false, signal: aborted, onLine = () => true } = options
  let told = ''
  let begun = ''

  const take = (text: string) => {
    const lines = (begun + text).split('\n')
    begun = lines.pop() as string
    for (const line of lines) if (onLine(line) && told.length < maxToldCharacters) told += `${line}\n`
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const child = spawn(program, options.arguments, {
      stdio: [readsInput ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    })
    const end = () => void child.kill()
    if (aborted?.aborted === true) end()
    process.once('exit', end)
    aborted?.addEventListener('abort', end)
    const ended = once(child, 'close') as Promise<[number | null, string | null]>
    // Nobody waits for it when the chunks are left early.
    ended.catch(() => undefined)
    child.stderr?.setEncoding('utf8').on('data', take)
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>
      const [code, signal] = await ended.catch((cause: Error) => {
        throw new IdsdError('ERR_CAPTURE', `${program} does not start: ${cause.message}`, { cause })
      })
      if (code === null) throw new IdsdError('ERR_CAPTURE', `${program} was ended by ${signal}`)
      if (code !== 0)
        throw new IdsdError('ERR_CAPTURE', complaint(program, told) || `${program} ended with ${code}`)
    } finally {
      end()
      process.off('exit', end)
      aborted?.removeEventListener('abort', end)
    }
  }

  return { chunks, told: () => told + begun }
}

/** What it told, without its own name in front. */
function complaint(program: string, told: string): string {
  const name = `${basename(program)}: `
  return told.startsWith(name) ? told.slice(name.length).trim() : told.trim()
}
