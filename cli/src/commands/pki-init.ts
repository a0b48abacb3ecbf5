/** `idsctl pki init`: an authority, and the certificate that idsd shows. */

import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { dirFlag, PKI_DIR, PKI_PORT, parseDays } from '../arguments/pki.js'
import { usageError } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { makePair } from '../pki/openssl.js'
import { pairPaths, refuseExisting, writeFiles } from '../pki/write-files.js'

interface InitOptions {
  readonly host?: readonly string[]
  readonly days: number
  readonly dir: string
  readonly dryRun?: true
}

/** Longer than any server or client: who renews those needs it still. */
const AUTHORITY_DAYS = 3_650
const SERVER_DAYS = 825

export function addPkiInit(pki: Command, io: Io): void {
  pki
    .command('init')
    .description('make an authority and the certificate of idsd')
    .argument('[dir]', 'the same as --dir')
    .option('--dir <dir>', 'folder for them, made where it is missing', PKI_DIR)
    .option(
      '--host <name|ip>',
      'how clients reach this machine; may repeat. Default: its own name, localhost, 127.0.0.1 and ::1',
      collectHost,
    )
    .option('--days <n>', 'how long the certificate of idsd is valid', parseDays, SERVER_DAYS)
    .option('--dry-run', 'show what would be made, make nothing')
    .addHelpText(
      'after',
      `
Keys are EC P-256, mode 0600, without a passphrase. Keep ca.key where only you reach it: who has it can make himself an
operator. No file is ever overwritten. A certificate is valid to its end, unless idsctl pki revoke calls it back. idsd reads
its own anew on SIGHUP where user idsd may read the key, else at its next start.

Examples:
  sudo idsctl pki init --host gw1.example.net --host 192.0.2.1
  idsctl pki init --dir ./pki --dry-run
Undo:
  rm DIR/ca.crt DIR/ca.key DIR/server.crt DIR/server.key`,
    )
    .action((dir: string | undefined, options: InitOptions, command: Command) => {
      const globals = globalsOf(command)
      if (dir !== undefined && command.getOptionValueSource('dir') === 'cli')
        throw usageError('the folder is given twice', `idsctl pki init --dir ${shellWord(options.dir)}`)
      const folder = resolve(dir ?? options.dir)
      const hosts = options.host ?? [...new Set([hostname(), 'localhost', '127.0.0.1', '::1'])].filter(isHost)
      const authority = pairPaths(folder, 'ca')
      const server = pairPaths(folder, 'server')
      const paths = [authority.certificate, authority.key, server.certificate, server.key]
      refuseExisting(paths)
      const dryRun = options.dryRun === true
      if (!dryRun) {
        const ca = makePair({
          name: `idsd authority of ${hostname()}`.slice(0, 64),
          kind: 'authority',
          days: AUTHORITY_DAYS,
        })
        const name = hosts[0] ?? 'idsd'
        const own = makePair({ name: name.slice(0, 64), kind: 'server', hosts, days: options.days }, ca)
        writeFiles([
          { path: authority.certificate, text: ca.certificate, isSecret: false },
          { path: authority.key, text: ca.key, isSecret: true },
          { path: server.certificate, text: own.certificate, isSecret: false },
          { path: server.key, text: own.key, isSecret: true },
        ])
      }
      const toml = [
        '[grpc]',
        `listen = "0.0.0.0:${PKI_PORT}"`,
        `ca = ${JSON.stringify(authority.certificate)}`,
        `cert = ${JSON.stringify(server.certificate)}`,
        `key = ${JSON.stringify(server.key)}`,
      ]
      const undo = dryRun ? null : `rm ${paths.map(shellWord).join(' ')}`
      const document = {
        schema: 'idsd.pki_init.v1',
        dry_run: dryRun,
        files: paths,
        hosts,
        toml: toml.join('\n'),
        undo,
      }
      printOne(io, globals, document, () =>
        [
          `${dryRun ? 'would make' : 'made'} ${paths.join(', ')}`,
          `for ${hosts.join(', ')}; valid for ${options.days} days`,
          ...(dryRun
            ? []
            : [
                '',
                'into /etc/idsd/idsd.toml, then start idsd again:',
                ...toml.map((line) => `  ${line}`),
                '',
                `then for each person: idsctl pki issue NAME --role reader|operator${dirFlag(folder)}`,
                `undo: ${undo}`,
              ]),
          '',
        ].join('\n'),
      )
    })
}

function collectHost(text: string, before: readonly string[] = []): readonly string[] {
  if (!isHost(text)) throw new InvalidArgumentError('expected a host name or an address')
  return [...before, text]
}

function isHost(text: string): boolean {
  return isIP(text) !== 0
    ? !text.includes('%')
    : /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text)
}
