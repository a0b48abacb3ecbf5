/** Plays the page in the lab: a host that idsd guards, an office, an attacker; every command is really run. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, openLab, until } from '../../../lab/namespaces.js'
import { program } from '../e2e/attacks.js'
import { openSite, type Site, serveHttp, startMs } from '../e2e/harness.js'
import { type Part, wordsOf } from './page.js'

/** There may be no user idsd where the page is played; this one is everywhere. */
const standIn = 'nobody'

const knownGoodS = 3

/** What takes a day or ten minutes on the page takes seconds in the lab. */
const labTimes = `
[calibrate]
min_flows = 100
save_s = 1
[breaker]
known_good_s = ${knownGoodS}
share_percent = 100
`

/** The same page with what the commands printed this time. */
export async function play(parts: readonly Part[], tag: string): Promise<Part[]> {
  await using lab = await openLab({ topology: 'host', tag, extraAddresses: 5 })
  await using site = openSite(lab.daemon, 'pages')
  const played: Part[] = []
  const files = new Set<string>()
  let shown = ''
  for (const part of parts) {
    if (part.kind === 'config') shown = part.text
    if (part.kind === 'direction') await direct(part.words, { lab, site, shown, files })
    if (part.kind === 'command') {
      const words = wordsOf(part.command).map((word) => (files.has(word) ? join(site.dir, word) : word))
      const output = await outputOf(words, site)
      played.push({ ...part, output: told(output, site) })
    } else played.push(part)
  }
  return played
}

async function outputOf([first, ...words]: string[], site: Site): Promise<string> {
  const args = first === 'sudo' ? words.slice(1) : words
  const name = first === 'sudo' ? words[0] : first
  if (name === 'idsd') {
    const { stdout, stderr } = await site.run(args)
    return stdout + stderr
  }
  assert.equal(name, 'idsctl', `a console block runs idsd and idsctl, not ${name}`)
  const { stdout, stderr } = await site.text([...args, ...placesOf(args, site)], { env: { TZ: 'UTC' } })
  return stdout + stderr
}

/** Arguments that keep a command away from the usual places. */
function placesOf([command = '', sub = '']: readonly string[], site: Site): string[] {
  // With an origin it asks the daemon alone.
  if (command === 'resume' && sub !== '' && !sub.startsWith('-')) return []
  if (['doctor', 'why', 'panic', 'resume'].includes(command)) return ['--bpffs', site.bpffs]
  return command === 'pki' ? ['--dir', join(site.dir, 'pki')] : []
}

interface Stage {
  readonly lab: Lab
  readonly site: Site
  /** Text of the file that the page showed last. */
  readonly shown: string
  /** Names of files that commands read. */
  readonly files: Set<string>
}

async function direct(words: readonly string[], { lab, site, shown, files }: Stage): Promise<void> {
  const [verb, first = ''] = words
  if (verb === 'start') {
    await site.start({ config: shown + labTimes, args: ['--user', standIn] })
  } else if (verb === 'file') {
    writeFileSync(join(site.dir, first), shown)
    files.add(first)
  } else if (verb === 'serve') {
    const ssh = ['--service', 'ssh', '--port', '22', '--duration', '600']
    const logins = lab.daemon.spawn(program('login-server', ...ssh))
    await Promise.all([serveHttp(lab.daemon), logins.untilOutput(/./, startMs)])
  } else if (verb === 'visit') {
    for (const address of customersOf(lab)) visit(lab, address)
  } else if (verb === 'learn') {
    await until(async () => (await site.ok('calibrate', 'finish')).missing.length === 0, {
      what: 'enough is learnt',
    })
  } else if (verb === 'restart') {
    await site.stop()
    const config = readFileSync(site.configFile, 'utf8').replace(/^mode = .*$/m, `mode = "${first}"`)
    await site.start({ config, args: ['--user', standIn] })
  } else if (verb === 'kill') {
    await site.killHard()
  } else if (verb === 'scan') {
    const entry = async () => (await site.ok('decisions', 'list', '--ip', '10.77.0.3')).decisions[0]
    await scan(lab, Number(first))
    await until(async () => (await entry()) !== undefined, { what: 'the scan is judged' })
    // It goes on, so that there is something to count.
    await scan(lab, Number(first))
    await until(async () => (await entry())?.packets > 0, { what: 'its packets are counted' })
  } else if (verb === 'listed') {
    knock(lab, '10.77.0.20')
    await until(async () => (await site.ok('lists')).lists[0].hits > 0, { what: 'the list meets somebody' })
  } else if (verb === 'trip') {
    const startedMs = Date.parse((await site.ok('status')).started_at)
    await until(() => Date.now() > startedMs + 2 * knownGoodS * 1000, {
      what: 'customers are known good',
      timeoutMs: 30_000,
    })
    for (const address of customersOf(lab).slice(0, 3)) guess(lab, address)
    await until(async () => (await site.ok('status')).breakers.length > 0, {
      what: 'a breaker trips',
      timeoutMs: 20_000,
    })
  } else throw new Error(`no such stage direction: ${words.join(' ')}`)
}

const scan = (lab: Lab, port: number) => {
  const script = `for p in $(seq ${port} ${port + 60}); do (exec 3<>/dev/tcp/10.77.0.1/$p) 2>&-; done`
  return lab.ns('attacker').exec(['timeout', '1', 'bash', '-c', script], { timeoutMs: 20_000 })
}

/** 10.77.0.16 to .19: they fetch pages for as long as the lab is open. */
const customersOf = (lab: Lab) =>
  lab.ns('attacker').addresses.all.filter((address) => /^10\.77\.0\.1\d$/.test(address))

const visit = (lab: Lab, address: string) =>
  lab
    .ns('attacker')
    .spawn(
      program(
        'http-client',
        ...['--target', '10.77.0.1', '--port', '80', '--bind', address],
        ...['--rate', '10', '--connection', 'fresh', '--duration', '600'],
      ),
    )

const knock = (lab: Lab, address: string) =>
  lab
    .ns('attacker')
    .spawn(
      program('connect-scan', '--target', '10.77.0.1', '--bind', address, '--ports', '23', '--rate', '5'),
    )

/** A script with an old password. */
const guess = (lab: Lab, address: string) =>
  lab
    .ns('attacker')
    .spawn(
      program(
        'login-bruteforce',
        ...['--target', '10.77.0.1', '--service', 'ssh', '--port', '22', '--bind', address],
        ...['--rate', '15', '--duration', '10'],
      ),
    )

/** What a reader is told: usual places, nothing of this machine's own, lines of the same forms cut short. */
function told(output: string, site: Site): string[] {
  return shortened(
    output
      .replaceAll(` ${standIn}, with CAP_`, ' idsd, with CAP_')
      .replaceAll(` --dir ${join(site.dir, 'pki')}`, '')
      .replaceAll(join(site.dir, 'pki'), '/etc/idsd/pki')
      .replaceAll(site.socket, '/run/idsd/idsd.sock')
      .replaceAll(site.configFile, '/etc/idsd/idsd.toml')
      .replaceAll(` --bpffs ${site.bpffs}`, '')
      .replaceAll(site.bpffs, '/sys/fs/bpf/idsd')
      .replaceAll(site.db, '/var/lib/idsd/idsd.db')
      .replaceAll(`${site.dir}/`, '')
      .replaceAll(/^(\w+ +kernel +\d+\.\d+)[^\s,]*/gm, '$1')
      .replaceAll(/^[\d.:a-f]+ +(automatic .* a resolver)$/gm, '192.0.2.53       $1')
      .replaceAll(/[ \t]+$/gm, '')
      .trimEnd()
      .split('\n'),
  )
}

/** Lines that may belong together, as an entry with its table does. */
const longestGroup = 4

/** Of groups of lines that repeat more than twice, the first two and dots. */
function shortened(lines: readonly string[]): string[] {
  const forms = lines.map(formOf)
  const shown: string[] = []
  for (let i = 0; i < lines.length; ) {
    const [length, times] = repeatAt(forms, i)
    const kept = times > 2 ? 2 : times
    shown.push(...lines.slice(i, i + length * kept))
    if (times > kept) shown.push(`${/^ */.exec(lines[i] as string)?.[0]}...`)
    i += length * times
  }
  return shown
}

/** The group from a line on that repeats most often: its length, and how often it comes. */
function repeatAt(forms: readonly string[], at: number): readonly [length: number, times: number] {
  for (let length = 1; length <= longestGroup; length++) {
    let end = at + length
    while (end < forms.length && forms[end] === forms[end - length]) end++
    const times = Math.floor((end - at) / length)
    if (times > 2 && forms[at] !== '') return [length, times]
  }
  return [1, 1]
}

/** A line without what differs from run to run: numbers, times, ids, addresses, units, words for how long ago. */
export function formOf(line: string): string {
  return line
    .trim()
    .replaceAll(/--(ttl|for) \S+/g, '--$1 TIME')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.+-]+Z?/g, 'TIME')
    .replaceAll(/\b[\da-f]{12,}\b/g, 'N')
    .replaceAll(/< ?(?=\d)/g, '')
    .replaceAll(/\d[\d.,:]*(?: ?(?:[kMGT]?B|ms|s|min|h|d)\b)*/g, 'N')
    .replaceAll(/(?:\bN )+N\b/g, 'N')
    .replaceAll(/\b(?:now|N ago|in N|at once)\b/g, 'WHEN')
    .replaceAll(/\s+/g, ' ')
}
