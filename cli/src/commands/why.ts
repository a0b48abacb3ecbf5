/** `idsctl why`: all about one address on one page, with the daemon or from the pinned maps alone. */

import type { Command } from 'commander'
import { parseTarget } from '../arguments/target.js'
import { withClient } from '../client.js'
import type { Limit } from '../contract.js'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import { idsdRoot } from '../host-program.js'
import { type Io, note } from '../io.js'
import { printOne } from '../output/print.js'
import { type PinnedWhy, pinnedDocument, whyDocument } from '../output/why.js'
import { pinnedPage, whyPage } from '../output/why-page.js'
import { defaultBpffs } from '../set-panic.js'
import { sshPeer } from '../ssh-peer.js'

export function addWhy(program: Command, io: Io): void {
  program
    .command('why')
    .description(
      'why an address is blocked, or is not: kernel, decision, evidence, model, allow, history, undo',
    )
    .argument('<address|cidr>', 'IPv4 or IPv6', parseTarget)
    .option('--bpffs <path>', "folder of the daemon's pins (paths.bpffs)", defaultBpffs)
    .addHelpText(
      'after',
      `
The first line says what becomes of a packet now, read from the kernel's own maps. Then come the entries that cover the
address, the decisions behind them with their evidence, what the model's score rests on, the allow entries and guards,
what there was before, and how to undo it. Where maps and store differ it says so; idsd repairs that by itself.
Of a prefix it says what becomes of the addresses in it that have no entry of their own. Changes nothing. When idsd does
not answer it reads the pinned maps, which needs root, and says so.

Examples:
  idsctl why 203.0.113.7
  idsctl why 203.0.113.0/24
  idsctl why 203.0.113.7 -o json | jq -r '.fate, .undo[].command'
  sudo idsctl why 203.0.113.7                     also when idsd is dead or hangs`,
    )
    .action(async (target: string, options: { bpffs: string }, command: Command) => {
      const globals = globalsOf(command)
      try {
        const request = { target, callerPeer: sshPeer(io) }
        const why = await withClient(globals, (client) => client.call('why', request))
        printOne(io, globals, whyDocument(why), (style) => whyPage(why, io.nowMs(), style))
      } catch (error) {
        if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error
        if (globals.address !== undefined) throw error
        const found = await readPins(target, options.bpffs, error)
        note(io, `${error.message}; read from the pinned maps in ${options.bpffs}`)
        const { target: text, interfaces } = found
        printOne(io, globals, pinnedDocument(text, interfaces), (style) =>
          pinnedPage(text, interfaces, io.nowMs(), style),
        )
      }
    })
}

/** @throws CliError `unreachable` with what is wrong with the pins too */
async function readPins(
  target: string,
  bpffs: string,
  { message, hints }: CliError,
): Promise<{ target: string; interfaces: PinnedWhy[] }> {
  const { whyFromPins } = await import('../../../daemon/src/local/why-pins.js')
  const root = idsdRoot()
  const fail = (hint: string) => new CliError(EXIT.unreachable, message, [hint, ...hints])
  try {
    const { target: text, interfaces } = whyFromPins({ root, bpffs }, target)
    if (interfaces.length === 0)
      throw fail(
        `and there are no pinned maps in ${bpffs}: nothing is enforced there (another place: --bpffs PATH)`,
      )
    return {
      target: text,
      interfaces: interfaces.map(({ entries, lists, ...one }) => ({
        ...one,
        lists: lists.map(({ action, limit, ...list }) => ({
          ...list,
          action: actionWord(action),
          limit: limitMessage(limit, undefined),
        })),
        entries: entries.map(({ action, origin, decision, limit, limitCounts, sparesFlows, ...entry }) => ({
          ...entry,
          action: action === undefined ? '' : actionWord(action),
          limit: limitMessage(limit, limitCounts),
          sparesFlows: sparesFlows === true,
          origin: origin ?? '',
          decisionId: decision === 0 ? '' : `d${decision}`,
        })),
      })),
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    const { isForbidden } = await import('../../../daemon/src/local/panic.js')
    const why = isForbidden(error) ? 'run the command through sudo' : (error as Error).message
    throw fail(`and the pinned maps in ${bpffs} cannot be read: ${why}`)
  }
}

function actionWord(action: string): string {
  return action === 'synDrop' ? 'syn_drop' : action
}

/** As the daemon would send it. */
function limitMessage(
  limit: { readonly unit: 'bits' | 'packets'; readonly perSecond: number } | undefined,
  counts: { readonly passed: number; readonly limited: number } | undefined,
): Limit | null {
  if (limit === undefined) return null
  const { passed = 0, limited = 0 } = counts ?? {}
  const unit = limit.unit === 'bits' ? 'LIMIT_UNIT_BITS' : 'LIMIT_UNIT_PACKETS'
  return { unit, perSecond: limit.perSecond, passed, limited }
}
