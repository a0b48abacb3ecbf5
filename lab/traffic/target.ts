/** Where lab traffic may go: to this machine and to the addresses of the lab, unless the operator says otherwise. */

import { BlockList, isIP } from 'node:net'

const allowed = new BlockList()
allowed.addSubnet('127.0.0.0', 8, 'ipv4')
allowed.addAddress('::1', 'ipv6')
allowed.addSubnet('10.77.0.0', 16, 'ipv4')
allowed.addSubnet('fd77::', 16, 'ipv6')

/** Why traffic must not be sent to `address`, or undefined when it may. Names are refused: they could mean anything. */
export function targetRefused(address: string, ownsTarget: boolean): string | undefined {
  const family = isIP(address)
  if (family === 0) return `target: a literal IP address expected, got ${address}`
  if (ownsTarget || allowed.check(address, family === 4 ? 'ipv4' : 'ipv6')) return undefined
  return `target ${address} is neither this machine nor the lab (10.77.0.0/16, fd77::/16): see --i-own-this-target`
}
