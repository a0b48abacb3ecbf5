/** Address translation and Docker: which address idsd sees on which interface. */

import type { HostFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

export function checkNat({ nat, isRoot }: HostFacts): Finding[] {
  return [
    finding('nat', '', judge(nat, isRoot)),
    ...(nat.dockerBridges.length === 0 ? [] : [finding('docker', '', docker(nat.dockerBridges))]),
  ]
}

function judge({ sourceRules, destinationRules, isForwarding }: HostFacts['nat'], isRoot: boolean): Said {
  if (sourceRules === undefined || destinationRules === undefined) {
    return {
      level: 'unknown',
      found: 'the rules of the firewall could not be read',
      fix: isRoot ? 'apt install nftables, or iptables' : 'sudo idsctl doctor',
    }
  }
  const forwarding = isForwarding ? 'packets are forwarded' : 'nothing is forwarded'
  if (sourceRules + destinationRules === 0) {
    return {
      level: 'ok',
      found: `no rule translates addresses; ${forwarding}: idsd sees both ends as they are`,
    }
  }
  const source =
    'behind a rule that changes the source, inside hosts leave an outer interface under its own address: all of them ' +
    'are one address there, and what one does cannot be held against it alone'
  const destination =
    'packets from outside show the real source and the outer destination, before the rule; a block of the source holds ' +
    'for what is published too'
  return {
    level: 'note',
    found: `${rules(sourceRules, 'source')}, ${rules(destinationRules, 'destination')}; ${forwarding}`,
    consequence: [...(sourceRules > 0 ? [source] : []), ...(destinationRules > 0 ? [destination] : [])].join(
      '. ',
    ),
    fix: sourceRules > 0 ? 'guard the inner interface as well, to tell inside hosts apart' : '',
  }
}

function rules(count: number, what: string): string {
  return `${count} ${count === 1 ? 'rule changes' : 'rules change'} the ${what}`
}

function docker(bridges: readonly string[]): Said {
  return {
    level: 'note',
    found: `Docker's bridges: ${bridges.join(', ')}`,
    consequence:
      'on the outer interface idsd sees clients of published ports by their real address, before Docker translates, ' +
      'whatever the firewall says; containers leave under the address of the host',
    fix: 'guard a bridge too, to tell containers apart; idsd then runs there in generic mode',
  }
}
