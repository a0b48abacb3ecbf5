/** Which mode XDP runs in on each interface, or would, and what stands in the way of native. */

import { isOwnProgram } from './check-daemon.js'
import { safeMtu } from './check-frames.js'
import { hasNativeXdp } from './drivers.js'
import type { HostFacts, LinkFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

const arphrdEther = 1

export function checkXdp(facts: HostFacts): Finding[] {
  const { links, linksProblem, daemon } = facts
  if (linksProblem !== '') {
    const found = `interfaces could not be looked at: ${linksProblem}`
    return [
      finding('xdp', '', {
        level: 'unknown',
        found,
        fix: 'run make in the folder of idsd, or install it again',
      }),
    ]
  }
  const gone = daemon?.interfaces.filter(({ name }) => !links.some((link) => link.name === name)) ?? []
  return [
    ...links.map((link) => finding('xdp', link.name, judge(link, facts))),
    ...gone.filter(({ xdpMode }) => xdpMode === 'down').map(({ name }) => finding('xdp', name, down)),
  ]
}

const down: Said = {
  level: 'problem',
  found: 'the daemon guards it, and it is gone',
  consequence: 'nothing is seen or dropped there',
  fix: 'bring it back under this name: idsd attaches by itself; else take it out of interfaces',
}

function judge(link: LinkFacts, { daemon, kernel }: HostFacts): Said {
  const own = daemon?.interfaces.find(({ name }) => name === link.name)
  if (link.hardwareType !== arphrdEther) {
    return {
      level: 'problem',
      found: `it carries no Ethernet header (hardware type ${link.hardwareType})`,
      consequence: 'idsd reads Ethernet only and refuses it',
      fix: 'take the interface below it',
    }
  }
  if (own?.xdpMode === 'down') return down
  if (own?.xdpMode === 'native')
    return { level: 'ok', found: `native mode, driver ${link.driver ?? 'unknown'}` }
  if (own !== undefined) {
    return {
      level: 'warning',
      found: `generic mode, driver ${link.driver ?? 'unknown'}: ${obstacles(link, own.frags).join('; ')}`,
      consequence: 'it sees and drops the same, but a flood costs about three times as much processor time',
      fix: `mend that and restart idsd; --xdp-mode native refuses to start instead of falling back${driverHint(link)}`,
    }
  }
  return link.xdpMode === 'none' ? expected(link, kernel, daemon !== undefined) : occupied(link)
}

function driverHint({ name }: LinkFacts): string {
  return `; what the driver can: ethtool -i ${name}`
}

/** Why a driver refuses native mode; what is left when nothing seen here explains it. */
function obstacles(link: LinkFacts, hasFrags: boolean): readonly string[] {
  const found = [
    ...(hasNativeXdp(link.driver) === false ? [`the driver ${link.driver} has no native XDP`] : []),
    ...(link.mtu > safeMtu
      ? [
          `MTU ${link.mtu} is over ${safeMtu}${hasFrags ? ', and the driver may take no frames in several buffers' : ''}`,
        ]
      : []),
    ...(link.hasLro === true ? ['LRO is on'] : []),
  ]
  return found.length > 0
    ? found
    : ['nothing seen here forbids native: kernel.xdp_mode asks for generic, or the driver refused']
}

/** Nothing is attached. */
function expected(link: LinkFacts, kernel: string, hasDaemon: boolean): Said {
  const state = hasDaemon ? 'the running idsd does not guard it' : 'no XDP program'
  const has = hasNativeXdp(link.driver)
  if (!link.isUp) {
    return {
      level: 'warning',
      found: `${state}; the interface is down`,
      consequence: 'no packets come',
      fix: `ip link set ${link.name} up`,
    }
  }
  if (has === true) return { level: 'ok', found: `${state}; the driver ${link.driver} has native mode` }
  return has === false
    ? {
        level: 'note',
        found: `${state}; the driver ${link.driver} has no native XDP`,
        consequence: 'idsd will run in generic mode: a flood costs about three times as much processor time',
        fix: 'guard an interface below it whose driver has native XDP, where there is one',
      }
    : {
        level: 'note',
        found: `${state}; whether ${link.driver ?? 'its driver'} has native XDP on ${kernel} is not known here`,
        consequence: 'idsd tries native, then generic, and says at its start which it is',
      }
}

/** A program is there that the answering daemon does not know. */
function occupied({ name, xdpMode, xdpProgram }: LinkFacts): Said {
  if (isOwnProgram(xdpProgram)) {
    return {
      level: 'note',
      found: `${xdpMode} mode, programs that an idsd left`,
      consequence: 'they go on enforcing what is in force',
    }
  }
  if (xdpProgram === undefined) {
    return {
      level: 'unknown',
      found: `an XDP program in ${xdpMode} mode; whose it is only root can ask`,
      fix: `sudo idsctl doctor --interface ${name}`,
    }
  }
  return {
    level: 'problem',
    found: `another XDP program is there: ${xdpProgram}, ${xdpMode} mode`,
    consequence: 'idsd does not share an interface and will not start on it',
    fix: `take it off: ip link set dev ${name} xdp off, or bpftool link detach where a link holds it`,
  }
}
