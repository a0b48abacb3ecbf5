// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface SiteThresholds {
  'atMs'?: (number | string | Long);
  'by'?: (string);
  'alerts'?: (number | string);
  'flows'?: (number | string | Long);
  'sources'?: (number | string | Long);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'thresholds'?: ({[key: string]: number | string});
  'modelSha256'?: (string);
  'modelThreshold'?: (number | string);
  'modelName'?: (string);
  'forced'?: (string);
}

export interface SiteThresholds__Output {
  'atMs': (number);
  'by': (string);
  'alerts': (number);
  'flows': (number);
  'sources': (number);
  'sinceMs': (number);
  'untilMs': (number);
  'thresholds': ({[key: string]: number});
  'modelSha256': (string);
  'modelThreshold': (number);
  'modelName': (string);
  'forced': (string);
}
