/** What was flagged of each family of labels. */

import { share } from './metrics.js'

export interface Family {
  readonly family: string
  readonly is_benign: boolean
  readonly rows: number
  readonly flagged: number
  /** Share that was flagged; null for benign rows. */
  readonly recall: number | null
  /** Share that was flagged of benign rows; null for attacks. */
  readonly fpr: number | null
  /** In [0, 1]. */
  readonly mean_score: number
}

/** How a label counts. */
export interface Place {
  readonly family: string
  readonly isBenign: boolean
  rows: number
  flagged: number
  scores: number
}

export interface Families {
  /** The place of a label, made when it is first asked for. */
  placeOf(label: string, family: string): Place
  /** Benign first, then by name; a family without rows is left out. */
  list(): Family[]
}

/** What benign rows are called where the table names no family. */
const benignFamily = 'Benign'

/**
 * @param benignWords labels of benign rows, any case
 */
export function createFamilies(benignWords: readonly string[]): Families {
  const benign = new Set(benignWords.map((word) => word.toLowerCase()))
  const places = new Map<string, Place>()
  return {
    placeOf(label, family) {
      const isBenign = benign.has(label.toLowerCase())
      // As in training: benign rows are one family, whatever stands there.
      const name = isBenign ? benignFamily : family === '' ? label : family
      const key = `${isBenign ? '-' : '+'}${name}`
      let place = places.get(key)
      if (place === undefined) {
        place = { family: name, isBenign, rows: 0, flagged: 0, scores: 0 }
        places.set(key, place)
      }
      return place
    },
    list: () =>
      [...places.values()]
        .filter(({ rows }) => rows > 0)
        .sort((a, b) => Number(b.isBenign) - Number(a.isBenign) || (a.family < b.family ? -1 : 1))
        .map(({ family, isBenign, rows, flagged, scores }) => ({
          ...{ family, is_benign: isBenign, rows, flagged },
          recall: isBenign ? null : share(flagged, rows),
          fpr: isBenign ? share(flagged, rows) : null,
          mean_score: scores / rows,
        })),
  }
}
