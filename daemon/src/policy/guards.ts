/** What must never be blocked: the guards that object to a target, each in a sentence. Pure. */

import { covers, overlaps, parseTarget, type Target } from './address.js'

export type GuardName =
  | 'own'
  | 'gateway'
  | 'resolver'
  | 'loopback'
  | 'multicast'
  | 'broadcast'
  | 'unspecified'
  | 'peer'
  | 'allow'

export interface Refusal {
  /** `allow` is no matter of force: an allow entry wins over every block. */
  readonly guard: GuardName
  /** The address or prefix that is protected, canonical text. */
  readonly entry: string
  /** One sentence that names target, guard and entry. */
  readonly text: string
}

/** Each is asked anew for every target. A text that is no address protects nothing and is passed over. */
export interface GuardsOptions {
  /** Addresses of this host. */
  readonly ownAddresses: () => Iterable<string>
  readonly gateways: () => Iterable<string>
  readonly resolvers: () => Iterable<string>
  /** Far ends of the operator's connections. */
  readonly peers: () => Iterable<string>
  /** Addresses and CIDRs of the allowlist. */
  readonly allow: () => Iterable<string>
}

export interface Guards {
  /**
   * Guards that object to a block of `target`; empty when none does. An address is protected when the target covers
   * it; loopback, multicast and this-network addresses when the target overlaps them; `allow` when an entry covers the
   * whole target.
   * @param target address or CIDR, or one already parsed
   * @param callerPeer far end of the caller's own session, '' when there is none
   * @throws ArgumentError `target`
   */
  refusals(target: string | Target, callerPeer?: string): Refusal[]
  /** All that is protected but for the allowlist; `isRange`: also what lies inside it. */
  protections(callerPeer?: string): Protection[]
}

/** Something that no block may cover. */
export interface Protection {
  readonly guard: GuardName
  readonly target: Target
  readonly isRange: boolean
}

/** Why a target is refused, in a sentence. */
export function refusalText(target: Target, { guard, target: entry }: Protection): string {
  return refusal(target, guard, entry).text
}

/** Never a source worth blocking. Sources: RFC 6890 (IPv4 and IPv6 special purpose), RFC 5771, RFC 4291 2.7. */
const RANGES: readonly (readonly [GuardName, Target])[] = (
  [
    ['loopback', '127.0.0.0/8'],
    ['loopback', '::1'],
    ['multicast', '224.0.0.0/4'],
    ['multicast', 'ff00::/8'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '0.0.0.0/8'],
    ['unspecified', '::'],
  ] as const
).map(([guard, text]) => [guard, parseTarget(text, guard)] as const)

const SENTENCES: Readonly<Record<GuardName, string>> = {
  own: 'an address of this host',
  gateway: 'the gateway',
  resolver: 'a configured resolver',
  loopback: 'loopback',
  multicast: 'multicast',
  broadcast: 'the broadcast address',
  unspecified: 'the unspecified address',
  peer: "the far end of an operator's connection",
  allow: 'an entry of the allowlist',
}

/** What these protect is often claimed as the source of a flood. */
const LIMITABLE: ReadonlySet<GuardName> = new Set(['gateway', 'resolver', 'peer'])

const MAX_REMEMBERED = 16_384

/**
 * Whether none of the guards that object to a block objects to a limit that spares flows: what our side asked for and
 * what is proven still passes, so such a limit is no ban. Everything else is one, a SYN drop too: nobody could log in.
 */
export function admitsLimit(refusals: readonly Pick<Refusal, 'guard'>[]): boolean {
  return refusals.every(({ guard }) => LIMITABLE.has(guard))
}

export function createGuards(options: GuardsOptions): Guards {
  const parsed = new Map<string, Target | undefined>()

  function parse(text: string): Target | undefined {
    if (parsed.has(text)) return parsed.get(text)
    if (parsed.size >= MAX_REMEMBERED) parsed.clear()
    const target = tryParse(text)
    parsed.set(text, target)
    return target
  }

  function objections(target: Target, guard: GuardName, texts: Iterable<string>): Refusal[] {
    const found = new Map<string, Refusal>()
    for (const text of texts) {
      const entry = parse(text)
      if (entry === undefined || found.has(entry.text)) continue
      const isHit = guard === 'allow' ? covers(entry, target) : covers(target, entry)
      if (isHit) found.set(entry.text, refusal(target, guard, entry))
    }
    return [...found.values()]
  }

  return {
    refusals: (given, callerPeer = '') => {
      const target = typeof given === 'string' ? parseTarget(given, 'target') : given
      const ranges = RANGES.filter(([, range]) => overlaps(target, range))
      return [
        ...objections(target, 'own', options.ownAddresses()),
        ...objections(target, 'gateway', options.gateways()),
        ...objections(target, 'resolver', options.resolvers()),
        ...ranges.map(([guard, range]) => refusal(target, guard, range)),
        ...objections(target, 'peer', callerPeer === '' ? options.peers() : [callerPeer, ...options.peers()]),
        ...objections(target, 'allow', options.allow()),
      ]
    },
    protections: (callerPeer = '') => {
      const single = (guard: GuardName, texts: Iterable<string>): Protection[] =>
        [...texts].flatMap((text) => {
          const target = parse(text)
          return target === undefined ? [] : [{ guard, target, isRange: false }]
        })
      return [
        ...single('own', options.ownAddresses()),
        ...single('gateway', options.gateways()),
        ...single('resolver', options.resolvers()),
        ...RANGES.map(([guard, target]) => ({ guard, target, isRange: true })),
        ...single('peer', callerPeer === '' ? options.peers() : [callerPeer, ...options.peers()]),
      ]
    },
  }
}

function refusal(target: Target, guard: GuardName, entry: Target): Refusal {
  const what = SENTENCES[guard]
  return { guard, entry: entry.text, text: `${target.text} ${relation(target, entry)}${what}` }
}

function relation(target: Target, entry: Target): string {
  if (target.text === entry.text) return 'is '
  return covers(target, entry) ? `covers ${entry.text}, ` : `lies in ${entry.text}, `
}

/** Zone ids (`fe80::1%eth0`, as resolv.conf has them) are cut off: the packet carries none. */
function tryParse(text: string): Target | undefined {
  try {
    return parseTarget(text.trim().replace(/%[^/]*/, ''), 'guard')
  } catch {
    return undefined
  }
}
