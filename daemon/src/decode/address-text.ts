/** 16 bytes of an address, IPv4 as ::ffff:0:0/96, to its canonical text (RFC 5952). */

const maxRemembered = 65_536
/** IPv4 texts by address: the same few come over and over, and one string is found faster in later maps. */
const remembered = new Map<number, string>()

/** @param view network order @param at offset of 16 bytes */
export function addressText(view: DataView, at: number): string {
  if (isMapped(view, at)) return ipv4Text(view.getUint32(at + 12, false))
  const groups: number[] = []
  for (let i = 0; i < 8; i++) groups.push(view.getUint16(at + i * 2, false))
  const [start, length] = longestZeroRun(groups)
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':')
  return length < 2 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`
}

function ipv4Text(address: number): string {
  const known = remembered.get(address)
  if (known !== undefined) return known
  if (remembered.size >= maxRemembered) remembered.clear()
  const text = `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
  remembered.set(address, text)
  return text
}

function isMapped(view: DataView, at: number): boolean {
  return (
    view.getUint32(at, true) === 0 &&
    view.getUint32(at + 4, true) === 0 &&
    view.getUint32(at + 8, false) === 0xffff
  )
}

function longestZeroRun(groups: readonly number[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0]
  for (let i = 0; i < groups.length; i++) {
    let end = i
    while (end < groups.length && groups[end] === 0) end++
    if (end - i > best[1]) best = [i, end - i]
    if (end > i) i = end
  }
  return best
}
