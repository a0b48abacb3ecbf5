/** What takes exported flows, whatever its format. */

import type { FlowRecord } from '../contract.js'

export interface FlowFile {
  /** Names of the features that come with each flow, once, before the first flow. */
  begin(featureNames: readonly string[]): Promise<void>
  /** @param features row-major, one row of the names for each flow; NaN where they are not known */
  write(flows: readonly FlowRecord[], features: readonly number[]): Promise<void>
  /** Everything is written; only now is the file there under its name. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/** Files grow under this name, so that nobody takes half an export for a whole one. */
export function unfinished(path: string): string {
  return `${path}.part`
}
