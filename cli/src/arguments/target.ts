/** Addresses, prefixes and decision ids on the command line. The daemon judges them again. */

import { InvalidArgumentError } from 'commander'
import ipaddr from 'ipaddr.js'

const TARGET_FORMS = 'an address or a CIDR such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32'

/**
 * An IPv4 or IPv6 address or prefix, as written. Names are not looked up: what they point to can change.
 * @throws InvalidArgumentError
 */
export function parseTarget(text: string): string {
  if (isTarget(text)) return text
  throw new InvalidArgumentError(`Expected ${TARGET_FORMS}.`)
}

/**
 * A decision id as lists show it, `d12`; the bare number is taken too.
 * @throws InvalidArgumentError
 */
export function parseDecisionId(text: string): string {
  const match = /^d?([1-9]\d{0,15})$/.exec(text)
  if (match !== null) return `d${match[1]}`
  throw new InvalidArgumentError('Expected a decision id such as d12 (see: idsctl decisions list).')
}

/**
 * An alert id as lists show it, `a7`; the bare number is taken too.
 * @throws InvalidArgumentError
 */
export function parseAlertId(text: string): string {
  const match = /^a?([1-9]\d{0,14})$/.exec(text)
  if (match !== null) return `a${match[1]}`
  throw new InvalidArgumentError('Expected an alert id such as a7 (see: idsctl alerts).')
}

/** What to unblock. */
export type Unblocked = { readonly target: string } | { readonly decisionId: string }

/**
 * An address, a prefix, or a decision id with its `d`.
 * @throws InvalidArgumentError
 */
export function parseUnblocked(text: string): Unblocked {
  if (/^d\d+$/.test(text)) return { decisionId: parseDecisionId(text) }
  if (isTarget(text)) return { target: text }
  throw new InvalidArgumentError(`Expected ${TARGET_FORMS}, or a decision id such as d12.`)
}

function isTarget(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = addressBits(address)
  if (bits === undefined || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** 32 or 128; undefined when it is no address. Octal, shortened and zoned forms are none. */
function addressBits(address: string): 32 | 128 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return 32
  return !address.includes('%') && address.includes(':') && ipaddr.IPv6.isValid(address) ? 128 : undefined
}
