/** Prints what happens, as it happens: seconds since the start, who, what. Colours on a terminal only. */

/** A narrator with a clock. */
export interface Story {
  /** The headline of a part. */
  title(text: string): void
  /** One event; `atMs` is when it happened, ms since 1970, default now. Long texts go on below themselves. */
  tell(who: string, text: string, atMs?: number): void
  /** A command as one would type it, and the lines it printed. */
  command(line: string, output: string): void
  /** What must not be overlooked. */
  fault(text: string): void
  blank(): void
}

export interface StoryOptions {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  /** Characters of a line, at least 60. */
  readonly width: number
  /** When it all began, ms since 1970. */
  readonly startMs: number
}

const whoWidth = 9
const indent = '  '

export function createStory({ write, isTerminal, width, startMs }: StoryOptions): Story {
  const styled = (code: number, text: string) => (isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text)
  const bold = (text: string) => styled(1, text)
  const dim = (text: string) => styled(2, text)
  const red = (text: string) => styled(31, text)
  // A terminal would break a long row of a table in two; a file keeps it whole.
  const room = isTerminal ? Math.max(60, width) - indent.length - 2 : Infinity
  const fit = (text: string) => (text.length <= room ? text : `${text.slice(0, room - 1)}…`)
  const line = (text = '') => write(`${text}\n`)
  return {
    title(text) {
      line()
      line(bold(text))
    },
    tell(who, text, atMs = Date.now()) {
      const stamp = `${((atMs - startMs) / 1000).toFixed(2).padStart(6)} s`
      const head = `${indent}${dim(stamp)}  ${who.padEnd(whoWidth)} `
      const margin = ' '.repeat(indent.length + stamp.length + 2 + whoWidth + 1)
      const [first, ...rest] = wrap(text, Math.max(60, width) - margin.length)
      line(`${head}${first}`)
      for (const more of rest) line(`${margin}${more}`)
    },
    command(text, output) {
      line()
      line(`${indent}${bold(`$ ${text}`)}`)
      for (const one of output.trimEnd().split('\n')) line(`${indent}${dim('|')} ${fit(one)}`)
      line()
    },
    fault: (text) => line(red(`FAILED: ${text}`)),
    blank: () => line(),
  }
}

/** Breaks at spaces; a word longer than the width stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
