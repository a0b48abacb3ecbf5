/** The command tree as completion needs it. */

import type { Command } from 'commander'

export interface Entry {
  readonly name: string
  readonly description: string
}

export interface OptionEntry {
  /** `-o`, `--output`; one or both. */
  readonly flags: readonly string[]
  readonly description: string
  readonly takesValue: boolean
  readonly takesPath: boolean
  /** Empty when any value will do. */
  readonly choices: readonly string[]
}

export interface CommandNode {
  /** `decisions list`; empty for the program itself. */
  readonly path: string
  readonly commands: readonly Entry[]
  /** Words that the first argument may be; empty when any will do. */
  readonly choices: readonly string[]
  /** Its arguments are files or folders. */
  readonly takesPaths: boolean
  /** Its own and the global ones. */
  readonly options: readonly OptionEntry[]
}

/** Names of arguments that are files or folders. */
const pathNames = /^(capture|dir|.*\.csv)$/

/** Every command that help shows, parents first. */
export function commandTree(program: Command): readonly CommandNode[] {
  return nodes(program, '', [])
}

function nodes(command: Command, path: string, inherited: readonly OptionEntry[]): CommandNode[] {
  const help = command.createHelp()
  const own = help.visibleOptions(command).map((option): OptionEntry => {
    const flags = [option.short, option.long].filter((flag): flag is string => flag != null)
    return {
      flags,
      description: option.description,
      takesValue: option.required || option.optional,
      takesPath: /<path>/.test(option.flags),
      choices: option.argChoices ?? [],
    }
  })
  const known = new Set(own.flatMap(({ flags }) => flags))
  const options = [...own, ...inherited.filter(({ flags }) => !flags.some((flag) => known.has(flag)))]
  const commands = help.visibleCommands(command)
  return [
    {
      path,
      commands: commands.map((each) => ({ name: each.name(), description: each.description() })),
      choices: command.registeredArguments[0]?.argChoices ?? [],
      takesPaths: command.registeredArguments.some((argument) => pathNames.test(argument.name())),
      options,
    },
    ...commands
      .filter((each) => each.name() !== 'help')
      .flatMap((each) => nodes(each, path === '' ? each.name() : `${path} ${each.name()}`, options)),
  ]
}
