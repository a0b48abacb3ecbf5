/** What an earlier idsd left pinned for one interface: maps that go on, and maps of another layout to be read out. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { KernelError } from '../errors.js'
import type { Binding, MapDescription, MapInfo } from './binding.js'
import { kernelCall } from './binding.js'
import { type Description, describeTypes, haveSameRecords, readDescription } from './description.js'
import { type MapFate, mapFates } from './map-fates.js'

export interface Earlier {
  readonly folder: string
  /** How its maps are laid out; undefined where nothing tells: then nothing goes on, and nothing can be read. */
  readonly description: Description | undefined
  /** A pinned map; undefined where there is none of this name. */
  fd(map: string): number | undefined
  info(map: string): MapInfo | undefined
  close(): void
}

/**
 * @param known descriptions by the number of the flow table, noted while the kernel still told them: it tells root alone
 * @returns undefined where the folder holds no pinned maps of an idsd
 */
export function openEarlier(
  binding: Binding,
  folder: string,
  known: ReadonlyMap<number, Description> = new Map(),
): Earlier | undefined {
  if (!existsSync(folder)) return undefined
  const open = new Map<string, { fd: number; info: MapInfo } | undefined>()
  const pinned = (map: string) => {
    if (!open.has(map)) open.set(map, openMap(binding, join(folder, map)))
    return open.get(map)
  }
  const earlier: Earlier = {
    folder,
    description: undefined,
    fd: (map) => pinned(map)?.fd,
    info: (map) => pinned(map)?.info,
    close() {
      for (const map of open.values()) if (map !== undefined) binding.closeFd(map.fd)
      open.clear()
    },
  }
  if (pinned('settings') === undefined && pinned('flows') === undefined) {
    earlier.close()
    return undefined
  }
  const description = descriptionOf(binding, earlier) ?? known.get(earlier.info('flows')?.id ?? 0)
  return { ...earlier, description }
}

/** What is no map, or cannot be opened, is not there. */
function openMap(binding: Binding, pin: string): { fd: number; info: MapInfo } | undefined {
  let fd: number | undefined
  try {
    fd = kernelCall(() => binding.openPinned(pin))
    return fd === undefined ? undefined : { fd, info: kernelCall(() => binding.mapInfo(fd as number)) }
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    if (fd !== undefined) binding.closeFd(fd)
    return undefined
  }
}

function descriptionOf(binding: Binding, earlier: Earlier): Description | undefined {
  try {
    const own = earlier.fd('described')
    const found = own === undefined ? undefined : readDescription(kernelCall(() => binding.mapMemory(own)))
    if (found !== undefined) return found
    const flows = earlier.fd('flows')
    const types = flows === undefined ? undefined : kernelCall(() => binding.mapTypes(flows))
    return types === undefined ? undefined : describeTypes(types)
  } catch (error) {
    // EPERM without CAP_SYS_ADMIN, EINVAL where a map of this name is another's.
    if (error instanceof KernelError) return undefined
    throw error
  }
}

/**
 * Which maps go on: those of the same size and layout, with the company that their fate asks for.
 * @param maps of the object to be loaded, with their sizes set
 * @returns their descriptors by name
 */
export function goingOn(
  earlier: Earlier | undefined,
  maps: readonly MapDescription[],
  description: Description,
): Map<string, number> {
  const before = earlier?.description
  const found = new Map<string, number>()
  if (earlier === undefined || before === undefined || before.version !== description.version) return found
  for (const map of maps) {
    const fd = earlier.fd(map.name)
    const info = earlier.info(map.name)
    if (mapFates[map.name] === undefined || fd === undefined || info === undefined) continue
    const isSame =
      (['type', 'keySize', 'valueSize', 'maxEntries', 'flags'] as const).every(
        (key) => info[key] === map[key],
      ) && before.maps[map.name] === description.maps[map.name]
    if (isSame) found.set(map.name, fd)
  }
  const dropUnless = (fate: MapFate, isFit: boolean) => {
    const group = Object.keys(mapFates).filter((name) => mapFates[name] === fate)
    if (isFit && group.every((name) => found.has(name))) return
    for (const name of group) found.delete(name)
  }
  dropUnless('flows', true)
  dropUnless('ring', haveSameRecords(before, description))
  return found
}
