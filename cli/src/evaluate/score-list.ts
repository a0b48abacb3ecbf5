/** Scores, tens of millions of them: four bytes each, in one array that doubles. */

export interface ScoreList {
  add(score: number): void
  /** `Float32Array`, ascending. The list takes no more after it. */
  sorted(): Float32Array
}

export function createScoreList(): ScoreList {
  let scores = new Float32Array(1 << 12)
  let length = 0
  return {
    add(score) {
      if (length === scores.length) {
        const larger = new Float32Array(2 * length)
        larger.set(scores)
        scores = larger
      }
      scores[length++] = score
    },
    sorted: () => scores.subarray(0, length).sort(),
  }
}
