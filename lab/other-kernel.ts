/**
 * `make other-kernel`: boots another kernel of this distribution in a virtual machine (QEMU) and runs built tests there:
 * programs that one kernel takes may be refused by the verifier of another. The machine reads the files of this one;
 * what it writes stays in its memory.
 */

import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readKernel } from './other-kernel/kernel.js'
import { runMachine } from './other-kernel/machine.js'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const usual = [
  'block',
  'egress',
  'flow-table',
  'reject',
  'ladder',
  'list-stage',
  'list-actions',
  'lease',
  'old-kernel',
  'e2e/blocking',
]

const help = `usage: node build/lab/other-kernel.js [--kernel PACKAGE] [--minutes N] [TEST ...]

Boots a kernel of this distribution in QEMU, without acceleration, and runs tests under it. Needs apt, and the packages
qemu-system-x86, busybox-static and kmod. Ends with 1 when a test fails.

  --kernel PACKAGE  its package (default: what linux-image-amd64 depends on)
  --minutes N       so long at most (default 60)
  TEST              files below build/daemon/test without .test.js (default: ${usual.join(' ')})
`

const options = {
  kernel: { type: 'string' },
  minutes: { type: 'string', default: '60' },
  help: { type: 'boolean' },
} as const

try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const minutes = Number(values.minutes)
  if (values.help === true) process.stdout.write(help)
  else if (!(minutes > 0)) throw new TypeError('--minutes: a number above 0 expected')
  else {
    const folder = `${root}/build/other-kernel`
    mkdirSync(folder, { recursive: true })
    const kernel = readKernel(folder, values.kernel)
    process.stdout.write(`kernel ${kernel.release}\n`)
    const tests = (positionals.length === 0 ? usual : positionals).map(
      (name) => `${root}/build/daemon/test/${name}.test.js`,
    )
    process.exitCode = await runMachine({ folder, root, kernel, tests, minutes })
  }
} catch (error) {
  process.stderr.write(`other-kernel: ${(error as Error).message}\n${error instanceof TypeError ? help : ''}`)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
