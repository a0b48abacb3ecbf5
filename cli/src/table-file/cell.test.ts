import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { blockOf } from '../../test/csv-text.js'
import { cellNumber, cellText } from './cell.js'

const numbers: readonly (readonly [text: string, value: number])[] = [
  ['0', 0],
  ['12', 12],
  ['-1', -1],
  ['+3', 3],
  [' 7 ', 7],
  ['"8.5"', 8.5],
  ['0.1', 0.1],
  ['.5', 0.5],
  ['5.', 5],
  ['-0.25', -0.25],
  ['007', 7],
  ['1e3', 1_000],
  ['1.5E-7', 1.5e-7],
  ['1e400', Number.POSITIVE_INFINITY],
  ['340051.4', 340_051.4],
  ['9007199254740993', 9_007_199_254_740_992],
  ['0.30000000000000004', 0.300_000_000_000_000_04],
  ['123456789012345', 123_456_789_012_345],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['NaN', Number.NaN],
  ['', Number.NaN],
  ['  ', Number.NaN],
  ['""', Number.NaN],
  ['-', Number.NaN],
  ['.', Number.NaN],
  ['1.2.3', Number.NaN],
  ['0x10', Number.NaN],
  ['1 2', Number.NaN],
  ['1_000', Number.NaN],
  ['--1', Number.NaN],
  ['high', Number.NaN],
]

describe('a cell', () => {
  for (const [text, value] of numbers) {
    it(`of ${JSON.stringify(text)} is the number ${value}`, async () => {
      // A second cell: a row of one blank cell would be no row.
      assert.equal(cellNumber(await blockOf(`${text},x\n`), 0), value)
    })
  }

  it('is the nearest double, however many digits it has', async () => {
    // A generator of full period keeps the test the same each time. Source: Numerical Recipes, 7.1, quick and dirty.
    let state = 1
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    }
    const texts = Array.from({ length: 5_000 }, () => {
      const value = next() * 10 ** Math.floor(next() * 12)
      return next() < 0.5 ? String(value) : value.toFixed(Math.floor(next() * 12))
    })
    const block = await blockOf(`${texts.join(',')}\n`)
    texts.forEach((text, cell) => {
      assert.equal(cellNumber(block, cell), Number(text), text)
    })
  })

  it('that is no UTF-8 is read as Windows has it', async () => {
    const bytes = Buffer.concat([Buffer.from('Web Attack '), Buffer.from([0x96]), Buffer.from(' XSS,é\n')])
    const block = await blockOf(bytes)
    assert.deepEqual([cellText(block, 0), cellText(block, 1)], ['Web Attack \u2013 XSS', 'é'])
  })
})
