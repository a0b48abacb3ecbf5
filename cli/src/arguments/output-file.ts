/** `-o PATH` of a command that writes a file, where other commands take the name of a format. */

import { type Command, Help } from 'commander'

/** @param parent the command that `command` stands under */
export function addOutputFile(command: Command, parent: Command, description: string): Command {
  return (
    command
      .option('-o, --output <path>', description)
      // The global one of that name would contradict it.
      .configureHelp({
        ...parent.configureHelp(),
        visibleGlobalOptions: (self) =>
          Help.prototype.visibleGlobalOptions
            .call(parent.createHelp(), self)
            .filter(({ long }) => long !== '--output'),
      })
  )
}
