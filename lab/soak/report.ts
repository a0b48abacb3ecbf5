/** The observations of a soak as text, and the verdict. */

import { honest } from './cast.js'
import { blockOf, findersOf, mebibytes } from './judge.js'
import { quarters } from './memory.js'
import type { AttackResult, Observations } from './run.js'

/** Tables for people. */
export function reportText(seen: Observations, breaches: readonly string[]): string {
  const { second, last } = quarters(seen.usage.rss)
  const lost = [...seen.losses.causes].filter(([, { total }]) => total > 0)
  return [
    `${seen.seconds} s of honest traffic through a gateway that idsd guards: ${seen.losses.packets} packets, ${seen.flowRecords} flow records`,
    '',
    ...table(
      ['WHO', 'WHAT', 'ATTEMPTS', 'FAILED'],
      seen.parts.map(({ who, what, attempts, failed }) => [who, what, String(attempts), String(failed)]),
    ),
    '',
    ...table(
      ['ATTACK', 'FROM', 'FOUND BY', 'DROPPED AFTER', 'PACKETS'],
      seen.attacks.map((attack) => attackRow(attack, seen)),
    ),
    '',
    `honest addresses: ${droppedHonest(seen)} dropped, ${recorded(seen)} recorded, alerts about them: ${suspicion(seen)}`,
    `losses: ${lost.map(([cause, { total, inFloods, unexplained }]) => `${cause} ${total} (${inFloods} in floods, ${unexplained} unexplained)`).join(', ') || 'none'}`,
    `memory of idsd: median ${mebibytes(second.median)} and lowest ${mebibytes(second.lowest)} in the second quarter, ` +
      `${mebibytes(last.median)} and ${mebibytes(last.lowest)} in the last; ` +
      `processor: ${(seen.usage.cpu * 100).toFixed(0)} % of one`,
    `memory over time, MiB: ${course(seen.usage.rss)}`,
    ...seen.warnings.map((text) => `idsd warned: ${text}`),
    '',
    ...(breaches.length === 0 ? ['Everything was kept.'] : breaches.map((text) => `BREACH: ${text}`)),
    '',
  ].join('\n')
}

function attackRow(attack: AttackResult, seen: Observations): string[] {
  const block = blockOf(attack, seen)
  const afterMs = block === undefined ? undefined : Date.parse(block.created_at) - attack.beganMs
  const isForged = attack.source === undefined
  return [
    attack.name,
    attack.source ?? attack.forged.join(' '),
    findersOf(attack, seen).join(' ') || '-',
    isForged ? 'nobody to drop' : afterMs === undefined ? 'never' : `${afterMs} ms`,
    block === undefined ? '-' : String(block.packets),
  ]
}

/** A dozen of the samples. */
function course(rss: readonly number[]): string {
  const step = Math.max(1, Math.floor(rss.length / 12))
  return rss
    .filter((_, i) => i % step === 0)
    .map((bytes) => (bytes / 1024 / 1024).toFixed(0))
    .join(' ')
}

const isHonest = (address: string) => honest.includes(address)

function droppedHonest({ decisions }: Observations): number {
  return decisions.filter(({ target, action }) => isHonest(target) && action === 'drop').length
}

function recorded({ decisions }: Observations): number {
  return decisions.filter(({ target, action }) => isHonest(target) && action !== 'drop').length
}

/** `login 1, model 3`, or `none`. */
function suspicion({ alerts }: Observations): string {
  const counts = new Map<string, number>()
  for (const { source, detector } of alerts) {
    const key = `${detector} ${source}`
    if (isHonest(source)) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return [...counts].map(([key, count]) => `${key} x${count}`).join(', ') || 'none'
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  return [titles, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}
