import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featureColumns } from '../features/columns.js'
import { columnNamed } from './feature-names.js'

test('both names of every column lead to it, and to no other', () => {
  featureColumns.forEach(({ name, engelenName }, index) => {
    assert.equal(columnNamed(name), index, name)
    assert.equal(columnNamed(engelenName), index, engelenName)
  })
})

test('blanks around a name do not matter, and a name that is neither leads nowhere', () => {
  assert.equal(columnNamed(' Flow Duration '), columnNamed('Flow Duration'))
  assert.equal(columnNamed('flow duration'), undefined)
  assert.equal(columnNamed(''), undefined)
})
