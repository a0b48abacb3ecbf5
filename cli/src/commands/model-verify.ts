/** `idsctl model verify`: may the daemon load a bundle, and does it score as its author says. */

import type { Command } from 'commander'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { modelChecksPage } from '../output/model-page.js'
import { printOne } from '../output/print.js'
import { counted } from '../output/units.js'
import { shippedModelDir } from '../shipped-model.js'

export function addModelVerify(model: Command, io: Io): void {
  model
    .command('verify')
    .description('check a bundle: its hash, its features, its graph, its scores; exit 1 when one fails')
    .argument('[dir]', 'folder of the bundle; default: the shipped one')
    .addHelpText(
      'after',
      `
The scores of check.json in the bundle, rows with the score that the author's library gave them, must come out again;
a bundle without it passes without that check.

Examples:
  idsctl model verify
  idsctl model verify ./mine -o json | jq '.checks[] | select(.result == "failed")'`,
    )
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      const globals = globalsOf(command)
      const dir = given ?? shippedModelDir()
      const { verifyBundle } = await import('../../../daemon/src/score/verify-bundle.js')
      const checks = await verifyBundle(dir)
      const failed = checks.filter(({ result }) => result === 'failed').length
      const document = { schema: 'idsd.model_checks.v1', dir, ok: failed === 0, checks }
      printOne(io, globals, document, (style) => modelChecksPage(checks, style))
      if (failed > 0) throw new CliError(EXIT.error, `${counted(failed, 'check')} failed of ${dir}`)
    })
}
