// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface FlowRecord {
  'id'?: (string);
  'seq'?: (number);
  'interface'?: (string);
  'src'?: (string);
  'dst'?: (string);
  'srcPort'?: (number);
  'dstPort'?: (number);
  'protocol'?: (number);
  'startUs'?: (number | string | Long);
  'lastUs'?: (number | string | Long);
  'packetsFwd'?: (number | string | Long);
  'packetsBwd'?: (number | string | Long);
  'bytesFwd'?: (number | string | Long);
  'bytesBwd'?: (number | string | Long);
  'tcpState'?: (string);
  'pathProven'?: (boolean);
  'endReason'?: (string);
  'score'?: (number | string);
  'firstBackward'?: (boolean);
  'synCount'?: (number);
  'finCount'?: (number);
  'rstCount'?: (number);
  'kind'?: (string);
  'communityId'?: (string);
  'reasons'?: (string)[];
  'durationUs'?: (number | string | Long);
  'firstIngress'?: (boolean);
  'isContinuation'?: (boolean);
  '_score'?: "score";
}

export interface FlowRecord__Output {
  'id': (string);
  'seq': (number);
  'interface': (string);
  'src': (string);
  'dst': (string);
  'srcPort': (number);
  'dstPort': (number);
  'protocol': (number);
  'startUs': (number);
  'lastUs': (number);
  'packetsFwd': (number);
  'packetsBwd': (number);
  'bytesFwd': (number);
  'bytesBwd': (number);
  'tcpState': (string);
  'pathProven': (boolean);
  'endReason': (string);
  'score'?: (number);
  'firstBackward': (boolean);
  'synCount': (number);
  'finCount': (number);
  'rstCount': (number);
  'kind': (string);
  'communityId': (string);
  'reasons': (string)[];
  'durationUs': (number);
  'firstIngress': (boolean);
  'isContinuation': (boolean);
  '_score'?: "score";
}
