import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxNumberBytes, writeNumber } from './number-text.js'

const out = Buffer.alloc(maxNumberBytes + 2, '#')

function textOf(value: number): string {
  out.fill('#')
  const end = writeNumber(out, 1, value)
  assert.ok(end <= maxNumberBytes + 1, `${value} takes ${end - 1} bytes`)
  assert.equal(out[0], 0x23)
  return out.toString('latin1', 1, end)
}

const awkward = [
  ...[0, 1, 9, 10, 99, 100, 101, 999_999_999, 1e9, -1, -7.5, -0.1, 0.5, 0.25, 0.1, 0.3, 1 / 3, 2 / 3],
  ...[1e-6, 1e-6 - 2 ** -72, 1e-7, 1.5e-6, 0.000001234, 0.30000000000000004, 1 - 2 ** -53, 10 - 2 ** -49],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 1_432_820_948_562_939, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 1e16],
  ...[1e8 - 1, 1e8, 1e8 + 1, 1e8 + 0.5, 1.2345678901234568e17, 1e20, 1e21, 1e22, 1e300],
  ...[1e14 + 0.125, 99_999_999_999_999.98, 1e15 - 0.125, 1e15 + 0.5, 2 ** 52 - 0.5, 2 ** 51 + 1.5],
  ...[5e-324, Number.MIN_VALUE, Number.MAX_VALUE, Number.EPSILON, 0.9999999999999999, 9.999999999999998],
]

/** Random numbers that can be drawn again. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('every awkward number has the text that String gives it', () => {
  for (const value of awkward) assert.equal(textOf(value), String(value))
})

test('a million numbers have the text that String gives them: means, deviations, rates, and any bits', () => {
  const next = random(20_171)
  const bits = new Uint32Array(2)
  const double = new Float64Array(bits.buffer)
  const draw: (() => number)[] = [
    () => Math.floor(next() * 1e5) / (1 + Math.floor(next() * 3_000)),
    () => Math.sqrt(next() * 10 ** (next() * 14)),
    () => Math.floor(next() * 1e7) / (Math.floor(1 + next() * 120e6) / 1e6),
    () => next() * 10 ** Math.floor(next() * 24 - 7) + next() * 2 ** -32,
    () => Math.round(next() * 1e6) / 10 ** Math.floor(next() * 8),
    () => Math.floor(next() * 2 ** 32) * 2 ** 21 + Math.floor(next() * 2 ** 21),
    () => {
      bits[0] = next() * 2 ** 32
      bits[1] = next() * 2 ** 31
      return Number.isFinite(double[0]) ? (double[0] as number) : 0
    },
    // Beside a number of few digits, and beside a power of two.
    () => {
      double[0] = Math.round(next() * 1e4) / 10 ** Math.floor(next() * 6)
      bits[0] = (bits[0] as number) + Math.floor(next() * 7) - 3
      return double[0]
    },
    () => {
      double[0] = 2 ** Math.floor(next() * 70 - 20)
      bits[0] = Math.floor(next() * 5)
      return double[0]
    },
  ]
  for (let i = 0; i < 1_000_000; i++) {
    const value = (draw[i % draw.length] as () => number)()
    const text = textOf(value)
    if (text !== String(value)) assert.fail(`${text} instead of ${value}`)
  }
})
