/** Who asks: what the connection proves, and what the request says of itself. */

/** What somebody may do: look, or everything. */
export type Role = 'none' | 'reader' | 'operator'

export interface Caller {
  /** User at the other end of the unix socket; undefined over TCP, or where it could not be read. */
  readonly uid?: number | undefined
  /** Name of that user, where it has one. */
  readonly user?: string | undefined
  /** Common name of the client certificate over mutual TLS. */
  readonly certificate?: string | undefined
  /** Absent where nobody asks over a connection. */
  readonly role?: Role | undefined
  /** What the request claims, e.g. a login name. Never proof. */
  readonly text: string
}

const MAX_TEXT = 100

/**
 * The caller in one line: what is proven first, the claim in parentheses.
 * `uid:1000 alice`, `uid:0 root (alice)`, `cert:ops-laptop operator (bob)`, or the bare claim where nothing is proven.
 */
export function callerName({ uid, user, certificate, role, text }: Caller): string {
  const said = printable(text)
  // Nobody needs to be told the same name twice.
  const claim = uid !== undefined && said === user ? '' : said
  const proven =
    uid !== undefined
      ? `uid:${uid}${user === undefined ? '' : ` ${printable(user)}`}`
      : certificate !== undefined
        ? `cert:${printable(certificate)}${role === undefined ? '' : ` ${role}`}`
        : ''
  if (proven === '') return claim === '' ? 'unknown' : claim
  return claim === '' ? proven : `${proven} (${claim})`
}

/**
 * A claim goes into tables and logs: control characters and line breaks would let it forge other lines.
 * @param most characters that are kept
 */
export function printable(text: string, most = MAX_TEXT): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, most)
}
