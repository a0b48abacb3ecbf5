import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Connection, connectionsOf, createPeerWatch } from './peers.js'

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

const line = (local: string, remote: string, state = '01', inode = 4711) =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000\n`

const table: readonly (readonly [string, string, Partial<Connection>])[] = [
  ['IPv4', line('0100000A:0016', '0200004D:C350'), { localPort: 22, remote: '77.0.0.2', remotePort: 50_000 }],
  [
    'IPv6',
    line('B80D0120000000000000000001000000:0016', 'B80D0120000000000000000002000000:C350'),
    { remote: '2001:0DB8:0000:0000:0000:0000:0000:0002' },
  ],
  [
    'IPv4 on a socket of IPv6',
    line('0000000000000000FFFF00000100000A:0016', '0000000000000000FFFF00000200004D:C350'),
    { remote: '77.0.0.2', inode: '4711' },
  ],
]

for (const [name, text, expected] of table) {
  test(`a connection is read: ${name}`, () => {
    const [found] = connectionsOf(head + text)
    assert.deepEqual({ ...found, ...expected }, found)
  })
}

test('only established connections count', () => {
  const text = ['02', '06', '0A'].map((state) => line('0100000A:0016', '0200004D:C350', state)).join('')
  assert.deepEqual(connectionsOf(head + text), [])
})

function world({ owners = new Map<string, number>() } = {}) {
  const state = { uptimeMs: 1_000_000, tcp: '', ports: [22] }
  const watch = createPeerWatch({
    ports: () => state.ports,
    minAgeMs: () => 120_000,
    uptimeMs: () => state.uptimeMs,
    readText: (path) => (path.endsWith('tcp') ? head + state.tcp : ''),
    ownerAgeMs: (inode) => owners.get(inode),
  })
  const at = (ms: number, tcp: string) => {
    state.uptimeMs = 1_000_000 + ms
    state.tcp = tcp
    watch.refresh()
    return watch.peers()
  }
  return { at, watch, state }
}

const ssh = line('0100000A:0016', '0200004D:C350')

test('a connection is an operator’s after two minutes, not before', () => {
  const { at } = world()
  at(-1, '')
  assert.deepEqual(at(0, ssh), [])
  assert.deepEqual(at(119_999, ssh), [])
  assert.deepEqual(at(120_000, ssh), ['77.0.0.2'])
  assert.deepEqual(at(121_000, ''), [])
})

test('connections to other ports are nobody’s', () => {
  const { at } = world()
  const web = line('0100000A:0050', '0200004D:C350')
  at(0, web)
  assert.deepEqual(at(300_000, web), [])
})

test('a guesser that connects again and again never becomes an operator', () => {
  const { at } = world()
  at(-1, '')
  for (let i = 0; i < 100; i++) {
    assert.deepEqual(at(i * 5_000, line('0100000A:0016', `0200004D:${(40_000 + i).toString(16)}`)), [])
  }
})

test('what was open before the start is as old as the process that holds it', () => {
  const { at } = world({ owners: new Map([['4711', 300_000]]) })
  assert.deepEqual(at(0, ssh), ['77.0.0.2'])
})

test('what was open before the start and has no readable owner counts as old', () => {
  const { at } = world()
  assert.deepEqual(at(0, ssh), ['77.0.0.2'])
})

test('what came after the start is not, or a long-lived server would vouch for everybody', () => {
  const { at } = world({ owners: new Map([['4711', 300_000]]) })
  at(0, '')
  assert.deepEqual(at(5_000, ssh), [])
})
