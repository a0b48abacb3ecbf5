/**
 * JSON documents and JSON lines: arrays of texts, objects that name an address, DROP in JSON, decisions of CrowdSec. Told
 * by keys, wherever they stand. Pure.
 */

import { durationMs } from '../duration.js'
import { createJsonScanner, type JsonObject } from './json-scanner.js'
import type { Found, PieceReader } from './list-reader.js'
import { readText } from './read-target.js'

/** Keys that name what is listed, the first that is there. */
const addressKeys = [
  'cidr',
  'ip',
  'address',
  'ip_address',
  'network',
  'prefix',
  'range',
  'target',
  'value',
  'indicator',
]

/** @param isCrowdsec only decisions count: objects with a value and a duration, but for deleted ones */
export function createJsonReader(found: Found, isCrowdsec: boolean): PieceReader {
  const { builder, fault } = found
  const take = (text: string, line: number) => {
    const problem = readText(text.trim(), line, builder)
    if (problem !== undefined) fault(line, problem)
  }
  const onDecision = ({ fields, path, line }: JsonObject) => {
    const { value, duration } = fields
    if (typeof value !== 'string' || typeof duration !== 'string') return
    if (path.includes('deleted') || fields.simulated === 'true') return
    const scope = (fields.scope ?? 'ip').toLowerCase()
    if (scope !== 'ip' && scope !== 'range')
      return fault(line, `a decision about ${scope} ${value} is no address`)
    const type = fields.type ?? 'ban'
    if (type !== 'ban') return fault(line, `a decision to ${type} ${value} is no ban`)
    const ms = goDurationMs(duration)
    if (ms === undefined) return fault(line, `expected a duration such as 3h59m, got ${duration}`)
    if (ms <= 0) return fault(line, `the decision about ${value} is over`)
    found.lasts(ms)
    take(value, line)
  }
  return createJsonScanner({
    onText: (text, line, depth) => {
      if (!isCrowdsec && depth <= 2) take(text, line)
    },
    onObject: (object) => {
      if (isCrowdsec) return onDecision(object)
      const { fields, depth, isLeaf, line } = object
      const key = addressKeys.find((name) => fields[name] !== undefined)
      if (key !== undefined) return take(fields[key] as string, line)
      // The last line of DROP says when it was made.
      if (fields.type === 'metadata') return
      if (depth <= 2 && isLeaf) fault(line, `expected an object with one of ${addressKeys.join(', ')}`)
    },
  })
}

/** `167h59m57.7s` and `-5m` as Go writes them, ms. */
function goDurationMs(text: string): number | undefined {
  const isOver = text.startsWith('-')
  const ms = durationMs(isOver ? text.slice(1) : text)
  return ms === undefined ? undefined : Math.floor(isOver ? -ms : ms)
}
