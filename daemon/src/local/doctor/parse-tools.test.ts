import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defaultRouteInterfaces, natRulesOf, vlansOf } from './parse-tools.js'

test('VLAN interfaces are listed under the one below them', () => {
  const text =
    'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n' +
    'eth0.10        | 10  | eth0\neth0.20        | 20  | eth0\nguests         | 30  | eth1\n'
  assert.deepEqual(
    vlansOf(text),
    new Map([
      ['eth0', ['eth0.10', 'eth0.20']],
      ['eth1', ['guests']],
    ]),
  )
})

describe('rules that translate addresses', () => {
  for (const [what, text, source, destination] of [
    [
      'none',
      'table ip filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy accept;\n\t}\n}\n',
      0,
      0,
    ],
    ['masquerade of nft', '\t\toifname "eth0" masquerade\n', 1, 0],
    ['snat and dnat of nft', '\t\tsnat to 192.0.2.1\n\t\ttcp dport 80 dnat to 10.0.0.2:8080\n', 1, 1],
    ['redirect of nft', '\t\ttcp dport 80 redirect to :8080\n', 0, 1],
    [
      'those of iptables in nft',
      '\t\toifname != "docker0" counter packets 0 bytes 0 xt target "MASQUERADE"\n',
      1,
      0,
    ],
    [
      'those of iptables-save',
      '*nat\n:DOCKER - [0:0]\n-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n' +
        '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80\n',
      1,
      1,
    ],
    [
      'what only asks about translation',
      '\t\tct status dnat accept\n-A X -m conntrack --ctstatus DNAT -j ACCEPT\n',
      0,
      0,
    ],
    [
      'names and comments',
      '\tchain dnat {\n\t\tjump dnat comment "masquerade of old"\n-A snat -j ACCEPT\n',
      0,
      0,
    ],
  ] as const) {
    test(what, () => assert.deepEqual(natRulesOf(text), { source, destination }))
  }
})

test('the outward interface is that of a route to everywhere', () => {
  const text =
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
    'eth1\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
    'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n' +
    'eth0\t00000000\t020011AC\t0003\t0\t0\t9\t00000000\t0\t0\t0\n'
  assert.deepEqual(defaultRouteInterfaces(text), ['eth0'])
  assert.deepEqual(defaultRouteInterfaces(''), [])
})
