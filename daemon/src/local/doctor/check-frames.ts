/** What happens to frames before XDP sees them: their size, merging (LRO), and tags that the card takes off. */

import { type HostFacts, isAtLeast, type LinkFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

/**
 * Largest MTU whose frames fit one buffer with room for XDP: a page of 4,096 bytes less 256 of headroom, 320 for
 * skb_shared_info, and 22 of link header with two tags. Source: the kernel's veth and Intel drivers.
 */
export const safeMtu = 3_498

export function checkFrames(facts: HostFacts): Finding[] {
  return facts.links.flatMap((link) => [
    finding('mtu', link.name, judgeMtu(link, facts)),
    finding('lro', link.name, judgeLro(link)),
    finding('vlan', link.name, judgeVlan(link)),
  ])
}

function judgeMtu({ name, mtu, driver }: LinkFacts, { kernel, daemon }: HostFacts): Said {
  if (mtu <= safeMtu) return { level: 'ok', found: `${mtu}, one buffer a frame` }
  const own = daemon?.interfaces.find((each) => each.name === name)
  if (own?.xdpMode === 'native') {
    return { level: 'ok', found: `${mtu}, frames in several buffers, which this kernel and driver take` }
  }
  const peer = driver === 'veth' ? '; on veth the MTU of the other end counts' : ''
  const fix = `ip link set ${name} mtu ${safeMtu} or less, where nothing needs more${peer}`
  if (own !== undefined || !isAtLeast(kernel, 5, 18)) {
    return {
      level: 'warning',
      found: `${mtu}, over ${safeMtu}: a frame needs several buffers`,
      consequence: isAtLeast(kernel, 5, 18)
        ? 'likely why native mode was refused: not every driver takes such frames'
        : `kernel ${kernel} has no XDP for frames in several buffers (5.18 has): only generic mode is left`,
      fix,
    }
  }
  return {
    level: 'note',
    found: `${mtu}, over ${safeMtu}: a frame needs several buffers`,
    consequence: 'native mode only if the driver takes such frames; else generic, which is slower',
    fix,
  }
}

const untold: Said = {
  level: 'unknown',
  found: 'the interface does not tell',
  fix: 'ethtool -k shows what it has',
}

function judgeLro({ name, hasLro }: LinkFacts): Said {
  if (hasLro === undefined) return untold
  if (!hasLro) return { level: 'ok', found: 'off' }
  return {
    level: 'warning',
    found: 'on: the card merges packets before XDP sees them',
    consequence: 'many drivers refuse native mode; where they do not, several packets count as one',
    fix: `ethtool -K ${name} lro off`,
  }
}

function judgeVlan({ name, hasVlanOffload, vlans }: LinkFacts): Said {
  if (hasVlanOffload === undefined) return untold
  const above =
    vlans.length === 0 ? 'no VLAN interface above it' : `VLAN interfaces above it: ${vlans.join(', ')}`
  const found = `tag offload ${hasVlanOffload ? 'on' : 'off'}, ${above}`
  if (!hasVlanOffload || vlans.length === 0) return { level: 'ok', found }
  return {
    level: 'note',
    found,
    consequence:
      'the card takes the tag off before XDP: addresses are read all the same, in all VLANs together; ' +
      'equal addresses in two VLANs are one to idsd, with or without the tag',
    fix: `ethtool -K ${name} rxvlan off, if another program needs to see the tag`,
  }
}
