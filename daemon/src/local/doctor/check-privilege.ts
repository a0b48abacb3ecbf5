/** What a running daemon could do to the machine if somebody took it over. */

import type { HostFacts } from './facts.js'
import { type Finding, finding } from './finding.js'

export function checkPrivilege({ daemon }: HostFacts): Finding[] {
  const privilege = daemon?.privilege ?? null
  if (privilege === null) return []
  const { user, uid, capabilities, problem } = privilege
  if (uid !== 0) {
    return [
      finding('privilege', '', {
        level: 'ok',
        found: `idsd runs as ${user}, with ${capabilities.join(', ')}`,
      }),
    ]
  }
  const consequence = 'a fault in idsd that an attacker can use makes him root'
  return [
    finding(
      'privilege',
      '',
      problem === ''
        ? {
            level: 'note',
            found: 'idsd runs as root, as it was told to',
            consequence,
            fix: 'user = "idsd" in idsd.toml, then start it again',
          }
        : { level: 'warning', found: problem, consequence, fix: 'make that user, then start idsd again' },
    ),
  ]
}
