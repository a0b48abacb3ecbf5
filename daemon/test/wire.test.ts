/** The generated readers and writers against structs that the C compiler laid out and filled (bpf/host/golden.c). */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { loadBinding } from '../src/kernel/binding.js'
import * as wire from '../src/kernel/wire.js'
import { root } from './loaded-programs.js'

const program = join(root, 'build/host/golden')
const missing = [program, join(root, 'build/native/idsd.node'), join(root, 'build/bpf/idsd.bpf.o')].filter(
  (file) => !existsSync(file),
)

/** What wire.ts has for one struct. */
interface Access {
  readonly size: number
  readonly get: Readonly<Record<string, (view: DataView, at: number, index?: number) => number>>
  readonly set: Readonly<Record<string, (view: DataView, at: number, ...indexAndValue: number[]) => void>>
  readonly offset: Readonly<Record<string, number>>
}

interface GoldenField {
  readonly name: string
  readonly index: number
  readonly value: number
}

interface Golden {
  readonly name: string
  readonly size: number
  readonly fields: GoldenField[]
  readonly bytes: Uint8Array
}

/** `flow.dir[0].bytes_sq` to `flowDir0BytesSq`. */
function camel(path: string): string {
  return path
    .replace(/[[\]\s]/g, '')
    .replaceAll('.', '_')
    .replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}

function readGolden(): Golden[] {
  const found: Golden[] = []
  let fields: GoldenField[] = []
  let header: { name: string; size: number } | undefined
  for (const line of execFileSync(program, { encoding: 'utf8' }).trim().split('\n')) {
    const [kind, ...rest] = line.split(' ')
    if (kind === 'struct') {
      header = { name: rest[0] as string, size: Number(rest[1]) }
      fields = []
    } else if (kind === 'field') {
      const value = Number(rest.pop())
      const index = Number(rest.pop())
      fields.push({ name: camel(rest.join('')), index, value })
    } else if (header !== undefined) {
      found.push({ ...header, fields, bytes: Uint8Array.from(Buffer.from(rest[0] as string, 'hex')) })
    }
  }
  return found
}

function accessOf(name: string): Access {
  const access = (wire as unknown as Record<string, Access | undefined>)[camel(name)]
  assert.ok(access, `wire.ts has no struct ${name}`)
  return access
}

describe('the wire', {
  skip: skipOrFail(missing.length > 0 ? `${missing[0]} not built: run make` : undefined),
}, () => {
  const goldens = missing.length > 0 ? [] : readGolden()

  test('every struct of wire.ts is filled by the C program', () => {
    assert.deepEqual(goldens.map((golden) => golden.name).sort(), Object.keys(wire.structSizes).sort())
  })

  test('the loaded object has every struct at the size of wire.ts', () => {
    const object = new (loadBinding(root).BpfObject)(join(root, 'build/bpf/idsd.bpf.o'))
    const sizes = object.typeSizes()
    object.close()
    for (const [name, bytes] of Object.entries(wire.structSizes)) assert.equal(sizes[name], bytes, name)
  })

  for (const { name, size, fields, bytes } of goldens) {
    describe(`struct ${name}`, () => {
      const view = new DataView(bytes.buffer)

      test('has the size that the C compiler gives it', () => {
        assert.equal(accessOf(name).size, size)
        assert.equal(wire.structSizes[name], size)
        assert.equal(bytes.length, size)
      })

      test('has a reader for every field that C fills, and no other', () => {
        const { get, set, offset } = accessOf(name)
        const names = [...new Set(fields.map((field) => field.name))].sort()
        assert.deepEqual(Object.keys(get).sort(), names)
        assert.deepEqual(Object.keys(set).sort(), names)
        assert.deepEqual(Object.keys(offset).sort(), names)
      })

      test('is read as C wrote it, at any place', () => {
        const { get } = accessOf(name)
        const shifted = new Uint8Array(size + 24)
        shifted.set(bytes, 13)
        for (const { name: field, index, value } of fields) {
          assert.equal(get[field]?.(view, 0, index), value, `${field}[${index}]`)
          assert.equal(
            get[field]?.(new DataView(shifted.buffer), 13, index),
            value,
            `${field}[${index}] at 13`,
          )
        }
      })

      test('is written as C writes it', () => {
        const { set } = accessOf(name)
        const isArray = new Set(fields.filter(({ index }) => index > 0).map((field) => field.name))
        const written = new Uint8Array(size + 8)
        const target = new DataView(written.buffer)
        for (const { name: field, index, value } of fields) {
          if (isArray.has(field)) set[field]?.(target, 8, index, value)
          else set[field]?.(target, 8, value)
        }
        assert.deepEqual(written.subarray(8), bytes)
        assert.deepEqual(written.subarray(0, 8), new Uint8Array(8))
      })
    })
  }
})
