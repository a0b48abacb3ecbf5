/** A map of bounded size from which the least recently set entry leaves. Pure. */

export interface RecentMap<Value> {
  get(key: string): Value | undefined
  /** Puts an entry behind all others; when there is no room for a new one, the least recent leaves. */
  set(key: string, value: Value): void
  /** Takes the place of an entry that is there, which stays where it is. */
  replace(key: string, value: Value): void
  delete(key: string): void
  clear(): void
  /** The least recent first. Entries may be deleted meanwhile. */
  entries(): Iterable<readonly [string, Value]>
  readonly size: number
  /** Entries that left to make room. */
  readonly evicted: number
}

/** @param capacity entries, at least 1 */
export function createRecentMap<Value>(capacity: number): RecentMap<Value> {
  const map = new Map<string, Value>()
  // One iterator for all departures: one made anew would walk over all that was deleted before it, each time.
  let departures = map.keys()
  let evicted = 0

  function evict(): void {
    let { value, done } = departures.next()
    if (done === true) {
      departures = map.keys()
      value = departures.next().value
    }
    map.delete(value as string)
    evicted++
  }

  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      if (!map.delete(key) && map.size >= capacity) evict()
      map.set(key, value)
    },
    replace: (key, value) => {
      if (map.has(key)) map.set(key, value)
    },
    delete: (key) => void map.delete(key),
    clear: () => {
      map.clear()
      departures = map.keys()
    },
    entries: () => map.entries(),
    get size() {
      return map.size
    },
    get evicted() {
      return evicted
    },
  }
}
