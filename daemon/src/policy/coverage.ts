/**
 * How much of a family addresses and prefixes cover together. Two halves are as much as the whole, so an entry is judged
 * by what it adds up to. Pure.
 */

import type { Target } from './address.js'

/** A union that covers more than this share of a family is more than anybody means. */
export const MOST_COVERED = 0.5

/** Of IPv6 only what is given out counts, 2000::/3: its half is much less than half of all. Source: RFC 4291 2.4. */
const GLOBAL6_FIRST = 1
const GLOBAL6_BITS = 3
/** Bits of an IPv6 address that are looked at: as many as a number holds exactly. */
const LOOKED_AT = 52

/** Prefixes of a family as `[first, size]`, in units of one address (IPv4) or of a /52 (IPv6). */
type Range = readonly [first: number, size: number]

/** Share of all IPv4 addresses, in [0, 1]. @param ranges ascending by first address, the longer of two equal first */
export function share4(ranges: Iterable<Range>): number {
  return union(ranges, 0, 2 ** 32) / 2 ** 32
}

/** Share of 2000::/3, in [0, 1]. @param ranges as of `share4`, in units of a /52 */
export function share6(ranges: Iterable<Range>): number {
  const size = 2 ** (LOOKED_AT - GLOBAL6_BITS)
  return union(ranges, GLOBAL6_FIRST * size, (GLOBAL6_FIRST + 1) * size) / size
}

export function range4(network: number, length: number): Range {
  return [network, 2 ** (32 - length)]
}

/** @param at of the network in `bytes`, 16 of them in network order */
export function range6(bytes: Uint8Array, at: number, length: number): Range {
  let first = 0
  for (let i = 0; i < 6; i++) first = first * 256 + (bytes[at + i] as number)
  return [first * 16 + ((bytes[at + 6] as number) >> 4), 2 ** (LOOKED_AT - length)]
}

export interface Coverage {
  /** Share of all IPv4 addresses, in [0, 1]. */
  readonly four: number
  /** Share of the IPv6 addresses that are given out, in [0, 1]. */
  readonly six: number
}

export function coverageOf(targets: readonly Target[]): Coverage {
  const rangesOf = (family: 4 | 6) =>
    targets
      .filter((target) => target.family === family)
      .map(({ bytes, prefix }) =>
        family === 4
          ? range4(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), prefix)
          : range6(bytes, 0, prefix),
      )
      .sort(([a, sizeA], [b, sizeB]) => a - b || sizeB - sizeA)
  return { four: share4(rangesOf(4)), six: share6(rangesOf(6)) }
}

/** `83 % of all IPv4 addresses`; undefined where neither share is too large, or none grew. @param before default: nothing */
export function tooMuch(covered: Coverage, before: Coverage = { four: 0, six: 0 }): string | undefined {
  const isTooMuch = (now: number, then: number) => now > MOST_COVERED && now > then
  const percent = (share: number) => `${Math.floor(share * 100)} %`
  const parts = [
    ...(isTooMuch(covered.four, before.four) ? [`${percent(covered.four)} of all IPv4 addresses`] : []),
    ...(isTooMuch(covered.six, before.six) ? [`${percent(covered.six)} of all IPv6 addresses in use`] : []),
  ]
  return parts.length === 0 ? undefined : parts.join(' and ')
}

/** For `tooMuch`: where more than anybody means stands already, somebody meant it. @param standing what is in force */
export function meantBy({ four, six }: Coverage): Coverage {
  const whole = (share: number) => (share > MOST_COVERED ? 1 : share)
  return { four: whole(four), six: whole(six) }
}

/** Length of the union between two bounds. */
function union(ranges: Iterable<Range>, from: number, to: number): number {
  let covered = 0
  let end = from
  for (const [first, size] of ranges) {
    const begin = Math.max(first, end)
    const last = Math.min(first + size, to)
    if (last <= begin) continue
    covered += last - begin
    end = last
  }
  return covered
}
