import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { processIo } from '../../cli/src/io.js'
import { createProgram } from '../../cli/src/program.js'
import { operationsFile, partsOf, textOf, wordsOf } from './operations/page.js'

type Command = ReturnType<typeof createProgram>

const text = readFileSync(operationsFile, 'utf8')

/** Every command line that names idsctl: in blocks, and between single backquotes. */
const commands = [
  ...new Set(
    [
      ...text.matchAll(/^(?:\$ )?((?:sudo )?idsctl .*)$/gm),
      ...text.matchAll(/`((?:sudo )?idsctl [^`\n]*)`/g),
    ].map(([, line]) => line as string),
  ),
]

/** Throws where idsctl would end with 2 before it asks anybody. */
function parse(line: string): void {
  const program = createProgram(processIo())
  let [, ...words] = wordsOf(line.replace(/^sudo /, ''))
  let command: Command = program
  // Some groups of commands show a page of their own.
  const showsPage = () => words.length === 0 && Reflect.get(command, '_actionHandler') !== null
  while (command.commands.length > 0 && !showsPage()) {
    const next = command.commands.find((each) => each.name() === words[0])
    assert.ok(next !== undefined, `there is no command ${words[0]}`)
    command = next
    words = words.slice(1)
  }
  const { operands, unknown } = command.parseOptions(words)
  const { operands: more, unknown: left } = program.parseOptions(unknown)
  assert.deepEqual(left, [], 'options that do not exist')
  const given = operands.length + more.length
  const { registeredArguments } = command
  assert.ok(given >= registeredArguments.filter(({ required }) => required).length, 'an argument is missing')
  if (!registeredArguments.some(({ variadic }) => variadic))
    assert.ok(given <= registeredArguments.length, 'an argument too many')
}

describe('the operations page', () => {
  test('names commands, and some of them often', () => assert.ok(commands.length >= 20, `${commands.length}`))

  for (const line of commands) test(`has a command that idsctl takes: ${line}`, () => parse(line))

  for (const line of ['idsctl nothing', 'idsctl status --nothing', 'idsctl unblock', 'idsctl status more']) {
    test(`would be caught with ${line}`, () => assert.throws(() => parse(line)))
  }

  test('is the same when it is taken apart and put together', () => assert.equal(textOf(partsOf(text)), text))
})
