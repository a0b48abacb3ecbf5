import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createCommunityId } from './community-id.js'

const communityId = createCommunityId(2)

/** Source: the reference data of the specification, baseline_deflt.json. Both directions have the same one. */
const cases: readonly (readonly [string, number, string, number, string, number, string])[] = [
  ['TCP', 6, '128.232.110.120', 34_855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
  ['UDP', 17, '192.168.1.52', 54_585, '8.8.8.8', 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
  ['SCTP with equal ports', 132, '192.168.170.8', 7, '192.168.170.56', 7, '1:MP2EtRCAUIZvTw6MxJHLV7N7JDs='],
  [
    ...(['TCP over IPv6', 6, '2001:470:e5bf:dead:4957:2174:e82c:4887', 63_943] as const),
    ...(['2607:f8b0:400c:c03::1a', 25, '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4='] as const),
  ],
]

describe('a community id', () => {
  for (const [name, protocol, src, srcPort, dst, dstPort, expected] of cases) {
    it(`of ${name} is that of the reference data, seen from either end`, () => {
      assert.equal(communityId({ protocol, src, srcPort, dst, dstPort }), expected)
      const back = { protocol, src: dst, srcPort: dstPort, dst: src, dstPort: srcPort }
      assert.equal(communityId(back), expected)
    })
  }

  it('orders two ends of one address by their ports', () => {
    const one = { protocol: 6, src: '192.0.2.1', srcPort: 9, dst: '192.0.2.1', dstPort: 80 }
    assert.equal(communityId(one), communityId({ ...one, srcPort: 80, dstPort: 9 }))
    assert.notEqual(communityId(one), communityId({ ...one, dstPort: 81 }))
  })

  it('is empty where the ports of a flow are not what the specification hashes', () => {
    assert.equal(communityId({ protocol: 1, src: '192.0.2.1', srcPort: 0, dst: '192.0.2.2', dstPort: 0 }), '')
  })
})
