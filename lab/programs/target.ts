/** Where lab traffic may go: to this machine and to the addresses of the lab, unless the operator says otherwise. */

import { BlockList, isIP } from 'node:net'

const allowed = new BlockList()
allowed.addSubnet('127.0.0.0', 8, 'ipv4')
allowed.addAddress('::1', 'ipv6')
allowed.addSubnet('10.77.0.0', 16, 'ipv4')
allowed.addSubnet('fd77::', 16, 'ipv6')

/** Why frames must not claim to come from `prefix`: those who are named get the answers. Undefined when they may. */
export function sourcesRefused(prefix: string, ownsTarget: boolean): string | undefined {
  const [address = '', length = isIP(address) === 6 ? '128' : '32'] = prefix.split('/')
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(length))
    return `sources: an address or prefix expected, got ${prefix}`
  // No shorter than the networks that may be reached: a longer prefix from inside one of them stays inside.
  if (!ownsTarget && Number(length) < 16) return `sources ${prefix}: a prefix of 16 bits or more expected`
  return targetRefused(address, ownsTarget)?.replace('target', 'sources')
}

/** Addresses of one text: `A`, `A,B`, and for IPv4 also `10.77.0.100-159`; undefined when there is none in it. */
export function targetsOf(text: string): string[] | undefined {
  const all = text.split(',').flatMap((part) => {
    const [, network, first, last] = /^(\d+\.\d+\.\d+\.)(\d{1,3})-(\d{1,3})$/.exec(part) ?? []
    if (network === undefined) return part === '' ? [] : [part]
    return Array.from(
      { length: Number(last) - Number(first) + 1 },
      (_, i) => `${network}${Number(first) + i}`,
    )
  })
  return all.length === 0 ? undefined : all
}

/** Why traffic must not be sent to `address`, or undefined when it may. Names are refused: they could mean anything. */
export function targetRefused(address: string, ownsTarget: boolean): string | undefined {
  const family = isIP(address)
  if (family === 0) return `target: a literal IP address expected, got ${address}`
  if (ownsTarget || allowed.check(address, family === 4 ? 'ipv4' : 'ipv6')) return undefined
  return `target ${address} is neither this machine nor the lab (10.77.0.0/16, fd77::/16): see --i-own-this-target`
}
