/**
 * A map that knows which entry was used least recently. A Map alone knows it too, but walks over what was deleted before
 * it finds the first entry: with tens of thousands that come and go, each look would cost as much as thousands of them.
 */

export interface RecentMap<Key, Value> {
  /** Without making it the most recent. */
  get(key: Key): Value | undefined
  /** The value, made the most recent. */
  touch(key: Key): Value | undefined
  /** Adds or replaces; it becomes the most recent. Where there is no room for it the least recent one leaves. */
  set(key: Key, value: Value): void
  /** Takes the place of an entry that is there, which stays where it is. */
  replace(key: Key, value: Value): void
  delete(key: Key): boolean
  /** The least recent one. */
  oldest(): Value | undefined
  /** Takes out the least recent one. */
  dropOldest(): Value | undefined
  clear(): void
  /** From the least recent; an entry may be taken out while it is its turn. */
  values(): Generator<Value>
  entries(): Generator<readonly [Key, Value]>
  readonly size: number
  /** Entries that left to make room. */
  readonly evicted: number
}

interface Node<Key, Value> {
  readonly key: Key
  value: Value
  older: Node<Key, Value> | undefined
  newer: Node<Key, Value> | undefined
}

/** @param capacity entries, at least 1. Default: no bound */
export function createRecentMap<Key, Value>(capacity = Number.POSITIVE_INFINITY): RecentMap<Key, Value> {
  const nodes = new Map<Key, Node<Key, Value>>()
  let oldest: Node<Key, Value> | undefined
  let newest: Node<Key, Value> | undefined
  let evicted = 0

  function unlink(node: Node<Key, Value>): void {
    if (node.older === undefined) oldest = node.newer
    else node.older.newer = node.newer
    if (node.newer === undefined) newest = node.older
    else node.newer.older = node.older
  }

  function link(node: Node<Key, Value>): void {
    node.older = newest
    node.newer = undefined
    if (newest === undefined) oldest = node
    else newest.newer = node
    newest = node
  }

  function remove(node: Node<Key, Value>): void {
    nodes.delete(node.key)
    unlink(node)
  }

  function* each(): Generator<Node<Key, Value>> {
    for (let node = oldest; node !== undefined; ) {
      const next = node.newer
      yield node
      node = next
    }
  }

  return {
    get: (key) => nodes.get(key)?.value,
    touch: (key) => {
      const node = nodes.get(key)
      if (node === undefined) return undefined
      if (node !== newest) {
        unlink(node)
        link(node)
      }
      return node.value
    },
    set: (key, value) => {
      const known = nodes.get(key)
      if (known !== undefined) {
        known.value = value
        unlink(known)
        link(known)
        return
      }
      if (nodes.size >= capacity && oldest !== undefined) {
        remove(oldest)
        evicted++
      }
      const node = { key, value, older: undefined, newer: undefined }
      nodes.set(key, node)
      link(node)
    },
    replace: (key, value) => {
      const node = nodes.get(key)
      if (node !== undefined) node.value = value
    },
    delete: (key) => {
      const node = nodes.get(key)
      if (node !== undefined) remove(node)
      return node !== undefined
    },
    oldest: () => oldest?.value,
    dropOldest: () => {
      if (oldest === undefined) return undefined
      const { value } = oldest
      remove(oldest)
      return value
    },
    clear: () => {
      nodes.clear()
      oldest = undefined
      newest = undefined
    },
    *values() {
      for (const { value } of each()) yield value
    },
    *entries() {
      for (const { key, value } of each()) yield [key, value] as const
    },
    get size() {
      return nodes.size
    },
    get evicted() {
      return evicted
    },
  }
}
