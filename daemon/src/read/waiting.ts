/** The looks between two steps: what becomes evidence by waiting does so at the same time as live. Pure. */

/** A daemon without records looks so often, us. */
const lookEveryUs = 100_000
/** Behind so much silence no flow is open: the sweep ends each at 120 s or a second later; us. */
const noFlowOpenUs = 125_000_000
const rareEveryUs = 10_000_000
/** Behind so much silence no detector's window is open, us: the longest is 10 min. */
const noWindowOpenUs = 1_200_000_000

/**
 * Times to look at between the last look and the next step.
 * @param lookedUs the last look
 * @param toldUs the last step that told something
 * @param untilUs the next step, which is not among them
 * @param nextEndUs when the next block runs out, asked for in long silence only; Infinity when none stands
 */
export function* looksBetween(
  lookedUs: number,
  toldUs: number,
  untilUs: number,
  nextEndUs: () => number,
): Generator<number> {
  for (let atUs = lookedUs; ; ) {
    const silentUs = atUs - toldUs
    if (silentUs < noFlowOpenUs) atUs += lookEveryUs
    else if (silentUs < noWindowOpenUs) atUs += rareEveryUs
    else atUs = Math.max(atUs + lookEveryUs, nextEndUs())
    if (atUs >= untilUs) return
    yield atUs
  }
}
