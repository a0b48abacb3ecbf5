/** `idsctl doctor`: what stands between this machine and a sound guard, and what to do about each. */

import type { Command } from 'commander'
import type { DaemonFacts, ListsFacts } from '../../../daemon/src/local/doctor/facts.js'
import { withClient } from '../client.js'
import { CliError, EXIT, usageError } from '../errors.js'
import { type Globals, globalsOf } from '../globals.js'
import { idsdRoot } from '../host-program.js'
import type { Io } from '../io.js'
import { doctorDocument, doctorPage, worstOf } from '../output/doctor-page.js'
import { printOne } from '../output/print.js'
import { counted } from '../output/units.js'
import { defaultBpffs } from '../set-panic.js'

interface DoctorOptions {
  readonly interface?: readonly string[]
  readonly bpffs: string
  readonly strict?: true
}

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('what stands between this machine and a sound guard; works without a daemon')
    .option(
      '--interface <name...>',
      'look at these; default: those that the daemon guards, else the outward one',
    )
    .option('--bpffs <path>', "folder of the daemon's pins", defaultBpffs)
    .option('--strict', 'exit 1 for a warning too, not only for a problem')
    .addHelpText(
      'after',
      `
Each finding says what is, what follows, and what to do: XDP's mode and why, MTU, LRO, VLAN offload, the kernel and what
it lacks, the egress hook, bpffs, BTF, the clocks, room in the maps, losses, imported lists, the model, NAT and Docker.
Nothing is changed.
Some things only root can see, and rules of NAT only nft or iptables can list: what could not be asked is unknown.

  ok       as it should be                             note     worth knowing
  warning  slower, blinder or riskier than need be     problem  packets are not judged, or soon will not be

Exit codes: 0 no problem; 1 a problem, with --strict a warning too; 4 no such interface.

Examples:
  sudo idsctl doctor                                before the first start: will it run natively here
  idsctl doctor --interface eth0 eth1
  idsctl doctor --strict || mail -s 'idsd' root     from a timer
  idsctl doctor -o json | jq '.findings[] | select(.level == "warning")'`,
    )
    .action(async (options: DoctorOptions, command: Command) => {
      const globals = globalsOf(command)
      if (globals.address !== undefined) {
        throw usageError(
          'doctor looks at the machine it runs on: --address names another one',
          'run it there',
        )
      }
      const { daemon, daemonProblem, lists } = await askDaemon(globals)
      const [{ gatherFacts }, { diagnose }] = await Promise.all([
        import('../../../daemon/src/local/doctor/gather-facts.js'),
        import('../../../daemon/src/local/doctor/doctor.js'),
      ])
      const root = idsdRoot()
      const { interface: names = [], bpffs } = options
      const facts = await gatherFacts({ root, names, bpffs, daemon, daemonProblem, lists }).catch((error) => {
        if (!(error instanceof RangeError)) throw error
        throw new CliError(EXIT.notFound, `there is no interface ${error.message} here`, [
          'ip link shows them',
        ])
      })
      const findings = diagnose(facts)
      printOne(io, globals, doctorDocument(findings, facts), (style) => doctorPage(findings, style))
      const isBad = worstOf(findings) === 'problem'
      if (isBad || (options.strict === true && worstOf(findings) === 'warning')) {
        const grave = findings.filter(({ level }) => level === (isBad ? 'problem' : 'warning'))
        throw new CliError(EXIT.error, `${counted(grave.length, isBad ? 'problem' : 'warning')} found`)
      }
    })
}

async function askDaemon(globals: Globals): Promise<{
  daemon: DaemonFacts | undefined
  daemonProblem: string
  lists: ListsFacts | undefined
}> {
  try {
    return await withClient(globals, async (client) => {
      const daemon = await client.call('getStatus', {})
      const listed = await client.call('listLists', {}).catch(() => undefined)
      const lists = listed && {
        ...{ bytes: daemon.lists?.bytes ?? 0, imported: listed.lists, scheduled: listed.scheduled },
      }
      return { daemon, daemonProblem: '', lists }
    })
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    return { daemon: undefined, daemonProblem: error.message, lists: undefined }
  }
}
