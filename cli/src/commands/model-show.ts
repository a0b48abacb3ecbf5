/** `idsctl model show`: the manifest of a bundle on one page. */

import type { Command } from 'commander'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { modelDocument } from '../output/model.js'
import { modelPage } from '../output/model-page.js'
import { printOne } from '../output/print.js'
import { shippedModelDir } from '../shipped-model.js'

export function addModelShow(model: Command, io: Io): void {
  model
    .command('show')
    .description('what a model takes, was trained on, and how it was measured')
    .argument('[dir]', 'folder of the bundle; default: the shipped one')
    .addHelpText(
      'after',
      `
Examples:
  idsctl model show
  idsctl model show ./mine -o json | jq .metrics.test`,
    )
    .action(async (dir: string | undefined, _options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const { loadBundle } = await import('../../../daemon/src/score/bundle.js')
      const bundle = loadBundle(dir ?? shippedModelDir())
      printOne(io, globals, modelDocument(bundle), (style) => modelPage(bundle, style))
    })
}
