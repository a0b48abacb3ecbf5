/** What the loaded programs do when there is no room: nothing is dropped, and every loss is counted. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../lab/packet.js'
import { addressText } from '../src/decode/address-text.js'
import { readFlowCount } from '../src/kernel/counters.js'
import { xdpPass } from '../src/kernel/replay.js'
import { sweepFlows } from '../src/kernel/sweep.js'
import { sourceSlot } from '../src/kernel/wire.js'
import { client, fromClient, losses, second, short, start } from './conversation.js'
import { loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'

describe('without room', { skip: skipOrFail(loadUnavailable()) }, () => {
  const small = { ...smallSizes, flows: 16, bulkRingBytes: 4096, urgentRingBytes: 4096 }

  test('a full table passes the packet, counts it, and remembers the source', () => {
    const full = openPrograms({ sizes: small })
    try {
      const sources = new DataView(full.binding.mapMemory(full.path.fd('sources')))
      for (let i = 0; i < 16; i++) full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
      const lost = losses(() => {
        for (const dstPort of [22, 22, 80]) {
          assert.equal(
            full.ingress(tcpPacket({ ...client, src: '192.0.2.66', dstPort }), start + second),
            xdpPass,
          )
        }
        full.ingress(tcpPacket({ ...client, src: '192.0.2.66', flags: 'A' }), start + 2 * second)
      }, full)
      assert.deepEqual(lost, { tableFull: 4 })
      assert.equal(readFlowCount(full.binding, full.path), 16)
      // The flows that were there go on.
      assert.deepEqual(
        losses(() => full.ingress(udpPacket({ ...client, srcPort: 1000 }), start), full),
        {},
      )
      const at = slotOf(sources, '192.0.2.66')
      const { get } = sourceSlot
      assert.deepEqual(
        [get.packets(sources, at), get.syns(sources, at), get.firstMs(sources, at), get.lastMs(sources, at)],
        [4, 3, (start + second) / 1000, (start + 2 * second) / 1000],
      )
      // Room again: the source gets a flow.
      full.sweep(start, { flush: true })
      full.records()
      assert.deepEqual(
        losses(() => full.ingress(tcpPacket({ ...client, src: '192.0.2.66' }), start), full),
        {},
      )
      assert.equal(readFlowCount(full.binding, full.path), 1)
    } finally {
      full.close()
    }
  })

  test('a full bulk ring loses records, counted, and nothing else', () => {
    const full = openPrograms({ sizes: { ...small, flows: 4096 } })
    try {
      const lost = losses(() => {
        for (let i = 0; i < 200; i++) full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
        full.ingress(fromClient({ flags: 'A' }), start)
        full.ingress(fromClient({ flags: 'R' }), start)
      }, full)
      assert.equal(readFlowCount(full.binding, full.path), 201)
      const flows = full.flows()
      const told = flows.filter((flow) => flow.kind === 'opened').length
      assert.deepEqual(lost, { bulkRing: 201 - told })
      assert.ok(told > 20 && told < 100, `${told} were told`)
      // The urgent ring does not care; and seq shows that something is missing.
      assert.deepEqual(flows.filter((flow) => flow.kind !== 'opened').map(short), ['snapshot 1'])
    } finally {
      full.close()
    }
  })

  test('a full urgent ring is counted apart', () => {
    const full = openPrograms({ sizes: { ...small, flows: 4096, bulkRingBytes: 1 << 20 } })
    try {
      const lost = losses(() => {
        for (let i = 0; i < 20; i++) {
          full.ingress(fromClient({ srcPort: 1000 + i, flags: 'A' }), start)
          full.ingress(fromClient({ srcPort: 1000 + i, flags: 'R' }), start)
        }
      }, full)
      const told = full.flows().filter((flow) => flow.kind === 'snapshot').length
      assert.ok(told < 20)
      assert.deepEqual(lost, { urgentRing: 20 - told })
    } finally {
      full.close()
    }
  })

  test('a sweep that fills the ring keeps the flows for the next one', () => {
    const full = openPrograms({ sizes: { ...small, flows: 4096 } })
    try {
      for (let i = 0; i < 40; i++) {
        full.ingress(udpPacket({ ...client, srcPort: 1000 + i }), start)
        full.records()
      }
      const lost = losses(() => {
        const first = sweepFlows(full.binding, full.path, { nowUs: start, flush: true })
        assert.equal(first.isRingFull, true)
        assert.ok(first.ended > 0 && first.ended < 40)
        assert.equal(readFlowCount(full.binding, full.path), 40 - first.ended)
        assert.equal(full.sweep(start, { flush: true }), 40 - first.ended)
      }, full)
      assert.deepEqual(lost, {})
      const ended = full.flows()
      assert.equal(new Set(ended.map((flow) => flow.id)).size, 40)
      for (const flow of ended) assert.deepEqual([flow.kind, flow.seq], ['ended', 1])
    } finally {
      full.close()
    }
  })

  const slotOf = (view: DataView, address: string): number => {
    for (let at = 0; at < view.byteLength; at += sourceSlot.size) {
      if (
        addressText(view, at + sourceSlot.offset.address) === address &&
        sourceSlot.get.packets(view, at) > 0
      )
        return at
    }
    throw new Error(`no slot of ${address}`)
  }

  test('over the new-flow budget a scan makes no flows but is seen in its slot', () => {
    // A burst of 100 ms: at 10 a second one flow, perhaps two.
    const limited = openPrograms({ newFlowsPerSecond: 10 })
    try {
      const sources = new DataView(limited.binding.mapMemory(limited.path.fd('sources')))
      const ports = Array.from({ length: 40 }, (_, i) => 1000 + i)
      const lost = losses(() => {
        for (const dstPort of ports) limited.ingress(fromClient({ dstPort }), start)
      }, limited)
      const made = readFlowCount(limited.binding, limited.path)
      assert.ok(made >= 1 && made <= 2, `${made} flows`)
      assert.deepEqual(lost, { overBudget: 40 - made })
      const at = slotOf(sources, client.src)
      const { get } = sourceSlot
      assert.equal(get.packets(sources, at), 40 - made)
      assert.equal(get.syns(sources, at), 40 - made)
      assert.equal(get.manyDestinations(sources, at), 0)
      assert.equal(addressText(sources, at + sourceSlot.offset.destination), client.dst)
      let bits = 0
      for (
        let rest = sources.getBigUint64(at + sourceSlot.offset.ports, true);
        rest !== 0n;
        rest &= rest - 1n
      )
        bits++
      assert.ok(bits >= 20 && bits <= 40, `${bits} bits for 38 ports`)
      // A second destination is noticed; a known flow is not held back; later there is budget again.
      limited.ingress(tcpPacket({ ...client, dst: '203.0.113.2', dstPort: 1 }), start)
      assert.equal(get.manyDestinations(sources, at), 1)
      assert.deepEqual(
        losses(() => limited.ingress(fromClient({ dstPort: 1000, flags: 'A' }), start), limited),
        {},
      )
      // A SYN is taken for a new flow without a search.
      assert.deepEqual(
        losses(() => limited.ingress(fromClient({ dstPort: 1000 }), start), limited),
        { overBudget: 1 },
      )
      assert.deepEqual(
        losses(() => limited.ingress(fromClient({ dstPort: 5000 }), start + second), limited),
        {},
      )
      assert.equal(readFlowCount(limited.binding, limited.path), made + 1)
    } finally {
      limited.close()
    }
  })

  test('a flow that begins anew with each packet pays from the budget for new flows', () => {
    const limited = openPrograms({ newFlowsPerSecond: 10 })
    try {
      const echo = { src: client.src, dst: client.dst }
      const lost = losses(() => {
        for (let i = 0; i < 20; i++) {
          limited.ingress(icmpPacket({ ...echo, type: 8, code: 0 }), start)
          limited.ingress(icmpPacket({ ...echo, type: 3, code: 1 }), start)
        }
      }, limited)
      assert.ok((lost.overBudget ?? 0) >= 18, `${lost.overBudget} over the budget`)
      const told = limited.flows().filter(({ kind }) => kind === 'ended').length
      assert.ok(told <= 2, `${told} ends were told`)
    } finally {
      limited.close()
    }
  })

  test('a source table of one slot is held by whoever sends most', () => {
    const limited = openPrograms({ newFlowsPerSecond: 1, sizes: { ...smallSizes, sources: 1 } })
    try {
      const sources = new DataView(limited.binding.mapMemory(limited.path.fd('sources')))
      const holder = () => addressText(sources, sourceSlot.offset.address)
      limited.ingress(fromClient({ dstPort: 1 }), start)
      for (let i = 0; i < 5; i++) limited.ingress(fromClient({ dstPort: 10 + i }), start)
      assert.equal(holder(), client.src)
      const lost = losses(() => {
        for (let i = 0; i < 6; i++) limited.ingress(fromClient({ src: '192.0.2.66', dstPort: 10 + i }), start)
      }, limited)
      assert.equal(holder(), '192.0.2.66')
      assert.ok((lost.sourceSlot ?? 0) >= 4)
      // After 15 s of silence the slot is free.
      for (let i = 0; i < 50; i++) limited.ingress(fromClient({ src: '192.0.2.66', dstPort: 10 + i }), start)
      limited.ingress(fromClient({ src: '192.0.2.99', dstPort: 5 }), start + 16 * second)
      limited.ingress(fromClient({ src: '192.0.2.99', dstPort: 6 }), start + 16 * second)
      assert.equal(holder(), '192.0.2.99')
    } finally {
      limited.close()
    }
  })
})
