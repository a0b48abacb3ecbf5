/**
 * Counts per slot of time, and finds where they were high enough for long enough. A window is ten slots. It counts when
 * its sum reaches the rate and no slot has less than half of its share: a short burst is not sustained.
 */

export interface RingShape {
  /** Slots of a window. */
  readonly slots: number
  /** Length of a slot, us. */
  readonly slotUs: number
  /** Sum of a window that counts. */
  readonly need: number
  /** Least of each slot in it. */
  readonly leastPerSlot: number
  /** A slot is judged so long after its end, us: until then counts may be taken back. */
  readonly waitUs: number
  /** Slots kept. */
  readonly length: number
}

export interface Ring {
  readonly counts: Float64Array
  /** Latest slot with a count. Slot = us since 1970 / slotUs. */
  head: number
  /** Every slot up to here has been judged. */
  judged: number
  /** Slots up to `judged` without one that is too low, not used before. */
  run: number
}

/**
 * What is counted, most of which never comes near a flood: one number does until a slot has half of its share. What was
 * before that slot is no loss, because no window with such a slot counts.
 */
export interface Meter {
  slot: number
  count: number
  ring: Ring | undefined
}

/** A window that counted. */
export interface Sustained {
  readonly sum: number
  readonly firstSlot: number
  readonly lastSlot: number
}

const SLOTS = 10

export function ringShape(perSecond: number, windowMs: number, waitMs: number): RingShape {
  const slotUs = (windowMs * 1_000) / SLOTS
  const need = (perSecond * windowMs) / 1_000
  const waitUs = waitMs * 1_000
  return {
    slots: SLOTS,
    slotUs,
    need,
    leastPerSlot: need / SLOTS / 2,
    waitUs,
    // A window to judge, what waits, a window for who judges late, and one for batches that come late.
    length: 3 * SLOTS + Math.ceil(waitUs / slotUs) + 2,
  }
}

/** @param slot the first that may be counted */
function createRing(shape: RingShape, slot: number): Ring {
  return { counts: new Float64Array(shape.length), head: slot, judged: slot - 1, run: 0 }
}

/** Spreads `amount` evenly over the time; what lies before the oldest slot kept is dropped. Below 0: takes back. */
function addTo(ring: Ring, shape: RingShape, fromUs: number, toUs: number, amount: number): void {
  const { slotUs, length } = shape
  const last = Math.floor(toUs / slotUs)
  if (last > ring.head) moveHead(ring, length, last)
  const oldest = ring.head - length + 1
  const first = Math.floor(fromUs / slotUs)
  if (first >= last) {
    if (last >= oldest) put(ring, length, last, amount)
    return
  }
  const perUs = amount / (toUs - fromUs)
  for (let slot = Math.max(first, oldest); slot <= last; slot++) {
    const startUs = Math.max(fromUs, slot * slotUs)
    const endUs = Math.min(toUs, (slot + 1) * slotUs)
    put(ring, length, slot, perUs * (endUs - startUs))
  }
}

/**
 * Counts, and opens the ring when it is time and there may be one more.
 * @returns whether the ring was opened by this
 */
export function addToMeter(
  meter: Meter,
  shape: RingShape,
  fromUs: number,
  toUs: number,
  amount: number,
  mayOpen: boolean,
): boolean {
  if (meter.ring !== undefined) {
    addTo(meter.ring, shape, fromUs, toUs, amount)
    return false
  }
  const first = Math.floor(fromUs / shape.slotUs)
  const last = Math.floor(toUs / shape.slotUs)
  if (last > meter.slot) {
    meter.slot = last
    meter.count = 0
  }
  const before = meter.count
  meter.count += amount / (last - first + 1)
  if (meter.count < shape.leastPerSlot || !mayOpen) return false
  meter.ring = createRing(shape, Math.min(first, meter.slot))
  addTo(meter.ring, shape, fromUs, toUs, amount)
  if (before > 0) addTo(meter.ring, shape, meter.slot * shape.slotUs, meter.slot * shape.slotUs, before)
  meter.count = 0
  return true
}

/** Takes back what was counted in this time, as far as it is still there. */
export function takeFromMeter(
  meter: Meter,
  shape: RingShape,
  fromUs: number,
  toUs: number,
  amount: number,
): void {
  if (meter.ring !== undefined) addTo(meter.ring, shape, fromUs, toUs, -amount)
  else if (meter.slot === Math.floor(fromUs / shape.slotUs)) meter.count = Math.max(0, meter.count - amount)
}

/** Takes what another ring of the same shape counted in these slots out of this one. */
export function subtractSlots(ring: Ring, shape: RingShape, other: Ring, window: Sustained): void {
  const { length } = shape
  for (let slot = window.firstSlot; slot <= window.lastSlot; slot++) {
    if (slot > ring.head - length && slot <= ring.head) put(ring, length, slot, -countAt(other, length, slot))
  }
}

/**
 * Judges the slots whose wait is over.
 * @returns the first window that counts, or nothing; to be called until it is nothing
 */
export function judge(ring: Ring, shape: RingShape, nowUs: number): Sustained | undefined {
  const { slots, slotUs, length } = shape
  const end = Math.floor((nowUs - shape.waitUs) / slotUs) - 1
  // What is no longer kept was not judged in time.
  if (ring.judged < ring.head - length) {
    ring.judged = ring.head - length
    ring.run = 0
  }
  while (ring.judged < end && ring.judged < ring.head) {
    const slot = ++ring.judged
    if (countAt(ring, length, slot) < shape.leastPerSlot - 1e-6) {
      ring.run = 0
      continue
    }
    ring.run++
    if (ring.run < slots) continue
    let sum = 0
    for (let i = slot - slots + 1; i <= slot; i++) sum += countAt(ring, length, i)
    if (sum < shape.need - 1e-6) continue
    ring.run = 0
    return { sum, firstSlot: slot - slots + 1, lastSlot: slot }
  }
  return undefined
}

/** Whether all there is has been judged, and nothing came for a window since. */
export function isIdle(ring: Ring, shape: RingShape, nowUs: number): boolean {
  return Math.floor((nowUs - shape.waitUs) / shape.slotUs) > ring.head + shape.slots
}

function moveHead(ring: Ring, length: number, head: number): void {
  const steps = Math.min(head - ring.head, length)
  for (let i = 1; i <= steps; i++) ring.counts[(head - steps + i) % length] = 0
  ring.head = head
}

function put(ring: Ring, length: number, slot: number, amount: number): void {
  const at = slot % length
  ring.counts[at] = Math.max(0, ring.counts[at]! + amount)
}

function countAt(ring: Ring, length: number, slot: number): number {
  return slot > ring.head || slot <= ring.head - length ? 0 : ring.counts[slot % length]!
}
