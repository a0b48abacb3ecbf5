/** Runs them all; the first fault is thrown when the last is done. */
export function tryAll<T>(items: Iterable<T>, work: (item: T) => void): void {
  const faults: unknown[] = []
  for (const item of items) {
    try {
      work(item)
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 0) throw faults[0]
}
