/** A sound machine as the doctor finds it, for tests to spoil one fact at a time. */

import type { DaemonFacts, HostFacts, LinkFacts } from './facts.js'

export const soundLink: LinkFacts = {
  name: 'eth0',
  isUp: true,
  hardwareType: 1,
  mtu: 1_500,
  xdpMode: 'native',
  xdpProgram: 'idsd_ingress',
  driver: 'igb',
  hasLro: false,
  hasVlanOffload: false,
  vlans: [],
}

export const soundDaemon: DaemonFacts = {
  version: '0.1.0',
  mode: 'MODE_PREVENT',
  interfaces: [{ name: 'eth0', xdpMode: 'native', egressHook: 'tcx', frags: true }],
  maps: [{ name: 'flows', entries: 10, capacity: 16_384, bytes: 8 << 20 }],
  privilege: {
    user: 'idsd',
    uid: 990,
    capabilities: ['CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF'],
    problem: '',
  },
  model: {
    loaded: true,
    name: 'flow-gbt',
    version: '1.2.0',
    threshold: 0.9,
    mayBlock: false,
    calibrated: false,
    problem: '',
  },
  lost: { table_full: 0, bulk_ring_full: 0 },
  calibration: null,
  panic: null,
  trial: null,
  breakers: [],
}

export const soundFacts: HostFacts = {
  kernel: '6.12.1-amd64',
  isRoot: true,
  memoryBytes: 4 * 2 ** 30,
  links: [soundLink],
  linksProblem: '',
  hasBpffs: true,
  hasBtf: true,
  pinned: ['eth0'],
  left: undefined,
  clocksource: 'tsc',
  isSynchronised: true,
  nat: { isForwarding: false, sourceRules: 0, destinationRules: 0, dockerBridges: [] },
  daemon: soundDaemon,
  daemonProblem: '',
  lists: { bytes: 0, imported: [], scheduled: [] },
  nowMs: 1_700_000_000_000,
}
