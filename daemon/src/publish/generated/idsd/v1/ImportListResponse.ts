// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';
import type { RefusedListEntry as _idsd_v1_RefusedListEntry, RefusedListEntry__Output as _idsd_v1_RefusedListEntry__Output } from '../../idsd/v1/RefusedListEntry.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';
import type { Long } from '@grpc/proto-loader';

export interface ImportListResponse {
  'list'?: (_idsd_v1_ImportedList | null);
  'before'?: (_idsd_v1_ImportedList | null);
  'added'?: (number | string | Long);
  'removed'?: (number | string | Long);
  'refused'?: (_idsd_v1_RefusedListEntry)[];
  'refusedTotal'?: (number | string | Long);
  'allowed'?: (number | string | Long);
  'dryRun'?: (boolean);
  'trial'?: (_idsd_v1_Trial | null);
}

export interface ImportListResponse__Output {
  'list': (_idsd_v1_ImportedList__Output | null);
  'before': (_idsd_v1_ImportedList__Output | null);
  'added': (number);
  'removed': (number);
  'refused': (_idsd_v1_RefusedListEntry__Output)[];
  'refusedTotal': (number);
  'allowed': (number);
  'dryRun': (boolean);
  'trial': (_idsd_v1_Trial__Output | null);
}
