/** Resident memory and processor time of a process, looked at once a second. */

import { readFileSync } from 'node:fs'

/** What a watch saw. */
export interface Usage {
  /** Resident memory, bytes, one value a second. */
  readonly rss: readonly number[]
  /** Share of one processor over the whole watch, 0 to 1 and above. */
  readonly cpu: number
}

/** A watch over one process. */
export interface UsageWatch {
  stop(): Usage
}

/** Clock ticks a second of /proc/PID/stat: fixed for user space on Linux. */
const ticksPerSecond = 100

export function watchUsage(pid: number): UsageWatch {
  const rss: number[] = []
  const startMs = performance.now()
  const startTicks = ticksOf(pid)
  const timer = setInterval(() => {
    const bytes = rssOf(pid)
    if (bytes !== undefined) rss.push(bytes)
  }, 1_000)
  return {
    stop() {
      clearInterval(timer)
      const seconds = (performance.now() - startMs) / 1000
      return { rss, cpu: (ticksOf(pid) - startTicks) / ticksPerSecond / seconds }
    },
  }
}

/** Resident memory over a quarter of a watch, bytes; 0 where there are too few samples. */
export interface Quarter {
  readonly median: number
  readonly lowest: number
}

/** The second quarter and the last one. */
export function quarters(rss: readonly number[]): { readonly second: Quarter; readonly last: Quarter } {
  const cut = Math.floor(rss.length / 4)
  return { second: quarterOf(rss.slice(cut, 2 * cut)), last: quarterOf(rss.slice(rss.length - cut)) }
}

function quarterOf(values: readonly number[]): Quarter {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: sorted[Math.floor(values.length / 2)] ?? 0, lowest: sorted[0] ?? 0 }
}

function rssOf(pid: number): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** User and system time (proc(5), stat, fields 14 and 15). */
function ticksOf(pid: number): number {
  const stat = textOf(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
