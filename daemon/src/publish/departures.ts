/** Makes room in a map that grew too large. */

/**
 * Each call takes out the entry that was put in first. One iterator serves all calls: one made anew would walk over all
 * that was deleted before it, each time.
 * @param map entries leave it in any order and are put in behind all others, as a Map does
 */
export function createDepartures<Key>(map: Map<Key, unknown>): () => void {
  let keys = map.keys()
  return () => {
    let { value, done } = keys.next()
    if (done === true) {
      keys = map.keys()
      ;({ value, done } = keys.next())
    }
    if (done !== true) map.delete(value as Key)
  }
}
