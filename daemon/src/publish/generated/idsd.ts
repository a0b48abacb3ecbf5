import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AddAllowRequest as _idsd_v1_AddAllowRequest, AddAllowRequest__Output as _idsd_v1_AddAllowRequest__Output } from './idsd/v1/AddAllowRequest.js';
import type { AddAllowResponse as _idsd_v1_AddAllowResponse, AddAllowResponse__Output as _idsd_v1_AddAllowResponse__Output } from './idsd/v1/AddAllowResponse.js';
import type { Alert as _idsd_v1_Alert, Alert__Output as _idsd_v1_Alert__Output } from './idsd/v1/Alert.js';
import type { AlertEvent as _idsd_v1_AlertEvent, AlertEvent__Output as _idsd_v1_AlertEvent__Output } from './idsd/v1/AlertEvent.js';
import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from './idsd/v1/AllowEntry.js';
import type { AllowLink as _idsd_v1_AllowLink, AllowLink__Output as _idsd_v1_AllowLink__Output } from './idsd/v1/AllowLink.js';
import type { ApplyChange as _idsd_v1_ApplyChange, ApplyChange__Output as _idsd_v1_ApplyChange__Output } from './idsd/v1/ApplyChange.js';
import type { ApplyPlan as _idsd_v1_ApplyPlan, ApplyPlan__Output as _idsd_v1_ApplyPlan__Output } from './idsd/v1/ApplyPlan.js';
import type { ApplyRequest as _idsd_v1_ApplyRequest, ApplyRequest__Output as _idsd_v1_ApplyRequest__Output } from './idsd/v1/ApplyRequest.js';
import type { ApplyResponse as _idsd_v1_ApplyResponse, ApplyResponse__Output as _idsd_v1_ApplyResponse__Output } from './idsd/v1/ApplyResponse.js';
import type { AuditRow as _idsd_v1_AuditRow, AuditRow__Output as _idsd_v1_AuditRow__Output } from './idsd/v1/AuditRow.js';
import type { BlockPlan as _idsd_v1_BlockPlan, BlockPlan__Output as _idsd_v1_BlockPlan__Output } from './idsd/v1/BlockPlan.js';
import type { BlockRequest as _idsd_v1_BlockRequest, BlockRequest__Output as _idsd_v1_BlockRequest__Output } from './idsd/v1/BlockRequest.js';
import type { BlockResponse as _idsd_v1_BlockResponse, BlockResponse__Output as _idsd_v1_BlockResponse__Output } from './idsd/v1/BlockResponse.js';
import type { Breaker as _idsd_v1_Breaker, Breaker__Output as _idsd_v1_Breaker__Output } from './idsd/v1/Breaker.js';
import type { Calibration as _idsd_v1_Calibration, Calibration__Output as _idsd_v1_Calibration__Output } from './idsd/v1/Calibration.js';
import type { CalibrationChange as _idsd_v1_CalibrationChange, CalibrationChange__Output as _idsd_v1_CalibrationChange__Output } from './idsd/v1/CalibrationChange.js';
import type { CalibrationProposal as _idsd_v1_CalibrationProposal, CalibrationProposal__Output as _idsd_v1_CalibrationProposal__Output } from './idsd/v1/CalibrationProposal.js';
import type { CalibrationRequest as _idsd_v1_CalibrationRequest, CalibrationRequest__Output as _idsd_v1_CalibrationRequest__Output } from './idsd/v1/CalibrationRequest.js';
import type { CalibrationRun as _idsd_v1_CalibrationRun, CalibrationRun__Output as _idsd_v1_CalibrationRun__Output } from './idsd/v1/CalibrationRun.js';
import type { CalibrationStatus as _idsd_v1_CalibrationStatus, CalibrationStatus__Output as _idsd_v1_CalibrationStatus__Output } from './idsd/v1/CalibrationStatus.js';
import type { CheckAllowRequest as _idsd_v1_CheckAllowRequest, CheckAllowRequest__Output as _idsd_v1_CheckAllowRequest__Output } from './idsd/v1/CheckAllowRequest.js';
import type { CheckAllowResponse as _idsd_v1_CheckAllowResponse, CheckAllowResponse__Output as _idsd_v1_CheckAllowResponse__Output } from './idsd/v1/CheckAllowResponse.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from './idsd/v1/Decision.js';
import type { DecisionEvent as _idsd_v1_DecisionEvent, DecisionEvent__Output as _idsd_v1_DecisionEvent__Output } from './idsd/v1/DecisionEvent.js';
import type { EndTrialRequest as _idsd_v1_EndTrialRequest, EndTrialRequest__Output as _idsd_v1_EndTrialRequest__Output } from './idsd/v1/EndTrialRequest.js';
import type { EndTrialResponse as _idsd_v1_EndTrialResponse, EndTrialResponse__Output as _idsd_v1_EndTrialResponse__Output } from './idsd/v1/EndTrialResponse.js';
import type { Evidence as _idsd_v1_Evidence, Evidence__Output as _idsd_v1_Evidence__Output } from './idsd/v1/Evidence.js';
import type { ExportFlowsPage as _idsd_v1_ExportFlowsPage, ExportFlowsPage__Output as _idsd_v1_ExportFlowsPage__Output } from './idsd/v1/ExportFlowsPage.js';
import type { ExportFlowsRequest as _idsd_v1_ExportFlowsRequest, ExportFlowsRequest__Output as _idsd_v1_ExportFlowsRequest__Output } from './idsd/v1/ExportFlowsRequest.js';
import type { ExportListPage as _idsd_v1_ExportListPage, ExportListPage__Output as _idsd_v1_ExportListPage__Output } from './idsd/v1/ExportListPage.js';
import type { ExportListRequest as _idsd_v1_ExportListRequest, ExportListRequest__Output as _idsd_v1_ExportListRequest__Output } from './idsd/v1/ExportListRequest.js';
import type { FeatureWeight as _idsd_v1_FeatureWeight, FeatureWeight__Output as _idsd_v1_FeatureWeight__Output } from './idsd/v1/FeatureWeight.js';
import type { Filter as _idsd_v1_Filter, Filter__Output as _idsd_v1_Filter__Output } from './idsd/v1/Filter.js';
import type { FlowEvent as _idsd_v1_FlowEvent, FlowEvent__Output as _idsd_v1_FlowEvent__Output } from './idsd/v1/FlowEvent.js';
import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from './idsd/v1/FlowRecord.js';
import type { GetAlertRequest as _idsd_v1_GetAlertRequest, GetAlertRequest__Output as _idsd_v1_GetAlertRequest__Output } from './idsd/v1/GetAlertRequest.js';
import type { GetCalibrationRequest as _idsd_v1_GetCalibrationRequest, GetCalibrationRequest__Output as _idsd_v1_GetCalibrationRequest__Output } from './idsd/v1/GetCalibrationRequest.js';
import type { GetDecisionRequest as _idsd_v1_GetDecisionRequest, GetDecisionRequest__Output as _idsd_v1_GetDecisionRequest__Output } from './idsd/v1/GetDecisionRequest.js';
import type { GetStatusRequest as _idsd_v1_GetStatusRequest, GetStatusRequest__Output as _idsd_v1_GetStatusRequest__Output } from './idsd/v1/GetStatusRequest.js';
import type { GetTopRequest as _idsd_v1_GetTopRequest, GetTopRequest__Output as _idsd_v1_GetTopRequest__Output } from './idsd/v1/GetTopRequest.js';
import type { IdsdClient as _idsd_v1_IdsdClient, IdsdDefinition as _idsd_v1_IdsdDefinition } from './idsd/v1/Idsd.js';
import type { ImportListHeader as _idsd_v1_ImportListHeader, ImportListHeader__Output as _idsd_v1_ImportListHeader__Output } from './idsd/v1/ImportListHeader.js';
import type { ImportListRequest as _idsd_v1_ImportListRequest, ImportListRequest__Output as _idsd_v1_ImportListRequest__Output } from './idsd/v1/ImportListRequest.js';
import type { ImportListResponse as _idsd_v1_ImportListResponse, ImportListResponse__Output as _idsd_v1_ImportListResponse__Output } from './idsd/v1/ImportListResponse.js';
import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from './idsd/v1/ImportedList.js';
import type { InterfaceStatus as _idsd_v1_InterfaceStatus, InterfaceStatus__Output as _idsd_v1_InterfaceStatus__Output } from './idsd/v1/InterfaceStatus.js';
import type { KernelMatch as _idsd_v1_KernelMatch, KernelMatch__Output as _idsd_v1_KernelMatch__Output } from './idsd/v1/KernelMatch.js';
import type { LadderCounters as _idsd_v1_LadderCounters, LadderCounters__Output as _idsd_v1_LadderCounters__Output } from './idsd/v1/LadderCounters.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from './idsd/v1/Limit.js';
import type { ListAlertsRequest as _idsd_v1_ListAlertsRequest, ListAlertsRequest__Output as _idsd_v1_ListAlertsRequest__Output } from './idsd/v1/ListAlertsRequest.js';
import type { ListAlertsResponse as _idsd_v1_ListAlertsResponse, ListAlertsResponse__Output as _idsd_v1_ListAlertsResponse__Output } from './idsd/v1/ListAlertsResponse.js';
import type { ListAllowRequest as _idsd_v1_ListAllowRequest, ListAllowRequest__Output as _idsd_v1_ListAllowRequest__Output } from './idsd/v1/ListAllowRequest.js';
import type { ListAllowResponse as _idsd_v1_ListAllowResponse, ListAllowResponse__Output as _idsd_v1_ListAllowResponse__Output } from './idsd/v1/ListAllowResponse.js';
import type { ListAuditRequest as _idsd_v1_ListAuditRequest, ListAuditRequest__Output as _idsd_v1_ListAuditRequest__Output } from './idsd/v1/ListAuditRequest.js';
import type { ListAuditResponse as _idsd_v1_ListAuditResponse, ListAuditResponse__Output as _idsd_v1_ListAuditResponse__Output } from './idsd/v1/ListAuditResponse.js';
import type { ListDecisionsRequest as _idsd_v1_ListDecisionsRequest, ListDecisionsRequest__Output as _idsd_v1_ListDecisionsRequest__Output } from './idsd/v1/ListDecisionsRequest.js';
import type { ListDecisionsResponse as _idsd_v1_ListDecisionsResponse, ListDecisionsResponse__Output as _idsd_v1_ListDecisionsResponse__Output } from './idsd/v1/ListDecisionsResponse.js';
import type { ListFlowsRequest as _idsd_v1_ListFlowsRequest, ListFlowsRequest__Output as _idsd_v1_ListFlowsRequest__Output } from './idsd/v1/ListFlowsRequest.js';
import type { ListFlowsResponse as _idsd_v1_ListFlowsResponse, ListFlowsResponse__Output as _idsd_v1_ListFlowsResponse__Output } from './idsd/v1/ListFlowsResponse.js';
import type { ListHolding as _idsd_v1_ListHolding, ListHolding__Output as _idsd_v1_ListHolding__Output } from './idsd/v1/ListHolding.js';
import type { ListListsRequest as _idsd_v1_ListListsRequest, ListListsRequest__Output as _idsd_v1_ListListsRequest__Output } from './idsd/v1/ListListsRequest.js';
import type { ListListsResponse as _idsd_v1_ListListsResponse, ListListsResponse__Output as _idsd_v1_ListListsResponse__Output } from './idsd/v1/ListListsResponse.js';
import type { ListsStatus as _idsd_v1_ListsStatus, ListsStatus__Output as _idsd_v1_ListsStatus__Output } from './idsd/v1/ListsStatus.js';
import type { MapStatus as _idsd_v1_MapStatus, MapStatus__Output as _idsd_v1_MapStatus__Output } from './idsd/v1/MapStatus.js';
import type { ModePlan as _idsd_v1_ModePlan, ModePlan__Output as _idsd_v1_ModePlan__Output } from './idsd/v1/ModePlan.js';
import type { ModelReason as _idsd_v1_ModelReason, ModelReason__Output as _idsd_v1_ModelReason__Output } from './idsd/v1/ModelReason.js';
import type { ModelStatus as _idsd_v1_ModelStatus, ModelStatus__Output as _idsd_v1_ModelStatus__Output } from './idsd/v1/ModelStatus.js';
import type { Panic as _idsd_v1_Panic, Panic__Output as _idsd_v1_Panic__Output } from './idsd/v1/Panic.js';
import type { PlanApplyRequest as _idsd_v1_PlanApplyRequest, PlanApplyRequest__Output as _idsd_v1_PlanApplyRequest__Output } from './idsd/v1/PlanApplyRequest.js';
import type { PlanBlockRequest as _idsd_v1_PlanBlockRequest, PlanBlockRequest__Output as _idsd_v1_PlanBlockRequest__Output } from './idsd/v1/PlanBlockRequest.js';
import type { PlanModeRequest as _idsd_v1_PlanModeRequest, PlanModeRequest__Output as _idsd_v1_PlanModeRequest__Output } from './idsd/v1/PlanModeRequest.js';
import type { PlannedAddress as _idsd_v1_PlannedAddress, PlannedAddress__Output as _idsd_v1_PlannedAddress__Output } from './idsd/v1/PlannedAddress.js';
import type { PlannedAllow as _idsd_v1_PlannedAllow, PlannedAllow__Output as _idsd_v1_PlannedAllow__Output } from './idsd/v1/PlannedAllow.js';
import type { PlannedDecision as _idsd_v1_PlannedDecision, PlannedDecision__Output as _idsd_v1_PlannedDecision__Output } from './idsd/v1/PlannedDecision.js';
import type { PlannedList as _idsd_v1_PlannedList, PlannedList__Output as _idsd_v1_PlannedList__Output } from './idsd/v1/PlannedList.js';
import type { PlannedRefusal as _idsd_v1_PlannedRefusal, PlannedRefusal__Output as _idsd_v1_PlannedRefusal__Output } from './idsd/v1/PlannedRefusal.js';
import type { PlannedSource as _idsd_v1_PlannedSource, PlannedSource__Output as _idsd_v1_PlannedSource__Output } from './idsd/v1/PlannedSource.js';
import type { PlannedTraffic as _idsd_v1_PlannedTraffic, PlannedTraffic__Output as _idsd_v1_PlannedTraffic__Output } from './idsd/v1/PlannedTraffic.js';
import type { Privilege as _idsd_v1_Privilege, Privilege__Output as _idsd_v1_Privilege__Output } from './idsd/v1/Privilege.js';
import type { ProposedSource as _idsd_v1_ProposedSource, ProposedSource__Output as _idsd_v1_ProposedSource__Output } from './idsd/v1/ProposedSource.js';
import type { RefusedListEntry as _idsd_v1_RefusedListEntry, RefusedListEntry__Output as _idsd_v1_RefusedListEntry__Output } from './idsd/v1/RefusedListEntry.js';
import type { RemoveAllowRequest as _idsd_v1_RemoveAllowRequest, RemoveAllowRequest__Output as _idsd_v1_RemoveAllowRequest__Output } from './idsd/v1/RemoveAllowRequest.js';
import type { RemoveAllowResponse as _idsd_v1_RemoveAllowResponse, RemoveAllowResponse__Output as _idsd_v1_RemoveAllowResponse__Output } from './idsd/v1/RemoveAllowResponse.js';
import type { RemoveListRequest as _idsd_v1_RemoveListRequest, RemoveListRequest__Output as _idsd_v1_RemoveListRequest__Output } from './idsd/v1/RemoveListRequest.js';
import type { RemoveListResponse as _idsd_v1_RemoveListResponse, RemoveListResponse__Output as _idsd_v1_RemoveListResponse__Output } from './idsd/v1/RemoveListResponse.js';
import type { ResumeOriginRequest as _idsd_v1_ResumeOriginRequest, ResumeOriginRequest__Output as _idsd_v1_ResumeOriginRequest__Output } from './idsd/v1/ResumeOriginRequest.js';
import type { ResumeOriginResponse as _idsd_v1_ResumeOriginResponse, ResumeOriginResponse__Output as _idsd_v1_ResumeOriginResponse__Output } from './idsd/v1/ResumeOriginResponse.js';
import type { ScheduledImport as _idsd_v1_ScheduledImport, ScheduledImport__Output as _idsd_v1_ScheduledImport__Output } from './idsd/v1/ScheduledImport.js';
import type { SetModeRequest as _idsd_v1_SetModeRequest, SetModeRequest__Output as _idsd_v1_SetModeRequest__Output } from './idsd/v1/SetModeRequest.js';
import type { SetModeResponse as _idsd_v1_SetModeResponse, SetModeResponse__Output as _idsd_v1_SetModeResponse__Output } from './idsd/v1/SetModeResponse.js';
import type { SetPanicRequest as _idsd_v1_SetPanicRequest, SetPanicRequest__Output as _idsd_v1_SetPanicRequest__Output } from './idsd/v1/SetPanicRequest.js';
import type { SetPanicResponse as _idsd_v1_SetPanicResponse, SetPanicResponse__Output as _idsd_v1_SetPanicResponse__Output } from './idsd/v1/SetPanicResponse.js';
import type { SettingChange as _idsd_v1_SettingChange, SettingChange__Output as _idsd_v1_SettingChange__Output } from './idsd/v1/SettingChange.js';
import type { SiteThresholds as _idsd_v1_SiteThresholds, SiteThresholds__Output as _idsd_v1_SiteThresholds__Output } from './idsd/v1/SiteThresholds.js';
import type { Status as _idsd_v1_Status, Status__Output as _idsd_v1_Status__Output } from './idsd/v1/Status.js';
import type { Suspect as _idsd_v1_Suspect, Suspect__Output as _idsd_v1_Suspect__Output } from './idsd/v1/Suspect.js';
import type { ThresholdProposal as _idsd_v1_ThresholdProposal, ThresholdProposal__Output as _idsd_v1_ThresholdProposal__Output } from './idsd/v1/ThresholdProposal.js';
import type { Top as _idsd_v1_Top, Top__Output as _idsd_v1_Top__Output } from './idsd/v1/Top.js';
import type { TopSource as _idsd_v1_TopSource, TopSource__Output as _idsd_v1_TopSource__Output } from './idsd/v1/TopSource.js';
import type { TrafficCounters as _idsd_v1_TrafficCounters, TrafficCounters__Output as _idsd_v1_TrafficCounters__Output } from './idsd/v1/TrafficCounters.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from './idsd/v1/Trial.js';
import type { UnblockRequest as _idsd_v1_UnblockRequest, UnblockRequest__Output as _idsd_v1_UnblockRequest__Output } from './idsd/v1/UnblockRequest.js';
import type { UnblockResponse as _idsd_v1_UnblockResponse, UnblockResponse__Output as _idsd_v1_UnblockResponse__Output } from './idsd/v1/UnblockResponse.js';
import type { WatchAlertsRequest as _idsd_v1_WatchAlertsRequest, WatchAlertsRequest__Output as _idsd_v1_WatchAlertsRequest__Output } from './idsd/v1/WatchAlertsRequest.js';
import type { WatchDecisionsRequest as _idsd_v1_WatchDecisionsRequest, WatchDecisionsRequest__Output as _idsd_v1_WatchDecisionsRequest__Output } from './idsd/v1/WatchDecisionsRequest.js';
import type { WatchFlowsRequest as _idsd_v1_WatchFlowsRequest, WatchFlowsRequest__Output as _idsd_v1_WatchFlowsRequest__Output } from './idsd/v1/WatchFlowsRequest.js';
import type { WhyRequest as _idsd_v1_WhyRequest, WhyRequest__Output as _idsd_v1_WhyRequest__Output } from './idsd/v1/WhyRequest.js';
import type { WhyResponse as _idsd_v1_WhyResponse, WhyResponse__Output as _idsd_v1_WhyResponse__Output } from './idsd/v1/WhyResponse.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  idsd: {
    v1: {
      Action: EnumTypeDefinition
      AddAllowRequest: MessageTypeDefinition<_idsd_v1_AddAllowRequest, _idsd_v1_AddAllowRequest__Output>
      AddAllowResponse: MessageTypeDefinition<_idsd_v1_AddAllowResponse, _idsd_v1_AddAllowResponse__Output>
      Alert: MessageTypeDefinition<_idsd_v1_Alert, _idsd_v1_Alert__Output>
      AlertEvent: MessageTypeDefinition<_idsd_v1_AlertEvent, _idsd_v1_AlertEvent__Output>
      AllowEntry: MessageTypeDefinition<_idsd_v1_AllowEntry, _idsd_v1_AllowEntry__Output>
      AllowLink: MessageTypeDefinition<_idsd_v1_AllowLink, _idsd_v1_AllowLink__Output>
      ApplyChange: MessageTypeDefinition<_idsd_v1_ApplyChange, _idsd_v1_ApplyChange__Output>
      ApplyPlan: MessageTypeDefinition<_idsd_v1_ApplyPlan, _idsd_v1_ApplyPlan__Output>
      ApplyRequest: MessageTypeDefinition<_idsd_v1_ApplyRequest, _idsd_v1_ApplyRequest__Output>
      ApplyResponse: MessageTypeDefinition<_idsd_v1_ApplyResponse, _idsd_v1_ApplyResponse__Output>
      AuditRow: MessageTypeDefinition<_idsd_v1_AuditRow, _idsd_v1_AuditRow__Output>
      BlockPlan: MessageTypeDefinition<_idsd_v1_BlockPlan, _idsd_v1_BlockPlan__Output>
      BlockRequest: MessageTypeDefinition<_idsd_v1_BlockRequest, _idsd_v1_BlockRequest__Output>
      BlockResponse: MessageTypeDefinition<_idsd_v1_BlockResponse, _idsd_v1_BlockResponse__Output>
      Breaker: MessageTypeDefinition<_idsd_v1_Breaker, _idsd_v1_Breaker__Output>
      Calibration: MessageTypeDefinition<_idsd_v1_Calibration, _idsd_v1_Calibration__Output>
      CalibrationChange: MessageTypeDefinition<_idsd_v1_CalibrationChange, _idsd_v1_CalibrationChange__Output>
      CalibrationProposal: MessageTypeDefinition<_idsd_v1_CalibrationProposal, _idsd_v1_CalibrationProposal__Output>
      CalibrationRequest: MessageTypeDefinition<_idsd_v1_CalibrationRequest, _idsd_v1_CalibrationRequest__Output>
      CalibrationRun: MessageTypeDefinition<_idsd_v1_CalibrationRun, _idsd_v1_CalibrationRun__Output>
      CalibrationStatus: MessageTypeDefinition<_idsd_v1_CalibrationStatus, _idsd_v1_CalibrationStatus__Output>
      CheckAllowRequest: MessageTypeDefinition<_idsd_v1_CheckAllowRequest, _idsd_v1_CheckAllowRequest__Output>
      CheckAllowResponse: MessageTypeDefinition<_idsd_v1_CheckAllowResponse, _idsd_v1_CheckAllowResponse__Output>
      Decision: MessageTypeDefinition<_idsd_v1_Decision, _idsd_v1_Decision__Output>
      DecisionEvent: MessageTypeDefinition<_idsd_v1_DecisionEvent, _idsd_v1_DecisionEvent__Output>
      DecisionKind: EnumTypeDefinition
      DecisionState: EnumTypeDefinition
      EndTrialRequest: MessageTypeDefinition<_idsd_v1_EndTrialRequest, _idsd_v1_EndTrialRequest__Output>
      EndTrialResponse: MessageTypeDefinition<_idsd_v1_EndTrialResponse, _idsd_v1_EndTrialResponse__Output>
      Evidence: MessageTypeDefinition<_idsd_v1_Evidence, _idsd_v1_Evidence__Output>
      ExportFlowsPage: MessageTypeDefinition<_idsd_v1_ExportFlowsPage, _idsd_v1_ExportFlowsPage__Output>
      ExportFlowsRequest: MessageTypeDefinition<_idsd_v1_ExportFlowsRequest, _idsd_v1_ExportFlowsRequest__Output>
      ExportListPage: MessageTypeDefinition<_idsd_v1_ExportListPage, _idsd_v1_ExportListPage__Output>
      ExportListRequest: MessageTypeDefinition<_idsd_v1_ExportListRequest, _idsd_v1_ExportListRequest__Output>
      Fate: EnumTypeDefinition
      FeatureWeight: MessageTypeDefinition<_idsd_v1_FeatureWeight, _idsd_v1_FeatureWeight__Output>
      Filter: MessageTypeDefinition<_idsd_v1_Filter, _idsd_v1_Filter__Output>
      FlowEvent: MessageTypeDefinition<_idsd_v1_FlowEvent, _idsd_v1_FlowEvent__Output>
      FlowRecord: MessageTypeDefinition<_idsd_v1_FlowRecord, _idsd_v1_FlowRecord__Output>
      GetAlertRequest: MessageTypeDefinition<_idsd_v1_GetAlertRequest, _idsd_v1_GetAlertRequest__Output>
      GetCalibrationRequest: MessageTypeDefinition<_idsd_v1_GetCalibrationRequest, _idsd_v1_GetCalibrationRequest__Output>
      GetDecisionRequest: MessageTypeDefinition<_idsd_v1_GetDecisionRequest, _idsd_v1_GetDecisionRequest__Output>
      GetStatusRequest: MessageTypeDefinition<_idsd_v1_GetStatusRequest, _idsd_v1_GetStatusRequest__Output>
      GetTopRequest: MessageTypeDefinition<_idsd_v1_GetTopRequest, _idsd_v1_GetTopRequest__Output>
      Idsd: SubtypeConstructor<typeof grpc.Client, _idsd_v1_IdsdClient> & { service: _idsd_v1_IdsdDefinition }
      ImportListHeader: MessageTypeDefinition<_idsd_v1_ImportListHeader, _idsd_v1_ImportListHeader__Output>
      ImportListRequest: MessageTypeDefinition<_idsd_v1_ImportListRequest, _idsd_v1_ImportListRequest__Output>
      ImportListResponse: MessageTypeDefinition<_idsd_v1_ImportListResponse, _idsd_v1_ImportListResponse__Output>
      ImportedList: MessageTypeDefinition<_idsd_v1_ImportedList, _idsd_v1_ImportedList__Output>
      InterfaceStatus: MessageTypeDefinition<_idsd_v1_InterfaceStatus, _idsd_v1_InterfaceStatus__Output>
      KernelMatch: MessageTypeDefinition<_idsd_v1_KernelMatch, _idsd_v1_KernelMatch__Output>
      LadderCounters: MessageTypeDefinition<_idsd_v1_LadderCounters, _idsd_v1_LadderCounters__Output>
      Limit: MessageTypeDefinition<_idsd_v1_Limit, _idsd_v1_Limit__Output>
      LimitUnit: EnumTypeDefinition
      ListAlertsRequest: MessageTypeDefinition<_idsd_v1_ListAlertsRequest, _idsd_v1_ListAlertsRequest__Output>
      ListAlertsResponse: MessageTypeDefinition<_idsd_v1_ListAlertsResponse, _idsd_v1_ListAlertsResponse__Output>
      ListAllowRequest: MessageTypeDefinition<_idsd_v1_ListAllowRequest, _idsd_v1_ListAllowRequest__Output>
      ListAllowResponse: MessageTypeDefinition<_idsd_v1_ListAllowResponse, _idsd_v1_ListAllowResponse__Output>
      ListAuditRequest: MessageTypeDefinition<_idsd_v1_ListAuditRequest, _idsd_v1_ListAuditRequest__Output>
      ListAuditResponse: MessageTypeDefinition<_idsd_v1_ListAuditResponse, _idsd_v1_ListAuditResponse__Output>
      ListDecisionsRequest: MessageTypeDefinition<_idsd_v1_ListDecisionsRequest, _idsd_v1_ListDecisionsRequest__Output>
      ListDecisionsResponse: MessageTypeDefinition<_idsd_v1_ListDecisionsResponse, _idsd_v1_ListDecisionsResponse__Output>
      ListFlowsRequest: MessageTypeDefinition<_idsd_v1_ListFlowsRequest, _idsd_v1_ListFlowsRequest__Output>
      ListFlowsResponse: MessageTypeDefinition<_idsd_v1_ListFlowsResponse, _idsd_v1_ListFlowsResponse__Output>
      ListHolding: MessageTypeDefinition<_idsd_v1_ListHolding, _idsd_v1_ListHolding__Output>
      ListListsRequest: MessageTypeDefinition<_idsd_v1_ListListsRequest, _idsd_v1_ListListsRequest__Output>
      ListListsResponse: MessageTypeDefinition<_idsd_v1_ListListsResponse, _idsd_v1_ListListsResponse__Output>
      ListsStatus: MessageTypeDefinition<_idsd_v1_ListsStatus, _idsd_v1_ListsStatus__Output>
      MapStatus: MessageTypeDefinition<_idsd_v1_MapStatus, _idsd_v1_MapStatus__Output>
      Mode: EnumTypeDefinition
      ModePlan: MessageTypeDefinition<_idsd_v1_ModePlan, _idsd_v1_ModePlan__Output>
      ModelReason: MessageTypeDefinition<_idsd_v1_ModelReason, _idsd_v1_ModelReason__Output>
      ModelStatus: MessageTypeDefinition<_idsd_v1_ModelStatus, _idsd_v1_ModelStatus__Output>
      Origin: EnumTypeDefinition
      Panic: MessageTypeDefinition<_idsd_v1_Panic, _idsd_v1_Panic__Output>
      PlanApplyRequest: MessageTypeDefinition<_idsd_v1_PlanApplyRequest, _idsd_v1_PlanApplyRequest__Output>
      PlanBlockRequest: MessageTypeDefinition<_idsd_v1_PlanBlockRequest, _idsd_v1_PlanBlockRequest__Output>
      PlanBound: EnumTypeDefinition
      PlanModeRequest: MessageTypeDefinition<_idsd_v1_PlanModeRequest, _idsd_v1_PlanModeRequest__Output>
      PlannedAddress: MessageTypeDefinition<_idsd_v1_PlannedAddress, _idsd_v1_PlannedAddress__Output>
      PlannedAllow: MessageTypeDefinition<_idsd_v1_PlannedAllow, _idsd_v1_PlannedAllow__Output>
      PlannedDecision: MessageTypeDefinition<_idsd_v1_PlannedDecision, _idsd_v1_PlannedDecision__Output>
      PlannedList: MessageTypeDefinition<_idsd_v1_PlannedList, _idsd_v1_PlannedList__Output>
      PlannedRefusal: MessageTypeDefinition<_idsd_v1_PlannedRefusal, _idsd_v1_PlannedRefusal__Output>
      PlannedSource: MessageTypeDefinition<_idsd_v1_PlannedSource, _idsd_v1_PlannedSource__Output>
      PlannedTraffic: MessageTypeDefinition<_idsd_v1_PlannedTraffic, _idsd_v1_PlannedTraffic__Output>
      Privilege: MessageTypeDefinition<_idsd_v1_Privilege, _idsd_v1_Privilege__Output>
      ProposedSource: MessageTypeDefinition<_idsd_v1_ProposedSource, _idsd_v1_ProposedSource__Output>
      RefusedListEntry: MessageTypeDefinition<_idsd_v1_RefusedListEntry, _idsd_v1_RefusedListEntry__Output>
      RemoveAllowRequest: MessageTypeDefinition<_idsd_v1_RemoveAllowRequest, _idsd_v1_RemoveAllowRequest__Output>
      RemoveAllowResponse: MessageTypeDefinition<_idsd_v1_RemoveAllowResponse, _idsd_v1_RemoveAllowResponse__Output>
      RemoveListRequest: MessageTypeDefinition<_idsd_v1_RemoveListRequest, _idsd_v1_RemoveListRequest__Output>
      RemoveListResponse: MessageTypeDefinition<_idsd_v1_RemoveListResponse, _idsd_v1_RemoveListResponse__Output>
      ResumeOriginRequest: MessageTypeDefinition<_idsd_v1_ResumeOriginRequest, _idsd_v1_ResumeOriginRequest__Output>
      ResumeOriginResponse: MessageTypeDefinition<_idsd_v1_ResumeOriginResponse, _idsd_v1_ResumeOriginResponse__Output>
      ScheduledImport: MessageTypeDefinition<_idsd_v1_ScheduledImport, _idsd_v1_ScheduledImport__Output>
      SetModeRequest: MessageTypeDefinition<_idsd_v1_SetModeRequest, _idsd_v1_SetModeRequest__Output>
      SetModeResponse: MessageTypeDefinition<_idsd_v1_SetModeResponse, _idsd_v1_SetModeResponse__Output>
      SetPanicRequest: MessageTypeDefinition<_idsd_v1_SetPanicRequest, _idsd_v1_SetPanicRequest__Output>
      SetPanicResponse: MessageTypeDefinition<_idsd_v1_SetPanicResponse, _idsd_v1_SetPanicResponse__Output>
      SettingChange: MessageTypeDefinition<_idsd_v1_SettingChange, _idsd_v1_SettingChange__Output>
      SiteThresholds: MessageTypeDefinition<_idsd_v1_SiteThresholds, _idsd_v1_SiteThresholds__Output>
      Status: MessageTypeDefinition<_idsd_v1_Status, _idsd_v1_Status__Output>
      Suspect: MessageTypeDefinition<_idsd_v1_Suspect, _idsd_v1_Suspect__Output>
      ThresholdProposal: MessageTypeDefinition<_idsd_v1_ThresholdProposal, _idsd_v1_ThresholdProposal__Output>
      Top: MessageTypeDefinition<_idsd_v1_Top, _idsd_v1_Top__Output>
      TopOrder: EnumTypeDefinition
      TopSource: MessageTypeDefinition<_idsd_v1_TopSource, _idsd_v1_TopSource__Output>
      TrafficCounters: MessageTypeDefinition<_idsd_v1_TrafficCounters, _idsd_v1_TrafficCounters__Output>
      Trial: MessageTypeDefinition<_idsd_v1_Trial, _idsd_v1_Trial__Output>
      UnblockRequest: MessageTypeDefinition<_idsd_v1_UnblockRequest, _idsd_v1_UnblockRequest__Output>
      UnblockResponse: MessageTypeDefinition<_idsd_v1_UnblockResponse, _idsd_v1_UnblockResponse__Output>
      WatchAlertsRequest: MessageTypeDefinition<_idsd_v1_WatchAlertsRequest, _idsd_v1_WatchAlertsRequest__Output>
      WatchDecisionsRequest: MessageTypeDefinition<_idsd_v1_WatchDecisionsRequest, _idsd_v1_WatchDecisionsRequest__Output>
      WatchFlowsRequest: MessageTypeDefinition<_idsd_v1_WatchFlowsRequest, _idsd_v1_WatchFlowsRequest__Output>
      WhyRequest: MessageTypeDefinition<_idsd_v1_WhyRequest, _idsd_v1_WhyRequest__Output>
      WhyResponse: MessageTypeDefinition<_idsd_v1_WhyResponse, _idsd_v1_WhyResponse__Output>
    }
  }
}

