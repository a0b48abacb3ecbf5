import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from './suggest.js'

const NAMES = ['mode', 'model', 'metrics-listen', 'iface', 'db']

const TABLE = [
  { word: 'mod', near: 'mode' },
  { word: 'modell', near: 'model' },
  { word: 'ifcae', near: 'iface' },
  { word: 'metric-listn', near: 'metrics-listen' },
  { word: 'xyz', near: undefined },
  { word: '', near: undefined },
]
for (const { word, near } of TABLE) {
  test(`"${word}" suggests ${near ?? 'nothing'}`, () => assert.equal(suggest(word, NAMES), near))
}
