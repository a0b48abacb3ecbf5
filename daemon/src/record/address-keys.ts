/** Addresses as 16 bytes that sort like numbers, remembered because the same few come again and again. */

import { addressRange, parseTarget } from '../policy/address.js'

/** @throws ArgumentError when the text is no address */
export type AddressKey = (text: string) => Buffer

/** @param capacity addresses remembered; all are forgotten when it is reached */
export function createAddressKeys(capacity = 65_536): AddressKey {
  const keys = new Map<string, Buffer>()
  return (text) => {
    let key = keys.get(text)
    if (key === undefined) {
      if (keys.size >= capacity) keys.clear()
      key = Buffer.from(addressRange(parseTarget(text, 'address')).first)
      keys.set(text, key)
    }
    return key
  }
}
