/** A model bundle as a document. */

import type { Bundle } from '../../../daemon/src/score/bundle.js'
import type { Document } from './print.js'

/** `idsd.model.v1`; `training` and `metrics` are those of the manifest, `input` and `output` null when left open. */
export function modelDocument(bundle: Bundle): Document {
  return {
    schema: 'idsd.model.v1',
    dir: bundle.dir,
    name: bundle.name,
    version: bundle.version,
    role: bundle.role === '' ? null : bundle.role,
    semantics: bundle.semantics,
    sha256: bundle.sha256,
    bytes: bundle.model.length,
    input: bundle.input ?? null,
    output: bundle.output ?? null,
    threshold: bundle.threshold,
    severity: Object.fromEntries(bundle.severity.map(({ severity, from }) => [severity, from])),
    trained_on_cuts: bundle.trainedOnCuts,
    features: bundle.features,
    missing_features: bundle.missingFeatures,
    training: bundle.training,
    metrics: bundle.metrics,
  }
}
