import assert from 'node:assert/strict'
import { test } from 'node:test'
import { admitsLimit, createGuards, type GuardName } from './guards.js'

const guards = createGuards({
  ownAddresses: () => ['10.77.0.1', '2001:db8::1'],
  gateways: () => ['10.77.0.254', 'fe80::1%eth0'],
  resolvers: () => ['1.1.1.1', 'not an address'],
  peers: () => ['203.0.113.9'],
  allow: () => ['198.51.100.0/24'],
})

const refused: readonly (readonly [string, readonly GuardName[]])[] = [
  ['10.77.0.1', ['own']],
  ['10.77.0.0/24', ['own', 'gateway']],
  ['2001:db8::/32', ['own']],
  ['10.77.0.254', ['gateway']],
  ['fe80::1', ['gateway']],
  ['1.1.1.1', ['resolver']],
  ['127.0.0.1', ['loopback']],
  ['127.0.0.0/8', ['loopback']],
  ['::1', ['loopback']],
  ['224.0.0.251', ['multicast']],
  ['ff02::/16', ['multicast']],
  ['255.255.255.255', ['broadcast']],
  ['0.0.0.0', ['unspecified']],
  ['::', ['unspecified']],
  ['203.0.113.9', ['peer']],
  ['203.0.113.0/24', ['peer']],
  ['198.51.100.7', ['allow']],
  ['198.51.100.0/24', ['allow']],
  ['0.0.0.0/0', ['own', 'gateway', 'resolver', 'loopback', 'multicast', 'broadcast', 'unspecified', 'peer']],
  ['::/0', ['own', 'gateway', 'loopback', 'multicast', 'unspecified']],
  ['::ffff:10.77.0.1', ['own']],
]

for (const [target, names] of refused) {
  test(`${target} is refused by ${names.join(', ')}`, () => {
    assert.deepEqual(
      guards.refusals(target).map(({ guard }) => guard),
      names,
    )
  })
}

for (const target of [
  '10.77.0.2',
  '10.77.0.128/26',
  '8.8.8.8',
  '2001:db8::2',
  '198.51.0.0/16',
  '223.255.255.255',
]) {
  test(`${target} may be blocked`, () => {
    assert.deepEqual(guards.refusals(target), [])
  })
}

test('a refusal names target, guard and entry in a sentence', () => {
  assert.deepEqual(guards.refusals('10.77.0.254')[0], {
    guard: 'gateway',
    entry: '10.77.0.254',
    text: '10.77.0.254 is the gateway',
  })
  assert.equal(
    guards.refusals('10.77.0.0/24')[0]!.text,
    '10.77.0.0/24 covers 10.77.0.1, an address of this host',
  )
  assert.equal(
    guards.refusals('198.51.100.7')[0]!.text,
    '198.51.100.7 lies in 198.51.100.0/24, an entry of the allowlist',
  )
})

test('the far end of the caller is a peer, once', () => {
  const found = guards.refusals('192.0.2.1', '192.0.2.1')
  assert.deepEqual(found, [
    { guard: 'peer', entry: '192.0.2.1', text: "192.0.2.1 is the far end of an operator's connection" },
  ])
  assert.equal(guards.refusals('203.0.113.9', '203.0.113.9').length, 1)
})

test('what is no address is an ArgumentError', () => {
  assert.throws(() => guards.refusals('nowhere'), /target: expected/)
})

const limitable: readonly (readonly [readonly GuardName[], boolean])[] = [
  [['resolver'], true],
  [['gateway', 'resolver', 'peer'], true],
  [['own'], false],
  [['resolver', 'allow'], false],
  [['peer', 'loopback'], false],
  [['multicast'], false],
]
for (const [names, isAdmitted] of limitable) {
  test(`guarded as ${names.join(' and ')}, a limit that spares flows is ${isAdmitted ? 'no' : 'a'} ban`, () => {
    assert.equal(admitsLimit(names.map((guard) => ({ guard }))), isAdmitted)
  })
}
