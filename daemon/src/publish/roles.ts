/** Who may ask for what: one table of all requests, and what makes somebody a reader or an operator. */

import type { AuditAction } from '../control/audit-row.js'
import type { Role } from '../control/caller.js'

/** What a request needs. One that changes something has a name in the audit. */
export type MethodRule =
  | { readonly role: 'reader' }
  | { readonly role: 'operator'; readonly audit: AuditAction | ((request: object) => AuditAction) }

const reads: MethodRule = { role: 'reader' }
const changes = (audit: AuditAction | ((request: object) => AuditAction)): MethodRule => ({
  role: 'operator',
  audit,
})

/** Every request of the contract. One that is missing here needs an operator. */
export const METHOD_RULES: Readonly<Record<string, MethodRule>> = {
  GetStatus: reads,
  GetTop: reads,
  ListFlows: reads,
  WatchFlows: reads,
  ExportFlows: reads,
  ListDecisions: reads,
  GetDecision: reads,
  WatchDecisions: reads,
  ListAlerts: reads,
  GetAlert: reads,
  WatchAlerts: reads,
  ListAllow: reads,
  CheckAllow: reads,
  Why: reads,
  ListAudit: reads,
  PlanBlock: reads,
  PlanMode: reads,
  PlanApply: reads,
  PlanImport: reads,
  ListLists: reads,
  ExportList: reads,
  GetCalibration: reads,
  Block: changes('block'),
  Unblock: changes('unblock'),
  AddAllow: changes('allow_add'),
  RemoveAllow: changes('allow_remove'),
  SetMode: changes('mode'),
  SetPanic: changes((request) => ((request as { on?: boolean }).on === true ? 'panic' : 'resume')),
  ResumeOrigin: changes('breaker_reset'),
  Confirm: changes('confirm'),
  Rollback: changes('rollback'),
  Apply: changes('apply'),
  ImportList: changes('list_import'),
  RemoveList: changes('list_remove'),
  StartCalibration: changes('calibrate_start'),
  ApplyCalibration: changes('calibrate_apply'),
  CancelCalibration: changes('calibrate_cancel'),
  ClearCalibration: changes('calibrate_clear'),
}

/** Who is admitted over the socket, by numbers; undefined where there is no such group or user. */
export interface Admission {
  readonly operatorGid?: number | undefined
  readonly readerGid?: number | undefined
  /** Who started the daemon through sudo. */
  readonly admitUid?: number | undefined
}

/** User and groups at the other end of a unix socket. */
export interface Peer {
  readonly uid: number
  readonly groups: readonly number[]
}

/** Root, who started idsd through sudo, and the operators' group do everything; the readers' group looks. */
export function roleOfPeer({ uid, groups }: Peer, { operatorGid, readerGid, admitUid }: Admission): Role {
  if (uid === 0 || uid === admitUid) return 'operator'
  if (operatorGid !== undefined && groups.includes(operatorGid)) return 'operator'
  return readerGid !== undefined && groups.includes(readerGid) ? 'reader' : 'none'
}

/** By the organizational unit of a client certificate: without one that says `operator` it only reads. */
export function roleOfUnit(unit: unknown): Role {
  const units: readonly unknown[] = Array.isArray(unit) ? unit : [unit]
  return units.includes('operator') ? 'operator' : 'reader'
}

/** Whether a role is enough. */
export function mayCall(role: Role, method: string): boolean {
  return role === 'operator' || (role === 'reader' && METHOD_RULES[method]?.role === 'reader')
}
