/** Flow ids that have had their say, the oldest forgotten first. */

export interface RecentIds {
  has(id: number): boolean
  add(id: number): void
}

/** @param capacity ids kept */
export function createRecentIds(capacity: number): RecentIds {
  const ids = new Set<number>()
  /** In the order of their coming, in a circle. */
  const order: number[] = []
  let next = 0
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      if (ids.has(id)) return
      ids.add(id)
      if (order.length < capacity) {
        order.push(id)
        return
      }
      ids.delete(order[next]!)
      order[next] = id
      next = (next + 1) % capacity
    },
  }
}
