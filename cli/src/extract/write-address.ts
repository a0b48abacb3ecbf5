/** Addresses as text straight into bytes: a string for each of millions of them would be most of the work. */

import { addressText } from '../../../daemon/src/decode/address-text.js'
import { writeNumber, writeText } from './number-text.js'

const point = 0x2e

/**
 * @param view network order, IPv4 as ::ffff:0:0/96
 * @param address offset of 16 bytes in `view`
 * @returns where the next byte goes
 */
export function writeAddress(out: Uint8Array, at: number, view: DataView, address: number): number {
  const isIpv4 =
    view.getUint32(address + 8, false) === 0xffff &&
    view.getUint32(address, true) === 0 &&
    view.getUint32(address + 4, true) === 0
  if (!isIpv4) return writeText(out, at, addressText(view, address))
  let end = writeNumber(out, at, view.getUint8(address + 12))
  for (let i = 13; i < 16; i++) {
    out[end] = point
    end = writeNumber(out, end + 1, view.getUint8(address + i))
  }
  return end
}
