/** What publish asks of the store: its filter in the store's words, and all flows that match, a page at a time. */

import { severities } from './detect/evidence.js'
import { featureColumns } from './features/columns.js'
import type { Filter, FlowExport } from './publish/view.js'
import type { RecordFilter } from './record/filter.js'
import type { FlowCursor } from './record/flow-search.js'
import type { Store } from './record/store.js'

/** Flows of one page. */
const PAGE_FLOWS = 1_000
const featureNames = featureColumns.map(({ name }) => name)

/** @param threshold score that makes a hit, in [0, 1]: from there on a flow stands out */
export function asRecordFilter(
  { isAnomalous, minScore, detector, minSeverity, ...rest }: Filter,
  threshold: number,
): RecordFilter {
  return {
    ...rest,
    minScore: minScore === 0 ? undefined : minScore,
    anomalousFrom: isAnomalous ? threshold : undefined,
    detectors: detector === undefined ? undefined : [detector],
    severities: minSeverity === undefined ? undefined : severities.slice(severities.indexOf(minSeverity)),
  }
}

/** Features stand under the names that this idsd computes, whatever was stored; what is not known is NaN. */
export function exportFlows(
  store: Pick<Store, 'flowsPage' | 'features'>,
  filter: RecordFilter,
  hasFeatures: boolean,
): FlowExport {
  const features = (flowId: number): number[] | undefined => {
    const stored = hasFeatures ? store.features(flowId) : undefined
    if (stored === undefined) return undefined
    const byName = new Map(stored.names.map((name, i) => [name, stored.values[i] as number]))
    return featureNames.map((name) => byName.get(name) ?? Number.NaN)
  }
  let cursor: FlowCursor | undefined
  let isOver = false
  return {
    featureNames: hasFeatures ? featureNames : [],
    next: () => {
      if (isOver) return undefined
      const page = store.flowsPage(filter, cursor, PAGE_FLOWS)
      cursor = page.next
      isOver = cursor === undefined
      return page.rows.map((row) => ({ ...row, features: features(row.flow.id) }))
    },
  }
}
