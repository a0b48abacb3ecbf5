/** Is a daemon there, and if not, what goes on without it. */

import type { DaemonFacts, HostFacts } from './facts.js'
import { type Finding, finding } from './finding.js'

export function checkDaemon({ daemon, daemonProblem, links, pinned }: HostFacts): Finding[] {
  const say = finding.bind(undefined, 'daemon', '')
  if (daemon !== undefined) {
    const mode = daemon.mode === 'MODE_DETECT' ? 'detect' : 'prevent'
    return [
      ...stopped(daemon),
      mode === 'detect'
        ? say({
            level: 'note',
            found: `idsd ${daemon.version} runs in mode detect`,
            consequence: 'what it decides by itself only counts; what you block is dropped',
            fix: 'idsctl mode prevent, when decisions list names nobody whom it should not',
          })
        : say({ level: 'ok', found: `idsd ${daemon.version} runs in mode prevent` }),
    ]
  }
  const left = [
    ...new Set([
      ...(pinned ?? []),
      ...links.filter(({ xdpProgram }) => isOwnProgram(xdpProgram)).map(({ name }) => name),
    ]),
  ]
  if (left.length > 0) {
    return [
      say({
        level: 'warning',
        found: `no daemon answers, but its programs are on ${left.join(', ')} (${daemonProblem})`,
        consequence:
          'what it blocked by itself lapses after enforce.lease_s, unless lease_expired is keep; what you blocked stays ' +
          'until it expires; nobody decides anew',
        fix: 'sudo systemctl start idsd; or sudo idsd --detach takes programs and blocks away',
      }),
    ]
  }
  return [
    say({
      level: 'note',
      found: `no daemon answers (${daemonProblem})`,
      consequence: 'maps, losses and model are not judged here',
      fix: 'sudo systemctl start idsd; --socket names another one',
    }),
  ]
}

/** What keeps a running daemon from dropping. */
function stopped({ panic, breakers }: DaemonFacts): Finding[] {
  const by = panic?.by ? ` by ${panic.by}` : ''
  return [
    ...(panic === null
      ? []
      : [
          finding('panic', '', {
            level: 'problem',
            found: `all enforcement was stopped${by}`,
            consequence: 'nothing is dropped, not even what you blocked',
            fix: 'idsctl resume, when what it was for is over',
          }),
        ]),
    ...breakers.map(({ origin, why }) =>
      finding('breaker', origin, {
        level: 'warning',
        found: `tripped: ${why}`,
        consequence: 'what it decides only counts until the trip ends',
        fix: `see whom it blocked (idsctl alerts --detector ${origin}), then idsctl resume ${origin}`,
      }),
    ),
  ]
}

/** Whether a program is one of idsd's, by its name in the kernel. */
export function isOwnProgram(name: string | undefined): boolean {
  return name?.startsWith('idsd_') === true
}
