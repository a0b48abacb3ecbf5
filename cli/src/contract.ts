/** The public contract of the daemon as idsctl reads it: int64 as number, enums by name, fields in camelCase. */

import type { AddAllowRequest } from '../../daemon/src/publish/generated/idsd/v1/AddAllowRequest.js'
import type { AddAllowResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/AddAllowResponse.js'
import type { Alert__Output } from '../../daemon/src/publish/generated/idsd/v1/Alert.js'
import type { AlertEvent__Output } from '../../daemon/src/publish/generated/idsd/v1/AlertEvent.js'
import type { AllowEntry__Output } from '../../daemon/src/publish/generated/idsd/v1/AllowEntry.js'
import type { ApplyChange__Output } from '../../daemon/src/publish/generated/idsd/v1/ApplyChange.js'
import type { ApplyPlan__Output } from '../../daemon/src/publish/generated/idsd/v1/ApplyPlan.js'
import type { ApplyRequest } from '../../daemon/src/publish/generated/idsd/v1/ApplyRequest.js'
import type { ApplyResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ApplyResponse.js'
import type { AuditRow__Output } from '../../daemon/src/publish/generated/idsd/v1/AuditRow.js'
import type { BlockPlan__Output } from '../../daemon/src/publish/generated/idsd/v1/BlockPlan.js'
import type { BlockRequest } from '../../daemon/src/publish/generated/idsd/v1/BlockRequest.js'
import type { BlockResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/BlockResponse.js'
import type { Breaker__Output } from '../../daemon/src/publish/generated/idsd/v1/Breaker.js'
import type { Calibration__Output } from '../../daemon/src/publish/generated/idsd/v1/Calibration.js'
import type { CalibrationChange__Output } from '../../daemon/src/publish/generated/idsd/v1/CalibrationChange.js'
import type { CalibrationRequest } from '../../daemon/src/publish/generated/idsd/v1/CalibrationRequest.js'
import type { CheckAllowRequest } from '../../daemon/src/publish/generated/idsd/v1/CheckAllowRequest.js'
import type { CheckAllowResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/CheckAllowResponse.js'
import type { Decision__Output } from '../../daemon/src/publish/generated/idsd/v1/Decision.js'
import type { DecisionEvent__Output } from '../../daemon/src/publish/generated/idsd/v1/DecisionEvent.js'
import type { EndTrialRequest } from '../../daemon/src/publish/generated/idsd/v1/EndTrialRequest.js'
import type { EndTrialResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/EndTrialResponse.js'
import type { Evidence__Output } from '../../daemon/src/publish/generated/idsd/v1/Evidence.js'
import type { ExportFlowsPage__Output } from '../../daemon/src/publish/generated/idsd/v1/ExportFlowsPage.js'
import type { ExportFlowsRequest } from '../../daemon/src/publish/generated/idsd/v1/ExportFlowsRequest.js'
import type { ExportListPage__Output } from '../../daemon/src/publish/generated/idsd/v1/ExportListPage.js'
import type { Filter } from '../../daemon/src/publish/generated/idsd/v1/Filter.js'
import type { FlowEvent__Output } from '../../daemon/src/publish/generated/idsd/v1/FlowEvent.js'
import type { FlowRecord__Output } from '../../daemon/src/publish/generated/idsd/v1/FlowRecord.js'
import type { GetCalibrationRequest } from '../../daemon/src/publish/generated/idsd/v1/GetCalibrationRequest.js'
import type { GetTopRequest } from '../../daemon/src/publish/generated/idsd/v1/GetTopRequest.js'
import type { ImportedList__Output } from '../../daemon/src/publish/generated/idsd/v1/ImportedList.js'
import type { ImportListHeader } from '../../daemon/src/publish/generated/idsd/v1/ImportListHeader.js'
import type { ImportListRequest } from '../../daemon/src/publish/generated/idsd/v1/ImportListRequest.js'
import type { ImportListResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ImportListResponse.js'
import type { KernelMatch__Output } from '../../daemon/src/publish/generated/idsd/v1/KernelMatch.js'
import type { Limit__Output } from '../../daemon/src/publish/generated/idsd/v1/Limit.js'
import type { ListAlertsResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListAlertsResponse.js'
import type { ListAllowResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListAllowResponse.js'
import type { ListAuditResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListAuditResponse.js'
import type { ListDecisionsRequest } from '../../daemon/src/publish/generated/idsd/v1/ListDecisionsRequest.js'
import type { ListDecisionsResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListDecisionsResponse.js'
import type { ListFlowsResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListFlowsResponse.js'
import type { ListListsResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ListListsResponse.js'
import type { ModePlan__Output } from '../../daemon/src/publish/generated/idsd/v1/ModePlan.js'
import type { Panic__Output } from '../../daemon/src/publish/generated/idsd/v1/Panic.js'
import type { PlanApplyRequest } from '../../daemon/src/publish/generated/idsd/v1/PlanApplyRequest.js'
import type { PlanBlockRequest } from '../../daemon/src/publish/generated/idsd/v1/PlanBlockRequest.js'
import type { PlanModeRequest } from '../../daemon/src/publish/generated/idsd/v1/PlanModeRequest.js'
import type { PlannedTraffic__Output } from '../../daemon/src/publish/generated/idsd/v1/PlannedTraffic.js'
import type { RemoveAllowRequest } from '../../daemon/src/publish/generated/idsd/v1/RemoveAllowRequest.js'
import type { RemoveAllowResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/RemoveAllowResponse.js'
import type { RemoveListRequest } from '../../daemon/src/publish/generated/idsd/v1/RemoveListRequest.js'
import type { RemoveListResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/RemoveListResponse.js'
import type { ResumeOriginRequest } from '../../daemon/src/publish/generated/idsd/v1/ResumeOriginRequest.js'
import type { ResumeOriginResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/ResumeOriginResponse.js'
import type { ScheduledImport__Output } from '../../daemon/src/publish/generated/idsd/v1/ScheduledImport.js'
import type { SetModeRequest } from '../../daemon/src/publish/generated/idsd/v1/SetModeRequest.js'
import type { SetModeResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/SetModeResponse.js'
import type { SetPanicRequest } from '../../daemon/src/publish/generated/idsd/v1/SetPanicRequest.js'
import type { SetPanicResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/SetPanicResponse.js'
import type { Status__Output } from '../../daemon/src/publish/generated/idsd/v1/Status.js'
import type { Top__Output } from '../../daemon/src/publish/generated/idsd/v1/Top.js'
import type { Trial__Output } from '../../daemon/src/publish/generated/idsd/v1/Trial.js'
import type { UnblockRequest } from '../../daemon/src/publish/generated/idsd/v1/UnblockRequest.js'
import type { UnblockResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/UnblockResponse.js'
import type { WhyRequest } from '../../daemon/src/publish/generated/idsd/v1/WhyRequest.js'
import type { WhyResponse__Output } from '../../daemon/src/publish/generated/idsd/v1/WhyResponse.js'
import type * as proto from '../../daemon/src/publish/generated/idsd.js'

export type ProtoGrpcType = proto.ProtoGrpcType
export type Alert = Alert__Output
export type AlertEvent = AlertEvent__Output
export type AllowEntry = AllowEntry__Output
export type Decision = Decision__Output
export type Limit = Limit__Output
export type DecisionEvent = DecisionEvent__Output
export type Evidence = Evidence__Output
export type ExportFlowsPage = ExportFlowsPage__Output
export type FlowEvent = FlowEvent__Output
export type FlowRecord = FlowRecord__Output
export type ModeChange = SetModeResponse__Output
export type Panic = Panic__Output
export type Trial = Trial__Output
export type ApplyChange = ApplyChange__Output
export type ApplyPlan = ApplyPlan__Output
export type Applied = ApplyResponse__Output
export type Breaker = Breaker__Output
export type Status = Status__Output
export type Top = Top__Output
export type AllowCheck = CheckAllowResponse__Output
export type Why = WhyResponse__Output
/** An entry of the kernel's maps; enums as the contract names them, or their words. */
export type WhyEntry = Omit<KernelMatch__Output, 'action' | 'origin'> & {
  readonly action: string
  readonly origin: string
}
export type AuditRow = AuditRow__Output
export type BlockPlan = BlockPlan__Output
export type ModePlan = ModePlan__Output
export type PlannedTraffic = PlannedTraffic__Output
export type Calibration = Calibration__Output
export type CalibrationChange = CalibrationChange__Output
export type ImportedList = ImportedList__Output
export type ScheduledImport = ScheduledImport__Output
export type ImportListAnswer = ImportListResponse__Output
export type { Filter, ImportListHeader, ImportListRequest }

/** Calls with one answer: request and response. */
export interface UnaryCalls {
  getStatus: [Record<string, never>, Status]
  getTop: [GetTopRequest, Top]
  listFlows: [{ filter: Filter }, ListFlowsResponse__Output]
  block: [BlockRequest, BlockResponse__Output]
  unblock: [UnblockRequest, UnblockResponse__Output]
  listDecisions: [ListDecisionsRequest, ListDecisionsResponse__Output]
  getDecision: [{ id: string }, Decision]
  listAlerts: [{ filter: Filter }, ListAlertsResponse__Output]
  getAlert: [{ id: string }, Alert]
  setMode: [SetModeRequest, ModeChange]
  setPanic: [SetPanicRequest, SetPanicResponse__Output]
  resumeOrigin: [ResumeOriginRequest, ResumeOriginResponse__Output]
  confirm: [EndTrialRequest, EndTrialResponse__Output]
  rollback: [EndTrialRequest, EndTrialResponse__Output]
  apply: [ApplyRequest, Applied]
  planApply: [PlanApplyRequest, ApplyPlan]
  addAllow: [AddAllowRequest, AddAllowResponse__Output]
  removeAllow: [RemoveAllowRequest, RemoveAllowResponse__Output]
  listAllow: [Record<string, never>, ListAllowResponse__Output]
  checkAllow: [CheckAllowRequest, AllowCheck]
  listAudit: [{ filter: Filter }, ListAuditResponse__Output]
  planBlock: [PlanBlockRequest, BlockPlan]
  planMode: [PlanModeRequest, ModePlan]
  why: [WhyRequest, Why]
  listLists: [Record<string, never>, ListListsResponse__Output]
  removeList: [RemoveListRequest, RemoveListResponse__Output]
  getCalibration: [GetCalibrationRequest, Calibration]
  startCalibration: [CalibrationRequest, CalibrationChange]
  applyCalibration: [CalibrationRequest, CalibrationChange]
  cancelCalibration: [CalibrationRequest, CalibrationChange]
  clearCalibration: [CalibrationRequest, CalibrationChange]
}

/** Calls that take a stream and give one answer. */
export interface UploadCalls {
  importList: [ImportListRequest, ImportListAnswer]
  planImport: [ImportListRequest, BlockPlan]
}

/** Calls that go on until the reader ends them: request and event. */
export interface WatchCalls {
  watchFlows: [{ filter: Filter }, FlowEvent]
  watchDecisions: [{ filter: Filter }, DecisionEvent]
  watchAlerts: [{ filter: Filter }, AlertEvent]
}

/** Calls that stream: request and message. */
export interface StreamCalls extends WatchCalls {
  exportFlows: [ExportFlowsRequest, ExportFlowsPage]
  exportList: [{ name: string }, ExportListPage__Output]
}
