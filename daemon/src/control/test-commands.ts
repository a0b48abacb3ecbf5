/** For tests: commands over a fake enforcement, at one moment. */

import { parseTarget } from '../policy/address.js'
import type { Refusal } from '../policy/guards.js'
import type { AuditRow } from './audit-row.js'
import type { BlockCommand, BlockOutcome, Commands, CommandsOptions } from './commands.js'
import { createCommands } from './create-commands.js'
import { createFakeEnforcement, type FakeEnforcement } from './fake-enforcement.js'
import { createFakePanic } from './fake-panic.js'

/** Wall time, ms. */
export const NOW = 1_700_000_000_000
export const caller = { uid: 1000, text: 'alice' }
export const gateway: Refusal = {
  guard: 'gateway',
  entry: '10.0.0.1',
  text: '10.0.0.1 is the gateway of eth0',
}

export interface TestCommands {
  readonly commands: Commands
  readonly enforcement: FakeEnforcement
  readonly audit: AuditRow[]
  /** What guards object to; a test fills it. */
  readonly objections: Refusal[]
  /** Peers of the callers that guards were asked about. */
  readonly peersAsked: string[]
  /** A block of 192.0.2.7 for good, or what is changed of it. */
  block(change?: Partial<BlockCommand>): BlockOutcome
}

/** @param given rooms that the test brings itself */
export function createTestCommands(given: Partial<CommandsOptions> = {}): TestCommands {
  const enforcement = createFakeEnforcement(() => NOW)
  const audit: AuditRow[] = []
  const objections: Refusal[] = []
  const peersAsked: string[] = []
  const commands = createCommands({
    enforcement,
    panic: createFakePanic(() => NOW),
    parseTarget,
    nowMs: () => NOW,
    audit: (row) => audit.push(row),
    refusals: (_target, peer) => {
      peersAsked.push(peer)
      return objections
    },
    ...given,
  })
  const order = { target: '192.0.2.7', ttlMs: 0, reason: '', action: 'drop', callerPeer: '', caller } as const
  return {
    ...{ commands, enforcement, audit, objections, peersAsked },
    block: (change = {}) => commands.block({ ...order, force: false, dryRun: false, ...change }),
  }
}
