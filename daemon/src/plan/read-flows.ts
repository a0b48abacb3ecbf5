/** All recorded flows of a time, a page between other work. */

import type { StoredFlow } from '../record/flow-rows.js'
import type { FlowCursor } from '../record/flow-search.js'
import type { Store } from '../record/store.js'

/** A page holds the daemon up; a smaller one looks at the same index more often. */
const PAGE_FLOWS = 2_000

/**
 * Flows whose last packet lies in the time, oldest first. One that goes on meanwhile may be missed.
 * @param isWanted asked before every page: nobody waits for the rest once it says no
 */
export async function* readFlows(
  store: Pick<Store, 'flowsPage'>,
  time: { readonly sinceMs: number; readonly untilMs: number },
  isWanted: () => boolean,
): AsyncGenerator<readonly StoredFlow[]> {
  for (let cursor: FlowCursor | undefined; isWanted(); ) {
    const page = store.flowsPage(time, cursor, PAGE_FLOWS)
    yield page.rows
    if (page.next === undefined) return
    cursor = page.next
    await new Promise((resolve) => setImmediate(resolve))
  }
}
