// Original file: proto/idsd/v1/idsd.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AddAllowRequest as _idsd_v1_AddAllowRequest, AddAllowRequest__Output as _idsd_v1_AddAllowRequest__Output } from '../../idsd/v1/AddAllowRequest.js';
import type { AddAllowResponse as _idsd_v1_AddAllowResponse, AddAllowResponse__Output as _idsd_v1_AddAllowResponse__Output } from '../../idsd/v1/AddAllowResponse.js';
import type { Alert as _idsd_v1_Alert, Alert__Output as _idsd_v1_Alert__Output } from '../../idsd/v1/Alert.js';
import type { AlertEvent as _idsd_v1_AlertEvent, AlertEvent__Output as _idsd_v1_AlertEvent__Output } from '../../idsd/v1/AlertEvent.js';
import type { ApplyPlan as _idsd_v1_ApplyPlan, ApplyPlan__Output as _idsd_v1_ApplyPlan__Output } from '../../idsd/v1/ApplyPlan.js';
import type { ApplyRequest as _idsd_v1_ApplyRequest, ApplyRequest__Output as _idsd_v1_ApplyRequest__Output } from '../../idsd/v1/ApplyRequest.js';
import type { ApplyResponse as _idsd_v1_ApplyResponse, ApplyResponse__Output as _idsd_v1_ApplyResponse__Output } from '../../idsd/v1/ApplyResponse.js';
import type { BlockPlan as _idsd_v1_BlockPlan, BlockPlan__Output as _idsd_v1_BlockPlan__Output } from '../../idsd/v1/BlockPlan.js';
import type { BlockRequest as _idsd_v1_BlockRequest, BlockRequest__Output as _idsd_v1_BlockRequest__Output } from '../../idsd/v1/BlockRequest.js';
import type { BlockResponse as _idsd_v1_BlockResponse, BlockResponse__Output as _idsd_v1_BlockResponse__Output } from '../../idsd/v1/BlockResponse.js';
import type { Calibration as _idsd_v1_Calibration, Calibration__Output as _idsd_v1_Calibration__Output } from '../../idsd/v1/Calibration.js';
import type { CalibrationChange as _idsd_v1_CalibrationChange, CalibrationChange__Output as _idsd_v1_CalibrationChange__Output } from '../../idsd/v1/CalibrationChange.js';
import type { CalibrationRequest as _idsd_v1_CalibrationRequest, CalibrationRequest__Output as _idsd_v1_CalibrationRequest__Output } from '../../idsd/v1/CalibrationRequest.js';
import type { CheckAllowRequest as _idsd_v1_CheckAllowRequest, CheckAllowRequest__Output as _idsd_v1_CheckAllowRequest__Output } from '../../idsd/v1/CheckAllowRequest.js';
import type { CheckAllowResponse as _idsd_v1_CheckAllowResponse, CheckAllowResponse__Output as _idsd_v1_CheckAllowResponse__Output } from '../../idsd/v1/CheckAllowResponse.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { DecisionEvent as _idsd_v1_DecisionEvent, DecisionEvent__Output as _idsd_v1_DecisionEvent__Output } from '../../idsd/v1/DecisionEvent.js';
import type { EndTrialRequest as _idsd_v1_EndTrialRequest, EndTrialRequest__Output as _idsd_v1_EndTrialRequest__Output } from '../../idsd/v1/EndTrialRequest.js';
import type { EndTrialResponse as _idsd_v1_EndTrialResponse, EndTrialResponse__Output as _idsd_v1_EndTrialResponse__Output } from '../../idsd/v1/EndTrialResponse.js';
import type { ExportFlowsPage as _idsd_v1_ExportFlowsPage, ExportFlowsPage__Output as _idsd_v1_ExportFlowsPage__Output } from '../../idsd/v1/ExportFlowsPage.js';
import type { ExportFlowsRequest as _idsd_v1_ExportFlowsRequest, ExportFlowsRequest__Output as _idsd_v1_ExportFlowsRequest__Output } from '../../idsd/v1/ExportFlowsRequest.js';
import type { ExportListPage as _idsd_v1_ExportListPage, ExportListPage__Output as _idsd_v1_ExportListPage__Output } from '../../idsd/v1/ExportListPage.js';
import type { ExportListRequest as _idsd_v1_ExportListRequest, ExportListRequest__Output as _idsd_v1_ExportListRequest__Output } from '../../idsd/v1/ExportListRequest.js';
import type { FlowEvent as _idsd_v1_FlowEvent, FlowEvent__Output as _idsd_v1_FlowEvent__Output } from '../../idsd/v1/FlowEvent.js';
import type { GetAlertRequest as _idsd_v1_GetAlertRequest, GetAlertRequest__Output as _idsd_v1_GetAlertRequest__Output } from '../../idsd/v1/GetAlertRequest.js';
import type { GetCalibrationRequest as _idsd_v1_GetCalibrationRequest, GetCalibrationRequest__Output as _idsd_v1_GetCalibrationRequest__Output } from '../../idsd/v1/GetCalibrationRequest.js';
import type { GetDecisionRequest as _idsd_v1_GetDecisionRequest, GetDecisionRequest__Output as _idsd_v1_GetDecisionRequest__Output } from '../../idsd/v1/GetDecisionRequest.js';
import type { GetStatusRequest as _idsd_v1_GetStatusRequest, GetStatusRequest__Output as _idsd_v1_GetStatusRequest__Output } from '../../idsd/v1/GetStatusRequest.js';
import type { GetTopRequest as _idsd_v1_GetTopRequest, GetTopRequest__Output as _idsd_v1_GetTopRequest__Output } from '../../idsd/v1/GetTopRequest.js';
import type { ImportListRequest as _idsd_v1_ImportListRequest, ImportListRequest__Output as _idsd_v1_ImportListRequest__Output } from '../../idsd/v1/ImportListRequest.js';
import type { ImportListResponse as _idsd_v1_ImportListResponse, ImportListResponse__Output as _idsd_v1_ImportListResponse__Output } from '../../idsd/v1/ImportListResponse.js';
import type { ListAlertsRequest as _idsd_v1_ListAlertsRequest, ListAlertsRequest__Output as _idsd_v1_ListAlertsRequest__Output } from '../../idsd/v1/ListAlertsRequest.js';
import type { ListAlertsResponse as _idsd_v1_ListAlertsResponse, ListAlertsResponse__Output as _idsd_v1_ListAlertsResponse__Output } from '../../idsd/v1/ListAlertsResponse.js';
import type { ListAllowRequest as _idsd_v1_ListAllowRequest, ListAllowRequest__Output as _idsd_v1_ListAllowRequest__Output } from '../../idsd/v1/ListAllowRequest.js';
import type { ListAllowResponse as _idsd_v1_ListAllowResponse, ListAllowResponse__Output as _idsd_v1_ListAllowResponse__Output } from '../../idsd/v1/ListAllowResponse.js';
import type { ListAuditRequest as _idsd_v1_ListAuditRequest, ListAuditRequest__Output as _idsd_v1_ListAuditRequest__Output } from '../../idsd/v1/ListAuditRequest.js';
import type { ListAuditResponse as _idsd_v1_ListAuditResponse, ListAuditResponse__Output as _idsd_v1_ListAuditResponse__Output } from '../../idsd/v1/ListAuditResponse.js';
import type { ListDecisionsRequest as _idsd_v1_ListDecisionsRequest, ListDecisionsRequest__Output as _idsd_v1_ListDecisionsRequest__Output } from '../../idsd/v1/ListDecisionsRequest.js';
import type { ListDecisionsResponse as _idsd_v1_ListDecisionsResponse, ListDecisionsResponse__Output as _idsd_v1_ListDecisionsResponse__Output } from '../../idsd/v1/ListDecisionsResponse.js';
import type { ListFlowsRequest as _idsd_v1_ListFlowsRequest, ListFlowsRequest__Output as _idsd_v1_ListFlowsRequest__Output } from '../../idsd/v1/ListFlowsRequest.js';
import type { ListFlowsResponse as _idsd_v1_ListFlowsResponse, ListFlowsResponse__Output as _idsd_v1_ListFlowsResponse__Output } from '../../idsd/v1/ListFlowsResponse.js';
import type { ListListsRequest as _idsd_v1_ListListsRequest, ListListsRequest__Output as _idsd_v1_ListListsRequest__Output } from '../../idsd/v1/ListListsRequest.js';
import type { ListListsResponse as _idsd_v1_ListListsResponse, ListListsResponse__Output as _idsd_v1_ListListsResponse__Output } from '../../idsd/v1/ListListsResponse.js';
import type { ModePlan as _idsd_v1_ModePlan, ModePlan__Output as _idsd_v1_ModePlan__Output } from '../../idsd/v1/ModePlan.js';
import type { PlanApplyRequest as _idsd_v1_PlanApplyRequest, PlanApplyRequest__Output as _idsd_v1_PlanApplyRequest__Output } from '../../idsd/v1/PlanApplyRequest.js';
import type { PlanBlockRequest as _idsd_v1_PlanBlockRequest, PlanBlockRequest__Output as _idsd_v1_PlanBlockRequest__Output } from '../../idsd/v1/PlanBlockRequest.js';
import type { PlanModeRequest as _idsd_v1_PlanModeRequest, PlanModeRequest__Output as _idsd_v1_PlanModeRequest__Output } from '../../idsd/v1/PlanModeRequest.js';
import type { RemoveAllowRequest as _idsd_v1_RemoveAllowRequest, RemoveAllowRequest__Output as _idsd_v1_RemoveAllowRequest__Output } from '../../idsd/v1/RemoveAllowRequest.js';
import type { RemoveAllowResponse as _idsd_v1_RemoveAllowResponse, RemoveAllowResponse__Output as _idsd_v1_RemoveAllowResponse__Output } from '../../idsd/v1/RemoveAllowResponse.js';
import type { RemoveListRequest as _idsd_v1_RemoveListRequest, RemoveListRequest__Output as _idsd_v1_RemoveListRequest__Output } from '../../idsd/v1/RemoveListRequest.js';
import type { RemoveListResponse as _idsd_v1_RemoveListResponse, RemoveListResponse__Output as _idsd_v1_RemoveListResponse__Output } from '../../idsd/v1/RemoveListResponse.js';
import type { ResumeOriginRequest as _idsd_v1_ResumeOriginRequest, ResumeOriginRequest__Output as _idsd_v1_ResumeOriginRequest__Output } from '../../idsd/v1/ResumeOriginRequest.js';
import type { ResumeOriginResponse as _idsd_v1_ResumeOriginResponse, ResumeOriginResponse__Output as _idsd_v1_ResumeOriginResponse__Output } from '../../idsd/v1/ResumeOriginResponse.js';
import type { SetModeRequest as _idsd_v1_SetModeRequest, SetModeRequest__Output as _idsd_v1_SetModeRequest__Output } from '../../idsd/v1/SetModeRequest.js';
import type { SetModeResponse as _idsd_v1_SetModeResponse, SetModeResponse__Output as _idsd_v1_SetModeResponse__Output } from '../../idsd/v1/SetModeResponse.js';
import type { SetPanicRequest as _idsd_v1_SetPanicRequest, SetPanicRequest__Output as _idsd_v1_SetPanicRequest__Output } from '../../idsd/v1/SetPanicRequest.js';
import type { SetPanicResponse as _idsd_v1_SetPanicResponse, SetPanicResponse__Output as _idsd_v1_SetPanicResponse__Output } from '../../idsd/v1/SetPanicResponse.js';
import type { Status as _idsd_v1_Status, Status__Output as _idsd_v1_Status__Output } from '../../idsd/v1/Status.js';
import type { Top as _idsd_v1_Top, Top__Output as _idsd_v1_Top__Output } from '../../idsd/v1/Top.js';
import type { UnblockRequest as _idsd_v1_UnblockRequest, UnblockRequest__Output as _idsd_v1_UnblockRequest__Output } from '../../idsd/v1/UnblockRequest.js';
import type { UnblockResponse as _idsd_v1_UnblockResponse, UnblockResponse__Output as _idsd_v1_UnblockResponse__Output } from '../../idsd/v1/UnblockResponse.js';
import type { WatchAlertsRequest as _idsd_v1_WatchAlertsRequest, WatchAlertsRequest__Output as _idsd_v1_WatchAlertsRequest__Output } from '../../idsd/v1/WatchAlertsRequest.js';
import type { WatchDecisionsRequest as _idsd_v1_WatchDecisionsRequest, WatchDecisionsRequest__Output as _idsd_v1_WatchDecisionsRequest__Output } from '../../idsd/v1/WatchDecisionsRequest.js';
import type { WatchFlowsRequest as _idsd_v1_WatchFlowsRequest, WatchFlowsRequest__Output as _idsd_v1_WatchFlowsRequest__Output } from '../../idsd/v1/WatchFlowsRequest.js';
import type { WhyRequest as _idsd_v1_WhyRequest, WhyRequest__Output as _idsd_v1_WhyRequest__Output } from '../../idsd/v1/WhyRequest.js';
import type { WhyResponse as _idsd_v1_WhyResponse, WhyResponse__Output as _idsd_v1_WhyResponse__Output } from '../../idsd/v1/WhyResponse.js';

export interface IdsdClient extends grpc.Client {
  AddAllow(argument: _idsd_v1_AddAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  AddAllow(argument: _idsd_v1_AddAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  AddAllow(argument: _idsd_v1_AddAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  AddAllow(argument: _idsd_v1_AddAllowRequest, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  addAllow(argument: _idsd_v1_AddAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  addAllow(argument: _idsd_v1_AddAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  addAllow(argument: _idsd_v1_AddAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  addAllow(argument: _idsd_v1_AddAllowRequest, callback: grpc.requestCallback<_idsd_v1_AddAllowResponse__Output>): grpc.ClientUnaryCall;
  
  Apply(argument: _idsd_v1_ApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  Apply(argument: _idsd_v1_ApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  Apply(argument: _idsd_v1_ApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  Apply(argument: _idsd_v1_ApplyRequest, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  apply(argument: _idsd_v1_ApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  apply(argument: _idsd_v1_ApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  apply(argument: _idsd_v1_ApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  apply(argument: _idsd_v1_ApplyRequest, callback: grpc.requestCallback<_idsd_v1_ApplyResponse__Output>): grpc.ClientUnaryCall;
  
  ApplyCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ApplyCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ApplyCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ApplyCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  applyCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  applyCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  applyCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  applyCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  
  Block(argument: _idsd_v1_BlockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  Block(argument: _idsd_v1_BlockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  Block(argument: _idsd_v1_BlockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  Block(argument: _idsd_v1_BlockRequest, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  block(argument: _idsd_v1_BlockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  block(argument: _idsd_v1_BlockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  block(argument: _idsd_v1_BlockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  block(argument: _idsd_v1_BlockRequest, callback: grpc.requestCallback<_idsd_v1_BlockResponse__Output>): grpc.ClientUnaryCall;
  
  CancelCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  CancelCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  CancelCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  CancelCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  cancelCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  cancelCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  cancelCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  cancelCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  
  CheckAllow(argument: _idsd_v1_CheckAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  CheckAllow(argument: _idsd_v1_CheckAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  CheckAllow(argument: _idsd_v1_CheckAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  CheckAllow(argument: _idsd_v1_CheckAllowRequest, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  checkAllow(argument: _idsd_v1_CheckAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  checkAllow(argument: _idsd_v1_CheckAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  checkAllow(argument: _idsd_v1_CheckAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  checkAllow(argument: _idsd_v1_CheckAllowRequest, callback: grpc.requestCallback<_idsd_v1_CheckAllowResponse__Output>): grpc.ClientUnaryCall;
  
  ClearCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ClearCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ClearCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  ClearCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  clearCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  clearCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  clearCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  clearCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  
  Confirm(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _idsd_v1_EndTrialRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _idsd_v1_EndTrialRequest, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _idsd_v1_EndTrialRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _idsd_v1_EndTrialRequest, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  
  ExportFlows(argument: _idsd_v1_ExportFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportFlowsPage__Output>;
  ExportFlows(argument: _idsd_v1_ExportFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportFlowsPage__Output>;
  exportFlows(argument: _idsd_v1_ExportFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportFlowsPage__Output>;
  exportFlows(argument: _idsd_v1_ExportFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportFlowsPage__Output>;
  
  ExportList(argument: _idsd_v1_ExportListRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportListPage__Output>;
  ExportList(argument: _idsd_v1_ExportListRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportListPage__Output>;
  exportList(argument: _idsd_v1_ExportListRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportListPage__Output>;
  exportList(argument: _idsd_v1_ExportListRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_ExportListPage__Output>;
  
  GetAlert(argument: _idsd_v1_GetAlertRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  GetAlert(argument: _idsd_v1_GetAlertRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  GetAlert(argument: _idsd_v1_GetAlertRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  GetAlert(argument: _idsd_v1_GetAlertRequest, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  getAlert(argument: _idsd_v1_GetAlertRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  getAlert(argument: _idsd_v1_GetAlertRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  getAlert(argument: _idsd_v1_GetAlertRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  getAlert(argument: _idsd_v1_GetAlertRequest, callback: grpc.requestCallback<_idsd_v1_Alert__Output>): grpc.ClientUnaryCall;
  
  GetCalibration(argument: _idsd_v1_GetCalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  GetCalibration(argument: _idsd_v1_GetCalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  GetCalibration(argument: _idsd_v1_GetCalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  GetCalibration(argument: _idsd_v1_GetCalibrationRequest, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  getCalibration(argument: _idsd_v1_GetCalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  getCalibration(argument: _idsd_v1_GetCalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  getCalibration(argument: _idsd_v1_GetCalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  getCalibration(argument: _idsd_v1_GetCalibrationRequest, callback: grpc.requestCallback<_idsd_v1_Calibration__Output>): grpc.ClientUnaryCall;
  
  GetDecision(argument: _idsd_v1_GetDecisionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  GetDecision(argument: _idsd_v1_GetDecisionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  GetDecision(argument: _idsd_v1_GetDecisionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  GetDecision(argument: _idsd_v1_GetDecisionRequest, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  getDecision(argument: _idsd_v1_GetDecisionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  getDecision(argument: _idsd_v1_GetDecisionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  getDecision(argument: _idsd_v1_GetDecisionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  getDecision(argument: _idsd_v1_GetDecisionRequest, callback: grpc.requestCallback<_idsd_v1_Decision__Output>): grpc.ClientUnaryCall;
  
  GetStatus(argument: _idsd_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _idsd_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _idsd_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _idsd_v1_GetStatusRequest, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _idsd_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _idsd_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _idsd_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _idsd_v1_GetStatusRequest, callback: grpc.requestCallback<_idsd_v1_Status__Output>): grpc.ClientUnaryCall;
  
  GetTop(argument: _idsd_v1_GetTopRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  GetTop(argument: _idsd_v1_GetTopRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  GetTop(argument: _idsd_v1_GetTopRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  GetTop(argument: _idsd_v1_GetTopRequest, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  getTop(argument: _idsd_v1_GetTopRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  getTop(argument: _idsd_v1_GetTopRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  getTop(argument: _idsd_v1_GetTopRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  getTop(argument: _idsd_v1_GetTopRequest, callback: grpc.requestCallback<_idsd_v1_Top__Output>): grpc.ClientUnaryCall;
  
  ImportList(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  ImportList(metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  ImportList(options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  ImportList(callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  importList(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  importList(metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  importList(options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  importList(callback: grpc.requestCallback<_idsd_v1_ImportListResponse__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  
  ListAlerts(argument: _idsd_v1_ListAlertsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  ListAlerts(argument: _idsd_v1_ListAlertsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  ListAlerts(argument: _idsd_v1_ListAlertsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  ListAlerts(argument: _idsd_v1_ListAlertsRequest, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  listAlerts(argument: _idsd_v1_ListAlertsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  listAlerts(argument: _idsd_v1_ListAlertsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  listAlerts(argument: _idsd_v1_ListAlertsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  listAlerts(argument: _idsd_v1_ListAlertsRequest, callback: grpc.requestCallback<_idsd_v1_ListAlertsResponse__Output>): grpc.ClientUnaryCall;
  
  ListAllow(argument: _idsd_v1_ListAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  ListAllow(argument: _idsd_v1_ListAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  ListAllow(argument: _idsd_v1_ListAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  ListAllow(argument: _idsd_v1_ListAllowRequest, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  listAllow(argument: _idsd_v1_ListAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  listAllow(argument: _idsd_v1_ListAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  listAllow(argument: _idsd_v1_ListAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  listAllow(argument: _idsd_v1_ListAllowRequest, callback: grpc.requestCallback<_idsd_v1_ListAllowResponse__Output>): grpc.ClientUnaryCall;
  
  ListAudit(argument: _idsd_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _idsd_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _idsd_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  ListAudit(argument: _idsd_v1_ListAuditRequest, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _idsd_v1_ListAuditRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _idsd_v1_ListAuditRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _idsd_v1_ListAuditRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  listAudit(argument: _idsd_v1_ListAuditRequest, callback: grpc.requestCallback<_idsd_v1_ListAuditResponse__Output>): grpc.ClientUnaryCall;
  
  ListDecisions(argument: _idsd_v1_ListDecisionsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  ListDecisions(argument: _idsd_v1_ListDecisionsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  ListDecisions(argument: _idsd_v1_ListDecisionsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  ListDecisions(argument: _idsd_v1_ListDecisionsRequest, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  listDecisions(argument: _idsd_v1_ListDecisionsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  listDecisions(argument: _idsd_v1_ListDecisionsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  listDecisions(argument: _idsd_v1_ListDecisionsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  listDecisions(argument: _idsd_v1_ListDecisionsRequest, callback: grpc.requestCallback<_idsd_v1_ListDecisionsResponse__Output>): grpc.ClientUnaryCall;
  
  ListFlows(argument: _idsd_v1_ListFlowsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  ListFlows(argument: _idsd_v1_ListFlowsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  ListFlows(argument: _idsd_v1_ListFlowsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  ListFlows(argument: _idsd_v1_ListFlowsRequest, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  listFlows(argument: _idsd_v1_ListFlowsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  listFlows(argument: _idsd_v1_ListFlowsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  listFlows(argument: _idsd_v1_ListFlowsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  listFlows(argument: _idsd_v1_ListFlowsRequest, callback: grpc.requestCallback<_idsd_v1_ListFlowsResponse__Output>): grpc.ClientUnaryCall;
  
  ListLists(argument: _idsd_v1_ListListsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  ListLists(argument: _idsd_v1_ListListsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  ListLists(argument: _idsd_v1_ListListsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  ListLists(argument: _idsd_v1_ListListsRequest, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  listLists(argument: _idsd_v1_ListListsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  listLists(argument: _idsd_v1_ListListsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  listLists(argument: _idsd_v1_ListListsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  listLists(argument: _idsd_v1_ListListsRequest, callback: grpc.requestCallback<_idsd_v1_ListListsResponse__Output>): grpc.ClientUnaryCall;
  
  PlanApply(argument: _idsd_v1_PlanApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  PlanApply(argument: _idsd_v1_PlanApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  PlanApply(argument: _idsd_v1_PlanApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  PlanApply(argument: _idsd_v1_PlanApplyRequest, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  planApply(argument: _idsd_v1_PlanApplyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  planApply(argument: _idsd_v1_PlanApplyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  planApply(argument: _idsd_v1_PlanApplyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  planApply(argument: _idsd_v1_PlanApplyRequest, callback: grpc.requestCallback<_idsd_v1_ApplyPlan__Output>): grpc.ClientUnaryCall;
  
  PlanBlock(argument: _idsd_v1_PlanBlockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  PlanBlock(argument: _idsd_v1_PlanBlockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  PlanBlock(argument: _idsd_v1_PlanBlockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  PlanBlock(argument: _idsd_v1_PlanBlockRequest, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  planBlock(argument: _idsd_v1_PlanBlockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  planBlock(argument: _idsd_v1_PlanBlockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  planBlock(argument: _idsd_v1_PlanBlockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  planBlock(argument: _idsd_v1_PlanBlockRequest, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientUnaryCall;
  
  PlanImport(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  PlanImport(metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  PlanImport(options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  PlanImport(callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  planImport(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  planImport(metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  planImport(options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  planImport(callback: grpc.requestCallback<_idsd_v1_BlockPlan__Output>): grpc.ClientWritableStream<_idsd_v1_ImportListRequest>;
  
  PlanMode(argument: _idsd_v1_PlanModeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  PlanMode(argument: _idsd_v1_PlanModeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  PlanMode(argument: _idsd_v1_PlanModeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  PlanMode(argument: _idsd_v1_PlanModeRequest, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  planMode(argument: _idsd_v1_PlanModeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  planMode(argument: _idsd_v1_PlanModeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  planMode(argument: _idsd_v1_PlanModeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  planMode(argument: _idsd_v1_PlanModeRequest, callback: grpc.requestCallback<_idsd_v1_ModePlan__Output>): grpc.ClientUnaryCall;
  
  RemoveAllow(argument: _idsd_v1_RemoveAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  RemoveAllow(argument: _idsd_v1_RemoveAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  RemoveAllow(argument: _idsd_v1_RemoveAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  RemoveAllow(argument: _idsd_v1_RemoveAllowRequest, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  removeAllow(argument: _idsd_v1_RemoveAllowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  removeAllow(argument: _idsd_v1_RemoveAllowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  removeAllow(argument: _idsd_v1_RemoveAllowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  removeAllow(argument: _idsd_v1_RemoveAllowRequest, callback: grpc.requestCallback<_idsd_v1_RemoveAllowResponse__Output>): grpc.ClientUnaryCall;
  
  RemoveList(argument: _idsd_v1_RemoveListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  RemoveList(argument: _idsd_v1_RemoveListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  RemoveList(argument: _idsd_v1_RemoveListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  RemoveList(argument: _idsd_v1_RemoveListRequest, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  removeList(argument: _idsd_v1_RemoveListRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  removeList(argument: _idsd_v1_RemoveListRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  removeList(argument: _idsd_v1_RemoveListRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  removeList(argument: _idsd_v1_RemoveListRequest, callback: grpc.requestCallback<_idsd_v1_RemoveListResponse__Output>): grpc.ClientUnaryCall;
  
  ResumeOrigin(argument: _idsd_v1_ResumeOriginRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  ResumeOrigin(argument: _idsd_v1_ResumeOriginRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  ResumeOrigin(argument: _idsd_v1_ResumeOriginRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  ResumeOrigin(argument: _idsd_v1_ResumeOriginRequest, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  resumeOrigin(argument: _idsd_v1_ResumeOriginRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  resumeOrigin(argument: _idsd_v1_ResumeOriginRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  resumeOrigin(argument: _idsd_v1_ResumeOriginRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  resumeOrigin(argument: _idsd_v1_ResumeOriginRequest, callback: grpc.requestCallback<_idsd_v1_ResumeOriginResponse__Output>): grpc.ClientUnaryCall;
  
  Rollback(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _idsd_v1_EndTrialRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  Rollback(argument: _idsd_v1_EndTrialRequest, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  rollback(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  rollback(argument: _idsd_v1_EndTrialRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  rollback(argument: _idsd_v1_EndTrialRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  rollback(argument: _idsd_v1_EndTrialRequest, callback: grpc.requestCallback<_idsd_v1_EndTrialResponse__Output>): grpc.ClientUnaryCall;
  
  SetMode(argument: _idsd_v1_SetModeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  SetMode(argument: _idsd_v1_SetModeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  SetMode(argument: _idsd_v1_SetModeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  SetMode(argument: _idsd_v1_SetModeRequest, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  setMode(argument: _idsd_v1_SetModeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  setMode(argument: _idsd_v1_SetModeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  setMode(argument: _idsd_v1_SetModeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  setMode(argument: _idsd_v1_SetModeRequest, callback: grpc.requestCallback<_idsd_v1_SetModeResponse__Output>): grpc.ClientUnaryCall;
  
  SetPanic(argument: _idsd_v1_SetPanicRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  SetPanic(argument: _idsd_v1_SetPanicRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  SetPanic(argument: _idsd_v1_SetPanicRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  SetPanic(argument: _idsd_v1_SetPanicRequest, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  setPanic(argument: _idsd_v1_SetPanicRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  setPanic(argument: _idsd_v1_SetPanicRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  setPanic(argument: _idsd_v1_SetPanicRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  setPanic(argument: _idsd_v1_SetPanicRequest, callback: grpc.requestCallback<_idsd_v1_SetPanicResponse__Output>): grpc.ClientUnaryCall;
  
  StartCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  StartCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  StartCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  StartCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  startCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  startCalibration(argument: _idsd_v1_CalibrationRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  startCalibration(argument: _idsd_v1_CalibrationRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  startCalibration(argument: _idsd_v1_CalibrationRequest, callback: grpc.requestCallback<_idsd_v1_CalibrationChange__Output>): grpc.ClientUnaryCall;
  
  Unblock(argument: _idsd_v1_UnblockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  Unblock(argument: _idsd_v1_UnblockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  Unblock(argument: _idsd_v1_UnblockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  Unblock(argument: _idsd_v1_UnblockRequest, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  unblock(argument: _idsd_v1_UnblockRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  unblock(argument: _idsd_v1_UnblockRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  unblock(argument: _idsd_v1_UnblockRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  unblock(argument: _idsd_v1_UnblockRequest, callback: grpc.requestCallback<_idsd_v1_UnblockResponse__Output>): grpc.ClientUnaryCall;
  
  WatchAlerts(argument: _idsd_v1_WatchAlertsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_AlertEvent__Output>;
  WatchAlerts(argument: _idsd_v1_WatchAlertsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_AlertEvent__Output>;
  watchAlerts(argument: _idsd_v1_WatchAlertsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_AlertEvent__Output>;
  watchAlerts(argument: _idsd_v1_WatchAlertsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_AlertEvent__Output>;
  
  WatchDecisions(argument: _idsd_v1_WatchDecisionsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_DecisionEvent__Output>;
  WatchDecisions(argument: _idsd_v1_WatchDecisionsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_DecisionEvent__Output>;
  watchDecisions(argument: _idsd_v1_WatchDecisionsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_DecisionEvent__Output>;
  watchDecisions(argument: _idsd_v1_WatchDecisionsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_DecisionEvent__Output>;
  
  WatchFlows(argument: _idsd_v1_WatchFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_FlowEvent__Output>;
  WatchFlows(argument: _idsd_v1_WatchFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_FlowEvent__Output>;
  watchFlows(argument: _idsd_v1_WatchFlowsRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_FlowEvent__Output>;
  watchFlows(argument: _idsd_v1_WatchFlowsRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_idsd_v1_FlowEvent__Output>;
  
  Why(argument: _idsd_v1_WhyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  Why(argument: _idsd_v1_WhyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  Why(argument: _idsd_v1_WhyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  Why(argument: _idsd_v1_WhyRequest, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  why(argument: _idsd_v1_WhyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  why(argument: _idsd_v1_WhyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  why(argument: _idsd_v1_WhyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  why(argument: _idsd_v1_WhyRequest, callback: grpc.requestCallback<_idsd_v1_WhyResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface IdsdHandlers extends grpc.UntypedServiceImplementation {
  AddAllow: grpc.handleUnaryCall<_idsd_v1_AddAllowRequest__Output, _idsd_v1_AddAllowResponse>;
  
  Apply: grpc.handleUnaryCall<_idsd_v1_ApplyRequest__Output, _idsd_v1_ApplyResponse>;
  
  ApplyCalibration: grpc.handleUnaryCall<_idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange>;
  
  Block: grpc.handleUnaryCall<_idsd_v1_BlockRequest__Output, _idsd_v1_BlockResponse>;
  
  CancelCalibration: grpc.handleUnaryCall<_idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange>;
  
  CheckAllow: grpc.handleUnaryCall<_idsd_v1_CheckAllowRequest__Output, _idsd_v1_CheckAllowResponse>;
  
  ClearCalibration: grpc.handleUnaryCall<_idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange>;
  
  Confirm: grpc.handleUnaryCall<_idsd_v1_EndTrialRequest__Output, _idsd_v1_EndTrialResponse>;
  
  ExportFlows: grpc.handleServerStreamingCall<_idsd_v1_ExportFlowsRequest__Output, _idsd_v1_ExportFlowsPage>;
  
  ExportList: grpc.handleServerStreamingCall<_idsd_v1_ExportListRequest__Output, _idsd_v1_ExportListPage>;
  
  GetAlert: grpc.handleUnaryCall<_idsd_v1_GetAlertRequest__Output, _idsd_v1_Alert>;
  
  GetCalibration: grpc.handleUnaryCall<_idsd_v1_GetCalibrationRequest__Output, _idsd_v1_Calibration>;
  
  GetDecision: grpc.handleUnaryCall<_idsd_v1_GetDecisionRequest__Output, _idsd_v1_Decision>;
  
  GetStatus: grpc.handleUnaryCall<_idsd_v1_GetStatusRequest__Output, _idsd_v1_Status>;
  
  GetTop: grpc.handleUnaryCall<_idsd_v1_GetTopRequest__Output, _idsd_v1_Top>;
  
  ImportList: grpc.handleClientStreamingCall<_idsd_v1_ImportListRequest__Output, _idsd_v1_ImportListResponse>;
  
  ListAlerts: grpc.handleUnaryCall<_idsd_v1_ListAlertsRequest__Output, _idsd_v1_ListAlertsResponse>;
  
  ListAllow: grpc.handleUnaryCall<_idsd_v1_ListAllowRequest__Output, _idsd_v1_ListAllowResponse>;
  
  ListAudit: grpc.handleUnaryCall<_idsd_v1_ListAuditRequest__Output, _idsd_v1_ListAuditResponse>;
  
  ListDecisions: grpc.handleUnaryCall<_idsd_v1_ListDecisionsRequest__Output, _idsd_v1_ListDecisionsResponse>;
  
  ListFlows: grpc.handleUnaryCall<_idsd_v1_ListFlowsRequest__Output, _idsd_v1_ListFlowsResponse>;
  
  ListLists: grpc.handleUnaryCall<_idsd_v1_ListListsRequest__Output, _idsd_v1_ListListsResponse>;
  
  PlanApply: grpc.handleUnaryCall<_idsd_v1_PlanApplyRequest__Output, _idsd_v1_ApplyPlan>;
  
  PlanBlock: grpc.handleUnaryCall<_idsd_v1_PlanBlockRequest__Output, _idsd_v1_BlockPlan>;
  
  PlanImport: grpc.handleClientStreamingCall<_idsd_v1_ImportListRequest__Output, _idsd_v1_BlockPlan>;
  
  PlanMode: grpc.handleUnaryCall<_idsd_v1_PlanModeRequest__Output, _idsd_v1_ModePlan>;
  
  RemoveAllow: grpc.handleUnaryCall<_idsd_v1_RemoveAllowRequest__Output, _idsd_v1_RemoveAllowResponse>;
  
  RemoveList: grpc.handleUnaryCall<_idsd_v1_RemoveListRequest__Output, _idsd_v1_RemoveListResponse>;
  
  ResumeOrigin: grpc.handleUnaryCall<_idsd_v1_ResumeOriginRequest__Output, _idsd_v1_ResumeOriginResponse>;
  
  Rollback: grpc.handleUnaryCall<_idsd_v1_EndTrialRequest__Output, _idsd_v1_EndTrialResponse>;
  
  SetMode: grpc.handleUnaryCall<_idsd_v1_SetModeRequest__Output, _idsd_v1_SetModeResponse>;
  
  SetPanic: grpc.handleUnaryCall<_idsd_v1_SetPanicRequest__Output, _idsd_v1_SetPanicResponse>;
  
  StartCalibration: grpc.handleUnaryCall<_idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange>;
  
  Unblock: grpc.handleUnaryCall<_idsd_v1_UnblockRequest__Output, _idsd_v1_UnblockResponse>;
  
  WatchAlerts: grpc.handleServerStreamingCall<_idsd_v1_WatchAlertsRequest__Output, _idsd_v1_AlertEvent>;
  
  WatchDecisions: grpc.handleServerStreamingCall<_idsd_v1_WatchDecisionsRequest__Output, _idsd_v1_DecisionEvent>;
  
  WatchFlows: grpc.handleServerStreamingCall<_idsd_v1_WatchFlowsRequest__Output, _idsd_v1_FlowEvent>;
  
  Why: grpc.handleUnaryCall<_idsd_v1_WhyRequest__Output, _idsd_v1_WhyResponse>;
  
}

export interface IdsdDefinition extends grpc.ServiceDefinition {
  AddAllow: MethodDefinition<_idsd_v1_AddAllowRequest, _idsd_v1_AddAllowResponse, _idsd_v1_AddAllowRequest__Output, _idsd_v1_AddAllowResponse__Output>
  Apply: MethodDefinition<_idsd_v1_ApplyRequest, _idsd_v1_ApplyResponse, _idsd_v1_ApplyRequest__Output, _idsd_v1_ApplyResponse__Output>
  ApplyCalibration: MethodDefinition<_idsd_v1_CalibrationRequest, _idsd_v1_CalibrationChange, _idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange__Output>
  Block: MethodDefinition<_idsd_v1_BlockRequest, _idsd_v1_BlockResponse, _idsd_v1_BlockRequest__Output, _idsd_v1_BlockResponse__Output>
  CancelCalibration: MethodDefinition<_idsd_v1_CalibrationRequest, _idsd_v1_CalibrationChange, _idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange__Output>
  CheckAllow: MethodDefinition<_idsd_v1_CheckAllowRequest, _idsd_v1_CheckAllowResponse, _idsd_v1_CheckAllowRequest__Output, _idsd_v1_CheckAllowResponse__Output>
  ClearCalibration: MethodDefinition<_idsd_v1_CalibrationRequest, _idsd_v1_CalibrationChange, _idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange__Output>
  Confirm: MethodDefinition<_idsd_v1_EndTrialRequest, _idsd_v1_EndTrialResponse, _idsd_v1_EndTrialRequest__Output, _idsd_v1_EndTrialResponse__Output>
  ExportFlows: MethodDefinition<_idsd_v1_ExportFlowsRequest, _idsd_v1_ExportFlowsPage, _idsd_v1_ExportFlowsRequest__Output, _idsd_v1_ExportFlowsPage__Output>
  ExportList: MethodDefinition<_idsd_v1_ExportListRequest, _idsd_v1_ExportListPage, _idsd_v1_ExportListRequest__Output, _idsd_v1_ExportListPage__Output>
  GetAlert: MethodDefinition<_idsd_v1_GetAlertRequest, _idsd_v1_Alert, _idsd_v1_GetAlertRequest__Output, _idsd_v1_Alert__Output>
  GetCalibration: MethodDefinition<_idsd_v1_GetCalibrationRequest, _idsd_v1_Calibration, _idsd_v1_GetCalibrationRequest__Output, _idsd_v1_Calibration__Output>
  GetDecision: MethodDefinition<_idsd_v1_GetDecisionRequest, _idsd_v1_Decision, _idsd_v1_GetDecisionRequest__Output, _idsd_v1_Decision__Output>
  GetStatus: MethodDefinition<_idsd_v1_GetStatusRequest, _idsd_v1_Status, _idsd_v1_GetStatusRequest__Output, _idsd_v1_Status__Output>
  GetTop: MethodDefinition<_idsd_v1_GetTopRequest, _idsd_v1_Top, _idsd_v1_GetTopRequest__Output, _idsd_v1_Top__Output>
  ImportList: MethodDefinition<_idsd_v1_ImportListRequest, _idsd_v1_ImportListResponse, _idsd_v1_ImportListRequest__Output, _idsd_v1_ImportListResponse__Output>
  ListAlerts: MethodDefinition<_idsd_v1_ListAlertsRequest, _idsd_v1_ListAlertsResponse, _idsd_v1_ListAlertsRequest__Output, _idsd_v1_ListAlertsResponse__Output>
  ListAllow: MethodDefinition<_idsd_v1_ListAllowRequest, _idsd_v1_ListAllowResponse, _idsd_v1_ListAllowRequest__Output, _idsd_v1_ListAllowResponse__Output>
  ListAudit: MethodDefinition<_idsd_v1_ListAuditRequest, _idsd_v1_ListAuditResponse, _idsd_v1_ListAuditRequest__Output, _idsd_v1_ListAuditResponse__Output>
  ListDecisions: MethodDefinition<_idsd_v1_ListDecisionsRequest, _idsd_v1_ListDecisionsResponse, _idsd_v1_ListDecisionsRequest__Output, _idsd_v1_ListDecisionsResponse__Output>
  ListFlows: MethodDefinition<_idsd_v1_ListFlowsRequest, _idsd_v1_ListFlowsResponse, _idsd_v1_ListFlowsRequest__Output, _idsd_v1_ListFlowsResponse__Output>
  ListLists: MethodDefinition<_idsd_v1_ListListsRequest, _idsd_v1_ListListsResponse, _idsd_v1_ListListsRequest__Output, _idsd_v1_ListListsResponse__Output>
  PlanApply: MethodDefinition<_idsd_v1_PlanApplyRequest, _idsd_v1_ApplyPlan, _idsd_v1_PlanApplyRequest__Output, _idsd_v1_ApplyPlan__Output>
  PlanBlock: MethodDefinition<_idsd_v1_PlanBlockRequest, _idsd_v1_BlockPlan, _idsd_v1_PlanBlockRequest__Output, _idsd_v1_BlockPlan__Output>
  PlanImport: MethodDefinition<_idsd_v1_ImportListRequest, _idsd_v1_BlockPlan, _idsd_v1_ImportListRequest__Output, _idsd_v1_BlockPlan__Output>
  PlanMode: MethodDefinition<_idsd_v1_PlanModeRequest, _idsd_v1_ModePlan, _idsd_v1_PlanModeRequest__Output, _idsd_v1_ModePlan__Output>
  RemoveAllow: MethodDefinition<_idsd_v1_RemoveAllowRequest, _idsd_v1_RemoveAllowResponse, _idsd_v1_RemoveAllowRequest__Output, _idsd_v1_RemoveAllowResponse__Output>
  RemoveList: MethodDefinition<_idsd_v1_RemoveListRequest, _idsd_v1_RemoveListResponse, _idsd_v1_RemoveListRequest__Output, _idsd_v1_RemoveListResponse__Output>
  ResumeOrigin: MethodDefinition<_idsd_v1_ResumeOriginRequest, _idsd_v1_ResumeOriginResponse, _idsd_v1_ResumeOriginRequest__Output, _idsd_v1_ResumeOriginResponse__Output>
  Rollback: MethodDefinition<_idsd_v1_EndTrialRequest, _idsd_v1_EndTrialResponse, _idsd_v1_EndTrialRequest__Output, _idsd_v1_EndTrialResponse__Output>
  SetMode: MethodDefinition<_idsd_v1_SetModeRequest, _idsd_v1_SetModeResponse, _idsd_v1_SetModeRequest__Output, _idsd_v1_SetModeResponse__Output>
  SetPanic: MethodDefinition<_idsd_v1_SetPanicRequest, _idsd_v1_SetPanicResponse, _idsd_v1_SetPanicRequest__Output, _idsd_v1_SetPanicResponse__Output>
  StartCalibration: MethodDefinition<_idsd_v1_CalibrationRequest, _idsd_v1_CalibrationChange, _idsd_v1_CalibrationRequest__Output, _idsd_v1_CalibrationChange__Output>
  Unblock: MethodDefinition<_idsd_v1_UnblockRequest, _idsd_v1_UnblockResponse, _idsd_v1_UnblockRequest__Output, _idsd_v1_UnblockResponse__Output>
  WatchAlerts: MethodDefinition<_idsd_v1_WatchAlertsRequest, _idsd_v1_AlertEvent, _idsd_v1_WatchAlertsRequest__Output, _idsd_v1_AlertEvent__Output>
  WatchDecisions: MethodDefinition<_idsd_v1_WatchDecisionsRequest, _idsd_v1_DecisionEvent, _idsd_v1_WatchDecisionsRequest__Output, _idsd_v1_DecisionEvent__Output>
  WatchFlows: MethodDefinition<_idsd_v1_WatchFlowsRequest, _idsd_v1_FlowEvent, _idsd_v1_WatchFlowsRequest__Output, _idsd_v1_FlowEvent__Output>
  Why: MethodDefinition<_idsd_v1_WhyRequest, _idsd_v1_WhyResponse, _idsd_v1_WhyRequest__Output, _idsd_v1_WhyResponse__Output>
}
