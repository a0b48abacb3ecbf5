/** The benign visitors, who must not notice anything. */

import type { AlertDocument, DecisionDocument, GuardedServer } from '../guarded-server.js'
import type { Lab } from '../namespaces.js'
import { trafficProgram } from '../traffic-program.js'
import type { Stage } from './act.js'

export interface Visitors {
  /** Ends the visits, tells how they went, and reports every harm. */
  leave(stage: Stage): Promise<void>
}

/** What `http-client` prints at its end. */
interface Visit {
  readonly ok: number
  readonly failed: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly firstFailure: { readonly reason: string } | null
}

/** Ways to connect, as `http-client` names them. */
const styles = {
  reuse: 'lasting connections',
  fresh: 'fresh connections',
  close: 'connections the server ends',
}
/** Requests a second of each visitor. */
const visitRate = 15
/** How the visits are told at their start. */
export const visitText = `asks for pages, ${visitRate} a second over each of: ${Object.values(styles).join(', ')}`

/** Starts visitors that ask for pages until they leave, one for each way to connect. */
export function startVisitors(lab: Lab): Visitors {
  const target = lab.daemon.addresses.v4
  const pace = ['--target', target, '--port', '80', '--rate', String(visitRate), '--duration', '600']
  const running = Object.entries(styles).map(([style, over]) => ({
    over,
    process: lab.ns('client').spawn([...trafficProgram('http-client'), ...pace, '--connection', style]),
  }))
  return {
    async leave({ idsd, story, fault }) {
      for (const { over, process } of running) {
        const { code } = await process.stop()
        const visit = readVisit(process.stdout)
        if (visit === undefined) {
          fault(`the visitor over ${over} ended with code ${code} and no count: ${process.stderr.trim()}`)
          continue
        }
        const { ok, failed, p50Ms, p99Ms, firstFailure } = visit
        story.tell(
          'client',
          `${ok + failed} requests over ${over}, ${failed} lost; ` +
            `latency p50 ${p50Ms?.toFixed(1)} ms, p99 ${p99Ms?.toFixed(1)} ms`,
        )
        if (failed > 0 || ok === 0)
          fault(`the client lost ${failed} of ${ok + failed}: ${firstFailure?.reason}`)
      }
      await tellSuspicion(lab.ns('client').addresses.all, idsd, { story, fault })
    },
  }
}

/** Dropping the client is harm; alerts alone are not, nor what was only recorded, but both are told. */
async function tellSuspicion(
  addresses: readonly string[],
  idsd: GuardedServer,
  { story, fault }: Pick<Stage, 'story' | 'fault'>,
): Promise<void> {
  const listed = await idsd.ask<{ decisions: DecisionDocument[] }>(
    'decisions',
    'list',
    '--all',
    '--last',
    '1000',
  )
  const raised: AlertDocument[] = []
  for (const address of addresses) {
    const about = await idsd.ask<{ alerts: AlertDocument[] }>('alerts', '--ip', address, '--last', '500')
    raised.push(...about.alerts)
  }
  const decisions = listed.decisions.filter(({ target }) => addresses.includes(target))
  const drops = decisions.filter(({ action }) => action === 'drop').length
  const records = decisions.length - drops
  const points = raised.reduce((sum, alert) => sum + alert.points, 0)
  story.tell(
    'client',
    `${drops} decisions against it, ${records} that only count; ${raised.length} alerts with ${points} points in all`,
  )
  if (drops > 0) fault('idsd decided against the client')
}

function readVisit(stdout: string): Visit | undefined {
  const line = stdout.split('\n').find((text) => text.startsWith('{"ok"'))
  return line === undefined ? undefined : (JSON.parse(line) as Visit)
}
