/** The block stage of loaded programs with imported lists, emptied after each test. */

import { after, afterEach, before } from 'node:test'
import { type ListMaps, type LoadedList, openListMaps } from '../src/kernel/list-maps.js'
import { addressRange } from '../src/policy/address.js'
import { target, useBlockStage } from './block-stage.js'

/** Both ends of a target or of `a-b`. */
function ends(text: string): { family: 4 | 6; first: Uint8Array; last: Uint8Array } {
  const [from = '', to = from] = text.split('-')
  const [a, b] = [target(from), target(to)]
  return { family: a.family, first: addressRange(a).first, last: addressRange(b).last }
}

/** A list as the kernel takes it. @param texts addresses, prefixes, ranges `a-b` */
export function listOf(
  number: number,
  texts: readonly string[],
  rest: Partial<Pick<LoadedList, 'action' | 'limit' | 'expiresBootUs'>> = {},
): LoadedList {
  const all = texts.map(ends)
  const numbers = ({ first, last }: { first: Uint8Array; last: Uint8Array }) =>
    [first, last].map((bytes) => new DataView(bytes.buffer).getUint32(12))
  return {
    number,
    action: 'drop',
    expiresBootUs: 0,
    ranges4: Uint32Array.from(all.filter(({ family }) => family === 4).flatMap(numbers)),
    ranges6: Uint8Array.from(
      all.filter(({ family }) => family === 6).flatMap(({ first, last }) => [...first, ...last]),
    ),
    ...rest,
  }
}

/** To be called in a `describe`. */
export function useListStage() {
  const stage = useBlockStage()
  let lists: ListMaps

  before(() => {
    lists = openListMaps(stage.programs)
  })
  after(() => lists.close())
  afterEach(async () => {
    await lists.endTrial()
    await lists.load('confirmed', [])
    for (const number of lists.hits().keys()) lists.forget(number)
  })

  return {
    stage,
    get lists() {
      return lists
    },
  }
}
