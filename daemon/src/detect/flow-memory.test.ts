import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFlowMemory } from './flow-memory.js'
import { testFlow } from './test-flow.js'

const flow = testFlow({ startUs: 1_000 })

test('the growth since the record before is told, whatever was missed between', () => {
  const memory = createFlowMemory(64)
  memory.take(flow)
  const later = {
    ...flow,
    seq: 5,
    lastUs: 9_000,
    packetsFwd: 11,
    packetsBwd: 4,
    bytesFwd: 70,
    bytesBwd: 30,
    synCount: 2,
  }
  const { isStale, fromUs, packetsFwd, packetsBwd, bytesFwd, bytesBwd, syns, answer } = memory.take(later)
  assert.deepEqual(
    { isStale, fromUs, packetsFwd, packetsBwd, bytesFwd, bytesBwd, syns, answer },
    {
      isStale: false,
      fromUs: 1_000,
      packetsFwd: 10,
      packetsBwd: 4,
      bytesFwd: 70,
      bytesBwd: 30,
      syns: 1,
      answer: 'opened',
    },
  )
})

test('a record that is older, or comes again, tells nothing', () => {
  const memory = createFlowMemory(64)
  assert.equal(memory.take({ ...flow, seq: 2, packetsFwd: 4 }).isStale, false)
  for (const seq of [2, 1, 0]) assert.equal(memory.take({ ...flow, seq }).isStale, true)
  assert.equal(memory.take({ ...flow, seq: 3, packetsFwd: 5 }).packetsFwd, 1)
})

test('a reset after two SYNs is a refusal, and one after a SYN-ACK is not', () => {
  const reset = { packetsBwd: 1, rstCount: 1, tcpState: 'ready' as const }
  for (const [second, answer] of [
    [{ synCount: 2, packetsFwd: 2 }, 'refused'],
    [{ synCount: 2, packetsBwd: 1 }, 'opened'],
  ] as const) {
    const memory = createFlowMemory(64)
    memory.take(flow)
    memory.take({ ...flow, seq: 1, ...second })
    assert.equal(memory.take({ ...flow, seq: 2, ...second, ...reset }).answer, answer)
  }
})

test('of more flows than there is room for, those heard of last are remembered', () => {
  const memory = createFlowMemory(64)
  const flows = Array.from({ length: 640 }, (_, i) => testFlow({ id: 2 ** 45 * (i % 4) + i }))
  for (const one of flows) memory.take(one)
  const known = flows.filter((one) => memory.take(one).isStale)
  assert.ok(known.length <= 64)
  const last = createFlowMemory(1_024)
  for (const one of flows) last.take(one)
  assert.ok(flows.slice(-200).every((one) => last.take(one).isStale))
})
