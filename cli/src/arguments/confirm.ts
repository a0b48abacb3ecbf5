/** `--confirm`: a change is on trial, and taken back unless it is confirmed in time. */

import { type Command, Option } from 'commander'
import { parseConfirm } from './duration.js'

export interface ConfirmOption {
  /** How long, ms. */
  readonly confirm?: number
}

/** For the help of a command that takes it. */
export const CONFIRM_HELP = `With --confirm the change is on trial: unless idsctl confirm comes within the time, up to 24 h, the kernel does again what
it did before, with idsd alive or dead. idsctl rollback takes it back at once. One change is on trial at a time.`

export function addConfirm(command: Command): Command {
  return command.addOption(
    new Option('--confirm <time>', 'take it back after this, unless idsctl confirm comes before').argParser(
      parseConfirm,
    ),
  )
}
