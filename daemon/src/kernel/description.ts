/**
 * How the maps beside it are laid out, kept in a map of its own: the kernel tells the types of a map only to who has
 * CAP_SYS_ADMIN, and idsd does without.
 */

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { BpfObject, MapDescription, StructLayout, TypeTable } from './binding.js'
import { handedStructs, ringStructs } from './map-fates.js'

export interface Description {
  /** `WIRE_VERSION` of bpf/wire.h; 0 where it is not known. */
  readonly version: number
  /** Layouts of the types that a later daemon reads. */
  readonly structs: Readonly<Record<string, StructLayout>>
  /** Fingerprint of the layout of each map's key and value, by its name. */
  readonly maps: Readonly<Record<string, string>>
  /**
   * Tells the maps of one start from those of all others, also past a reboot: above 0, below 2^48. Undefined where
   * an earlier version made them.
   */
  readonly incarnation?: number
}

/** Of an object before or after load. */
export function describe(object: BpfObject, maps: readonly MapDescription[]): Description {
  const { structs, enums } = object.types()
  return {
    version: enums.WIRE_VERSION_OF_MAPS ?? 0,
    structs: pick(structs),
    maps: Object.fromEntries(maps.map(({ name, layout }) => [name, fingerprint(layout)])),
  }
}

/** Of maps that came without a description: nothing of them goes on, but they can be read. */
export function describeTypes({ structs }: TypeTable): Description {
  return { version: 0, structs: pick(structs), maps: {} }
}

/** Whether the records in the rings of two idsd read the same. */
export function haveSameRecords(a: Description, b: Description): boolean {
  return (
    a.version === b.version &&
    ringStructs.every((name) => isDeepStrictEqual(a.structs[name], b.structs[name]))
  )
}

/** Writes it into a map's memory. @throws RangeError when it does not fit */
export function writeDescription(memory: ArrayBuffer, description: Description): void {
  const text = new TextEncoder().encode(JSON.stringify(description))
  if (text.length + 4 > memory.byteLength)
    throw new RangeError(`${text.length} bytes do not fit the map described`)
  new Uint8Array(memory, 4).set(text)
  new DataView(memory).setUint32(0, text.length, true)
}

/** @returns undefined where there is none, or none that can be read */
export function readDescription(memory: ArrayBuffer): Description | undefined {
  const length = memory.byteLength < 4 ? 0 : new DataView(memory).getUint32(0, true)
  if (length === 0 || length + 4 > memory.byteLength) return undefined
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(memory, 4, length)))
    return isDescription(found) ? found : undefined
  } catch {
    return undefined
  }
}

function pick(structs: Readonly<Record<string, StructLayout>>): Record<string, StructLayout> {
  return Object.fromEntries(
    handedStructs.flatMap((name) => {
      const layout = structs[name]
      return layout === undefined ? [] : [[name, layout]]
    }),
  )
}

function fingerprint(layout: string): string {
  return createHash('sha256').update(layout).digest('hex').slice(0, 16)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isPlace = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 24

const isIncarnation = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 2 ** 48

function isLayout(value: unknown): value is StructLayout {
  if (!isObject(value) || !isPlace(value.size) || !Array.isArray(value.fields)) return false
  const { size } = value
  return value.fields.every(
    (field: unknown) =>
      Array.isArray(field) &&
      typeof field[0] === 'string' &&
      isPlace(field[1]) &&
      isPlace(field[2]) &&
      field[1] + field[2] <= size,
  )
}

function isDescription(value: unknown): value is Description {
  return (
    isObject(value) &&
    isPlace(value.version) &&
    isObject(value.structs) &&
    Object.values(value.structs).every(isLayout) &&
    isObject(value.maps) &&
    Object.values(value.maps).every((one) => typeof one === 'string') &&
    (value.incarnation === undefined || isIncarnation(value.incarnation))
  )
}
