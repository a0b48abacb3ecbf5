/** Names this boot of the machine: CLOCK_BOOTTIME begins anew with each. Source: random(4), boot_id. */

import { readFileSync } from 'node:fs'

/** @returns '' where the kernel does not say */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
