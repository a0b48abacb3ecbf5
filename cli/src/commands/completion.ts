/** `idsctl completion`: scripts for the shell, made from the command tree itself. */

import { Argument, type Command } from 'commander'
import { bashCompletion } from '../completion/bash.js'
import { commandTree } from '../completion/tree.js'
import { zshCompletion } from '../completion/zsh.js'
import { usageError } from '../errors.js'
import type { Io } from '../io.js'

export function addCompletion(program: Command, io: Io): void {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'bash or zsh').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      `
Examples:
  source <(idsctl completion bash)                                           in this shell
  idsctl completion bash | sudo tee /etc/bash_completion.d/idsctl >/dev/null  for everybody
  idsctl completion zsh > "\${fpath[1]}/_idsctl"`,
    )
    .action((shell: 'bash' | 'zsh') => {
      if (program.getOptionValueSource('output') === 'cli') {
        throw usageError('completion prints a shell script and has no other format', 'leave out -o')
      }
      const tree = commandTree(program)
      io.stdout.write(shell === 'bash' ? bashCompletion(tree) : zshCompletion(tree))
    })
}
