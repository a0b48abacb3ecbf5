/** Evidence as JSON: NaN, which JSON has not, is written as null. */

import type { Evidence } from '../detect/evidence.js'

/** Fields that evidence written under schema 2 lacks. */
type Added = 'about' | 'pointsLastMs' | 'isProven'
type Written = Omit<Evidence, 'scores' | Added> &
  Partial<Pick<Evidence, Added>> & { readonly scores: readonly (number | null)[] }

/** What evidence without these fields was: about a source, for 60 s, of unknown path. */
const unsaid: Pick<Evidence, Added> = { about: 'source', pointsLastMs: 60_000, isProven: false }

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
  return { ...unsaid, ...written, scores: written.scores.map((score) => score ?? Number.NaN) }
}
