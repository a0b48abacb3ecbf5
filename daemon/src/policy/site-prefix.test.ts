import assert from 'node:assert/strict'
import { test } from 'node:test'
import { siteKey, siteTarget } from './site-prefix.js'

const rows: readonly (readonly [address: string, site: string | undefined])[] = [
  ['2001:db8::1', '2001:db8::/64'],
  ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:0:0:1::', '2001:db8::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['fd00::', 'fd00::/64'],
  ['fd00::aaaa:bbbb:cccc:dddd', 'fd00::/64'],
  ['::1', undefined],
  ['fe80::1', undefined],
  ['febf:1::1', undefined],
  ['2001::4136:e378:8000:63bf', undefined],
  ['64:ff9b::c000:201', undefined],
  ['64:ff9b:1:2::1', undefined],
  ['192.0.2.1', undefined],
]
for (const [address, site] of rows) {
  test(`${address} ${site === undefined ? 'has no /64 of its own' : `lies in ${site}`}`, () => {
    const key = siteKey(address)
    assert.equal(key === undefined ? undefined : siteTarget(key)?.text, site)
  })
}
