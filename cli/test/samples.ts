/** Messages for tests, complete enough to be shown. */

/** 2031-05-04T12:30:00Z, ms. */
export const AT_MS = Date.UTC(2031, 4, 4, 12, 30)

export const flow = {
  id: '18446744073709551615',
  seq: 7,
  interface: 'eth0',
  src: '203.0.113.7',
  dst: '192.0.2.10',
  srcPort: 51234,
  dstPort: 22,
  protocol: 6,
  startUs: AT_MS * 1_000 + 123_456,
  lastUs: AT_MS * 1_000 + 4_123_456,
  packetsFwd: 12,
  packetsBwd: 10,
  bytesFwd: 1_480,
  bytesBwd: 2_960,
  tcpState: 'ready',
  pathProven: true,
  score: 0.9375,
  communityId: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  durationUs: 4_000_000,
  firstIngress: true,
  synCount: 1,
  finCount: 2,
} as const

export const decision = {
  id: 'd12',
  target: '203.0.113.7',
  action: 'ACTION_DROP',
  kind: 'DECISION_KIND_BLOCK',
  origin: 'ORIGIN_DETECTOR',
  mode: 'MODE_PREVENT',
  state: 'DECISION_STATE_ACTIVE',
  reason: 'login 60, scan 60',
  createdBy: 'idsd',
  createdAtMs: AT_MS,
  expiresAtMs: 0,
  packets: 1_234,
  bytes: 98_720,
  lastSeenMs: AT_MS + 5_000,
  inKernel: true,
  lapsed: false,
  evidence: [
    {
      detector: 'login',
      text: '12 connections to port 22 in 60 s (limit 10)',
      points: 60,
      atMs: AT_MS,
      flows: [flow],
    },
    { detector: 'scan', text: '25 distinct ports in 15 s (limit 20)', points: 60, atMs: AT_MS },
  ],
} as const

export const alert = {
  id: 'a3',
  atMs: AT_MS,
  source: '203.0.113.7',
  about: 'source',
  isProven: true,
  detector: 'scan',
  technique: 'T1046',
  severity: 'high',
  text: '25 distinct ports in 15 s (limit 20)',
  points: 60,
  decisionId: 'd12',
  flows: [flow],
} as const

export const allowEntry = {
  target: '203.0.113.0/24',
  reason: 'the office',
  createdAtMs: AT_MS,
  createdBy: 'uid:1000 (alice)',
  source: 'operator',
} as const

export const status = {
  version: '0.1.0',
  startedAtMs: AT_MS,
  mode: 'MODE_PREVENT',
  interfaces: [
    { name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true },
    { name: 'eth1', ifindex: 3, xdpMode: 'generic', egressHook: 'clsact', frags: false },
  ],
  maps: [
    { name: 'flows', entries: 12_345, capacity: 1_048_576, bytes: 402_653_184 },
    { name: 'blocks', entries: 90_000, capacity: 100_000, bytes: 12_800_000 },
  ],
  model: { loaded: true, name: 'spine', version: '1', threshold: 0.9, mayBlock: false, flowsScored: 4_096 },
  traffic: {
    passedPacketsIngress: 1_234_567,
    passedBytesIngress: 987_654_321,
    droppedPacketsIngress: 1_234,
    droppedBytesIngress: 98_720,
    passedPacketsEgress: 1_000_000,
    passedBytesEgress: 456_000_000,
  },
  lost: { flow_table_full: 0, ring_full: 17 },
  withoutFlow: { arp: 12, pppoe: 0 },
  decisionsActive: 1,
  allowEntries: 3,
  alertsTotal: 42,
  flowRecordsTotal: 65_536,
  newFlowsTotal: 10_000,
  warnings: ['detector login sees no egress on eth2'],
} as const
