/** Random TCP: connections as they happen, and packets that make no sense together. */

import type { Random } from '../random.js'
import type { Talk } from './talk.js'

type Step = (talk: Talk, random: Random) => void

const segmentBytes = [1, 100, 536, 1460]

/** Opens, talks, closes, and sometimes goes on after the close. */
export function scriptedTcp(talk: Talk, random: Random): void {
  for (let lives = 1 + random.below(3); lives > 0; lives--) {
    random.pick(openings)(talk, random)
    for (let left = random.below(6); left > 0; left--) random.pick(exchanges)(talk, random)
    random.pick(closings)(talk, random)
    for (let left = random.below(3); left > 0; left--) {
      talk.pause()
      talk.tcp(random.next() < 0.5, { flags: 'A' })
    }
    talk.pause()
  }
}

/** Any flags, either way, at any time. */
export function chaoticTcp(talk: Talk, random: Random): void {
  // Some flags are frequent in one conversation and absent in another.
  const letters = [...'FSRPAUEC'].filter(() => random.next() < 0.6)
  for (let left = 1 + random.below(30); left > 0; left--) {
    talk.pause()
    talk.tcp(random.next() < 0.6, {
      flags: letters.filter(() => random.next() < 0.35).join(''),
      payloadBytes: random.pick([0, 0, ...segmentBytes]),
      window: random.pick([0, 1, 29_200, 65_535]),
    })
  }
}

/** Sends each way, flags and payload in turn, with pauses between. */
function say(
  talk: Talk,
  ...packets: readonly (readonly [isFromClient: boolean, flags: string, bytes?: number])[]
) {
  for (const [isFromClient, flags, payloadBytes = 0] of packets) {
    talk.pause()
    talk.tcp(isFromClient, { flags, payloadBytes })
  }
}

const openings: readonly Step[] = [
  (talk) => say(talk, [true, 'S'], [false, 'SA'], [true, 'A']),
  (talk) => say(talk, [true, 'SEC'], [false, 'SAE'], [true, 'A']),
  (talk) => say(talk, [true, 'S', 300], [false, 'SA'], [true, 'A']),
  (talk) => say(talk, [false, 'S'], [true, 'SA'], [false, 'A']),
  // The capture begins in the middle of a connection.
  (talk) => say(talk, [false, 'SA'], [true, 'A']),
  (talk) => say(talk, [false, 'PA', 100]),
  (talk) => say(talk, [true, 'FA'], [false, 'FA'], [true, 'A']),
  (talk) => say(talk, [true, 'S'], [false, 'RA']),
  (talk) => say(talk, [false, 'R']),
]

const exchanges: readonly Step[] = [
  (talk, random) => say(talk, [true, 'PA', 120], [false, 'A'], [false, 'PA', random.pick(segmentBytes)]),
  bulkRun,
  bulkRun,
  (talk, random) => {
    talk.pause()
    talk.tcp(random.next() < 0.5, { flags: 'PA', payloadBytes: random.pick(segmentBytes) })
    talk.wait(200_000)
    talk.repeat()
  },
  (talk, random) => {
    const isFromClient = random.next() < 0.5
    for (const window of [0, 0, 14_600]) {
      talk.pause()
      talk.tcp(isFromClient, { flags: 'A', window })
    }
  },
  (talk) => say(talk, [true, 'PAU', 1], [false, 'A']),
  (talk) => say(talk, [false, 'PAC', 40], [true, 'AE']),
]

/** One side sends; the other is silent, acknowledges, or speaks in between. */
function bulkRun(talk: Talk, random: Random): void {
  const isFromClient = random.next() < 0.5
  const other = random.pick(['silent', 'acknowledges', 'speaks'])
  for (let left = 2 + random.below(9); left > 0; left--) {
    talk.pause()
    talk.tcp(isFromClient, { flags: 'A', payloadBytes: random.pick(segmentBytes) })
    if (other === 'silent' || random.next() < 0.7) continue
    talk.wait(random.pick([0, 80]))
    talk.tcp(!isFromClient, { flags: 'A', payloadBytes: other === 'speaks' ? 9 : 0 })
  }
}

const closings: readonly Step[] = [
  () => undefined,
  (talk) => say(talk, [true, 'FA'], [false, 'A'], [false, 'FA'], [true, 'A']),
  (talk) => say(talk, [false, 'FA'], [true, 'FA'], [false, 'A']),
  // Half closed, and data the other way.
  (talk) => say(talk, [true, 'FA'], [false, 'PA', 900], [true, 'A'], [false, 'FPA', 10], [true, 'A']),
  // Both at the same time.
  (talk) => {
    talk.pause()
    talk.tcp(true, { flags: 'FA' })
    talk.tcp(false, { flags: 'FA' })
    say(talk, [true, 'A'], [false, 'A'])
  },
  // A FIN sent twice by one side does not close.
  (talk) => say(talk, [true, 'FA'], [true, 'FA'], [true, 'A']),
  (talk) => say(talk, [true, 'R']),
  (talk) => say(talk, [false, 'RA']),
  (talk) => say(talk, [true, 'FA'], [false, 'R']),
]
