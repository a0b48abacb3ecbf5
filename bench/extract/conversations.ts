/** Conversations as a small network has them, drawn from a seed: what the capture of the bench consists of. Pure. */

/** Columns of conversations, of which the first `conversations` values count, and of packets as they were drawn. */
export interface Conversations {
  /** Five-tuple of each conversation, from who began it to the other. Addresses and ports as numbers. */
  readonly src: Uint32Array
  readonly dst: Uint32Array
  readonly srcPort: Uint16Array
  readonly dstPort: Uint16Array
  readonly isUdp: Uint8Array
  readonly conversations: number
  /** Which conversation a packet belongs to. */
  readonly conversation: Uint32Array
  readonly isBackward: Uint8Array
  /** TCP flags; 0 with UDP. */
  readonly flags: Uint8Array
  readonly payloadBytes: Uint16Array
  readonly seq: Uint32Array
  readonly ack: Uint32Array
  /** Every packet in the order of time: microseconds since the first second, times `indexes`, plus its number. */
  readonly inTime: Float64Array
}

/** Most packets: a packet's number and its time share the 53 bits of a double. */
export const indexes = 2 ** 22

/** Conversations begin within this time, us. */
const spanUs = 300_000_000
const clients = 8_000
const servers = 2_000
/** 10.1.0.0, and 198.18.0.0 of RFC 2544. */
const clientNet = 0x0a010000
const serverNet = 0xc6120000
const segmentBytes = 1_448
/** Between packets that one end sends in one go, us. */
const burstUs = 40
const fin = 1
const syn = 2
const reset = 4
const push = 8
const ack = 16

/** @param packets how many, below `indexes`; the last conversation may be cut */
export function drawConversations(packets: number, seed: number): Conversations {
  if (!(packets > 0 && packets < indexes))
    throw new RangeError(`packets: 1 to ${indexes - 1}, got ${packets}`)
  const random = createRandom(seed)
  const whole = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  /** Every factor between is as likely as any other of its size. */
  const spread = (from: number, to: number) => from * (to / from) ** random()

  const table = {
    src: new Uint32Array(packets),
    dst: new Uint32Array(packets),
    srcPort: new Uint16Array(packets),
    dstPort: new Uint16Array(packets),
    isUdp: new Uint8Array(packets),
    conversation: new Uint32Array(packets),
    isBackward: new Uint8Array(packets),
    flags: new Uint8Array(packets),
    payloadBytes: new Uint16Array(packets),
    seq: new Uint32Array(packets),
    ack: new Uint32Array(packets),
    inTime: new Float64Array(packets),
  }
  let used = 0
  let drawn = 0
  let timeUs = 0
  let next: [number, number] = [0, 0]

  const begin = (isUdp: boolean, port: number) => {
    table.src[drawn] = clientNet + whole(0, clients - 1)
    // A few servers have most of the conversations.
    table.dst[drawn] = serverNet + Math.floor(servers * random() ** 3)
    table.srcPort[drawn] = whole(32_768, 60_999)
    table.dstPort[drawn] = port
    table.isUdp[drawn] = isUdp ? 1 : 0
    timeUs = Math.floor(random() * spanUs)
    next = [whole(1, 0x7fffffff), whole(1, 0x7fffffff)]
    drawn++
  }
  const send = (from: 0 | 1, flags: number, bytes: number, afterUs: number) => {
    timeUs += Math.floor(afterUs)
    if (used === packets) return
    table.conversation[used] = drawn - 1
    table.isBackward[used] = from
    table.flags[used] = flags
    table.payloadBytes[used] = bytes
    table.seq[used] = next[from]
    table.ack[used] = (flags & ack) === 0 ? 0 : next[1 - from]!
    table.inTime[used] = timeUs * indexes + used
    next[from] = next[from]! + bytes + ((flags & (syn | fin)) === 0 ? 0 : 1)
    used++
  }
  /** Data of one end, acknowledged by the other after every second segment. */
  const transfer = (from: 0 | 1, bytes: number, roundUs: number) => {
    const to = from === 0 ? 1 : 0
    for (let left = bytes, i = 1; left > 0; left -= segmentBytes, i++) {
      send(from, left > segmentBytes ? ack : ack | push, Math.min(left, segmentBytes), burstUs * random())
      if (i % 2 === 0 || left <= segmentBytes) send(to, ack, 0, burstUs)
      // A window later the next burst comes.
      if (i % 20 === 0) timeUs += Math.floor(roundUs)
    }
  }
  const question = () => {
    begin(true, 53)
    send(0, 0, whole(28, 60), 0)
    send(1, 0, whole(60, 480), spread(500, 60_000))
  }
  const stream = () => {
    begin(true, 443)
    for (let left = whole(4, 80); left > 0; left--) {
      const isBackward = random() < 0.6
      send(isBackward ? 1 : 0, 0, isBackward ? whole(100, 1_200) : whole(30, 300), spread(50, 400_000))
    }
  }
  const knock = () => {
    begin(false, whole(1, 10_000))
    send(0, syn, 0, 0)
    if (random() < 0.5) send(1, reset | ack, 0, 2_000)
    else send(0, syn, 0, 1_000_000)
  }
  const exchange = (answers: number, answerBytes: () => number) => {
    begin(false, random() < 0.8 ? 443 : 80)
    const roundUs = spread(2_000, 150_000)
    send(0, syn, 0, 0)
    send(1, syn | ack, 0, roundUs)
    send(0, ack, 0, burstUs)
    for (let i = 0; i < answers; i++) {
      // People think before they ask again.
      if (i > 0) timeUs += Math.floor(spread(100_000, 20_000_000))
      transfer(0, whole(60, 900), roundUs)
      timeUs += Math.floor(roundUs)
      transfer(1, answerBytes(), roundUs)
    }
    send(0, fin | ack, 0, burstUs)
    send(1, fin | ack, 0, roundUs)
    send(0, ack, 0, burstUs)
  }
  const kinds: readonly { readonly below: number; readonly draw: () => void }[] = [
    { below: 0.45, draw: question },
    { below: 0.52, draw: stream },
    { below: 0.59, draw: knock },
    { below: 0.64, draw: () => exchange(whole(8, 30), () => whole(20, 300)) },
    { below: 0.66, draw: () => exchange(1, () => Math.floor(spread(20, 300) * segmentBytes)) },
    { below: 1, draw: () => exchange(random() < 0.2 ? 2 : 1, () => whole(200, 5 * segmentBytes)) },
  ]
  while (used < packets) {
    const at = random()
    kinds.find(({ below }) => at < below)!.draw()
  }
  table.inTime.sort()
  return { ...table, conversations: drawn }
}

/** Numbers in [0, 1), the same ones for a seed: a counter whose bits are mixed, as `sourceBytes` of rig.ts does. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
