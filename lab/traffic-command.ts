/** `lab/traffic`: ordinary traffic and attacks by hand. Exits 0; 1 on an error or when ordinary traffic failed; 2 on wrong use. */

import { conduct } from './command/conductor.js'
import type { Mode, Settings } from './command/mode.js'
import { readRequest } from './command/options.js'
import { progressText, type Summary, summarize, summaryText } from './command/summary.js'
import { LabError } from './lab-error.js'

const progressMs = { terminal: 500, file: 5_000 } as const

const request = readRequest(process.argv.slice(2))
if (request.kind === 'help') process.stdout.write(request.text)
else if (request.kind === 'wrong') {
  process.stderr.write(request.text)
  process.exitCode = 2
} else {
  const { mode, settings, isJson } = request
  try {
    const summary = await run(mode, settings)
    process.stdout.write(isJson ? `${JSON.stringify(summary)}\n` : summaryText(mode, summary))
    if (mode.isHarmless && summary.refused + summary.silent > 0) process.exitCode = 1
  } catch (error) {
    process.stderr.write(`lab/traffic: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

async function run(mode: Mode, settings: Settings): Promise<Summary> {
  if (mode.needsRoot && process.getuid?.() !== 0) {
    throw new LabError(
      `${mode.name} writes raw frames, which needs root: sudo lab/traffic ${mode.name} ...; the other modes do not`,
    )
  }
  const parts = await mode.parts(settings)
  const startMs = performance.now()
  const elapsedS = () => (performance.now() - startMs) / 1000
  const running = conduct(parts)
  let isStopped = false
  const stop = () => {
    isStopped = true
    running.stop()
  }
  const isTerminal = process.stderr.isTTY === true
  const tell = () => {
    const text = progressText(mode, settings, running.reports(), elapsedS())
    process.stderr.write(
      isTerminal ? `\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${text}\n`,
    )
  }
  const timer = setInterval(tell, isTerminal ? progressMs.terminal : progressMs.file)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  try {
    if (isTerminal) tell()
    await running.ended
  } finally {
    clearInterval(timer)
    if (isTerminal) process.stderr.write('\r\x1b[K')
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
  return summarize(mode, settings, running.reports(), elapsedS(), isStopped)
}
