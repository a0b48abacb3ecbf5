/** Certificates, by the program openssl: keys are made here, it signs. */

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError, EXIT } from '../errors.js'

/** What a certificate is for. */
export interface CertificateOrder {
  /** Common name: the caller's name in the audit. */
  readonly name: string
  readonly kind: 'authority' | 'server' | 'client'
  /** Organizational unit: the role of a client. */
  readonly unit?: string
  /** Names and addresses of a server. */
  readonly hosts?: readonly string[]
  readonly days: number
}

/** PEM texts. */
export interface Pair {
  readonly key: string
  readonly certificate: string
}

/**
 * Makes a P-256 key and its certificate, signed by the authority, or by itself.
 * @throws CliError when openssl is missing or refuses
 */
export function makePair(order: CertificateOrder, authority?: Pair): Pair {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  // Made with mode 0700.
  const folder = mkdtempSync(join(tmpdir(), 'idsctl-pki-'))
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  }
  try {
    put('key', key)
    put('config', configOf(order))
    const days = String(order.days)
    // Positive, unpredictable and unlike any other. Source: RFC 5280, 4.1.2.2.
    const serial = `0x00${randomBytes(16).toString('hex')}`
    const request = ['req', '-new', '-config', 'config', '-key', 'key', '-sha256']
    if (authority === undefined) {
      const own = [...request, '-x509', '-set_serial', serial, '-days', days, '-extensions', 'extensions']
      return { key, certificate: openssl(folder, own) }
    }
    put('request', openssl(folder, request))
    put('ca', authority.certificate)
    put('ca-key', authority.key)
    const signed = openssl(folder, [
      ...['x509', '-req', '-in', 'request', '-CA', 'ca', '-CAkey', 'ca-key', '-set_serial', serial],
      ...['-days', days, '-sha256', '-extfile', 'config', '-extensions', 'extensions'],
    ])
    return { key, certificate: signed }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openssl(folder: string, words: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' })
  if (error !== undefined) {
    throw new CliError(EXIT.error, 'the program openssl is needed to sign certificates', [
      'sudo apt-get install openssl',
    ])
  }
  if (status === 0) return stdout
  throw new CliError(EXIT.error, `openssl ${words[0]} failed: ${stderr.trim().split('\n')[0]}`)
}

const uses = {
  authority: ['basicConstraints = critical,CA:TRUE,pathlen:0', 'keyUsage = critical,keyCertSign,cRLSign'],
  server: [
    ...['basicConstraints = critical,CA:FALSE', 'keyUsage = critical,digitalSignature'],
    'extendedKeyUsage = serverAuth',
  ],
  client: [
    ...['basicConstraints = critical,CA:FALSE', 'keyUsage = critical,digitalSignature'],
    'extendedKeyUsage = clientAuth',
  ],
} as const

/** Names are checked before: none can add a line. */
function configOf({ name, kind, unit, hosts = [] }: CertificateOrder): string {
  const alternatives = hosts.map((host) => (isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`)).join(',')
  return [
    '[req]',
    'prompt = no',
    'utf8 = yes',
    'distinguished_name = subject',
    '[subject]',
    ...(unit === undefined ? [] : [`OU = ${unit}`]),
    `CN = ${name}`,
    '[extensions]',
    ...uses[kind],
    'subjectKeyIdentifier = hash',
    ...(alternatives === '' ? [] : [`subjectAltName = ${alternatives}`]),
    '',
  ].join('\n')
}
