/** The capture that the rows of extract read: made once from a seed, kept in build/, and its first packets as files. */

import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { drawConversations } from './conversations.js'
import { type Ends, writeCapture } from './write-capture.js'

/** A file that is there. */
export interface BenchCapture {
  readonly path: string
  readonly packets: number
  readonly bytes: number
}

export interface BenchCaptures {
  readonly whole: BenchCapture
  /** Conversations in the whole of it. */
  readonly conversations: number
  /** @param packets one of the numbers asked for at the opening */
  head(packets: number): BenchCapture
}

/** What is kept beside the file. */
interface Told {
  readonly conversations: number
  readonly ends: Ends
}

/** Another one whenever something else is drawn or written: the file of this one is kept. */
const seed = 20_260_501
const packets = 3_000_000

/**
 * @param folder where the files are kept
 * @param heads numbers of packets, each fewer than the whole
 * @throws Error when the disk has no room
 */
export function openBenchCaptures(folder: string, heads: readonly number[]): BenchCaptures {
  const path = `${folder}/bench-${seed}.pcap`
  const { conversations, ends } = readTold(path, heads) ?? make(path, heads)
  const bytes = (of: number) => ends[of] as number
  return {
    whole: { path, packets, bytes: bytes(packets) },
    conversations,
    head(of) {
      const file = `${folder}/bench-${seed}-${of}.pcap`
      const capture = { path: file, packets: of, bytes: bytes(of) }
      if (!existsSync(file) || statSync(file).size !== capture.bytes) copyHead(path, file, capture.bytes)
      return capture
    },
  }
}

/** @returns undefined when the file is not there, not whole, or was made for other heads */
function readTold(path: string, heads: readonly number[]): Told | undefined {
  if (!existsSync(path) || !existsSync(`${path}.json`)) return undefined
  const told = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Told
  const isWhole = statSync(path).size === told.ends[packets]
  return isWhole && heads.every((head) => told.ends[head] !== undefined) ? told : undefined
}

function make(path: string, heads: readonly number[]): Told {
  const table = drawConversations(packets, seed)
  const ends = writeCapture(`${path}.part`, table, heads)
  renameSync(`${path}.part`, path)
  const told = { conversations: table.conversations, ends }
  writeFileSync(`${path}.json`, `${JSON.stringify(told)}\n`)
  return told
}

function copyHead(from: string, to: string, bytes: number): void {
  const head = Buffer.allocUnsafe(bytes)
  const file = openSync(from, 'r')
  try {
    if (readSync(file, head, 0, bytes, 0) !== bytes) throw new Error(`${from}: shorter than ${bytes} bytes`)
  } finally {
    closeSync(file)
  }
  writeFileSync(to, head)
}
