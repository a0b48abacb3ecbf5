import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import { createSourceShare } from './source-share.js'

const flows = Array.from({ length: 400 }, (_, i) => testFlow({ src: `10.0.${i >> 8}.${i & 255}` }))
const kept = (share: { keeps(source: string): boolean }) => flows.filter(({ src }) => share.keeps(src)).length

describe('source share', () => {
  it('keeps every source while there is time for all', () => {
    const share = createSourceShare(1_000)
    for (let second = 0; second < 20; second++) {
      assert.equal(share.count(flows, second * 1_000), false)
      assert.equal(share.count(flows, second * 1_000 + 500), false)
    }
    assert.deepEqual([share.oneIn, kept(share)], [1, 400])
  })

  it('keeps a half, then a quarter of the sources when too much comes, the same ones', () => {
    const share = createSourceShare(1_000)
    for (let i = 0; i < 3; i++) share.count(flows, 0)
    assert.equal(share.oneIn, 2)
    const half = flows.filter(({ src }) => share.keeps(src))
    assert.ok(half.length > 150 && half.length < 250, `${half.length} of 400`)
    for (let i = 0; i < 8; i++) share.count(flows, 0)
    assert.ok(share.oneIn >= 4)
    const fewer = flows.filter(({ src }) => share.keeps(src))
    assert.ok(fewer.every((flow) => half.includes(flow)))
  })

  it('keeps all again after ten quiet seconds for each step, and not before', () => {
    const share = createSourceShare(1_000)
    for (let i = 0; i < 3; i++) share.count(flows, 0)
    for (let second = 1; second <= 10; second++) share.count([], second * 1_000)
    assert.equal(share.oneIn, 2)
    share.count([], 11_000)
    assert.equal(share.oneIn, 1)
  })
})
