/** Evidence as JSON: NaN, which JSON has not, is written as null. */

import type { Evidence } from '../detect/evidence.js'

type Written = Omit<Evidence, 'scores'> & { readonly scores: readonly (number | null)[] }

export function writeEvidence(evidence: Evidence | readonly Evidence[]): string {
  return JSON.stringify(evidence)
}

export function readEvidence(text: string): Evidence {
  return revive(JSON.parse(text) as Written)
}

export function readEvidenceList(text: string): Evidence[] {
  return (JSON.parse(text) as Written[]).map(revive)
}

function revive(written: Written): Evidence {
  return { ...written, scores: written.scores.map((score) => score ?? Number.NaN) }
}
