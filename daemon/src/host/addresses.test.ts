import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHostAddresses, gatewaysOfRoute, gatewaysOfRoute6, resolversOf } from './addresses.js'

const route = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
eth1\t0000000A\tFE01000A\t0003\t0\t0\t0\t000000FF\t0\t0\t0
*\t0000FEA9\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0
`

const route6 = [
  '00000000000000000000000000000000 00 00000000000000000000000000000000 00 ' +
    'fe80000000000000021122fffe334455 00000400 00000001 00000000 00000003     eth0',
  '20010db8000000000000000000000000 20 00000000000000000000000000000000 00 ' +
    '00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0',
  '',
].join('\n')

test('a gateway is the next hop of a route with flag 2, whatever the route', () => {
  assert.deepEqual(gatewaysOfRoute(route), ['192.168.0.1', '10.0.1.254'])
  assert.deepEqual(gatewaysOfRoute6(route6), ['fe80:0000:0000:0000:0211:22ff:fe33:4455'])
})

test('without a routing table there is no gateway', () => {
  assert.deepEqual(gatewaysOfRoute(''), [])
  assert.deepEqual(gatewaysOfRoute6(''), [])
})

test('resolvers are read without comments, options and zone ids', () => {
  const text =
    '# nameserver 1.1.1.1\nsearch lan\nnameserver 192.0.2.53\n  nameserver fe80::1%eth0 # home\nnameserver'
  assert.deepEqual(resolversOf(text), ['192.0.2.53', 'fe80::1'])
})

test('behind systemd-resolved the servers that it asks are resolvers too', () => {
  const files: Record<string, string> = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53\n',
    '/run/systemd/resolve/resolv.conf': 'nameserver 192.0.2.53\n',
  }
  const host = createHostAddresses({
    configured: () => ['198.51.100.1'],
    nowMs: () => 0,
    readText: (path) => files[path] ?? '',
  })
  assert.deepEqual(host.resolvers(), ['198.51.100.1', '127.0.0.53', '192.0.2.53'])
})

test('what was read is used for five seconds, and read anew when the clock went back', () => {
  let reads = 0
  let nowMs = 100_000
  const host = createHostAddresses({
    configured: () => [],
    nowMs: () => nowMs,
    readText: () => {
      reads++
      return ''
    },
  })
  const readsOf = (atMs: number) => {
    const before = reads
    nowMs = atMs
    host.resolvers()
    return reads - before
  }
  assert.deepEqual([readsOf(100_000), readsOf(105_000), readsOf(105_001), readsOf(90_000)], [2, 0, 2, 2])
})

test('own addresses are at least those of loopback', () => {
  const host = createHostAddresses({ configured: () => [], nowMs: () => 0 })
  assert.ok(host.own().every((address) => !address.includes('%')))
})
