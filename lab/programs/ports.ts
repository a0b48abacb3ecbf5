/** Lists of ports as text. */

/** Reads ports and ranges with commas, e.g. `22,80,8000-8010`; undefined when it is none or one is not 1 to 65535. */
export function portsOf(text: string): number[] | undefined {
  const all = text.split(',').map(rangeOf)
  return all.some((range) => range.length === 0) ? undefined : all.flat()
}

function rangeOf(text: string): number[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  const [least, most] = [Number(first), Number(last)]
  if (!(least >= 1 && most >= least && most <= 65_535)) return []
  return Array.from({ length: most - least + 1 }, (_, i) => least + i)
}
