/** Client certificates that were called back: asked for at every call by serial number; streams that run end. */

import { IdsdError } from '../errors.js'
import type { PeerCall } from './peer.js'

export interface Revocation {
  isRevoked(call: PeerCall): boolean
  /** `end` is called when the certificate of a stream is called back while it runs. @returns forgets the stream */
  watch(call: PeerCall, end: () => void): () => void
  /** What is called back from here on. @param serials as `readRevoked` gives them @returns how many streams ended */
  replace(serials: ReadonlySet<string>): number
}

export function createRevocation(first: ReadonlySet<string> = new Set()): Revocation {
  let revoked = first
  const open = new Set<{ readonly serial: string; readonly end: () => void }>()
  return {
    isRevoked: (call) => revoked.has(serialOf(call) ?? ''),
    watch(call, end) {
      // A stream that is closing no longer tells whose it was.
      const serial = serialOf(call)
      if (serial === undefined) return () => {}
      const entry = { serial, end }
      open.add(entry)
      return () => open.delete(entry)
    },
    replace(serials) {
      revoked = serials
      const over = [...open].filter(({ serial }) => revoked.has(serial))
      for (const entry of over) {
        open.delete(entry)
        entry.end()
      }
      return over.length
    },
  }
}

/** Undefined without a certificate. */
function serialOf(call: PeerCall): string | undefined {
  const serial = call.getAuthContext().sslPeerCertificate?.serialNumber
  return typeof serial === 'string' ? plainSerial(serial) : undefined
}

/**
 * A file with one serial number a line, hexadecimal, `#` before what is a note.
 * @throws IdsdError `ERR_REVOKED` naming the first line that holds none: half a list would let somebody in
 */
export function readRevoked(text: string): ReadonlySet<string> {
  const serials = text.split(/\r?\n/).flatMap((line, i) => {
    const word = line.replace(/#.*/, '').trim()
    if (word === '') return []
    if (!/^[0-9a-f]{1,2}(:?[0-9a-f]{2}){0,31}$/i.test(word))
      throw new IdsdError('ERR_REVOKED', `line ${i + 1}: expected a serial number in hexadecimal digits`)
    return [plainSerial(word)]
  })
  return new Set(serials)
}

/** The same number is the same text: tools write it with colons, zeros before it, and letters of both cases. */
function plainSerial(text: string): string {
  return text
    .replaceAll(':', '')
    .toUpperCase()
    .replace(/^0+(?=.)/, '')
}
