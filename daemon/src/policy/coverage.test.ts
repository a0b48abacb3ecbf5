import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTarget } from './address.js'
import { coverageOf, tooMuch } from './coverage.js'

const of = (texts: readonly string[]) => coverageOf(texts.map((text) => parseTarget(text, 'target')))
const slices = (from: number, to: number, text: (n: number) => string) =>
  Array.from({ length: to - from }, (_, i) => text(from + i))

const cases: readonly (readonly [string, readonly string[], number, number])[] = [
  ['nothing', [], 0, 0],
  ['everything', ['0.0.0.0/0', '::/0'], 1, 1],
  ['two halves', ['128.0.0.0/1', '0.0.0.0/1', '8000::/1', '::/1'], 1, 1],
  ['the same twice, and what lies inside', ['10.0.0.0/8', '10.0.0.0/8', '10.1.0.0/16'], 1 / 256, 0],
  ['one address', ['192.0.2.1'], 2 ** -32, 0],
  ['neighbours', slices(0, 192, (n) => `${n}.0.0.0/8`), 0.75, 0],
  ['IPv6 that is given out', ['2000::/3'], 0, 1],
  ['half of it', ['3000::/4'], 0, 0.5],
  ['IPv6 that is not', ['fc00::/7', 'fe80::/10'], 0, 0],
  ['a network of a provider', ['2001:db8::/32', '2001:db8:1::/48'], 0, 2 ** -29],
]
for (const [name, texts, four, six] of cases) {
  test(`the share of ${name}`, () => assert.deepEqual(of(texts), { four, six }))
}

const judged: readonly (readonly [string, readonly string[], readonly string[], RegExp | undefined])[] = [
  ['half is not too much', [], ['0.0.0.0/1', '3000::/4'], undefined],
  ['an address more is', [], ['0.0.0.0/1', '192.0.2.1'], /^50 % of all IPv4 addresses$/],
  [
    'both families',
    [],
    ['0.0.0.0/0', '::/0'],
    /^100 % of all IPv4 .* and 100 % of all IPv6 addresses in use$/,
  ],
  ['what was too much before and did not grow', ['::/0'], ['::/0', '192.0.2.1'], undefined],
  [
    'what was too much before and grew',
    ['::/1', '128.0.0.0/1', '64.0.0.0/2'],
    ['0.0.0.0/0'],
    /^100 % of all IPv4/,
  ],
]
for (const [name, before, after, words] of judged) {
  test(`judged: ${name}`, () => {
    const said = tooMuch(of(after), of(before))
    if (words === undefined) assert.equal(said, undefined)
    else assert.match(said ?? '', words)
  })
}
