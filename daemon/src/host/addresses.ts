/** What this host is and depends on: own addresses, gateways, resolvers. Read from the kernel, a few seconds old. */

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

export interface HostAddresses {
  own(): readonly string[]
  gateways(): readonly string[]
  resolvers(): readonly string[]
}

export interface HostAddressesOptions {
  /** Resolvers that the configuration names. */
  readonly configured: () => readonly string[]
  readonly nowMs: () => number
  /** Reads a file; '' when it is not there. Default: the file system. */
  readonly readText?: (path: string) => string
}

const maxAgeMs = 5_000
/** The first names only 127.0.0.53 where systemd-resolved runs; the second is what it asks. Source: resolved(8). */
const resolverFiles = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Gateways of `/proc/net/route`: hexadecimal, little-endian, flag 2 = gateway. Source: proc(5). */
export function gatewaysOfRoute(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length > 3 && (Number.parseInt(cells[3] as string, 16) & 2) !== 0)
    .map((cells) => (cells[2] as string).match(/../g) as string[])
    .map((bytes) =>
      bytes
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join('.'),
    )
}

/** Next hops of `/proc/net/ipv6_route`: 32 hexadecimal digits, flag 2 = gateway. Source: kernel net/ipv6/route.c. */
export function gatewaysOfRoute6(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length >= 9 && (Number.parseInt(cells[8] as string, 16) & 2) !== 0)
    .map((cells) => ((cells[4] as string).match(/.{4}/g) as string[]).join(':'))
}

/** `nameserver` lines of resolv.conf(5), zone ids cut off. */
export function resolversOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^\s*nameserver\s+([^\s%#;]+)/.exec(line)?.[1])
    .filter((address) => address !== undefined)
}

export function createHostAddresses({
  configured,
  nowMs,
  readText = readOrEmpty,
}: HostAddressesOptions): HostAddresses {
  const cached = <T>(read: () => T) => {
    let atMs = Number.NEGATIVE_INFINITY
    let value: T
    return () => {
      if (nowMs() - atMs > maxAgeMs || nowMs() < atMs) {
        value = read()
        atMs = nowMs()
      }
      return value
    }
  }
  return {
    own: cached(() =>
      Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .map(({ address }) => address.replace(/%.*/, '')),
    ),
    gateways: cached(() => [
      ...gatewaysOfRoute(readText('/proc/self/net/route')),
      ...gatewaysOfRoute6(readText('/proc/self/net/ipv6_route')),
    ]),
    resolvers: cached(() => [
      ...configured(),
      ...resolverFiles.flatMap((path) => resolversOf(readText(path))),
    ]),
  }
}
