/** `idsctl pki revoke`: a certificate that idsd no longer takes, though its end is far. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { readRevoked } from '../../../daemon/src/publish/revocation.js'
import { dirFlag, PKI_DIR, parseName } from '../arguments/pki.js'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { pairPaths, replaceFile } from '../pki/write-files.js'

interface RevokeOptions {
  readonly dir: string
  readonly reason: string
  readonly dryRun?: true
}

export function addPkiRevoke(pki: Command, io: Io): void {
  pki
    .command('revoke')
    .description('call a certificate back: idsd refuses it from its next reload on')
    .argument('<name>', 'as it was issued', parseName)
    .option('--dir <dir>', 'folder of the authority, as idsctl pki init made it', PKI_DIR)
    .option('--reason <text>', 'why, kept beside the serial number', '')
    .option('--dry-run', 'show what would be called back, change nothing')
    .addHelpText(
      'after',
      `
Adds the serial number of NAME.crt to DIR/revoked, a text with one a line. idsd reads it at its start and on SIGHUP, where
grpc.revoked of idsd.toml names it: from then on every request of that certificate is refused, and its streams end. A
certificate whose file is gone is called back by its serial number, put into DIR/revoked by hand.

Examples:
  sudo idsctl pki revoke alice --reason 'laptop lost' && sudo systemctl reload idsd
  idsctl pki revoke alice --dry-run
Undo:
  take its line out of DIR/revoked and reload idsd`,
    )
    .action((name: string, { dir, reason, ...options }: RevokeOptions, command: Command) => {
      const globals = globalsOf(command)
      const folder = resolve(dir)
      const { certificate, key } = pairPaths(folder, name)
      const { serialNumber: serial, validTo } = readCertificate(certificate)
      const path = join(folder, 'revoked')
      const before = readOr(path, '')
      const isKnown = known(path, before).has(serial.replace(/^0+(?=.)/, ''))
      const dryRun = options.dryRun === true
      if (!dryRun && !isKnown) {
        const note = [name, `valid to ${validTo}`, reason.replace(/\p{C}/gu, ' ').trim()].filter(Boolean)
        const apart = before === '' || before.endsWith('\n') ? '' : '\n'
        replaceFile(path, `${before}${apart}${serial}  # ${note.join(', ')}\n`)
      }
      const undo = dryRun || isKnown ? null : `sed -i ${shellWord(`/^${serial} /d`)} ${shellWord(path)}`
      const toml = ['[grpc]', `revoked = ${JSON.stringify(path)}`]
      const document = {
        schema: 'idsd.pki_revoke.v1',
        ...{ dry_run: dryRun, name, serial, was_revoked: isKnown, file: path },
        ...{ toml: toml.join('\n'), undo },
      }
      printOne(io, globals, document, () =>
        [
          isKnown
            ? `${name} is called back already (serial ${serial}); nothing was changed`
            : `${dryRun ? 'would call back' : 'called back'} ${name} (serial ${serial}), in ${path}`,
          ...(dryRun
            ? []
            : [
                '',
                'into /etc/idsd/idsd.toml, once:',
                ...toml.map((line) => `  ${line}`),
                'in force after: sudo systemctl reload idsd',
                `another one of the same name: move ${certificate} and ${key} away, then idsctl pki issue ${name} --role reader|operator${dirFlag(folder)}`,
                ...(undo === null ? [] : [`undo: ${undo}`]),
              ]),
          '',
        ].join('\n'),
      )
    })
}

function readCertificate(path: string): X509Certificate {
  const text = readOr(path, undefined)
  if (text === undefined)
    throw new CliError(EXIT.notFound, `there is no ${path}`, ['another folder: --dir DIR'])
  try {
    return new X509Certificate(text)
  } catch {
    throw new CliError(EXIT.error, `${path} is no certificate`)
  }
}

/** @throws CliError for a file that is there and cannot be read */
function readOr<Missing>(path: string, missing: Missing): string | Missing {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return missing
    throw new CliError(EXIT.error, `${path} cannot be read: ${code}`, ['run the command through sudo'])
  }
}

/** Another line is not added to a file that idsd would not take. */
function known(path: string, text: string): ReadonlySet<string> {
  try {
    return readRevoked(text)
  } catch (error) {
    throw new CliError(EXIT.error, `${path}: ${(error as Error).message}`, ['mend that line first'])
  }
}
