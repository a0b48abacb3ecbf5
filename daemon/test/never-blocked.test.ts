/** Judge and guards together, as the pipeline asks them: whom evidence of any weight does not get blocked. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Evidence } from '../src/detect/evidence.js'
import { createHostAddresses } from '../src/host/addresses.js'
import { createGuards, type GuardName } from '../src/policy/guards.js'
import { createPolicy } from '../src/policy/policy.js'
import { testEvidence } from '../src/record/test-store.js'

const nowMs = 1_000_000_000

/** Routes as proc(5) shows them: by 10.77.0.254 on eth0, and by link-local routers on eth0 and eth1. */
const files: Readonly<Record<string, string>> = {
  '/proc/self/net/route': `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\tFE004D0A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t00004D0A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0`,
  '/proc/self/net/ipv6_route': [
    [
      '0'.repeat(32),
      '00',
      '0'.repeat(32),
      '00',
      `fe80${'0'.repeat(27)}1`,
      '00000400',
      '1',
      '0',
      '00000003',
      'eth0',
    ],
    [
      '20010db8',
      '20',
      '0'.repeat(32),
      '00',
      `fe80${'0'.repeat(25)}abc`,
      '00000400',
      '1',
      '0',
      '00000003',
      'eth1',
    ],
    [
      `fe80${'0'.repeat(28)}`,
      '40',
      '0'.repeat(32),
      '00',
      '0'.repeat(32),
      '00000100',
      '1',
      '0',
      '00000001',
      'eth0',
    ],
  ]
    .map((cells) => cells.join(' '))
    .join('\n'),
  '/etc/resolv.conf': 'nameserver 192.0.2.53\nnameserver fe80::53%eth0\n',
}

const host = createHostAddresses({
  configured: () => ['9.9.9.9'],
  nowMs: () => nowMs,
  readText: (path) => files[path] ?? '',
})
const own = ['10.77.0.1', '2001:db8::1', 'fe80::a1']
const guards = createGuards({
  ownAddresses: () => [...own, ...host.own()],
  gateways: host.gateways,
  resolvers: host.resolvers,
  peers: () => ['203.0.113.9', '2001:db8:9::9'],
  allow: () => ['198.51.100.0/24', '192.0.2.200', '2001:db8:a::/48'],
})

/** What is left to enforce of overwhelming, proven evidence about one address, and the guards that object. */
function judge(source: string) {
  const evidence: Evidence = testEvidence({ source, points: 1_000, isProven: true, atMs: nowMs })
  const [verdict] = createPolicy().judge([evidence], nowMs)
  assert.equal(verdict?.source, source)
  return guards.refusals(verdict.source).map(({ guard }) => guard)
}

const never: readonly (readonly [string, string, GuardName])[] = [
  ['an address of the allowlist', '192.0.2.200', 'allow'],
  ['an address in an allowed prefix', '198.51.100.77', 'allow'],
  ['an IPv6 address in an allowed prefix', '2001:db8:a:b::1', 'allow'],
  ['an own address', '10.77.0.1', 'own'],
  ['an own IPv6 address', '2001:db8::1', 'own'],
  ['an own link-local address', 'fe80::a1', 'own'],
  ['the gateway', '10.77.0.254', 'gateway'],
  ['the IPv6 gateway, which is link-local', 'fe80::1', 'gateway'],
  ['a router of one prefix', 'fe80::abc', 'gateway'],
  ['a resolver of the configuration', '9.9.9.9', 'resolver'],
  ['a resolver of resolv.conf', '192.0.2.53', 'resolver'],
  ['a link-local resolver', 'fe80::53', 'resolver'],
  ['loopback', '127.0.0.1', 'loopback'],
  ['any loopback address', '127.9.9.9', 'loopback'],
  ['IPv6 loopback', '::1', 'loopback'],
  ['multicast', '224.0.0.251', 'multicast'],
  ['IPv6 multicast', 'ff02::1', 'multicast'],
  ['broadcast', '255.255.255.255', 'broadcast'],
  ['nobody, who asks for an address', '0.0.0.0', 'unspecified'],
  ['nobody in IPv6, who asks whether an address is free', '::', 'unspecified'],
  ["the operator's peer", '203.0.113.9', 'peer'],
  ["the operator's IPv6 peer", '2001:db8:9::9', 'peer'],
]

describe('never decided against', () => {
  for (const [name, source, guard] of never) {
    test(`${name}: ${source} is spared by the guard ${guard}`, () => {
      assert.ok(judge(source).includes(guard))
    })
  }

  test('addresses of the interfaces that this machine really has', () => {
    assert.ok(host.own().length > 0)
    for (const source of host.own()) assert.ok(judge(source).includes('own'))
  })

  for (const source of ['192.0.2.201', '10.77.0.2', 'fe80::2', '2001:db8:b::1', '203.0.113.10']) {
    test(`a neighbour of those is decided against: ${source}`, () => {
      assert.deepEqual(judge(source), [])
    })
  }
})
