import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from '../policy/address.js'
import { createTargetSet } from './target-set.js'

const cases: readonly (readonly [
  name: string,
  targets: readonly string[],
  address: string,
  found: string | undefined,
])[] = [
  ['an address is found as itself', ['192.0.2.7'], '192.0.2.7', '192.0.2.7'],
  ['a neighbour is not', ['192.0.2.7'], '192.0.2.8', undefined],
  ['a prefix covers its last address', ['192.0.2.0/24'], '192.0.2.255', '192.0.2.0/24'],
  ['and not the next one', ['192.0.2.0/24'], '192.0.3.0', undefined],
  ['the longest prefix is named', ['192.0.0.0/16', '192.0.2.0/25'], '192.0.2.9', '192.0.2.0/25'],
  ['an address goes before its prefix', ['192.0.2.0/25', '192.0.2.9'], '192.0.2.9', '192.0.2.9'],
  ['a length that divides a byte', ['192.0.2.16/28'], '192.0.2.31', '192.0.2.16/28'],
  ['a length that divides a byte, outside', ['192.0.2.16/28'], '192.0.2.32', undefined],
  ['everything covers everything of its family', ['0.0.0.0/0'], '203.0.113.1', '0.0.0.0/0'],
  ['and nothing of the other', ['0.0.0.0/0', '10.0.0.0/8'], '2001:db8::1', undefined],
  ['an IPv6 prefix', ['2001:db8::/32'], '2001:db8:ffff::1', '2001:db8::/32'],
  ['an IPv6 neighbour', ['2001:db8::/33'], '2001:db8:8000::1', undefined],
]

for (const [name, targets, address, found] of cases) {
  test(`${name}: ${address} in ${targets.join(', ')}`, () => {
    const set = createTargetSet(targets.map((text) => parseTarget(text, 'target')))
    for (const _again of [1, 2]) assert.equal(set.find(address)?.text, found)
  })
}
