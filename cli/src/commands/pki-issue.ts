/** `idsctl pki issue`: the certificate of one person or program. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { dirFlag, PKI_DIR, PKI_PORT, parseDays, parseName } from '../arguments/pki.js'
import { CliError, EXIT } from '../errors.js'
import { globalsOf } from '../globals.js'
import type { Io } from '../io.js'
import { shellWord } from '../output/page.js'
import { printOne } from '../output/print.js'
import { makePair, type Pair } from '../pki/openssl.js'
import { pairPaths, refuseExisting, writeFiles } from '../pki/write-files.js'

interface IssueOptions {
  readonly role: 'reader' | 'operator'
  readonly days: number
  readonly dir: string
  readonly dryRun?: true
}

const CLIENT_DAYS = 365

export function addPkiIssue(pki: Command, io: Io): void {
  pki
    .command('issue')
    .description('make a certificate for a person or a program that calls idsd')
    .argument('<name>', "the caller's name in the audit", parseName)
    .addOption(
      new Option('--role <role>', 'a reader looks, an operator changes')
        .choices(['reader', 'operator'])
        .makeOptionMandatory(),
    )
    .option('--days <n>', 'how long it is valid', parseDays, CLIENT_DAYS)
    .option('--dir <dir>', 'folder of the authority, as idsctl pki init made it', PKI_DIR)
    .option('--dry-run', 'show what would be made, make nothing')
    .addHelpText(
      'after',
      `
Give ca.crt, NAME.crt and NAME.key to who is to call, on a way that nobody else reads. idsctl takes them by flags or by the
environment.

Examples:
  sudo idsctl pki issue alice --role operator
  sudo idsctl pki issue grafana --role reader --days 90
  idsctl --address gw1.example.net:${PKI_PORT} --tls-ca ca.crt --tls-cert alice.crt --tls-key alice.key status
Undo:
  idsctl pki revoke NAME           with its files still there: what was copied elsewhere ends too`,
    )
    .action((name: string, options: IssueOptions, command: Command) => {
      const globals = globalsOf(command)
      const folder = resolve(options.dir)
      const paths = pairPaths(folder, name)
      const authority = pairPaths(folder, 'ca')
      const ca = readAuthority(authority)
      refuseExisting([paths.certificate, paths.key])
      const { role, days } = options
      const dryRun = options.dryRun === true
      if (!dryRun) {
        const made = makePair({ name, kind: 'client', unit: role, days }, ca)
        writeFiles([
          { path: paths.certificate, text: made.certificate, isSecret: false },
          { path: paths.key, text: made.key, isSecret: true },
        ])
      }
      const environment = [
        `IDSD_ADDRESS=${daemonHost(pairPaths(folder, 'server').certificate)}:${PKI_PORT}`,
        `IDSD_TLS_CA=${shellWord(authority.certificate)}`,
        `IDSD_TLS_CERT=${shellWord(paths.certificate)}`,
        `IDSD_TLS_KEY=${shellWord(paths.key)}`,
      ]
      // What was copied elsewhere is valid too, and goes on when the files here are removed.
      const undo = dryRun ? null : `idsctl pki revoke ${name}${dirFlag(folder)}`
      const document = {
        ...{ schema: 'idsd.pki_issue.v1', dry_run: dryRun, name, role, days },
        ...{ files: [paths.certificate, paths.key], environment, undo },
      }
      printOne(io, globals, document, () =>
        [
          `${dryRun ? 'would make' : 'made'} ${paths.certificate}, ${paths.key}`,
          `for ${name}, role ${role}; valid for ${days} days`,
          ...(dryRun
            ? []
            : [
                '',
                'where idsctl is to run, with the files copied there:',
                ...environment.map((line) => `  export ${line}`),
                '  idsctl status',
                `undo: ${undo}`,
              ]),
          '',
        ].join('\n'),
      )
    })
}

/** The first name of the daemon's certificate; this machine's where there is none. */
function daemonHost(path: string): string {
  try {
    const names = new X509Certificate(readFileSync(path)).subjectAltName ?? ''
    const host = /^(?:DNS|IP Address):([^,\s]+)/.exec(names)?.[1] ?? hostname()
    return host.includes(':') ? `[${host}]` : host
  } catch {
    return hostname()
  }
}

function readAuthority({ certificate, key }: { certificate: string; key: string }): Pair {
  try {
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    const isMissing = code === 'ENOENT'
    throw new CliError(
      isMissing ? EXIT.notFound : EXIT.error,
      isMissing ? `there is no authority: no ${path}` : `the authority cannot be read: ${path} (${code})`,
      [isMissing ? 'make one: idsctl pki init; another folder: --dir DIR' : 'run the command through sudo'],
    )
  }
}
