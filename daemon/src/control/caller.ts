/** Who asks: what the connection proves, and what the request says of itself. */

export interface Caller {
  /** User at the other end of the unix socket; undefined over TCP, or where it could not be read. */
  readonly uid?: number | undefined
  /** Common name of the client certificate over mutual TLS. */
  readonly certificate?: string | undefined
  /** What the request claims, e.g. a login name. Never proof. */
  readonly text: string
}

const MAX_TEXT = 100

/**
 * The caller in one line: what is proven first, the claim in parentheses.
 * `uid:1000 (alice)`, `cert:ops-laptop (bob)`, or the bare claim where nothing is proven.
 */
export function callerName({ uid, certificate, text }: Caller): string {
  const claim = printable(text)
  const proven =
    uid !== undefined ? `uid:${uid}` : certificate !== undefined ? `cert:${printable(certificate)}` : ''
  if (proven === '') return claim === '' ? 'unknown' : claim
  return claim === '' ? proven : `${proven} (${claim})`
}

/** A claim goes into tables and logs: control characters and line breaks would let it forge other lines. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, MAX_TEXT)
}
