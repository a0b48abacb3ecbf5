/** The program `idsd`: reads the configuration, runs the daemon, turns signals into a clean end. */

import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { diffConfig } from './config/diff-config.js'
import { parseFlags, UsageError } from './config/flags.js'
import { helpText } from './config/help-text.js'
import { DEFAULT_CONFIG_FILE, type LoadedConfig, loadConfig } from './config/load-config.js'
import { printConfig } from './config/print-config.js'
import { type Daemon, openDaemon } from './daemon.js'
import { ConfigError, IdsdError } from './errors.js'
import { detachAll } from './local/detach.js'
import { type Logger, openLog } from './log.js'
import { createPlainLog } from './read/plain-log.js'
import { readCapture } from './read/read-capture.js'
import { readingSummary } from './read/summary.js'
import { detectorOptions, neighboursOptions, policyOptions } from './room-options.js'
import { root } from './root.js'
import { createScorer } from './score/scorer.js'

function version(): string {
  const { version: text } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string }
  return text
}

function load(): LoadedConfig {
  return loadConfig({ argv: process.argv.slice(2), env: process.env })
}

/** Keys that the file or a flag names. */
function pinnedKeys({ settings }: LoadedConfig): ReadonlySet<string> {
  return new Set([...settings].filter(([, { origin }]) => origin !== 'default').map(([path]) => path))
}

function reload(daemon: Pick<Daemon, 'reload' | 'readFilesAgain'>, before: LoadedConfig, log: Logger) {
  let isHanded = false
  try {
    const next = load()
    const { reloadable, needsRestart } = diffConfig(before.config, next.config)
    if (needsRestart.length > 0) log.warn({ keys: needsRestart }, 'these keys change at the next start only')
    isHanded = true
    daemon.reload(next.config, pinnedKeys(next))
    log.info({ keys: reloadable }, reloadable.length === 0 ? 'reloaded: nothing changed' : 'reloaded')
    return next
  } catch (error) {
    const { message } = error as Error
    const problem = message + whoReads(message, before.file)
    log.error({ problem }, 'not reloaded: the configuration in force stays')
    if (!isHanded) daemon.readFilesAgain()
    return before
  }
}

/** A file that only root reads could be read at the start, before root was given up. */
function whoReads(message: string, file = DEFAULT_CONFIG_FILE): string {
  if (process.getuid?.() === 0 || !message.includes('EACCES')) return ''
  const { username } = userInfo()
  return ` (idsd reads it as user ${username} by now: chmod 0644 ${file}, or start idsd again)`
}

function keptWords({ enforce }: LoadedConfig['config']): string {
  return enforce.leaseExpired === 'keep'
    ? 'what is blocked, until it expires'
    : `what operators blocked, until it expires, and what idsd blocked by itself, for ${enforce.leaseS} s`
}

async function run(loaded: LoadedConfig): Promise<void> {
  const log = await openLog(loaded.config.log)
  if (process.getuid?.() !== 0) {
    log.warn(
      {},
      'not started as root: attaching needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON (sudo idsd ...)',
    )
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping')
      stop.abort()
    })
  }
  // Before there is a daemon a SIGHUP would end the process; it is kept until there is one.
  let daemon: Daemon | undefined
  let current = loaded
  let isReloadDue = false
  process.on('SIGHUP', () => {
    if (daemon === undefined) isReloadDue = true
    else current = reload(daemon, current, log)
  })
  daemon = await openDaemon({
    config: loaded.config,
    pinned: pinnedKeys(loaded),
    root,
    version: version(),
    log,
    env: process.env,
  })
  if (isReloadDue) current = reload(daemon, current, log)
  try {
    await daemon.run(stop.signal)
  } finally {
    await daemon.close()
  }
  const isKept = current.config.onExit === 'keep'
  log.info(
    {},
    isKept
      ? `stopped; the kernel goes on enforcing: ${keptWords(current.config)} (idsd --detach takes it off)`
      : 'stopped; the programs are off the interfaces',
  )
}

/** Exit code 1 for a capture that is not whole, after all that could be read of it. */
async function read({ config }: LoadedConfig): Promise<void> {
  const { capture } = parseFlags(process.argv.slice(2))
  const say = (line: string) => void process.stderr.write(line)
  const log = createPlainLog(say)
  // Who reads may have seen enough, as `head` does.
  process.stdout.on('error', () => process.exit(1))
  const scorer = await createScorer({ model: config.model, log })
  try {
    const reading = await readCapture({
      capture: capture as string,
      config,
      root,
      detectorOptions: detectorOptions(config),
      policySettings: policyOptions(config),
      neighboursOptions: neighboursOptions(config),
      scorer,
      log,
      write: (line) => void process.stdout.write(line),
    })
    const { fault } = reading.facts
    say(`idsd: ${capture}: ${readingSummary(reading)}\n`)
    if (fault === undefined) return
    say(`idsd: ${capture}: not read to its end: ${fault.why}, at byte ${fault.atByte}\n`)
    process.exitCode = 1
  } finally {
    await scorer.close()
  }
}

async function main(): Promise<void> {
  const loaded = load()
  switch (loaded.action) {
    case 'help':
      process.stdout.write(helpText)
      return
    case 'version':
      process.stdout.write(`idsd ${version()}\n`)
      return
    case 'print-config':
      process.stdout.write(printConfig(loaded))
      return
    case 'check-config':
      process.stdout.write(`${loaded.file ?? 'defaults'}: ok\n`)
      return
    case 'detach': {
      const { interfaces, paths } = loaded.config
      const names = detachAll({ root, bpffs: paths.bpffs, runDir: paths.runDir, names: interfaces })
      const what = names.length === 0 ? 'there was nothing to take off' : `taken off: ${names.join(', ')}`
      process.stdout.write(`${what}\n`)
      return
    }
    case 'read':
      await read(loaded)
      return
    case 'run':
      await run(loaded)
  }
}

main().catch((error: unknown) => {
  const message = error instanceof IdsdError ? error.message : ((error as Error).stack ?? String(error))
  process.stderr.write(`idsd: ${message}\n`)
  const isWrongUse = error instanceof UsageError || (error instanceof ConfigError && error.isOfFlags)
  process.exitCode = isWrongUse ? 2 : 1
})
