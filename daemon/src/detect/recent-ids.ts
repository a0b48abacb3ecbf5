/** Flow ids that have had their say, the oldest forgotten first. */

export interface RecentIds {
  has(id: number): boolean
  add(id: number): void
}

/** @param capacity ids kept */
export function createRecentIds(capacity: number): RecentIds {
  const ids = new Set<number>()
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      ids.add(id)
      if (ids.size > capacity) ids.delete(ids.values().next().value!)
    },
  }
}
