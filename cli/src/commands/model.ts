/** `idsctl model`: bundles of the flow classifier, looked at without a daemon. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addModelShow } from './model-show.js'
import { addModelVerify } from './model-verify.js'

export function addModel(program: Command, io: Io): void {
  const model = program
    .command('model')
    .description('a model bundle, without the daemon: show, verify')
    .addHelpText(
      'after',
      `
A bundle is a folder with model.onnx and manifest.json. Without DIR: the one that ships with idsd. Which one the daemon
runs says idsctl status.

Examples:
  idsctl model show               what the shipped model takes, was trained on and can do
  idsctl model verify ./mine      may the daemon load it, before model.dir names it`,
    )
  addModelShow(model, io)
  addModelVerify(model, io)
}
