/** The entries of `lists.scheduled`: each of their keys says by itself what it expects. */

import { z } from 'zod'
import { listFormats } from '../lists/list-reader.js'
import { LIST_NAME } from '../lists/list-row.js'
import type { ScheduledList } from '../lists/schedule.js'
import { isInRange, type Rate, readRate } from '../rate.js'
import { absolutePath, integer, type Kind, oneOf } from './values.js'

const eitherOf = 'either file = "/PATH" or command = ["/PROGRAM", "ARGUMENT"]'

/** Lists with distinct names, each from a file or a command. */
export function scheduledLists(): Kind<readonly ScheduledList[]> {
  const entry = z
    .strictObject({
      name: field(listName()),
      file: field(absolutePath()).optional(),
      command: field(command()).default([]),
      format: field(oneOf(...listFormats)).default('auto'),
      column: field(columnName()).optional(),
      every_s: field(integer(1, 31_536_000, 'seconds')).default(86_400),
      ttl_s: field(integer(0, 315_576_000, 'seconds')).default(0),
      action: field(oneOf('observe', 'limit', 'syn_drop', 'drop', 'reject')).default('drop'),
      rate: field(rate()).optional(),
    })
    .refine(({ action, rate: given }) => action !== 'limit' || given !== undefined, {
      path: ['rate'],
      params: { expected: `${rate().expected}, for action = "limit"` },
    })
    .refine(({ action, rate: given }) => action === 'limit' || given === undefined, {
      path: ['rate'],
      params: { expected: 'no rate, or action = "limit"' },
    })
    .refine((given) => given.file !== undefined || given.command.length > 0, {
      params: { expected: eitherOf, got: 'neither' },
    })
    .refine((given) => given.file === undefined || given.command.length === 0, {
      params: { expected: eitherOf, got: 'both' },
    })
  const camelCased = entry.transform(
    ({ every_s, ttl_s, file, column, rate: limit, ...rest }): ScheduledList => ({
      ...rest,
      ...(limit === undefined ? {} : { limit }),
      file: file ?? null,
      column: column ?? null,
      everyS: every_s,
      ttlS: ttl_s,
    }),
  )
  const names = (lists: readonly ScheduledList[]) => new Set(lists.map(({ name }) => name))
  return {
    schema: z.array(camelCased).refine((lists) => names(lists).size === lists.length),
    expected:
      'a list of { name = "NAME", file = "/PATH" or command = ["/PROGRAM", "ARGUMENT"], format = "auto", ' +
      'every_s = 86400, ttl_s = 0, action = "drop", "reject", "syn_drop", "limit" with rate = "100pps", or "observe" }, ' +
      'each name once',
  }
}

/** One fault for whatever is wrong with the value, in the words of its kind. */
function field<Value>({ schema, expected }: Kind<Value>) {
  return z.unknown().transform((written, context): Value => {
    const read = schema.safeParse(written)
    if (read.success) return read.data
    context.addIssue({ code: 'custom', params: { expected } })
    return z.NEVER
  })
}

function listName(): Kind<string> {
  return {
    schema: z.string().regex(LIST_NAME),
    expected: 'a name of 1 to 63 letters, digits, ".", "_" and "-" that begins with a letter or a digit',
  }
}

function columnName(): Kind<string> {
  return { schema: z.string().min(1).max(100), expected: 'the name of a column, 1 to 100 characters' }
}

/** Empty as good as absent. */
function command(): Kind<readonly string[]> {
  const words = z.array(z.string().refine((word) => !word.includes('\0'))).max(64)
  const isProgram = ([program]: readonly string[]) =>
    program === undefined || absolutePath().schema.safeParse(program).success
  return { schema: words.refine(isProgram), expected: '["/PROGRAM", "ARGUMENT", ...], at most 64 of them' }
}

/** What a limit of the kernel can be. */
function rate(): Kind<Rate> {
  const schema = z.string().transform((text, context): Rate => {
    const given = readRate(text)
    if (given !== undefined && isInRange(given)) return given
    context.addIssue('not a rate')
    return z.NEVER
  })
  return {
    schema,
    expected: 'a rate such as "100pps" or "10Mbit": 1 to 10M packets, or 1k to 1T bits, a second',
  }
}
