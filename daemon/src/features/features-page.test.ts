import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { root } from '../../test/loaded-programs.js'
import { IdsdError } from '../errors.js'
import { featureSemantics } from '../score/manifest.js'
import { cicColumns, referenceColumns } from './columns.js'
import { renderFeaturesPage } from './features-page.js'

const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8')
const page = () => read('docs', 'features.md')

describe('docs/features.md', () => {
  test('is what the tables of the code make of it', () => {
    assert.equal(page(), renderFeaturesPage(page()), 'stale: make wire writes it anew')
  })

  test('has every column under both spellings', () => {
    const text = page()
    for (const name of [...referenceColumns, ...cicColumns.slice(1)])
      assert.match(text, new RegExp(`^\\| .*\`${name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}\``, 'm'), name)
  })

  test('names the semantics that bundles are checked against', () => {
    assert.ok(page().includes(`\`${featureSemantics}\``))
  })

  for (const [file, constant, value, words] of [
    ['flow.h', 'FLOW_TIMEOUT_US', 120_000_000, 'more than 120 s after the first packet'],
    ['flow.h', 'FLOW_PACKETS', '0xfff00000u', `A flow of ${(0xfff00000).toLocaleString('en')} packets`],
    ['cic.h', 'SUBFLOW_GAP_US', 1_000_000, 'gaps of more than 1 s'],
    ['cic.h', 'ACTIVITY_GAP_US', 5_000_000, 'gap of more than 5 s'],
    ['cic.h', 'BULK_GAP_US', 1_000_000, 'no more than 1 s apart'],
    ['cic.h', 'BULK_PACKETS', 4, 'at least 4 packets'],
    ['parse.h', 'MAX_EXTENSIONS', 8, 'eighth extension header'],
  ] as const) {
    test(`says what ${constant} is`, () => {
      assert.match(read('bpf', file), new RegExp(`^#define ${constant} ${value}$`, 'm'))
      assert.ok(page().replace(/\s+/g, ' ').includes(words), words)
    })
  }
})

describe('a page', () => {
  const whole = () => page()
  for (const [name, change, message] of [
    ['with an unknown table', (text: string) => `${text}\n<!-- table shoe -->\n<!-- end -->\n`, /shoe/],
    [
      'without a table',
      (text: string) => text.replace('<!-- table bulk -->', ''),
      /bulk: one place expected, 0 found/,
    ],
    ['with a table twice', (text: string) => text + text, /one place expected, 2 found/],
  ] as const) {
    test(`${name} is refused`, () => {
      assert.throws(
        () => renderFeaturesPage(change(whole())),
        (error) => error instanceof IdsdError && error.code === 'ERR_PAGE' && message.test(error.message),
      )
    })
  }

  test('gets its tables anew, and keeps its sentences', () => {
    const stale = whole()
      .replace(/^\| `Flow Duration`.*$/m, '| nonsense |')
      .replace('# Features', '# Other words')
    const fresh = renderFeaturesPage(stale)
    assert.ok(fresh.startsWith('# Other words') && !fresh.includes('nonsense'))
  })
})
