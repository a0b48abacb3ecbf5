/** Is a daemon there, and if not, what goes on without it. */

import type { DaemonFacts, HostFacts, PinnedFacts } from './facts.js'
import { type Finding, finding } from './finding.js'

export function checkDaemon({ daemon, daemonProblem, links, pinned, left }: HostFacts): Finding[] {
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
  const guarded = [
    ...new Set([
      ...(pinned ?? []),
      ...links.filter(({ xdpProgram }) => isOwnProgram(xdpProgram)).map(({ name }) => name),
    ]),
  ]
  if (guarded.length > 0) {
    return [
      ...(left === undefined ? [] : leftStanding(left)),
      say({
        level: 'warning',
        found: `no daemon answers, but its programs are on ${guarded.join(', ')} (${daemonProblem})`,
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
function stopped({ panic, trial, breakers }: DaemonFacts): Finding[] {
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
    ...(trial === null
      ? []
      : [
          finding('trial', '', {
            level: 'note',
            found: `on trial: ${trial.what}, by ${trial.by}`,
            consequence: `it is taken back in ${wait(trial.leftMs)}; until then nothing else can be on trial`,
            fix: 'idsctl confirm keeps it, idsctl rollback takes it back now',
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

/** The same of a daemon that is gone: its words in the kernel stand. */
function leftStanding({ panicMs, trialMs }: PinnedFacts): Finding[] {
  const until = panicMs === Number.POSITIVE_INFINITY ? 'until idsctl resume' : `for ${wait(panicMs)} more`
  return [
    ...(panicMs === 0
      ? []
      : [
          finding('panic', '', {
            level: 'problem',
            found: `a panic stands in the pinned maps, ${until}: all enforcement is stopped`,
            consequence:
              'nothing is dropped, not even what you blocked, and a start of idsd does not change that',
            fix: 'sudo idsctl resume, when what it was for is over; it needs no daemon',
          }),
        ]),
    ...(trialMs === 0
      ? []
      : [
          finding('trial', '', {
            level: 'warning',
            found: 'a change is on trial in the pinned maps',
            consequence: `the kernel takes it back in ${wait(trialMs)}, unless idsd is there to keep it`,
            fix: 'sudo systemctl start idsd, then idsctl confirm; or sudo idsctl rollback, which needs no daemon',
          }),
        ]),
  ]
}

/** In a unit that a person waits in. @param ms over 0 */
function wait(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} min`
}

/** Whether a program is one of idsd's, by its name in the kernel. */
export function isOwnProgram(name: string | undefined): boolean {
  return name?.startsWith('idsd_') === true
}
