/** Imported lists: are they in force, do their imports work, and what memory do they take. */

import type { HostFacts, ListsFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

/** Share of the machine's memory from which lists deserve a word: an import takes as much again while it is swapped in. */
const muchMemory = 0.2
/** An import that is late by more than this has not been begun, ms. */
const lateMs = 120_000

export function checkLists({ daemon, lists, memoryBytes, nowMs }: HostFacts): Finding[] {
  if (daemon === undefined || lists === undefined) return []
  const missing = lists.imported.filter(({ loaded }) => !loaded)
  const found = [
    ...missing.map(({ name }) => finding('lists', name, unloaded)),
    ...lists.scheduled.flatMap((one) => {
      const said = judgeSchedule(one, lists, nowMs)
      return said === undefined ? [] : [finding('lists', one.name, said)]
    }),
  ]
  const entries = lists.imported.reduce((sum, list) => sum + list.entries, 0)
  const share = Math.round((lists.bytes / memoryBytes) * 100)
  const many = lists.imported.length === 1 ? '1 list' : `${lists.imported.length} lists`
  const size = `${many} with ${entries} entries: ${Math.round(lists.bytes / 2 ** 20)} MiB in the kernel`
  if (lists.bytes > memoryBytes * muchMemory) {
    const fix =
      'take out what meets nothing: idsctl lists shows the hits of each, idsctl lists rm takes one out'
    const consequence = 'an import needs that much again for a moment, and is refused when it is not there'
    found.push(
      finding('lists', '', { level: 'warning', found: `${size}, ${share} % of memory`, consequence, fix }),
    )
  } else if (found.length === 0 && lists.imported.length > 0)
    found.push(finding('lists', '', { level: 'ok', found: `${size}` }))
  return found
}

const unloaded: Said = {
  level: 'problem',
  found: 'the kernel did not take it',
  consequence: 'what it names is not dropped',
  fix: 'the log says what lacks, most often memory: free some, or take out another list; idsd tries again by itself',
}

function judgeSchedule(
  { name, failedTimes, problem, dueAtMs, running, everyS }: ListsFacts['scheduled'][number],
  { imported }: ListsFacts,
  nowMs: number,
): Said | undefined {
  const held = imported.find((list) => list.name === name)
  const age = held === undefined ? '' : `, ${ageOf(nowMs - held.createdAtMs)} old,`
  const consequence =
    held === undefined ? 'nothing of it is dropped' : `the list before${age} stays in force and grows old`
  if (failedTimes > 0) {
    const times = failedTimes === 1 ? 'its last import failed' : `its last ${failedTimes} imports failed`
    return {
      level: held === undefined ? 'problem' : 'warning',
      found: `${times}: ${problem}`,
      consequence,
      fix: `journalctl -u idsd has what the command said; try it by hand: idsctl import FILE --list ${name} --dry-run`,
    }
  }
  const isOld = held !== undefined && nowMs - held.createdAtMs > 2 * everyS * 1_000 + lateMs
  if (running && !isOld) return undefined
  if (!isOld && nowMs - dueAtMs <= lateMs) return undefined
  return {
    level: 'warning',
    found: running ? 'its import is overdue, and goes on' : 'its import is overdue',
    consequence,
    fix: 'idsctl status: lists wait while a change of one is on trial (idsctl confirm or rollback); else see the log',
  }
}

function ageOf(ms: number): string {
  const [minutes, hours] = [Math.round(ms / 60_000), Math.round(ms / 3_600_000)]
  return hours >= 48 ? `${Math.round(hours / 24)} days` : hours >= 2 ? `${hours} hours` : `${minutes} minutes`
}
