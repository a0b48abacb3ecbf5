/** The kinds of value a configuration key can hold. Each schema goes with the words that name it in a fault. */

import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Endpoint } from './config.js'
import { orTime, timeWords } from './time-words.js'

/** A kind of value: how it is read, and what a person is told was expected. */
export interface Kind<Value> {
  readonly schema: z.ZodType<Value>
  readonly expected: string
}

/** Longest path that fits a Unix socket address (sun_path, unix(7), less the closing zero). */
const SOCKET_PATH_BYTES = 107

/** Longest interface name (IFNAMSIZ, linux/if.h, less the closing zero). */
const INTERFACE_NAME_BYTES = 15

export function integer(min: number, max: number, unit = ''): Kind<number> {
  const range = `a whole number from ${grouped(min)} to ${grouped(max)}`
  return {
    schema: orTime(z.int().min(min).max(max), unit),
    expected: unit === '' ? range : `${range}, ${unit}${timeWords(unit)}`,
  }
}

export function decimal(min: number, max: number, unit = ''): Kind<number> {
  const range = `a number from ${grouped(min)} to ${grouped(max)}`
  return {
    schema: orTime(z.number().min(min).max(max), unit),
    expected: unit === '' ? range : `${range}, ${unit}${timeWords(unit)}`,
  }
}

/** Ring buffers: the kernel wants a power of two that is a multiple of the page (BPF_MAP_TYPE_RINGBUF). */
export function ringBytes(): Kind<number> {
  const schema = z
    .int()
    .min(65_536)
    .max(2 ** 30)
    .refine((bytes) => Number.isInteger(Math.log2(bytes)))
  return { schema, expected: 'a power of two from 65,536 to 1,073,741,824, bytes' }
}

export function flag(): Kind<boolean> {
  return { schema: z.boolean(), expected: 'true or false' }
}

export function oneOf<const Name extends string>(...names: readonly Name[]): Kind<Name> {
  return { schema: z.enum(names), expected: `one of ${names.map((name) => `"${name}"`).join(', ')}` }
}

/** At least one of the names, in an order that means something. */
export function listOf<const Name extends string>(...names: readonly Name[]): Kind<readonly Name[]> {
  const known = names.map((name) => `"${name}"`).join(', ')
  return { schema: z.array(z.enum(names)).min(1).max(16), expected: `a list of 1 to 16 of ${known}` }
}

/** What `kind` takes, or the word. The word becomes `meaning`. */
export function orWord<Value, Meaning>(
  kind: Kind<Value>,
  word: string,
  meaning: Meaning,
): Kind<Value | Meaning> {
  const schema = z.union([z.literal(word).transform(() => meaning), kind.schema])
  return { schema, expected: `${kind.expected}, or "${word}"` }
}

export function text(maxLength: number): Kind<string> {
  return { schema: z.string().max(maxLength), expected: `text of at most ${maxLength} characters` }
}

/** Name of a user or group, or nothing. */
export function accountName(): Kind<string> {
  return {
    schema: z.string().regex(/^([a-z_][a-z0-9_.-]{0,30}\$?)?$/i),
    expected: 'a name of at most 32 characters, or ""',
  }
}

export function absolutePath(): Kind<string> {
  return { schema: z.string().refine(isCleanPath), expected: 'an absolute path' }
}

export function socketPath(): Kind<string> {
  const fits = (path: string) => isCleanPath(path) && Buffer.byteLength(path) <= SOCKET_PATH_BYTES
  return {
    schema: z.string().refine(fits),
    expected: `an absolute path of at most ${SOCKET_PATH_BYTES} bytes`,
  }
}

/** `HOST:PORT`; IPv6 in brackets. */
export function endpoint(): Kind<Endpoint> {
  const schema = z.string().transform((value, context): Endpoint => {
    const parts = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(value)
    const port = Number(parts?.[3])
    const isGood =
      parts !== null && port >= 1 && port <= 65_535 && (parts[1] === undefined || isIP(parts[1]) === 6)
    if (isGood) return { host: parts[1] ?? parts[2]!, port }
    context.addIssue('not an endpoint')
    return z.NEVER
  })
  return { schema, expected: 'HOST:PORT, IPv6 in brackets' }
}

export function portList(): Kind<readonly number[]> {
  return { schema: z.array(z.int().min(1).max(65_535)), expected: 'a list of ports from 1 to 65,535' }
}

export function addressList(): Kind<readonly string[]> {
  return {
    schema: z.array(z.string().refine((value) => isIP(value) !== 0)),
    expected: 'a list of IP addresses',
  }
}

export function interfaceList(): Kind<readonly string[]> {
  const names = z
    .array(z.string().refine(isInterfaceName))
    .refine((list) => list.length < 2 || !list.includes('any'))
  return {
    schema: names.transform((list) => [...new Set(list)]),
    expected: `a list of interface names (1 to ${INTERFACE_NAME_BYTES} characters), or "any" alone`,
  }
}

/** Addresses and prefixes. */
export function targetList(): Kind<readonly string[]> {
  return { schema: z.array(z.string().refine(isTarget)), expected: 'a list of addresses and CIDRs' }
}

export function allowList(): Kind<
  readonly { target: string; reason: string; logOnly?: boolean | undefined }[]
> {
  const entry = z.strictObject({
    target: z.string().refine(isTarget),
    reason: z.string().max(200).default(''),
    log_only: z.boolean().default(false),
  })
  const camelCased = entry.transform(({ log_only, ...rest }) => ({
    ...rest,
    ...(log_only ? { logOnly: true } : {}),
  }))
  return {
    schema: z.array(camelCased),
    expected: 'a list of { target = "ADDRESS or CIDR", reason = "at most 200 characters", log_only = false }',
  }
}

function isCleanPath(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0')
}

/** As the kernel's dev_valid_name (net/core/dev.c). */
function isInterfaceName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= INTERFACE_NAME_BYTES &&
    /^[^\s/:]+$/.test(name) &&
    name !== '.' &&
    name !== '..'
  )
}

function isTarget(target: string): boolean {
  const [address, length, rest] = target.split('/') as [string, string?, string?]
  const family = isIP(address)
  if (family === 0 || rest !== undefined || address.includes('%')) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128))
}

function grouped(value: number): string {
  return value.toLocaleString('en-US')
}
