/** What the TCP port shows and whom it admits, replaced while it is open. */

import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { experimental, type ServerCredentials } from '@grpc/grpc-js'

/** PEM. A client is admitted when its certificate is signed by the authority `ca`. */
export interface Pems {
  readonly ca: Buffer
  readonly cert: Buffer
  readonly key: Buffer
}

export interface TcpCredentials {
  readonly credentials: ServerCredentials
  /** Whether it is the certificate that is shown. */
  shows(cert: Buffer): boolean
  /**
   * For connections from here on; those that are open go on.
   * @returns false when nothing is new
   * @throws the error of OpenSSL when it is no certificate, or the key of another one: what was in force stays
   */
  replace(pems: Partial<Pems>): boolean
}

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0]
type Ca = Parameters<Provider['addCaCertificateListener']>[0]
type Identity = Parameters<Provider['addIdentityCertificateListener']>[0]

/** @throws the error of OpenSSL */
export function createTcpCredentials(first: Pems): TcpCredentials {
  check(first)
  let pems = first
  const [authorities, identities] = [new Set<Ca>(), new Set<Identity>()]
  const tellCa = (listener: Ca) => listener({ caCertificate: pems.ca })
  const tellIdentity = (listener: Identity) => listener({ certificate: pems.cert, privateKey: pems.key })
  const provider: Provider = {
    // Who asks is made ready to be told only after it has asked.
    addCaCertificateListener(listener) {
      authorities.add(listener)
      process.nextTick(() => tellCa(listener))
    },
    removeCaCertificateListener: (listener) => void authorities.delete(listener),
    addIdentityCertificateListener(listener) {
      identities.add(listener)
      process.nextTick(() => tellIdentity(listener))
    },
    removeIdentityCertificateListener: (listener) => void identities.delete(listener),
  }
  return {
    shows: (cert) => cert.equals(pems.cert),
    credentials: experimental.createCertificateProviderServerCredentials(provider, provider, true),
    replace(some) {
      const next = { ...pems, ...some }
      if ((['ca', 'cert', 'key'] as const).every((name) => next[name].equals(pems[name]))) return false
      check(next)
      pems = next
      for (const listener of authorities) tellCa(listener)
      for (const listener of identities) tellIdentity(listener)
      return true
    },
  }
}

/** A context takes a text without any certificate for an authority that signs nobody. */
function check(pems: Pems): void {
  new X509Certificate(pems.ca)
  createSecureContext({ ca: pems.ca, cert: pems.cert, key: pems.key })
}
