/** `idsctl pki`: certificates for idsd over TCP. */

import type { Command } from 'commander'
import type { Io } from '../io.js'
import { addPkiInit } from './pki-init.js'
import { addPkiIssue } from './pki-issue.js'
import { addPkiRevoke } from './pki-revoke.js'

export function addPki(program: Command, io: Io): void {
  const pki = program
    .command('pki')
    .description('certificates for idsd over TCP: init, issue, revoke; no daemon is needed')
    .addHelpText(
      'after',
      `
Over TCP idsd speaks mutual TLS only: it shows a certificate, and who calls must show one of the same authority. The
name in it is the caller's name in the audit, and its OU is his role: a reader looks, an operator changes.

Examples:
  sudo idsctl pki init --host gw1.example.net --host 192.0.2.1
  sudo idsctl pki issue alice --role operator
  sudo idsctl pki revoke alice`,
    )
  addPkiInit(pki, io)
  addPkiIssue(pki, io)
  addPkiRevoke(pki, io)
}
