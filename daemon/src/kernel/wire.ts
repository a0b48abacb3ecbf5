// Generated from the BTF of build/bpf/idsd.bpf.o by `make wire`. Do not edit.

export const wireVersion = 3

/** Bytes of every struct, compared with the loaded object's at start. */
export const structSizes: Readonly<Record<string, number>> = {
  config: 48,
  settings: 64,
  flow_counts: 16,
  block_entry: 64,
  allow_entry: 8,
  limiter: 48,
  lpm_key4: 8,
  lpm_key6: 20,
  source_slot: 64,
  listed_header: 64,
  listed_list: 64,
  listed_group: 64,
  listed_hits: 64,
  listed_root: 8,
  listed_bounds4: 64,
  listed_bounds6: 64,
  flow_opened: 64,
  flow_record: 440,
  counters: 888,
  cpu_state: 952,
  carried: 904,
  sweep_args: 48,
  tombstone: 32,
}

/** `enum record_type` of bpf/wire.h. */
export const RecordType = {
  opened: 1,
  snapshot: 2,
  ended: 3,
} as const

/** `enum end_reason` of bpf/wire.h. */
export const EndReason = {
  none: 0,
  timeout: 1,
  syn: 2,
  icmp: 3,
  pressure: 4,
  flush: 5,
  upgrade: 6,
} as const

/** `enum tcp_state` of bpf/wire.h. */
export const TcpState = {
  none: 0,
  fin1: 1,
  fin2: 2,
  ready: 3,
} as const

/** `enum flow_mark` of bpf/wire.h. */
export const FlowMark = {
  transit: 1,
  pathProven: 2,
  egressSyn: 4,
  egressSynack: 8,
  firstIngress: 16,
  continuation: 32,
  firstBackward: 64,
  dead: 128,
} as const

/** `enum block_action` of bpf/wire.h. */
export const BlockAction = {
  none: 0,
  drop: 1,
  count: 2,
  limit: 3,
  synDrop: 4,
  reject: 5,
  max: 6,
} as const

/** `enum block_flag` of bpf/wire.h. */
export const BlockFlag = {
  spareFlows: 1,
} as const

/** `enum limit_unit` of bpf/wire.h. */
export const LimitUnit = {
  packets: 0,
  bits: 1,
} as const

/** `enum listed` of bpf/wire.h. */
export const Listed = {
  ipv4: 1,
  ipv6: 2,
  trial: 4,
  reject: 8,
} as const

/** `enum block_origin` of bpf/wire.h. */
export const BlockOrigin = {
  none: 0,
  operator: 1,
  detector: 2,
  model: 3,
  list: 4,
  max: 5,
} as const

/** `enum block_reason` of bpf/wire.h. */
export const BlockReason = {
  none: 0,
  manual: 1,
  scan: 2,
  login: 3,
  model: 4,
  list: 5,
  mixed: 6,
  flood: 7,
  max: 8,
} as const

/** `enum loss` of bpf/wire.h. */
export const Loss = {
  tableFull: 0,
  lockMissed: 1,
  overBudget: 2,
  urgentRing: 3,
  bulkRing: 4,
  tombstone: 5,
  sourceSlot: 6,
  max: 7,
} as const

/** `enum unparsed` of bpf/wire.h. */
export const Unparsed = {
  notIp: 0,
  arp: 1,
  pppoe: 2,
  truncated: 3,
  malformed: 4,
  fragment: 5,
  protocol: 6,
  extensions: 7,
  max: 8,
} as const

/** `struct config` of bpf/wire.h. */
export const config = {
  size: 48,
  get: {
    /** counter half of the first flow id of this load */
    flowIdBase: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** ns between two new flows of one CPU; 0 = no budget */
    budgetNs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** how far ahead of the budget a burst may run, ns */
    budgetBurstNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    ifindex: (v: DataView, at: number): number => v.getUint32(at + 24, true),
    /** buckets of the exact set - 1 */
    bucketMask: (v: DataView, at: number): number => v.getUint32(at + 28, true),
    hashSeed: (v: DataView, at: number): number => v.getUint32(at + 32, true),
    flowCapacity: (v: DataView, at: number): number => v.getUint32(at + 36, true),
    /** slots of the source table - 1 */
    sourceMask: (v: DataView, at: number): number => v.getUint32(at + 40, true),
    /** 1: take the time from replay_us, accept frames cut short by a capture */
    replay: (v: DataView, at: number): number => v.getUint8(at + 44),
    /** 1: the kernel knows frames in several buffers (5.18) */
    frags: (v: DataView, at: number): number => v.getUint8(at + 45),
  },
  set: {
    flowIdBase: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    budgetNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    budgetBurstNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    ifindex: (v: DataView, at: number, value: number): void => v.setUint32(at + 24, value, true),
    bucketMask: (v: DataView, at: number, value: number): void => v.setUint32(at + 28, value, true),
    hashSeed: (v: DataView, at: number, value: number): void => v.setUint32(at + 32, value, true),
    flowCapacity: (v: DataView, at: number, value: number): void => v.setUint32(at + 36, value, true),
    sourceMask: (v: DataView, at: number, value: number): void => v.setUint32(at + 40, value, true),
    replay: (v: DataView, at: number, value: number): void => v.setUint8(at + 44, value),
    frags: (v: DataView, at: number, value: number): void => v.setUint8(at + 45, value),
  },
  offset: {
    flowIdBase: 0,
    budgetNs: 8,
    budgetBurstNs: 16,
    ifindex: 24,
    bucketMask: 28,
    hashSeed: 32,
    flowCapacity: 36,
    sourceMask: 40,
    replay: 44,
    frags: 45,
  },
} as const

/** `struct settings` of bpf/wire.h. */
export const settings = {
  size: 64,
  get: {
    /** IPv4 addresses in the exact set */
    exact4: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    /** IPv6 addresses in the exact set */
    exact6: (v: DataView, at: number): number => v.getUint32(at + 4, true),
    prefixes4: (v: DataView, at: number): number => v.getUint32(at + 8, true),
    prefixes6: (v: DataView, at: number): number => v.getUint32(at + 12, true),
    /** allow entries, both families */
    allows: (v: DataView, at: number): number => v.getUint32(at + 16, true),
    /** addresses that hold evidence */
    suspects: (v: DataView, at: number): number => v.getUint32(at + 20, true),
    /** CLOCK_BOOTTIME when the main loop last finished a batch, ns */
    beatNs: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    /** a leased entry is in force so long after a beat, ns; 0 = always */
    leaseNs: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** CLOCK_BOOTTIME until which nothing is dropped, ns; 0 = no panic, 2^64 - 1 = until resumed */
    panicUntilNs: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
    /** CLOCK_BOOTTIME until which the generation on trial is in force, ns; 0 = no trial, 2^64 - 1 = confirmed, the entries follow */
    trialUntilNs: (v: DataView, at: number): number => v.getUint32(at + 48, true) + v.getUint32(at + 52, true) * 4294967296,
    /** entries whose action is reject in either generation */
    rejects: (v: DataView, at: number): number => v.getUint32(at + 56, true),
    /** what the imported lists hold and do in either generation: enum listed bits */
    lists: (v: DataView, at: number): number => v.getUint32(at + 60, true),
  },
  set: {
    exact4: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    exact6: (v: DataView, at: number, value: number): void => v.setUint32(at + 4, value, true),
    prefixes4: (v: DataView, at: number, value: number): void => v.setUint32(at + 8, value, true),
    prefixes6: (v: DataView, at: number, value: number): void => v.setUint32(at + 12, value, true),
    allows: (v: DataView, at: number, value: number): void => v.setUint32(at + 16, value, true),
    suspects: (v: DataView, at: number, value: number): void => v.setUint32(at + 20, value, true),
    beatNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    leaseNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    panicUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
    trialUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 48, BigInt(value), true),
    rejects: (v: DataView, at: number, value: number): void => v.setUint32(at + 56, value, true),
    lists: (v: DataView, at: number, value: number): void => v.setUint32(at + 60, value, true),
  },
  offset: {
    exact4: 0,
    exact6: 4,
    prefixes4: 8,
    prefixes6: 12,
    allows: 16,
    suspects: 20,
    beatNs: 24,
    leaseNs: 32,
    panicUntilNs: 40,
    trialUntilNs: 48,
    rejects: 56,
    lists: 60,
  },
} as const

/** `struct flow_counts` of bpf/wire.h. */
export const flowCounts = {
  size: 16,
  get: {
    /** flows in the table, changed by atomic adds */
    flows: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** not 0: look for one before a flow is made */
    hasTombstones: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
  },
  set: {
    flows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    hasTombstones: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
  },
  offset: {
    flows: 0,
    hasTombstones: 8,
  },
} as const

/** `struct block_entry` of bpf/wire.h. */
export const blockEntry = {
  size: 64,
  get: {
    /** network order; IPv4 as ::ffff:0:0/96; index below 4 */
    address: (v: DataView, at: number, index: number): number => v.getUint32(at + 0 + index * 4, true),
    /** CLOCK_BOOTTIME when the block ends, ns; 0 = never */
    expiresNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    packets: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    bytes: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** CLOCK_BOOTTIME of the last hit, to one jiffy, ns; 0 = never */
    lastSeenNs: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
    /** decision number */
    decision: (v: DataView, at: number): number => v.getUint32(at + 48, true),
    /** enum block_action in the confirmed generation; ACTION_NONE: not in it */
    action: (v: DataView, at: number): number => v.getUint8(at + 52),
    /** enum block_origin */
    origin: (v: DataView, at: number): number => v.getUint8(at + 53),
    /** enum block_reason */
    reason: (v: DataView, at: number): number => v.getUint8(at + 54),
    /** prefix length in bits of the entry's own family */
    prefix: (v: DataView, at: number): number => v.getUint8(at + 55),
    /** CLOCK_BOOTTIME from when on the entry needs the beat, 2^30 ns; 0 = always, 2^32 - 1 = never */
    leasedFrom: (v: DataView, at: number): number => v.getUint32(at + 56, true),
    /** index in limiters; 0 = none */
    limiter: (v: DataView, at: number): number => v.getUint16(at + 60, true),
    /** enum block_action while a trial runs; the same as action when the trial leaves it alone */
    trialAction: (v: DataView, at: number): number => v.getUint8(at + 62),
    /** enum block_flag bits */
    flags: (v: DataView, at: number): number => v.getUint8(at + 63),
  },
  set: {
    address: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 0 + index * 4, value, true),
    expiresNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    packets: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    bytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    lastSeenNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
    decision: (v: DataView, at: number, value: number): void => v.setUint32(at + 48, value, true),
    action: (v: DataView, at: number, value: number): void => v.setUint8(at + 52, value),
    origin: (v: DataView, at: number, value: number): void => v.setUint8(at + 53, value),
    reason: (v: DataView, at: number, value: number): void => v.setUint8(at + 54, value),
    prefix: (v: DataView, at: number, value: number): void => v.setUint8(at + 55, value),
    leasedFrom: (v: DataView, at: number, value: number): void => v.setUint32(at + 56, value, true),
    limiter: (v: DataView, at: number, value: number): void => v.setUint16(at + 60, value, true),
    trialAction: (v: DataView, at: number, value: number): void => v.setUint8(at + 62, value),
    flags: (v: DataView, at: number, value: number): void => v.setUint8(at + 63, value),
  },
  offset: {
    address: 0,
    expiresNs: 16,
    packets: 24,
    bytes: 32,
    lastSeenNs: 40,
    decision: 48,
    action: 52,
    origin: 53,
    reason: 54,
    prefix: 55,
    leasedFrom: 56,
    limiter: 60,
    trialAction: 62,
    flags: 63,
  },
} as const

/** `struct allow_entry` of bpf/wire.h. */
export const allowEntry = {
  size: 8,
  get: {
    /** of the allow entry in the store */
    number: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    /** 1: in the confirmed generation */
    confirmed: (v: DataView, at: number): number => v.getUint8(at + 4),
    /** 1: in the generation on trial */
    trial: (v: DataView, at: number): number => v.getUint8(at + 5),
    /** prefix length in bits of the entry's own family */
    prefix: (v: DataView, at: number): number => v.getUint8(at + 6),
  },
  set: {
    number: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    confirmed: (v: DataView, at: number, value: number): void => v.setUint8(at + 4, value),
    trial: (v: DataView, at: number, value: number): void => v.setUint8(at + 5, value),
    prefix: (v: DataView, at: number, value: number): void => v.setUint8(at + 6, value),
  },
  offset: {
    number: 0,
    confirmed: 4,
    trial: 5,
    prefix: 6,
  },
} as const

/** `struct limiter` of bpf/wire.h. */
export const limiter = {
  size: 48,
  get: {
    /** CLOCK_MONOTONIC when the next packet is due, ns: changed by compare-and-swap only */
    nextNs: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** of one unit, 2^-20 ns */
    cost: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** how far the bucket may run ahead, ns */
    burstNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** packets */
    passed: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    /** packets */
    limited: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** enum limit_unit; bits are those of the IP total length */
    unit: (v: DataView, at: number): number => v.getUint32(at + 40, true),
  },
  set: {
    nextNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    cost: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    burstNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    passed: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    limited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    unit: (v: DataView, at: number, value: number): void => v.setUint32(at + 40, value, true),
  },
  offset: {
    nextNs: 0,
    cost: 8,
    burstNs: 16,
    passed: 24,
    limited: 32,
    unit: 40,
  },
} as const

/** `struct lpm_key4` of bpf/wire.h. */
export const lpmKey4 = {
  size: 8,
  get: {
    /** bits */
    prefix: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    /** network order */
    address: (v: DataView, at: number): number => v.getUint32(at + 4, true),
  },
  set: {
    prefix: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    address: (v: DataView, at: number, value: number): void => v.setUint32(at + 4, value, true),
  },
  offset: {
    prefix: 0,
    address: 4,
  },
} as const

/** `struct lpm_key6` of bpf/wire.h. */
export const lpmKey6 = {
  size: 20,
  get: {
    /** bits */
    prefix: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    /** network order; index below 4 */
    address: (v: DataView, at: number, index: number): number => v.getUint32(at + 4 + index * 4, true),
  },
  set: {
    prefix: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    address: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 4 + index * 4, value, true),
  },
  offset: {
    prefix: 0,
    address: 4,
  },
} as const

/** `struct source_slot` of bpf/wire.h. */
export const sourceSlot = {
  size: 64,
  get: {
    /** network order; index below 4 */
    address: (v: DataView, at: number, index: number): number => v.getUint32(at + 0 + index * 4, true),
    /** of the first packet; index below 4 */
    destination: (v: DataView, at: number, index: number): number => v.getUint32(at + 16 + index * 4, true),
    /** bitmap over a hash of the destination port */
    ports: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** CLOCK_MONOTONIC, ms modulo 2^32 */
    firstMs: (v: DataView, at: number): number => v.getUint32(at + 40, true),
    lastMs: (v: DataView, at: number): number => v.getUint32(at + 44, true),
    packets: (v: DataView, at: number): number => v.getUint32(at + 48, true),
    syns: (v: DataView, at: number): number => v.getUint32(at + 52, true),
    /** majority vote: the slot changes hands at 0 */
    weight: (v: DataView, at: number): number => v.getUint16(at + 56, true),
    manyDestinations: (v: DataView, at: number): number => v.getUint8(at + 58),
    /** of the first packet */
    protocol: (v: DataView, at: number): number => v.getUint8(at + 59),
  },
  set: {
    address: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 0 + index * 4, value, true),
    destination: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 16 + index * 4, value, true),
    ports: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    firstMs: (v: DataView, at: number, value: number): void => v.setUint32(at + 40, value, true),
    lastMs: (v: DataView, at: number, value: number): void => v.setUint32(at + 44, value, true),
    packets: (v: DataView, at: number, value: number): void => v.setUint32(at + 48, value, true),
    syns: (v: DataView, at: number, value: number): void => v.setUint32(at + 52, value, true),
    weight: (v: DataView, at: number, value: number): void => v.setUint16(at + 56, value, true),
    manyDestinations: (v: DataView, at: number, value: number): void => v.setUint8(at + 58, value),
    protocol: (v: DataView, at: number, value: number): void => v.setUint8(at + 59, value),
  },
  offset: {
    address: 0,
    destination: 16,
    ports: 32,
    firstMs: 40,
    lastMs: 44,
    packets: 48,
    syns: 52,
    weight: 56,
    manyDestinations: 58,
    protocol: 59,
  },
} as const

/** `struct listed_header` of bpf/wire.h. */
export const listedHeader = {
  size: 64,
  get: {
    /** index of the first struct listed_list */
    lists: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    listCount: (v: DataView, at: number): number => v.getUint32(at + 4, true),
    /** index of the struct listed_group of group 0 */
    groups: (v: DataView, at: number): number => v.getUint32(at + 8, true),
    /** group 0 included */
    groupCount: (v: DataView, at: number): number => v.getUint32(at + 12, true),
    /** index of the first struct listed_hits of group 0 */
    hits: (v: DataView, at: number): number => v.getUint32(at + 16, true),
    /** struct listed_hits of one group, a power of two: a CPU counts in its own */
    stripes: (v: DataView, at: number): number => v.getUint32(at + 20, true),
    /** index of one bit per IPv4 /24 that a list touches: keeps everybody else out; 0 = no IPv4 */
    bits4: (v: DataView, at: number): number => v.getUint32(at + 24, true),
    /** index of 65,536 struct listed_root, eight a line */
    root4: (v: DataView, at: number): number => v.getUint32(at + 28, true),
    /** index of the first struct listed_bounds4 */
    bounds4: (v: DataView, at: number): number => v.getUint32(at + 32, true),
    /** index of the first struct listed_bounds6 */
    bounds6: (v: DataView, at: number): number => v.getUint32(at + 36, true),
    /** struct listed_bounds6; 0 = no IPv6 */
    lines6: (v: DataView, at: number): number => v.getUint32(at + 40, true),
    /** ranges of addresses that are listed */
    ranges4: (v: DataView, at: number): number => v.getUint32(at + 44, true),
    ranges6: (v: DataView, at: number): number => v.getUint32(at + 48, true),
    /** of the whole table */
    lines: (v: DataView, at: number): number => v.getUint32(at + 52, true),
    /** WIRE_VERSION */
    version: (v: DataView, at: number): number => v.getUint32(at + 56, true),
    /** lists that limit: the first so many of all, the strictest first */
    limits: (v: DataView, at: number): number => v.getUint32(at + 60, true),
  },
  set: {
    lists: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    listCount: (v: DataView, at: number, value: number): void => v.setUint32(at + 4, value, true),
    groups: (v: DataView, at: number, value: number): void => v.setUint32(at + 8, value, true),
    groupCount: (v: DataView, at: number, value: number): void => v.setUint32(at + 12, value, true),
    hits: (v: DataView, at: number, value: number): void => v.setUint32(at + 16, value, true),
    stripes: (v: DataView, at: number, value: number): void => v.setUint32(at + 20, value, true),
    bits4: (v: DataView, at: number, value: number): void => v.setUint32(at + 24, value, true),
    root4: (v: DataView, at: number, value: number): void => v.setUint32(at + 28, value, true),
    bounds4: (v: DataView, at: number, value: number): void => v.setUint32(at + 32, value, true),
    bounds6: (v: DataView, at: number, value: number): void => v.setUint32(at + 36, value, true),
    lines6: (v: DataView, at: number, value: number): void => v.setUint32(at + 40, value, true),
    ranges4: (v: DataView, at: number, value: number): void => v.setUint32(at + 44, value, true),
    ranges6: (v: DataView, at: number, value: number): void => v.setUint32(at + 48, value, true),
    lines: (v: DataView, at: number, value: number): void => v.setUint32(at + 52, value, true),
    version: (v: DataView, at: number, value: number): void => v.setUint32(at + 56, value, true),
    limits: (v: DataView, at: number, value: number): void => v.setUint32(at + 60, value, true),
  },
  offset: {
    lists: 0,
    listCount: 4,
    groups: 8,
    groupCount: 12,
    hits: 16,
    stripes: 20,
    bits4: 24,
    root4: 28,
    bounds4: 32,
    bounds6: 36,
    lines6: 40,
    ranges4: 44,
    ranges6: 48,
    lines: 52,
    version: 56,
    limits: 60,
  },
} as const

/** `struct listed_list` of bpf/wire.h. */
export const listedList = {
  size: 64,
  get: {
    /** CLOCK_BOOTTIME when the list ends, ns; 0 = never */
    expiresNs: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** decision number */
    decision: (v: DataView, at: number): number => v.getUint32(at + 8, true),
    /** enum block_action */
    action: (v: DataView, at: number): number => v.getUint8(at + 12),
    /** CLOCK_MONOTONIC when the next packet is due, ns: changed by compare-and-swap only */
    limiterNextNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** of one unit, 2^-20 ns */
    limiterCost: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    /** how far the bucket may run ahead, ns */
    limiterBurstNs: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** packets */
    limiterPassed: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
    /** packets */
    limiterLimited: (v: DataView, at: number): number => v.getUint32(at + 48, true) + v.getUint32(at + 52, true) * 4294967296,
    /** enum limit_unit; bits are those of the IP total length */
    limiterUnit: (v: DataView, at: number): number => v.getUint32(at + 56, true),
  },
  set: {
    expiresNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    decision: (v: DataView, at: number, value: number): void => v.setUint32(at + 8, value, true),
    action: (v: DataView, at: number, value: number): void => v.setUint8(at + 12, value),
    limiterNextNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    limiterCost: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    limiterBurstNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    limiterPassed: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
    limiterLimited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 48, BigInt(value), true),
    limiterUnit: (v: DataView, at: number, value: number): void => v.setUint32(at + 56, value, true),
  },
  offset: {
    expiresNs: 0,
    decision: 8,
    action: 12,
    limiterNextNs: 16,
    limiterCost: 24,
    limiterBurstNs: 32,
    limiterPassed: 40,
    limiterLimited: 48,
    limiterUnit: 56,
  },
} as const

/** `struct listed_group` of bpf/wire.h. */
export const listedGroup = {
  size: 64,
  get: {
    /** bit i: the i-th list */
    lists: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** CLOCK_BOOTTIME when the last of its dropping lists ends, ns; 0 = none drops, 2^64 - 1 = never */
    dropUntilNs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** the same for those that count */
    countUntilNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** the same for those that reject */
    rejectUntilNs: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    /** the same for those that drop SYNs */
    synUntilNs: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** the same for those that limit */
    limitUntilNs: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
  },
  set: {
    lists: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    dropUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    countUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    rejectUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    synUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    limitUntilNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
  },
  offset: {
    lists: 0,
    dropUntilNs: 8,
    countUntilNs: 16,
    rejectUntilNs: 24,
    synUntilNs: 32,
    limitUntilNs: 40,
  },
} as const

/** `struct listed_hits` of bpf/wire.h. */
export const listedHits = {
  size: 64,
  get: {
    packets: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    bytes: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** packets */
    dropped: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** CLOCK_BOOTTIME, to one jiffy, ns; 0 = never */
    lastSeenNs: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
  },
  set: {
    packets: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    bytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    dropped: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    lastSeenNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
  },
  offset: {
    packets: 0,
    bytes: 8,
    dropped: 16,
    lastSeenNs: 24,
  },
} as const

/** `struct listed_root` of bpf/wire.h. */
export const listedRoot = {
  size: 8,
  get: {
    /** of its first bounds, counted from listed_header.bounds4 */
    line: (v: DataView, at: number): number => v.getUint32(at + 0, true),
    /** 0 = one group covers the whole /16 */
    lines: (v: DataView, at: number): number => v.getUint16(at + 4, true),
    /** that covers its first address */
    group: (v: DataView, at: number): number => v.getUint16(at + 6, true),
  },
  set: {
    line: (v: DataView, at: number, value: number): void => v.setUint32(at + 0, value, true),
    lines: (v: DataView, at: number, value: number): void => v.setUint16(at + 4, value, true),
    group: (v: DataView, at: number, value: number): void => v.setUint16(at + 6, value, true),
  },
  offset: {
    line: 0,
    lines: 4,
    group: 6,
  },
} as const

/** `struct listed_bounds4` of bpf/wire.h. */
export const listedBounds4 = {
  size: 64,
  get: {
    /** lower half of the address from which on the group holds; the first of a /16 is 0; index below 16 */
    starts: (v: DataView, at: number, index: number): number => v.getUint16(at + 0 + index * 2, true),
    /** index below 16 */
    groups: (v: DataView, at: number, index: number): number => v.getUint16(at + 32 + index * 2, true),
  },
  set: {
    starts: (v: DataView, at: number, index: number, value: number): void => v.setUint16(at + 0 + index * 2, value, true),
    groups: (v: DataView, at: number, index: number, value: number): void => v.setUint16(at + 32 + index * 2, value, true),
  },
  offset: {
    starts: 0,
    groups: 32,
  },
} as const

/** `struct listed_bounds6` of bpf/wire.h. */
export const listedBounds6 = {
  size: 64,
  get: {
    /** upper half of the address; index below 3 */
    high: (v: DataView, at: number, index: number): number => v.getUint32(at + 0 + index * 8, true) + v.getUint32(at + 4 + index * 8, true) * 4294967296,
    /** lower half; index below 3 */
    low: (v: DataView, at: number, index: number): number => v.getUint32(at + 24 + index * 8, true) + v.getUint32(at + 28 + index * 8, true) * 4294967296,
    /** index below 3 */
    groups: (v: DataView, at: number, index: number): number => v.getUint16(at + 48 + index * 2, true),
  },
  set: {
    high: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 0 + index * 8, BigInt(value), true),
    low: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 24 + index * 8, BigInt(value), true),
    groups: (v: DataView, at: number, index: number, value: number): void => v.setUint16(at + 48 + index * 2, value, true),
  },
  offset: {
    high: 0,
    low: 24,
    groups: 48,
  },
} as const

/** `struct flow_opened` of bpf/wire.h. */
export const flowOpened = {
  size: 64,
  get: {
    /** enum record_type */
    headerType: (v: DataView, at: number): number => v.getUint8(at + 0),
    /** WIRE_VERSION */
    headerVersion: (v: DataView, at: number): number => v.getUint8(at + 1),
    /** bytes of the whole record, header included */
    headerLength: (v: DataView, at: number): number => v.getUint16(at + 2, true),
    /** interface the program is attached to */
    headerIfindex: (v: DataView, at: number): number => v.getUint32(at + 4, true),
    /** first packet, us of CLOCK_MONOTONIC */
    timeUs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** flow id */
    id: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** source of the flow, network order; index below 4 */
    src: (v: DataView, at: number, index: number): number => v.getUint32(at + 24 + index * 4, true),
    /** index below 4 */
    dst: (v: DataView, at: number, index: number): number => v.getUint32(at + 40 + index * 4, true),
    srcPort: (v: DataView, at: number): number => v.getUint16(at + 56, false),
    dstPort: (v: DataView, at: number): number => v.getUint16(at + 58, false),
    protocol: (v: DataView, at: number): number => v.getUint8(at + 60),
    /** of the first packet */
    tcpFlags: (v: DataView, at: number): number => v.getUint8(at + 61),
    /** enum flow_mark bits */
    marks: (v: DataView, at: number): number => v.getUint8(at + 62),
    icmpType: (v: DataView, at: number): number => v.getUint8(at + 63),
  },
  set: {
    headerType: (v: DataView, at: number, value: number): void => v.setUint8(at + 0, value),
    headerVersion: (v: DataView, at: number, value: number): void => v.setUint8(at + 1, value),
    headerLength: (v: DataView, at: number, value: number): void => v.setUint16(at + 2, value, true),
    headerIfindex: (v: DataView, at: number, value: number): void => v.setUint32(at + 4, value, true),
    timeUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    id: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    src: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 24 + index * 4, value, true),
    dst: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 40 + index * 4, value, true),
    srcPort: (v: DataView, at: number, value: number): void => v.setUint16(at + 56, value, false),
    dstPort: (v: DataView, at: number, value: number): void => v.setUint16(at + 58, value, false),
    protocol: (v: DataView, at: number, value: number): void => v.setUint8(at + 60, value),
    tcpFlags: (v: DataView, at: number, value: number): void => v.setUint8(at + 61, value),
    marks: (v: DataView, at: number, value: number): void => v.setUint8(at + 62, value),
    icmpType: (v: DataView, at: number, value: number): void => v.setUint8(at + 63, value),
  },
  offset: {
    headerType: 0,
    headerVersion: 1,
    headerLength: 2,
    headerIfindex: 4,
    timeUs: 8,
    id: 16,
    src: 24,
    dst: 40,
    srcPort: 56,
    dstPort: 58,
    protocol: 60,
    tcpFlags: 61,
    marks: 62,
    icmpType: 63,
  },
} as const

/** `struct flow_record` of bpf/wire.h. */
export const flowRecord = {
  size: 440,
  get: {
    /** enum record_type */
    headerType: (v: DataView, at: number): number => v.getUint8(at + 0),
    /** WIRE_VERSION */
    headerVersion: (v: DataView, at: number): number => v.getUint8(at + 1),
    /** bytes of the whole record, header included */
    headerLength: (v: DataView, at: number): number => v.getUint16(at + 2, true),
    /** interface the program is attached to */
    headerIfindex: (v: DataView, at: number): number => v.getUint32(at + 4, true),
    /** when the record was made, us of CLOCK_MONOTONIC */
    timeUs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** address, network order; IPv4 as ::ffff:0:0/96; index below 4 */
    keyA: (v: DataView, at: number, index: number): number => v.getUint32(at + 16 + index * 4, true),
    /** address, network order; IPv4 as ::ffff:0:0/96; index below 4 */
    keyB: (v: DataView, at: number, index: number): number => v.getUint32(at + 32 + index * 4, true),
    /** port of a; 0 for ICMP */
    keyPortA: (v: DataView, at: number): number => v.getUint16(at + 48, false),
    /** port of b; 0 for ICMP */
    keyPortB: (v: DataView, at: number): number => v.getUint16(at + 50, false),
    /** IP protocol number */
    keyProtocol: (v: DataView, at: number): number => v.getUint8(at + 52),
    /** time of the first packet, us of CLOCK_MONOTONIC (of the capture in replay) */
    flowStartUs: (v: DataView, at: number): number => v.getUint32(at + 56, true) + v.getUint32(at + 60, true) * 4294967296,
    /** cpu << 45 | counter */
    flowId: (v: DataView, at: number): number => v.getUint32(at + 64, true) + v.getUint32(at + 68, true) * 4294967296,
    /** us before start_us spent by the earlier parts of a flow split at 120 s */
    flowConnectionUs: (v: DataView, at: number): number => v.getUint32(at + 72, true) + v.getUint32(at + 76, true) * 4294967296,
    /** sum of squares of gaps, us^2 */
    flowIatSq: (v: DataView, at: number): number => v.getUint32(at + 80, true) + v.getUint32(at + 84, true) * 4294967296,
    flowLock: (v: DataView, at: number): number => v.getUint32(at + 88, true),
    /** records emitted for this flow before this one */
    flowSeq: (v: DataView, at: number): number => v.getUint32(at + 92, true),
    /** last packet, us after start_us */
    flowLastUs: (v: DataView, at: number): number => v.getUint32(at + 96, true),
    /** smallest gap, us; meaningless below 2 packets */
    flowIatMin: (v: DataView, at: number): number => v.getUint32(at + 100, true),
    /** largest gap, us */
    flowIatMax: (v: DataView, at: number): number => v.getUint32(at + 104, true),
    /** gaps longer than 1 s */
    flowGaps: (v: DataView, at: number): number => v.getUint32(at + 108, true),
    flowActiveStartUs: (v: DataView, at: number): number => v.getUint32(at + 112, true),
    /** sequence number of the SYN or SYN-ACK that left through this interface; without one, of the last byte */
    flowEgressIsn: (v: DataView, at: number): number => v.getUint32(at + 116, true),
    flowFin: (v: DataView, at: number): number => v.getUint32(at + 120, true),
    flowSyn: (v: DataView, at: number): number => v.getUint32(at + 124, true),
    flowAck: (v: DataView, at: number): number => v.getUint32(at + 128, true),
    flowEce: (v: DataView, at: number): number => v.getUint32(at + 132, true),
    flowCwr: (v: DataView, at: number): number => v.getUint32(at + 136, true),
    /** fold of the key, to notice that a table slot changed hands */
    flowKeyFold: (v: DataView, at: number): number => v.getUint32(at + 140, true),
    /** enum tcp_state */
    flowState: (v: DataView, at: number): number => v.getUint8(at + 144),
    /** 0: a is the source, 1: b is the source */
    flowOrientation: (v: DataView, at: number): number => v.getUint8(at + 145),
    /** bit 0 forward, bit 1 backward */
    flowFinSeen: (v: DataView, at: number): number => v.getUint8(at + 146),
    /** enum flow_mark bits */
    flowMarks: (v: DataView, at: number): number => v.getUint8(at + 147),
    flowIcmpType: (v: DataView, at: number): number => v.getUint8(at + 148),
    flowIcmpCode: (v: DataView, at: number): number => v.getUint8(at + 149),
    /** enum end_reason */
    flowEndReason: (v: DataView, at: number): number => v.getUint8(at + 150),
    /** sum of L4 payload, bytes */
    flowDir0Bytes: (v: DataView, at: number): number => v.getUint32(at + 152, true) + v.getUint32(at + 156, true) * 4294967296,
    /** sum of squares of L4 payload, bytes^2 */
    flowDir0BytesSq: (v: DataView, at: number): number => v.getUint32(at + 160, true) + v.getUint32(at + 164, true) * 4294967296,
    /** sum of squares of gaps inside the direction, us^2 */
    flowDir0IatSq: (v: DataView, at: number): number => v.getUint32(at + 168, true) + v.getUint32(at + 172, true) * 4294967296,
    /** sum of L4 header lengths, bytes */
    flowDir0HeaderBytes: (v: DataView, at: number): number => v.getUint32(at + 176, true) + v.getUint32(at + 180, true) * 4294967296,
    flowDir0Packets: (v: DataView, at: number): number => v.getUint32(at + 184, true),
    flowDir0FirstUs: (v: DataView, at: number): number => v.getUint32(at + 188, true),
    flowDir0LastUs: (v: DataView, at: number): number => v.getUint32(at + 192, true),
    /** smallest gap, us; meaningless below 2 packets */
    flowDir0IatMin: (v: DataView, at: number): number => v.getUint32(at + 196, true),
    /** largest gap, us */
    flowDir0IatMax: (v: DataView, at: number): number => v.getUint32(at + 200, true),
    /** packets with PSH */
    flowDir0Psh: (v: DataView, at: number): number => v.getUint32(at + 204, true),
    /** packets with URG */
    flowDir0Urg: (v: DataView, at: number): number => v.getUint32(at + 208, true),
    /** packets with RST */
    flowDir0Rst: (v: DataView, at: number): number => v.getUint32(at + 212, true),
    /** packets with at least one payload byte */
    flowDir0DataPackets: (v: DataView, at: number): number => v.getUint32(at + 216, true),
    /** smallest payload, bytes; meaningless without packets */
    flowDir0LenMin: (v: DataView, at: number): number => v.getUint32(at + 220, true),
    /** largest payload, bytes */
    flowDir0LenMax: (v: DataView, at: number): number => v.getUint32(at + 224, true),
    /** smallest L4 header, bytes; meaningless without packets */
    flowDir0SegMin: (v: DataView, at: number): number => v.getUint16(at + 228, true),
    /** TCP window, unscaled: forward of the flow's first packet, backward the first non-zero */
    flowDir0InitWin: (v: DataView, at: number): number => v.getUint16(at + 230, true),
    /** sum of L4 payload, bytes */
    flowDir1Bytes: (v: DataView, at: number): number => v.getUint32(at + 232, true) + v.getUint32(at + 236, true) * 4294967296,
    /** sum of squares of L4 payload, bytes^2 */
    flowDir1BytesSq: (v: DataView, at: number): number => v.getUint32(at + 240, true) + v.getUint32(at + 244, true) * 4294967296,
    /** sum of squares of gaps inside the direction, us^2 */
    flowDir1IatSq: (v: DataView, at: number): number => v.getUint32(at + 248, true) + v.getUint32(at + 252, true) * 4294967296,
    /** sum of L4 header lengths, bytes */
    flowDir1HeaderBytes: (v: DataView, at: number): number => v.getUint32(at + 256, true) + v.getUint32(at + 260, true) * 4294967296,
    flowDir1Packets: (v: DataView, at: number): number => v.getUint32(at + 264, true),
    flowDir1FirstUs: (v: DataView, at: number): number => v.getUint32(at + 268, true),
    flowDir1LastUs: (v: DataView, at: number): number => v.getUint32(at + 272, true),
    /** smallest gap, us; meaningless below 2 packets */
    flowDir1IatMin: (v: DataView, at: number): number => v.getUint32(at + 276, true),
    /** largest gap, us */
    flowDir1IatMax: (v: DataView, at: number): number => v.getUint32(at + 280, true),
    /** packets with PSH */
    flowDir1Psh: (v: DataView, at: number): number => v.getUint32(at + 284, true),
    /** packets with URG */
    flowDir1Urg: (v: DataView, at: number): number => v.getUint32(at + 288, true),
    /** packets with RST */
    flowDir1Rst: (v: DataView, at: number): number => v.getUint32(at + 292, true),
    /** packets with at least one payload byte */
    flowDir1DataPackets: (v: DataView, at: number): number => v.getUint32(at + 296, true),
    /** smallest payload, bytes; meaningless without packets */
    flowDir1LenMin: (v: DataView, at: number): number => v.getUint32(at + 300, true),
    /** largest payload, bytes */
    flowDir1LenMax: (v: DataView, at: number): number => v.getUint32(at + 304, true),
    /** smallest L4 header, bytes; meaningless without packets */
    flowDir1SegMin: (v: DataView, at: number): number => v.getUint16(at + 308, true),
    /** TCP window, unscaled: forward of the flow's first packet, backward the first non-zero */
    flowDir1InitWin: (v: DataView, at: number): number => v.getUint16(at + 310, true),
    /** payload bytes in bulks */
    flowBulk0Size: (v: DataView, at: number): number => v.getUint32(at + 312, true) + v.getUint32(at + 316, true) * 4294967296,
    flowBulk0StartUs: (v: DataView, at: number): number => v.getUint32(at + 320, true),
    flowBulk0LastUs: (v: DataView, at: number): number => v.getUint32(at + 324, true),
    flowBulk0RunPackets: (v: DataView, at: number): number => v.getUint32(at + 328, true),
    /** payload of the run so far, modulo 2^32; read only while the run is below 4 packets */
    flowBulk0RunBytes: (v: DataView, at: number): number => v.getUint32(at + 332, true),
    /** bulks: runs of 4 or more packets with payload */
    flowBulk0Count: (v: DataView, at: number): number => v.getUint32(at + 336, true),
    /** packets in bulks */
    flowBulk0Packets: (v: DataView, at: number): number => v.getUint32(at + 340, true),
    /** sum over bulks, us */
    flowBulk0DurationUs: (v: DataView, at: number): number => v.getUint32(at + 344, true),
    /** payload bytes in bulks */
    flowBulk1Size: (v: DataView, at: number): number => v.getUint32(at + 352, true) + v.getUint32(at + 356, true) * 4294967296,
    flowBulk1StartUs: (v: DataView, at: number): number => v.getUint32(at + 360, true),
    flowBulk1LastUs: (v: DataView, at: number): number => v.getUint32(at + 364, true),
    flowBulk1RunPackets: (v: DataView, at: number): number => v.getUint32(at + 368, true),
    /** payload of the run so far, modulo 2^32; read only while the run is below 4 packets */
    flowBulk1RunBytes: (v: DataView, at: number): number => v.getUint32(at + 372, true),
    /** bulks: runs of 4 or more packets with payload */
    flowBulk1Count: (v: DataView, at: number): number => v.getUint32(at + 376, true),
    /** packets in bulks */
    flowBulk1Packets: (v: DataView, at: number): number => v.getUint32(at + 380, true),
    /** sum over bulks, us */
    flowBulk1DurationUs: (v: DataView, at: number): number => v.getUint32(at + 384, true),
    /** sum of squares, us^2 */
    flowActiveSq: (v: DataView, at: number): number => v.getUint32(at + 392, true) + v.getUint32(at + 396, true) * 4294967296,
    /** us */
    flowActiveSum: (v: DataView, at: number): number => v.getUint32(at + 400, true),
    flowActiveCount: (v: DataView, at: number): number => v.getUint32(at + 404, true),
    /** us; meaningless at count 0 */
    flowActiveMin: (v: DataView, at: number): number => v.getUint32(at + 408, true),
    /** us */
    flowActiveMax: (v: DataView, at: number): number => v.getUint32(at + 412, true),
    /** sum of squares, us^2 */
    flowIdleSq: (v: DataView, at: number): number => v.getUint32(at + 416, true) + v.getUint32(at + 420, true) * 4294967296,
    /** us */
    flowIdleSum: (v: DataView, at: number): number => v.getUint32(at + 424, true),
    flowIdleCount: (v: DataView, at: number): number => v.getUint32(at + 428, true),
    /** us; meaningless at count 0 */
    flowIdleMin: (v: DataView, at: number): number => v.getUint32(at + 432, true),
    /** us */
    flowIdleMax: (v: DataView, at: number): number => v.getUint32(at + 436, true),
  },
  set: {
    headerType: (v: DataView, at: number, value: number): void => v.setUint8(at + 0, value),
    headerVersion: (v: DataView, at: number, value: number): void => v.setUint8(at + 1, value),
    headerLength: (v: DataView, at: number, value: number): void => v.setUint16(at + 2, value, true),
    headerIfindex: (v: DataView, at: number, value: number): void => v.setUint32(at + 4, value, true),
    timeUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    keyA: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 16 + index * 4, value, true),
    keyB: (v: DataView, at: number, index: number, value: number): void => v.setUint32(at + 32 + index * 4, value, true),
    keyPortA: (v: DataView, at: number, value: number): void => v.setUint16(at + 48, value, false),
    keyPortB: (v: DataView, at: number, value: number): void => v.setUint16(at + 50, value, false),
    keyProtocol: (v: DataView, at: number, value: number): void => v.setUint8(at + 52, value),
    flowStartUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 56, BigInt(value), true),
    flowId: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 64, BigInt(value), true),
    flowConnectionUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 72, BigInt(value), true),
    flowIatSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 80, BigInt(value), true),
    flowLock: (v: DataView, at: number, value: number): void => v.setUint32(at + 88, value, true),
    flowSeq: (v: DataView, at: number, value: number): void => v.setUint32(at + 92, value, true),
    flowLastUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 96, value, true),
    flowIatMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 100, value, true),
    flowIatMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 104, value, true),
    flowGaps: (v: DataView, at: number, value: number): void => v.setUint32(at + 108, value, true),
    flowActiveStartUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 112, value, true),
    flowEgressIsn: (v: DataView, at: number, value: number): void => v.setUint32(at + 116, value, true),
    flowFin: (v: DataView, at: number, value: number): void => v.setUint32(at + 120, value, true),
    flowSyn: (v: DataView, at: number, value: number): void => v.setUint32(at + 124, value, true),
    flowAck: (v: DataView, at: number, value: number): void => v.setUint32(at + 128, value, true),
    flowEce: (v: DataView, at: number, value: number): void => v.setUint32(at + 132, value, true),
    flowCwr: (v: DataView, at: number, value: number): void => v.setUint32(at + 136, value, true),
    flowKeyFold: (v: DataView, at: number, value: number): void => v.setUint32(at + 140, value, true),
    flowState: (v: DataView, at: number, value: number): void => v.setUint8(at + 144, value),
    flowOrientation: (v: DataView, at: number, value: number): void => v.setUint8(at + 145, value),
    flowFinSeen: (v: DataView, at: number, value: number): void => v.setUint8(at + 146, value),
    flowMarks: (v: DataView, at: number, value: number): void => v.setUint8(at + 147, value),
    flowIcmpType: (v: DataView, at: number, value: number): void => v.setUint8(at + 148, value),
    flowIcmpCode: (v: DataView, at: number, value: number): void => v.setUint8(at + 149, value),
    flowEndReason: (v: DataView, at: number, value: number): void => v.setUint8(at + 150, value),
    flowDir0Bytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 152, BigInt(value), true),
    flowDir0BytesSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 160, BigInt(value), true),
    flowDir0IatSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 168, BigInt(value), true),
    flowDir0HeaderBytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 176, BigInt(value), true),
    flowDir0Packets: (v: DataView, at: number, value: number): void => v.setUint32(at + 184, value, true),
    flowDir0FirstUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 188, value, true),
    flowDir0LastUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 192, value, true),
    flowDir0IatMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 196, value, true),
    flowDir0IatMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 200, value, true),
    flowDir0Psh: (v: DataView, at: number, value: number): void => v.setUint32(at + 204, value, true),
    flowDir0Urg: (v: DataView, at: number, value: number): void => v.setUint32(at + 208, value, true),
    flowDir0Rst: (v: DataView, at: number, value: number): void => v.setUint32(at + 212, value, true),
    flowDir0DataPackets: (v: DataView, at: number, value: number): void => v.setUint32(at + 216, value, true),
    flowDir0LenMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 220, value, true),
    flowDir0LenMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 224, value, true),
    flowDir0SegMin: (v: DataView, at: number, value: number): void => v.setUint16(at + 228, value, true),
    flowDir0InitWin: (v: DataView, at: number, value: number): void => v.setUint16(at + 230, value, true),
    flowDir1Bytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 232, BigInt(value), true),
    flowDir1BytesSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 240, BigInt(value), true),
    flowDir1IatSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 248, BigInt(value), true),
    flowDir1HeaderBytes: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 256, BigInt(value), true),
    flowDir1Packets: (v: DataView, at: number, value: number): void => v.setUint32(at + 264, value, true),
    flowDir1FirstUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 268, value, true),
    flowDir1LastUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 272, value, true),
    flowDir1IatMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 276, value, true),
    flowDir1IatMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 280, value, true),
    flowDir1Psh: (v: DataView, at: number, value: number): void => v.setUint32(at + 284, value, true),
    flowDir1Urg: (v: DataView, at: number, value: number): void => v.setUint32(at + 288, value, true),
    flowDir1Rst: (v: DataView, at: number, value: number): void => v.setUint32(at + 292, value, true),
    flowDir1DataPackets: (v: DataView, at: number, value: number): void => v.setUint32(at + 296, value, true),
    flowDir1LenMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 300, value, true),
    flowDir1LenMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 304, value, true),
    flowDir1SegMin: (v: DataView, at: number, value: number): void => v.setUint16(at + 308, value, true),
    flowDir1InitWin: (v: DataView, at: number, value: number): void => v.setUint16(at + 310, value, true),
    flowBulk0Size: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 312, BigInt(value), true),
    flowBulk0StartUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 320, value, true),
    flowBulk0LastUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 324, value, true),
    flowBulk0RunPackets: (v: DataView, at: number, value: number): void => v.setUint32(at + 328, value, true),
    flowBulk0RunBytes: (v: DataView, at: number, value: number): void => v.setUint32(at + 332, value, true),
    flowBulk0Count: (v: DataView, at: number, value: number): void => v.setUint32(at + 336, value, true),
    flowBulk0Packets: (v: DataView, at: number, value: number): void => v.setUint32(at + 340, value, true),
    flowBulk0DurationUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 344, value, true),
    flowBulk1Size: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 352, BigInt(value), true),
    flowBulk1StartUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 360, value, true),
    flowBulk1LastUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 364, value, true),
    flowBulk1RunPackets: (v: DataView, at: number, value: number): void => v.setUint32(at + 368, value, true),
    flowBulk1RunBytes: (v: DataView, at: number, value: number): void => v.setUint32(at + 372, value, true),
    flowBulk1Count: (v: DataView, at: number, value: number): void => v.setUint32(at + 376, value, true),
    flowBulk1Packets: (v: DataView, at: number, value: number): void => v.setUint32(at + 380, value, true),
    flowBulk1DurationUs: (v: DataView, at: number, value: number): void => v.setUint32(at + 384, value, true),
    flowActiveSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 392, BigInt(value), true),
    flowActiveSum: (v: DataView, at: number, value: number): void => v.setUint32(at + 400, value, true),
    flowActiveCount: (v: DataView, at: number, value: number): void => v.setUint32(at + 404, value, true),
    flowActiveMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 408, value, true),
    flowActiveMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 412, value, true),
    flowIdleSq: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 416, BigInt(value), true),
    flowIdleSum: (v: DataView, at: number, value: number): void => v.setUint32(at + 424, value, true),
    flowIdleCount: (v: DataView, at: number, value: number): void => v.setUint32(at + 428, value, true),
    flowIdleMin: (v: DataView, at: number, value: number): void => v.setUint32(at + 432, value, true),
    flowIdleMax: (v: DataView, at: number, value: number): void => v.setUint32(at + 436, value, true),
  },
  offset: {
    headerType: 0,
    headerVersion: 1,
    headerLength: 2,
    headerIfindex: 4,
    timeUs: 8,
    keyA: 16,
    keyB: 32,
    keyPortA: 48,
    keyPortB: 50,
    keyProtocol: 52,
    flowStartUs: 56,
    flowId: 64,
    flowConnectionUs: 72,
    flowIatSq: 80,
    flowLock: 88,
    flowSeq: 92,
    flowLastUs: 96,
    flowIatMin: 100,
    flowIatMax: 104,
    flowGaps: 108,
    flowActiveStartUs: 112,
    flowEgressIsn: 116,
    flowFin: 120,
    flowSyn: 124,
    flowAck: 128,
    flowEce: 132,
    flowCwr: 136,
    flowKeyFold: 140,
    flowState: 144,
    flowOrientation: 145,
    flowFinSeen: 146,
    flowMarks: 147,
    flowIcmpType: 148,
    flowIcmpCode: 149,
    flowEndReason: 150,
    flowDir0Bytes: 152,
    flowDir0BytesSq: 160,
    flowDir0IatSq: 168,
    flowDir0HeaderBytes: 176,
    flowDir0Packets: 184,
    flowDir0FirstUs: 188,
    flowDir0LastUs: 192,
    flowDir0IatMin: 196,
    flowDir0IatMax: 200,
    flowDir0Psh: 204,
    flowDir0Urg: 208,
    flowDir0Rst: 212,
    flowDir0DataPackets: 216,
    flowDir0LenMin: 220,
    flowDir0LenMax: 224,
    flowDir0SegMin: 228,
    flowDir0InitWin: 230,
    flowDir1Bytes: 232,
    flowDir1BytesSq: 240,
    flowDir1IatSq: 248,
    flowDir1HeaderBytes: 256,
    flowDir1Packets: 264,
    flowDir1FirstUs: 268,
    flowDir1LastUs: 272,
    flowDir1IatMin: 276,
    flowDir1IatMax: 280,
    flowDir1Psh: 284,
    flowDir1Urg: 288,
    flowDir1Rst: 292,
    flowDir1DataPackets: 296,
    flowDir1LenMin: 300,
    flowDir1LenMax: 304,
    flowDir1SegMin: 308,
    flowDir1InitWin: 310,
    flowBulk0Size: 312,
    flowBulk0StartUs: 320,
    flowBulk0LastUs: 324,
    flowBulk0RunPackets: 328,
    flowBulk0RunBytes: 332,
    flowBulk0Count: 336,
    flowBulk0Packets: 340,
    flowBulk0DurationUs: 344,
    flowBulk1Size: 352,
    flowBulk1StartUs: 360,
    flowBulk1LastUs: 364,
    flowBulk1RunPackets: 368,
    flowBulk1RunBytes: 372,
    flowBulk1Count: 376,
    flowBulk1Packets: 380,
    flowBulk1DurationUs: 384,
    flowActiveSq: 392,
    flowActiveSum: 400,
    flowActiveCount: 404,
    flowActiveMin: 408,
    flowActiveMax: 412,
    flowIdleSq: 416,
    flowIdleSum: 424,
    flowIdleCount: 428,
    flowIdleMin: 432,
    flowIdleMax: 436,
  },
} as const

/** `struct counters` of bpf/wire.h. */
export const counters = {
  size: 888,
  get: {
    /** index direction * 2 + dropped; index below 4 */
    packets: (v: DataView, at: number, index: number): number => v.getUint32(at + 0 + index * 8, true) + v.getUint32(at + 4 + index * 8, true) * 4294967296,
    /** frame bytes; index direction * 2 + dropped; index below 4 */
    bytes: (v: DataView, at: number, index: number): number => v.getUint32(at + 32 + index * 8, true) + v.getUint32(at + 36 + index * 8, true) * 4294967296,
    /** packets; index origin * 8 + reason; index below 64 */
    dropped: (v: DataView, at: number, index: number): number => v.getUint32(at + 64 + index * 8, true) + v.getUint32(at + 68 + index * 8, true) * 4294967296,
    /** index enum loss; index below 8 */
    lost: (v: DataView, at: number, index: number): number => v.getUint32(at + 576 + index * 8, true) + v.getUint32(at + 580 + index * 8, true) * 4294967296,
    /** index enum unparsed; index below 8 */
    unparsed: (v: DataView, at: number, index: number): number => v.getUint32(at + 640 + index * 8, true) + v.getUint32(at + 644 + index * 8, true) * 4294967296,
    /** index enum record_type; index below 4 */
    records: (v: DataView, at: number, index: number): number => v.getUint32(at + 704 + index * 8, true) + v.getUint32(at + 708 + index * 8, true) * 4294967296,
    /** packets that hit a count-only entry */
    wouldDrop: (v: DataView, at: number): number => v.getUint32(at + 736, true) + v.getUint32(at + 740, true) * 4294967296,
    /** packets that hit a block and were covered by an allow entry */
    allowed: (v: DataView, at: number): number => v.getUint32(at + 744, true) + v.getUint32(at + 748, true) * 4294967296,
    /** neighbour discovery that hit a block */
    exemptNd: (v: DataView, at: number): number => v.getUint32(at + 752, true) + v.getUint32(at + 756, true) * 4294967296,
    /** packets that hit an entry past its expiry */
    expiredHits: (v: DataView, at: number): number => v.getUint32(at + 760, true) + v.getUint32(at + 764, true) * 4294967296,
    newFlows: (v: DataView, at: number): number => v.getUint32(at + 768, true) + v.getUint32(at + 772, true) * 4294967296,
    /** new flows that entered by another attached interface */
    transit: (v: DataView, at: number): number => v.getUint32(at + 776, true) + v.getUint32(at + 780, true) * 4294967296,
    /** flows by enum end_reason; index below 8 */
    ended: (v: DataView, at: number, index: number): number => v.getUint32(at + 784 + index * 8, true) + v.getUint32(at + 788 + index * 8, true) * 4294967296,
    /** packets that hit an entry whose lease is over */
    lapsedHits: (v: DataView, at: number): number => v.getUint32(at + 848, true) + v.getUint32(at + 852, true) * 4294967296,
    /** packets kept back by a rate limit */
    limited: (v: DataView, at: number): number => v.getUint32(at + 856, true) + v.getUint32(at + 860, true) * 4294967296,
    /** SYN packets kept back by a SYN drop */
    synDropped: (v: DataView, at: number): number => v.getUint32(at + 864, true) + v.getUint32(at + 868, true) * 4294967296,
    /** packets that a limit or a SYN drop let pass for their flow's sake */
    sparedFlows: (v: DataView, at: number): number => v.getUint32(at + 872, true) + v.getUint32(at + 876, true) * 4294967296,
    /** answers sent: RST or ICMP code 13 */
    rejected: (v: DataView, at: number): number => v.getUint32(at + 880, true) + v.getUint32(at + 884, true) * 4294967296,
  },
  set: {
    packets: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 0 + index * 8, BigInt(value), true),
    bytes: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 32 + index * 8, BigInt(value), true),
    dropped: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 64 + index * 8, BigInt(value), true),
    lost: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 576 + index * 8, BigInt(value), true),
    unparsed: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 640 + index * 8, BigInt(value), true),
    records: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 704 + index * 8, BigInt(value), true),
    wouldDrop: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 736, BigInt(value), true),
    allowed: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 744, BigInt(value), true),
    exemptNd: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 752, BigInt(value), true),
    expiredHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 760, BigInt(value), true),
    newFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 768, BigInt(value), true),
    transit: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 776, BigInt(value), true),
    ended: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 784 + index * 8, BigInt(value), true),
    lapsedHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 848, BigInt(value), true),
    limited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 856, BigInt(value), true),
    synDropped: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 864, BigInt(value), true),
    sparedFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 872, BigInt(value), true),
    rejected: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 880, BigInt(value), true),
  },
  offset: {
    packets: 0,
    bytes: 32,
    dropped: 64,
    lost: 576,
    unparsed: 640,
    records: 704,
    wouldDrop: 736,
    allowed: 744,
    exemptNd: 752,
    expiredHits: 760,
    newFlows: 768,
    transit: 776,
    ended: 784,
    lapsedHits: 848,
    limited: 856,
    synDropped: 864,
    sparedFlows: 872,
    rejected: 880,
  },
} as const

/** `struct cpu_state` of bpf/wire.h. */
export const cpuState = {
  size: 952,
  get: {
    clockJiffy: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** CLOCK_BOOTTIME, read once per jiffy */
    clockNs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    /** theoretical arrival time of the next new flow, ns */
    budgetNs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** counter half of the next flow id */
    nextFlow: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    sweepVisited: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    sweepEnded: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
    sweepRingFull: (v: DataView, at: number): number => v.getUint32(at + 48, true) + v.getUint32(at + 52, true) * 4294967296,
    sweepTombstonesLeft: (v: DataView, at: number): number => v.getUint32(at + 56, true) + v.getUint32(at + 60, true) * 4294967296,
    /** index direction * 2 + dropped; index below 4 */
    countersPackets: (v: DataView, at: number, index: number): number => v.getUint32(at + 64 + index * 8, true) + v.getUint32(at + 68 + index * 8, true) * 4294967296,
    /** frame bytes; index direction * 2 + dropped; index below 4 */
    countersBytes: (v: DataView, at: number, index: number): number => v.getUint32(at + 96 + index * 8, true) + v.getUint32(at + 100 + index * 8, true) * 4294967296,
    /** packets; index origin * 8 + reason; index below 64 */
    countersDropped: (v: DataView, at: number, index: number): number => v.getUint32(at + 128 + index * 8, true) + v.getUint32(at + 132 + index * 8, true) * 4294967296,
    /** index enum loss; index below 8 */
    countersLost: (v: DataView, at: number, index: number): number => v.getUint32(at + 640 + index * 8, true) + v.getUint32(at + 644 + index * 8, true) * 4294967296,
    /** index enum unparsed; index below 8 */
    countersUnparsed: (v: DataView, at: number, index: number): number => v.getUint32(at + 704 + index * 8, true) + v.getUint32(at + 708 + index * 8, true) * 4294967296,
    /** index enum record_type; index below 4 */
    countersRecords: (v: DataView, at: number, index: number): number => v.getUint32(at + 768 + index * 8, true) + v.getUint32(at + 772 + index * 8, true) * 4294967296,
    /** packets that hit a count-only entry */
    countersWouldDrop: (v: DataView, at: number): number => v.getUint32(at + 800, true) + v.getUint32(at + 804, true) * 4294967296,
    /** packets that hit a block and were covered by an allow entry */
    countersAllowed: (v: DataView, at: number): number => v.getUint32(at + 808, true) + v.getUint32(at + 812, true) * 4294967296,
    /** neighbour discovery that hit a block */
    countersExemptNd: (v: DataView, at: number): number => v.getUint32(at + 816, true) + v.getUint32(at + 820, true) * 4294967296,
    /** packets that hit an entry past its expiry */
    countersExpiredHits: (v: DataView, at: number): number => v.getUint32(at + 824, true) + v.getUint32(at + 828, true) * 4294967296,
    countersNewFlows: (v: DataView, at: number): number => v.getUint32(at + 832, true) + v.getUint32(at + 836, true) * 4294967296,
    /** new flows that entered by another attached interface */
    countersTransit: (v: DataView, at: number): number => v.getUint32(at + 840, true) + v.getUint32(at + 844, true) * 4294967296,
    /** flows by enum end_reason; index below 8 */
    countersEnded: (v: DataView, at: number, index: number): number => v.getUint32(at + 848 + index * 8, true) + v.getUint32(at + 852 + index * 8, true) * 4294967296,
    /** packets that hit an entry whose lease is over */
    countersLapsedHits: (v: DataView, at: number): number => v.getUint32(at + 912, true) + v.getUint32(at + 916, true) * 4294967296,
    /** packets kept back by a rate limit */
    countersLimited: (v: DataView, at: number): number => v.getUint32(at + 920, true) + v.getUint32(at + 924, true) * 4294967296,
    /** SYN packets kept back by a SYN drop */
    countersSynDropped: (v: DataView, at: number): number => v.getUint32(at + 928, true) + v.getUint32(at + 932, true) * 4294967296,
    /** packets that a limit or a SYN drop let pass for their flow's sake */
    countersSparedFlows: (v: DataView, at: number): number => v.getUint32(at + 936, true) + v.getUint32(at + 940, true) * 4294967296,
    /** answers sent: RST or ICMP code 13 */
    countersRejected: (v: DataView, at: number): number => v.getUint32(at + 944, true) + v.getUint32(at + 948, true) * 4294967296,
  },
  set: {
    clockJiffy: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    clockNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    budgetNs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    nextFlow: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    sweepVisited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    sweepEnded: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
    sweepRingFull: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 48, BigInt(value), true),
    sweepTombstonesLeft: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 56, BigInt(value), true),
    countersPackets: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 64 + index * 8, BigInt(value), true),
    countersBytes: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 96 + index * 8, BigInt(value), true),
    countersDropped: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 128 + index * 8, BigInt(value), true),
    countersLost: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 640 + index * 8, BigInt(value), true),
    countersUnparsed: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 704 + index * 8, BigInt(value), true),
    countersRecords: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 768 + index * 8, BigInt(value), true),
    countersWouldDrop: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 800, BigInt(value), true),
    countersAllowed: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 808, BigInt(value), true),
    countersExemptNd: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 816, BigInt(value), true),
    countersExpiredHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 824, BigInt(value), true),
    countersNewFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 832, BigInt(value), true),
    countersTransit: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 840, BigInt(value), true),
    countersEnded: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 848 + index * 8, BigInt(value), true),
    countersLapsedHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 912, BigInt(value), true),
    countersLimited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 920, BigInt(value), true),
    countersSynDropped: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 928, BigInt(value), true),
    countersSparedFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 936, BigInt(value), true),
    countersRejected: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 944, BigInt(value), true),
  },
  offset: {
    clockJiffy: 0,
    clockNs: 8,
    budgetNs: 16,
    nextFlow: 24,
    sweepVisited: 32,
    sweepEnded: 40,
    sweepRingFull: 48,
    sweepTombstonesLeft: 56,
    countersPackets: 64,
    countersBytes: 96,
    countersDropped: 128,
    countersLost: 640,
    countersUnparsed: 704,
    countersRecords: 768,
    countersWouldDrop: 800,
    countersAllowed: 808,
    countersExemptNd: 816,
    countersExpiredHits: 824,
    countersNewFlows: 832,
    countersTransit: 840,
    countersEnded: 848,
    countersLapsedHits: 912,
    countersLimited: 920,
    countersSynDropped: 928,
    countersSparedFlows: 936,
    countersRejected: 944,
  },
} as const

/** `struct carried` of bpf/wire.h. */
export const carried = {
  size: 904,
  get: {
    /** config.flow_id_base of the programs that use these maps */
    flowIdBase: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** config.hash_seed of the same */
    hashSeed: (v: DataView, at: number): number => v.getUint32(at + 8, true),
    /** 1: base and seed are meant */
    isSet: (v: DataView, at: number): number => v.getUint32(at + 12, true),
    /** index direction * 2 + dropped; index below 4 */
    countersPackets: (v: DataView, at: number, index: number): number => v.getUint32(at + 16 + index * 8, true) + v.getUint32(at + 20 + index * 8, true) * 4294967296,
    /** frame bytes; index direction * 2 + dropped; index below 4 */
    countersBytes: (v: DataView, at: number, index: number): number => v.getUint32(at + 48 + index * 8, true) + v.getUint32(at + 52 + index * 8, true) * 4294967296,
    /** packets; index origin * 8 + reason; index below 64 */
    countersDropped: (v: DataView, at: number, index: number): number => v.getUint32(at + 80 + index * 8, true) + v.getUint32(at + 84 + index * 8, true) * 4294967296,
    /** index enum loss; index below 8 */
    countersLost: (v: DataView, at: number, index: number): number => v.getUint32(at + 592 + index * 8, true) + v.getUint32(at + 596 + index * 8, true) * 4294967296,
    /** index enum unparsed; index below 8 */
    countersUnparsed: (v: DataView, at: number, index: number): number => v.getUint32(at + 656 + index * 8, true) + v.getUint32(at + 660 + index * 8, true) * 4294967296,
    /** index enum record_type; index below 4 */
    countersRecords: (v: DataView, at: number, index: number): number => v.getUint32(at + 720 + index * 8, true) + v.getUint32(at + 724 + index * 8, true) * 4294967296,
    /** packets that hit a count-only entry */
    countersWouldDrop: (v: DataView, at: number): number => v.getUint32(at + 752, true) + v.getUint32(at + 756, true) * 4294967296,
    /** packets that hit a block and were covered by an allow entry */
    countersAllowed: (v: DataView, at: number): number => v.getUint32(at + 760, true) + v.getUint32(at + 764, true) * 4294967296,
    /** neighbour discovery that hit a block */
    countersExemptNd: (v: DataView, at: number): number => v.getUint32(at + 768, true) + v.getUint32(at + 772, true) * 4294967296,
    /** packets that hit an entry past its expiry */
    countersExpiredHits: (v: DataView, at: number): number => v.getUint32(at + 776, true) + v.getUint32(at + 780, true) * 4294967296,
    countersNewFlows: (v: DataView, at: number): number => v.getUint32(at + 784, true) + v.getUint32(at + 788, true) * 4294967296,
    /** new flows that entered by another attached interface */
    countersTransit: (v: DataView, at: number): number => v.getUint32(at + 792, true) + v.getUint32(at + 796, true) * 4294967296,
    /** flows by enum end_reason; index below 8 */
    countersEnded: (v: DataView, at: number, index: number): number => v.getUint32(at + 800 + index * 8, true) + v.getUint32(at + 804 + index * 8, true) * 4294967296,
    /** packets that hit an entry whose lease is over */
    countersLapsedHits: (v: DataView, at: number): number => v.getUint32(at + 864, true) + v.getUint32(at + 868, true) * 4294967296,
    /** packets kept back by a rate limit */
    countersLimited: (v: DataView, at: number): number => v.getUint32(at + 872, true) + v.getUint32(at + 876, true) * 4294967296,
    /** SYN packets kept back by a SYN drop */
    countersSynDropped: (v: DataView, at: number): number => v.getUint32(at + 880, true) + v.getUint32(at + 884, true) * 4294967296,
    /** packets that a limit or a SYN drop let pass for their flow's sake */
    countersSparedFlows: (v: DataView, at: number): number => v.getUint32(at + 888, true) + v.getUint32(at + 892, true) * 4294967296,
    /** answers sent: RST or ICMP code 13 */
    countersRejected: (v: DataView, at: number): number => v.getUint32(at + 896, true) + v.getUint32(at + 900, true) * 4294967296,
  },
  set: {
    flowIdBase: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    hashSeed: (v: DataView, at: number, value: number): void => v.setUint32(at + 8, value, true),
    isSet: (v: DataView, at: number, value: number): void => v.setUint32(at + 12, value, true),
    countersPackets: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 16 + index * 8, BigInt(value), true),
    countersBytes: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 48 + index * 8, BigInt(value), true),
    countersDropped: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 80 + index * 8, BigInt(value), true),
    countersLost: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 592 + index * 8, BigInt(value), true),
    countersUnparsed: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 656 + index * 8, BigInt(value), true),
    countersRecords: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 720 + index * 8, BigInt(value), true),
    countersWouldDrop: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 752, BigInt(value), true),
    countersAllowed: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 760, BigInt(value), true),
    countersExemptNd: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 768, BigInt(value), true),
    countersExpiredHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 776, BigInt(value), true),
    countersNewFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 784, BigInt(value), true),
    countersTransit: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 792, BigInt(value), true),
    countersEnded: (v: DataView, at: number, index: number, value: number): void => v.setBigUint64(at + 800 + index * 8, BigInt(value), true),
    countersLapsedHits: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 864, BigInt(value), true),
    countersLimited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 872, BigInt(value), true),
    countersSynDropped: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 880, BigInt(value), true),
    countersSparedFlows: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 888, BigInt(value), true),
    countersRejected: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 896, BigInt(value), true),
  },
  offset: {
    flowIdBase: 0,
    hashSeed: 8,
    isSet: 12,
    countersPackets: 16,
    countersBytes: 48,
    countersDropped: 80,
    countersLost: 592,
    countersUnparsed: 656,
    countersRecords: 720,
    countersWouldDrop: 752,
    countersAllowed: 760,
    countersExemptNd: 768,
    countersExpiredHits: 776,
    countersNewFlows: 784,
    countersTransit: 792,
    countersEnded: 800,
    countersLapsedHits: 864,
    countersLimited: 872,
    countersSynDropped: 880,
    countersSparedFlows: 888,
    countersRejected: 896,
  },
} as const

/** `struct sweep_args` of bpf/wire.h. */
export const sweepArgs = {
  size: 48,
  get: {
    /** in: 0 = take the clock */
    nowUs: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** in: end every flow */
    flush: (v: DataView, at: number): number => v.getUint8(at + 8),
    /** in: the table is over 80 % full */
    pressure: (v: DataView, at: number): number => v.getUint8(at + 9),
    /** in: 2 = drop long quiet TCP too, for room */
    tombstones: (v: DataView, at: number): number => v.getUint8(at + 10),
    /** out: flows seen */
    visited: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    /** out: flows ended */
    ended: (v: DataView, at: number): number => v.getUint32(at + 24, true) + v.getUint32(at + 28, true) * 4294967296,
    /** out: 1 when the ring filled up and the sweep stopped */
    ringFull: (v: DataView, at: number): number => v.getUint32(at + 32, true) + v.getUint32(at + 36, true) * 4294967296,
    /** out: tombstones seen and kept */
    tombstonesLeft: (v: DataView, at: number): number => v.getUint32(at + 40, true) + v.getUint32(at + 44, true) * 4294967296,
  },
  set: {
    nowUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    flush: (v: DataView, at: number, value: number): void => v.setUint8(at + 8, value),
    pressure: (v: DataView, at: number, value: number): void => v.setUint8(at + 9, value),
    tombstones: (v: DataView, at: number, value: number): void => v.setUint8(at + 10, value),
    visited: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    ended: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 24, BigInt(value), true),
    ringFull: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 32, BigInt(value), true),
    tombstonesLeft: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 40, BigInt(value), true),
  },
  offset: {
    nowUs: 0,
    flush: 8,
    pressure: 9,
    tombstones: 10,
    visited: 16,
    ended: 24,
    ringFull: 32,
    tombstonesLeft: 40,
  },
} as const

/** `struct tombstone` of bpf/wire.h. */
export const tombstone = {
  size: 32,
  get: {
    /** absolute time of the last packet, us of CLOCK_MONOTONIC */
    lastUs: (v: DataView, at: number): number => v.getUint32(at + 0, true) + v.getUint32(at + 4, true) * 4294967296,
    /** absolute start of the part that ended, us */
    startUs: (v: DataView, at: number): number => v.getUint32(at + 8, true) + v.getUint32(at + 12, true) * 4294967296,
    connectionUs: (v: DataView, at: number): number => v.getUint32(at + 16, true) + v.getUint32(at + 20, true) * 4294967296,
    egressIsn: (v: DataView, at: number): number => v.getUint32(at + 24, true),
    state: (v: DataView, at: number): number => v.getUint8(at + 28),
    orientation: (v: DataView, at: number): number => v.getUint8(at + 29),
    marks: (v: DataView, at: number): number => v.getUint8(at + 30),
  },
  set: {
    lastUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 0, BigInt(value), true),
    startUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 8, BigInt(value), true),
    connectionUs: (v: DataView, at: number, value: number): void => v.setBigUint64(at + 16, BigInt(value), true),
    egressIsn: (v: DataView, at: number, value: number): void => v.setUint32(at + 24, value, true),
    state: (v: DataView, at: number, value: number): void => v.setUint8(at + 28, value),
    orientation: (v: DataView, at: number, value: number): void => v.setUint8(at + 29, value),
    marks: (v: DataView, at: number, value: number): void => v.setUint8(at + 30, value),
  },
  offset: {
    lastUs: 0,
    startUs: 8,
    connectionUs: 16,
    egressIsn: 24,
    state: 28,
    orientation: 29,
    marks: 30,
  },
} as const
