/** Rows of a model from records of the kernel. */

import { featureMatrix } from '../features/compute.js'

/**
 * @param offsets where the full records begin, n of them
 * @param columns indices into `featureColumns`, in the model's order; -1 stands for a feature that is always 0
 * @returns `Float32Array`, row-major, `[n, columns.length]`
 */
export function featureRows(
  view: DataView,
  offsets: readonly number[],
  columns: readonly number[],
): Float32Array {
  if (!columns.includes(-1)) return featureMatrix(view, offsets, columns)
  const places = columns.flatMap((column, i) => (column === -1 ? [] : [i]))
  const known = featureMatrix(
    view,
    offsets,
    places.map((i) => columns[i] as number),
  )
  const rows = new Float32Array(offsets.length * columns.length)
  known.forEach((value, i) => {
    const row = Math.floor(i / places.length)
    rows[row * columns.length + (places[i % places.length] as number)] = value
  })
  return rows
}
