/** Whether namespaces can be made here, and what a test does when they cannot. */

import { spawnSync } from 'node:child_process'

const tools = ['ip', 'nsenter', 'unshare', 'setpriv', 'sysctl', 'ethtool'] as const

/** Why no lab can be opened on this machine, or undefined when one can. */
export function labUnavailable(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux'
  if (process.getuid?.() !== 0) return 'the lab needs root to make network namespaces'
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length > 0) return `the lab needs the commands ${missing.join(', ')}`
  // A namespace without a name ends with its process, so this try leaves nothing behind.
  const attempt = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'type', 'veth'], { encoding: 'utf8' })
  return attempt.status === 0 ? undefined : `no veth in a network namespace: ${attempt.stderr.trim()}`
}

/**
 * The `skip` option of a test that needs `reason` to be undefined: `test(name, { skip: skipOrFail(labUnavailable()) }, ...)`.
 * @returns false when the test can run, else the reason
 * Throws Error with the reason where `CI` is set: there, a test that cannot run is a failure.
 */
export function skipOrFail(reason: string | undefined): string | false {
  if (reason === undefined) return false
  if (process.env.CI) throw new Error(`in CI no test is skipped: ${reason}`)
  return reason
}
