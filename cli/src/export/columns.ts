/** The columns of an exported flow: name, kind of value, and how it is read from the contract's record. */

import type { FlowRecord } from '../contract.js'

/** `moment`: microseconds since 1970. `list`: words with blanks between them. */
export type ColumnKind = 'text' | 'count' | 'number' | 'flag' | 'moment' | 'list'

export interface ExportColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** Undefined where there is none, e.g. the score of a flow that was not scored. */
  readonly value: (flow: FlowRecord) => string | number | boolean | undefined
}

function column(kind: ColumnKind, name: string, value: ExportColumn['value']): ExportColumn {
  return { name, kind, value }
}

/** The same names as in `idsd.flow.v1`. */
export const flowColumns: readonly ExportColumn[] = [
  column('text', 'id', ({ id }) => id),
  column('count', 'seq', ({ seq }) => seq),
  column('text', 'kind', ({ kind }) => kind),
  column('text', 'interface', (flow) => flow.interface),
  column('count', 'protocol', ({ protocol }) => protocol),
  column('text', 'src', ({ src }) => src),
  column('count', 'src_port', ({ srcPort }) => srcPort),
  column('text', 'dst', ({ dst }) => dst),
  column('count', 'dst_port', ({ dstPort }) => dstPort),
  column('moment', 'start', ({ startUs }) => startUs),
  column('moment', 'last', ({ lastUs }) => lastUs),
  column('count', 'duration_us', ({ durationUs }) => durationUs),
  column('count', 'packets_fwd', ({ packetsFwd }) => packetsFwd),
  column('count', 'packets_bwd', ({ packetsBwd }) => packetsBwd),
  column('count', 'bytes_fwd', ({ bytesFwd }) => bytesFwd),
  column('count', 'bytes_bwd', ({ bytesBwd }) => bytesBwd),
  column('text', 'tcp_state', ({ tcpState }) => tcpState),
  column('flag', 'path_proven', ({ pathProven }) => pathProven),
  column('text', 'end_reason', ({ endReason }) => (endReason === '' ? undefined : endReason)),
  column('number', 'score', ({ score }) => score),
  column('list', 'detectors', ({ reasons }) => (reasons.length === 0 ? undefined : reasons.join(' '))),
  column('text', 'community_id', ({ communityId }) => (communityId === '' ? undefined : communityId)),
  column('flag', 'first_backward', ({ firstBackward }) => firstBackward),
  column('flag', 'first_ingress', ({ firstIngress }) => firstIngress),
  column('flag', 'is_continuation', ({ isContinuation }) => isContinuation),
  column('count', 'syn_count', ({ synCount }) => synCount),
  column('count', 'fin_count', ({ finCount }) => finCount),
  column('count', 'rst_count', ({ rstCount }) => rstCount),
]
