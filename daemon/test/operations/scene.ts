/** Plays the page in the lab: a host that idsd guards, an office, an attacker; every command is really run. */

import assert from 'node:assert/strict'
import { type Lab, openLab, until } from '../../../lab/namespaces.js'
import { openSite, type Site, serveHttp } from '../e2e/harness.js'
import { type Part, wordsOf } from './page.js'

/** The same page with what the commands printed this time. */
export async function play(parts: readonly Part[], tag: string): Promise<Part[]> {
  await using lab = await openLab({ topology: 'host', tag })
  await using site = openSite(lab.daemon, 'pages')
  const played: Part[] = []
  let config = ''
  for (const part of parts) {
    if (part.kind === 'config') config = part.text
    if (part.kind === 'direction') await direct(part.words, { lab, site, config })
    if (part.kind === 'command') {
      const output = await outputOf(wordsOf(part.command), site)
      played.push({ ...part, output: told(output, site) })
    } else played.push(part)
  }
  return played
}

async function outputOf([program, ...words]: string[], site: Site): Promise<string> {
  const args = program === 'sudo' ? words.slice(1) : words
  const name = program === 'sudo' ? words[0] : program
  if (name === 'idsd') {
    const { stdout, stderr } = await site.run(args)
    return stdout + stderr
  }
  assert.equal(name, 'idsctl', `a console block runs idsd and idsctl, not ${name}`)
  const pins = ['doctor', 'why', 'panic', 'resume'].includes(args[0] ?? '') ? ['--bpffs', site.bpffs] : []
  const { stdout, stderr } = await site.text([...args, ...pins], { env: { TZ: 'UTC' } })
  return stdout + stderr
}

interface Stage {
  readonly lab: Lab
  readonly site: Site
  readonly config: string
}

async function direct(words: readonly string[], { lab, site, config }: Stage): Promise<void> {
  const [verb, first] = words
  if (verb === 'start') {
    await site.start({ config })
  } else if (verb === 'serve') {
    await serveHttp(lab.daemon)
  } else if (verb === 'kill') {
    await site.killHard()
  } else if (verb === 'scan') {
    const script = `for p in $(seq ${first} ${Number(first) + 60}); do (exec 3<>/dev/tcp/10.77.0.1/$p) 2>&-; done`
    const scan = () => lab.ns('attacker').exec(['timeout', '1', 'bash', '-c', script], { timeoutMs: 20_000 })
    await scan()
    const entry = async () => (await site.ok('decisions', 'list')).decisions[0]
    await until(async () => (await entry()) !== undefined, { what: 'the scan is judged' })
    // It goes on, so that there is something to count.
    await scan()
    await until(async () => (await entry())?.packets > 0, { what: 'its packets are counted' })
  } else throw new Error(`no such stage direction: ${words.join(' ')}`)
}

/** What a reader is told: usual places, nothing of this machine's own, lines of the same forms cut short. */
function told(output: string, site: Site): string[] {
  return shortened(
    output
      .replaceAll(site.socket, '/run/idsd/idsd.sock')
      .replaceAll(site.configFile, '/etc/idsd/idsd.toml')
      .replaceAll(` --bpffs ${site.bpffs}`, '')
      .replaceAll(site.bpffs, '/sys/fs/bpf/idsd')
      .replaceAll(site.db, '/var/lib/idsd/idsd.db')
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
