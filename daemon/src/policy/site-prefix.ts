/** The /64 of an IPv6 address: what one customer, household or host is given, to make addresses in as it likes. Pure. */

import { covers, parseTarget, type Target } from './address.js'

/** Where a /64 holds strangers. Sources: RFC 4291 2.5, RFC 4380, RFC 6052, RFC 8215. */
const SHARED: readonly Target[] = ['fe80::/10', '::/64', '2001::/32', '64:ff9b::/96', '64:ff9b:1::/48'].map(
  (text) => parseTarget(text, 'shared'),
)

/**
 * @param address canonical text
 * @returns the first four groups, equal for addresses of one /64; undefined for IPv4
 */
export function siteKey(address: string): string | undefined {
  let end = -1
  for (let group = 1; group <= 4; group++) {
    end = address.indexOf(':', end + 1)
    if (end < 0) return undefined
    if (group < 4 && address[end + 1] === ':') return keyWithGap(address)
  }
  return address.slice(0, end)
}

/** Of an address whose zeros left out lie in its first half, at least in part. */
function keyWithGap(address: string): string {
  const gap = address.indexOf('::')
  const head = groups(address.slice(0, gap))
  const tail = groups(address.slice(gap + 2))
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0')
  return [...head, ...zeros, ...tail].slice(0, 4).join(':')
}

/** The /64 as a target. @returns undefined where strangers share it: link-local, Teredo and translated addresses */
export function siteTarget(key: string): Target | undefined {
  const target = parseTarget(`${key}::/64`.replace(/^0:0:0:0::/, '::'), 'site')
  const isShared = SHARED.some((range) => covers(range, target) || covers(target, range))
  return isShared ? undefined : target
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
