/** The command tree of idsctl. */

import { Command } from 'commander'
import { addAlert } from './commands/alert.js'
import { addAlerts } from './commands/alerts.js'
import { addAllow } from './commands/allow.js'
import { addApply } from './commands/apply.js'
import { addAudit } from './commands/audit.js'
import { addBlock } from './commands/block.js'
import { addCalibrate } from './commands/calibrate.js'
import { addCompletion } from './commands/completion.js'
import { addConfirmCommand, addRollback } from './commands/confirm.js'
import { addDecisions } from './commands/decisions.js'
import { addDiff } from './commands/diff.js'
import { addDoctor } from './commands/doctor.js'
import { addEvaluate } from './commands/evaluate.js'
import { addExport } from './commands/export.js'
import { addExtract } from './commands/extract.js'
import { addFlows } from './commands/flows.js'
import { addImport } from './commands/import.js'
import { addLists } from './commands/lists.js'
import { addMode } from './commands/mode.js'
import { addModel } from './commands/model.js'
import { addPanic } from './commands/panic.js'
import { addPki } from './commands/pki.js'
import { addPlan } from './commands/plan.js'
import { addResume } from './commands/resume.js'
import { addScore } from './commands/score.js'
import { addStatus } from './commands/status.js'
import { addTop } from './commands/top.js'
import { addUnblock } from './commands/unblock.js'
import { addWhy } from './commands/why.js'
import { addGlobalOptions } from './globals.js'
import type { Io } from './io.js'
import { VERSION } from './version.js'

const HELP = `
Every change takes --dry-run and prints how to undo it. Tables show local time; -o json and -o jsonl carry UTC, raw
numbers and a schema field.

Examples:
  idsctl status                                   is it running, what does it see, what does it lose
  idsctl doctor                                   what stands in its way on this machine
  idsctl top                                      what moves now
  idsctl block 203.0.113.7 --ttl 1h               drop an address for an hour
  idsctl decisions list                           what is blocked
  idsctl why 203.0.113.7                          why it is blocked, or is not, and how to undo it
  idsctl unblock 203.0.113.7                      undo
  idsctl plan block 203.0.113.0/24                what it would hit, from what was recorded
  idsctl import drop.txt --list drop --ttl 2d     drop what a list names
  idsctl calibrate start --for 24h                learn what is usual here
  idsctl audit                                    who changed what, and why
  idsctl panic --for 10m                          drop nothing for ten minutes; idsctl resume ends it
  idsctl mode prevent --confirm 90s               taken back unless idsctl confirm comes in time
  idsctl flows -f --port 22                       watch
  idsctl alerts -f                                what is found, as it is found
  idsctl extract capture.pcap -o flows.csv        the features of a capture; no daemon is needed

Exit codes:
  0  done                        3  refused by a guard or an allow entry
  1  error                       4  not found
  2  wrong use of the command    5  the daemon is not reachable`

/** Commands throw CliError and CommanderError; nothing here ends the process. */
export function createProgram(io: Io): Command {
  const program = new Command('idsctl')
    .description('See and steer idsd, the intrusion prevention daemon')
    .version(VERSION, '-V, --version', 'print the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'idsctl: ')),
    })
    .addHelpText('after', HELP)
  addGlobalOptions(program)
  addStatus(program, io)
  addWhy(program, io)
  addDoctor(program, io)
  addTop(program, io)
  addFlows(program, io)
  addBlock(program, io)
  addUnblock(program, io)
  addDecisions(program, io)
  addAlerts(program, io)
  addAlert(program, io)
  addAllow(program, io)
  addImport(program, io)
  addLists(program, io)
  addExport(program, io)
  addDiff(program, io)
  addMode(program, io)
  addApply(program, io)
  addConfirmCommand(program, io)
  addRollback(program, io)
  addPlan(program, io)
  addAudit(program, io)
  addPanic(program, io)
  addResume(program, io)
  addModel(program, io)
  addCalibrate(program, io)
  addExtract(program, io)
  addScore(program, io)
  addEvaluate(program, io)
  addPki(program, io)
  addCompletion(program, io)
  return program
}
