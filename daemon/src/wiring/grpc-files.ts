/** Files of TLS: read at the start, as root, and again on SIGHUP, as the user that idsd became. */

import { readFileSync } from 'node:fs'
import type { GrpcConfig } from '../config/config.js'
import { IdsdError } from '../errors.js'
import type { Logger } from '../log.js'
import type { GrpcServer } from '../publish/grpc-server.js'
import { readRevoked } from '../publish/revocation.js'
import type { Pems } from '../publish/tcp-credentials.js'

type Files = Pick<GrpcConfig, 'ca' | 'cert' | 'key' | 'revoked'>

/** @throws IdsdError `ERR_TLS_FILE` naming the key of the configuration and the file */
export function readGrpcFiles({ ca, cert, key, revoked }: Files): Pems & { revoked: ReadonlySet<string> } {
  return {
    ca: readPem('grpc.ca', ca),
    cert: readPem('grpc.cert', cert),
    key: readPem('grpc.key', key),
    revoked: revokedIn(revoked),
  }
}

/** What cannot be read, or is no certificate, is told, and what was in force stays. @param files those of an open port */
export function readGrpcFilesAgain(
  { ca, cert, key, revoked }: Files,
  grpc: Pick<GrpcServer, 'shows' | 'useCertificates' | 'revoke'>,
  log: Logger,
): void {
  const attempt = (what: string, act: () => void) => {
    try {
      act()
    } catch (error) {
      log.error({ problem: (error as Error).message }, `${what} not read again: those in force stay`)
    }
  }
  attempt('grpc.revoked was', () => {
    const serials = revokedIn(revoked)
    const streams = grpc.revoke(serials)
    if (serials.size > 0)
      log.info({ certificates: serials.size, streams }, 'certificates that are called back')
  })
  attempt('grpc.ca was', () => {
    if (grpc.useCertificates({ ca: readPem('grpc.ca', ca) })) log.info({}, 'grpc.ca is read again')
  })
  attempt('grpc.cert and grpc.key were', () => {
    const shown = readPem('grpc.cert', cert)
    // The key is most often root's alone: nothing is wrong with that while it is not renewed.
    if (grpc.shows(shown)) return
    if (grpc.useCertificates({ cert: shown, key: readPem('grpc.key', key) }))
      log.info({}, 'grpc.cert and grpc.key are read again')
  })
}

function revokedIn(path: string | null): ReadonlySet<string> {
  if (path === null) return new Set()
  return named('grpc.revoked', path, () => readRevoked(readFileSync(path, 'utf8')))
}

/** @param path there is one where a port is */
function readPem(name: string, path: string | null): Buffer {
  return named(name, path, () => readFileSync(path as string))
}

function named<Found>(name: string, path: string | null, read: () => Found): Found {
  try {
    return read()
  } catch (error) {
    throw new IdsdError('ERR_TLS_FILE', `${name} ${path}: ${(error as Error).message}`, { cause: error })
  }
}
