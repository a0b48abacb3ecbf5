/**
 * Writes `wire.ts` from the types in a BPF object's BTF: sizes, readers and writers of every struct in `bpf/wire.h`.
 * Usage: node wire-generator.js OBJECT > wire.ts
 */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

interface BtfMember {
  readonly name: string
  readonly type_id: number
  readonly bits_offset: number
}

interface BtfType {
  readonly id: number
  readonly kind: string
  readonly name: string
  readonly type_id?: number
  readonly size?: number
  readonly nr_elems?: number
  readonly component_idx?: number
  readonly members?: readonly BtfMember[]
  readonly values?: readonly { name: string; val: number }[]
}

/** One scalar or array of scalars at a fixed place of a struct. */
interface Leaf {
  readonly path: readonly string[]
  readonly offset: number
  readonly bytes: number
  readonly isNetworkOrder: boolean
  readonly count: number
  readonly doc: string
}

const structs = [
  ...[
    'config',
    'settings',
    'flow_counts',
    'block_entry',
    'allow_entry',
    'limiter',
    'lpm_key4',
    'lpm_key6',
    'source_slot',
  ],
  ...['listed_header', 'listed_list', 'listed_group', 'listed_hits'],
  ...['listed_root', 'listed_bounds4', 'listed_bounds6'],
  ...['flow_opened', 'flow_record', 'counters', 'cpu_state', 'carried', 'sweep_args', 'tombstone'],
]

/** Enums with the prefix that their values lose. */
const enums: readonly (readonly [string, string])[] = [
  ['record_type', 'RECORD_'],
  ['end_reason', 'END_'],
  ['tcp_state', 'STATE_'],
  ['flow_mark', 'MARK_'],
  ['block_action', 'ACTION_'],
  ['block_flag', 'FLAG_'],
  ['limit_unit', 'LIMIT_'],
  ['listed', 'LISTED_'],
  ['block_origin', 'ORIGIN_'],
  ['block_reason', 'REASON_'],
  ['loss', 'LOST_'],
  ['unparsed', 'UNPARSED_'],
]

function camel(words: string): string {
  return words.toLowerCase().replace(/_+([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}

function pascal(words: string): string {
  const name = camel(words)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** Source of `wire.ts`. @throws Error when the object lacks a type or holds one that cannot be read. */
export function generateWire(btf: readonly BtfType[], wireVersion: number): string {
  const byId = new Map(btf.map((type) => [type.id, type]))
  const docs = new Map<string, string>()
  for (const type of btf) {
    if (type.kind === 'DECL_TAG') docs.set(`${type.type_id}.${type.component_idx}`, type.name)
  }

  const find = (kinds: readonly string[], name: string): BtfType => {
    const type = btf.find((candidate) => kinds.includes(candidate.kind) && candidate.name === name)
    if (type === undefined) throw new Error(`the object's BTF has no ${kinds[0]} ${name}`)
    return type
  }

  const leaves = (struct: BtfType, base: number, path: readonly string[]): Leaf[] => {
    const found: Leaf[] = []
    for (const [index, member] of (struct.members ?? []).entries()) {
      if (/^pad\d*$/.test(member.name)) continue
      const offset = base + member.bits_offset / 8
      let type = byId.get(member.type_id)
      let count = 1
      if (type?.kind === 'ARRAY') {
        count = type.nr_elems ?? 0
        type = byId.get(type.type_id ?? 0)
      }
      let isNetworkOrder = false
      while (type !== undefined && ['TYPEDEF', 'CONST', 'VOLATILE'].includes(type.kind)) {
        isNetworkOrder ||= type.name.startsWith('__be')
        type = byId.get(type.type_id ?? 0)
      }
      if (type === undefined) throw new Error(`${struct.name}.${member.name}: unknown type`)
      const doc = docs.get(`${struct.id}.${index}`) ?? ''
      if (type.kind === 'STRUCT') {
        for (let i = 0; i < count; i++) {
          const name = count === 1 ? member.name : `${member.name}${i}`
          found.push(...leaves(type, offset + i * (type.size ?? 0), [...path, name]))
        }
      } else if (type.kind === 'INT' || type.kind === 'ENUM') {
        found.push({
          path: [...path, member.name],
          offset,
          bytes: type.size ?? 0,
          isNetworkOrder,
          count,
          doc,
        })
      } else {
        throw new Error(`${struct.name}.${member.name}: ${type.kind} cannot cross`)
      }
    }
    return found
  }

  const reader = ({ offset, bytes, isNetworkOrder, count }: Leaf): string => {
    const at = count === 1 ? `at + ${offset}` : `at + ${offset} + index * ${bytes}`
    if (bytes === 1) return `v.getUint8(${at})`
    if (bytes === 2) return `v.getUint16(${at}, ${!isNetworkOrder})`
    if (bytes === 4) return `v.getUint32(${at}, ${!isNetworkOrder})`
    const high = count === 1 ? `at + ${offset + 4}` : `at + ${offset + 4} + index * ${bytes}`
    return `v.getUint32(${at}, true) + v.getUint32(${high}, true) * 4294967296`
  }

  const writer = ({ offset, bytes, isNetworkOrder, count }: Leaf): string => {
    const at = count === 1 ? `at + ${offset}` : `at + ${offset} + index * ${bytes}`
    if (bytes === 1) return `v.setUint8(${at}, value)`
    if (bytes === 2) return `v.setUint16(${at}, value, ${!isNetworkOrder})`
    if (bytes === 4) return `v.setUint32(${at}, value, ${!isNetworkOrder})`
    return `v.setBigUint64(${at}, BigInt(value), true)`
  }

  const structSource = (name: string): string => {
    const struct = find(['STRUCT'], name)
    const lines: string[] = []
    const fields = leaves(struct, 0, [])
    lines.push(
      `/** \`struct ${name}\` of bpf/wire.h. */`,
      `export const ${camel(name)} = {`,
      `  size: ${struct.size},`,
    )
    for (const [kind, source] of [
      ['get', reader],
      ['set', writer],
    ] as const) {
      lines.push(`  ${kind}: {`)
      for (const leaf of fields) {
        const index = leaf.count === 1 ? '' : ', index: number'
        const doc = [leaf.doc, leaf.count === 1 ? '' : `index below ${leaf.count}`].filter(
          (text) => text !== '',
        )
        if (doc.length > 0 && kind === 'get') lines.push(`    /** ${doc.join('; ')} */`)
        const value = kind === 'get' ? '' : ', value: number'
        const result = kind === 'get' ? 'number' : 'void'
        const property = camel(leaf.path.join('_'))
        lines.push(
          `    ${property}: (v: DataView, at: number${index}${value}): ${result} => ${source(leaf)},`,
        )
      }
      lines.push('  },')
    }
    lines.push('  offset: {')
    for (const leaf of fields) lines.push(`    ${camel(leaf.path.join('_'))}: ${leaf.offset},`)
    lines.push('  },', '} as const', '')
    return lines.join('\n')
  }

  const enumSource = ([name, prefix]: readonly [string, string]): string => {
    const values = find(['ENUM'], name).values ?? []
    const lines = values.map(({ name: value, val }) => `  ${camel(value.slice(prefix.length))}: ${val},`)
    return `/** \`enum ${name}\` of bpf/wire.h. */\nexport const ${pascal(name)} = {\n${lines.join('\n')}\n} as const\n`
  }

  const sizes = structs.map((name) => `  ${name}: ${find(['STRUCT'], name).size},`)
  return [
    '// Generated from the BTF of build/bpf/idsd.bpf.o by `make wire`. Do not edit.',
    '',
    `export const wireVersion = ${wireVersion}`,
    '',
    "/** Bytes of every struct, compared with the loaded object's at start. */",
    `export const structSizes: Readonly<Record<string, number>> = {\n${sizes.join('\n')}\n}`,
    '',
    ...enums.map(enumSource),
    ...structs.map(structSource),
  ].join('\n')
}

function main(object: string | undefined): void {
  if (object === undefined) throw new Error('usage: wire-generator.js OBJECT > wire.ts')
  const dump = execFileSync(process.env.BPFTOOL ?? 'bpftool', ['-j', 'btf', 'dump', 'file', object], {
    maxBuffer: 1 << 26,
  })
  const header = readFileSync('bpf/wire.h', 'utf8')
  const version = /#define WIRE_VERSION (\d+)/.exec(header)?.[1]
  process.stdout.write(
    generateWire((JSON.parse(dump.toString()) as { types: BtfType[] }).types, Number(version)),
  )
}

if (process.argv[1]?.endsWith('wire-generator.js') === true) main(process.argv[2])
