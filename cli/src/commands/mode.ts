/** `idsctl mode`: whether automatic decisions drop, and the change of it. */

import { Argument, type Command } from 'commander'
import { addConfirm, CONFIRM_HELP, type ConfirmOption } from '../arguments/confirm.js'
import { callerName } from '../caller.js'
import { withClient } from '../client.js'
import type { ModeChange } from '../contract.js'
import { usageError } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { type Field, fields } from '../output/page.js'
import { printOne } from '../output/print.js'
import type { Style } from '../output/style.js'
import { trialDocument, trialFields } from '../output/trial.js'
import { counted } from '../output/units.js'
import { word } from '../output/words.js'

type Mode = 'prevent' | 'detect'

const MEANINGS: Readonly<Record<string, string>> = {
  prevent: 'what idsd decides is dropped',
  detect: 'what idsd decides by itself only counts; your own blocks drop',
}

interface ModeOptions extends ConfirmOption {
  readonly reason?: string
  readonly force?: true
  readonly dryRun?: true
}

export function addMode(program: Command, io: Io): void {
  addConfirm(
    program
      .command('mode')
      .description('show whether automatic decisions drop or only count, or change it')
      .addArgument(
        new Argument('[mode]', 'prevent: they drop; detect: they only count').choices(['prevent', 'detect']),
      )
      .option('--reason <text>', 'why, kept in the audit'),
  )
    .option('--force', 'prevent although this site is being learnt: the learning ends, what was learnt stays')
    .option('--dry-run', 'show what would change, change nothing')
    .addHelpText(
      'after',
      `
The change takes effect at once, for decisions that stand too, and is kept in the audit. It holds until idsd starts
again, or reloads a file whose mode was changed: what shall last belongs into mode in /etc/idsd/idsd.toml. What an
operator blocked is dropped in both modes, and the allowlist holds in both. While idsd learns this site (idsctl calibrate)
the mode is detect, and prevent is refused: exit code 3.

${CONFIRM_HELP}

Examples:
  idsctl mode                    which one it is
  idsctl mode detect             nothing automatic drops any more; idsctl decisions list shows what would
  idsctl mode prevent --dry-run  how many decisions would begin to drop
  idsctl mode prevent --confirm 90s`,
    )
    .action(async (mode: Mode | undefined, options: ModeOptions, command: Command) => {
      const globals = globalsOf(command)
      const dryRun = options.dryRun === true
      if (mode === undefined) {
        if (dryRun || options.confirm !== undefined || options.force !== undefined)
          throw usageError(
            '--dry-run, --confirm and --force are about a change, and none is named',
            'idsctl mode detect --dry-run',
          )
        const status = await withClient(globals, (client) => client.call('getStatus', {}))
        const now = word(status.mode, 'MODE')
        const document = { schema: 'idsd.mode.v1', mode: now }
        printOne(io, globals, document, ({ colors }) => `${colors.bold(now)}: ${MEANINGS[now] ?? ''}\n`)
        return
      }
      const change = await withClient(globals, (client) =>
        client.call('setMode', {
          mode: mode === 'detect' ? 'MODE_DETECT' : 'MODE_PREVENT',
          reason: options.reason ?? '',
          force: options.force === true,
          dryRun,
          confirmMs: options.confirm ?? 0,
          caller: callerName(io),
        }),
      )
      const before = word(change.before, 'MODE')
      const undone = change.trial === null ? `idsctl mode ${before}` : 'idsctl rollback'
      const undo = dryRun || before === mode ? null : undone
      const document = {
        schema: 'idsd.mode_change.v1',
        ...{ dry_run: dryRun, before, mode, decisions_changed: change.decisionsChanged, undo },
        trial: trialDocument(change.trial),
        overridden: change.overridden,
      }
      printOne(io, globals, document, (style) => changePage(change, before, mode, undo, style))
    })
}

function changePage(
  change: ModeChange,
  before: string,
  mode: Mode,
  undo: string | null,
  style: Style,
): string {
  const name = style.colors.bold(mode)
  if (before === mode) return `the mode is ${name} already; nothing was changed\n`
  const head = change.dryRun
    ? `would change the mode from ${before} to ${name}; nothing was changed`
    : `changed the mode from ${before} to ${name}`
  const would = change.dryRun ? 'would ' : ''
  const effect = mode === 'detect' ? `${would}only count from here on` : `${would}drop from here on`
  return `${head}\n${fields(
    [
      ['meaning', MEANINGS[mode] ?? ''],
      ['decisions', `${counted(change.decisionsChanged, 'active automatic decision')} ${effect}`],
      [
        'until',
        change.dryRun || change.trial !== null
          ? ''
          : 'the next start of idsd, or a reload of a file with another mode',
      ],
      ...change.overridden.map(
        (): Field => ['learning', `${change.dryRun ? 'would end' : 'ended'}; what was learnt stays`],
      ),
      ...trialFields(change.trial, change.dryRun, style),
      ['undo', undo ?? ''],
    ],
    style,
  )}`
}
