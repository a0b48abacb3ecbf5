/** A target as a key of the tries of its family: length of the prefix, then the address. */

import type { Target } from '../policy/address.js'
import { lpmKey4, lpmKey6 } from './wire.js'

/** @param prefix length, bits. Default: that of the target @returns bytes of `struct lpm_key4` or `struct lpm_key6` */
export function trieKey(target: Target, prefix = target.prefix): Uint8Array {
  const key = new Uint8Array(target.family === 4 ? lpmKey4.size : lpmKey6.size)
  new DataView(key.buffer).setUint32(0, prefix, true)
  key.set(target.bytes, 4)
  return key
}
