/**
 * `make soak`: honest traffic through a gateway guarded by idsd, with attacks in between. Exits 1 when anybody honest was
 * harmed, an attacker was not dropped, memory grew, or something was lost without a reason.
 */

import { parseArgs } from 'node:util'
import { labUnavailable } from './namespaces.js'
import { breachesOf } from './soak/judge.js'
import { reportText } from './soak/report.js'
import { runSoak } from './soak/run.js'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } })
const seconds = Number(values.seconds)
const startMs = Date.now()
const write = (text: string) => process.stdout.write(text)
const tell = (text: string) => write(`${((Date.now() - startMs) / 1000).toFixed(1).padStart(6)} s  ${text}\n`)

const missing = labUnavailable()
if (missing !== undefined || !(seconds >= 55)) {
  process.stderr.write(`soak: ${missing ?? '--seconds: 55 or more expected'}\n`)
  process.exitCode = missing === undefined ? 2 : 1
} else {
  try {
    const seen = await runSoak({ seconds, tell })
    const breaches = breachesOf(seen)
    write(`\n${reportText(seen, breaches)}`)
    process.exitCode = breaches.length === 0 ? 0 : 1
  } catch (error) {
    process.stderr.write(`soak: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
