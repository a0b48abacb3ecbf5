/** For tests: an enforcer with a store of its own, a blocklist in memory and a clock that is set by hand. */

import type { TestContext } from 'node:test'
import type { BlockOrder } from '../control/enforcement.js'
import type { DetectorName } from '../detect/evidence.js'
import { createFakeBlockList } from '../kernel/fake-block-list.js'
import { parseTarget } from '../policy/address.js'
import type { Verdict } from '../policy/verdict.js'
import { testEvidence, testStore } from '../record/test-store.js'
import type { AllowEntry, Mode } from './decision.js'
import { type Change, createEnforcer } from './enforcer.js'

export const at = (text: string) => parseTarget(text, 'target')

export function testOrder(text: string, given: Partial<BlockOrder> = {}): BlockOrder {
  return {
    target: at(text),
    action: 'drop',
    reason: 'test',
    createdBy: 'uid:0',
    createdAtMs: 0,
    expiresAtMs: 0,
    ...given,
  }
}

const limited = {
  action: 'limit',
  limit: { unit: 'packets', perSecond: 100 },
  sparesFlows: true,
  ladder: { name: 'spoofable', step: 0 },
} as const

export function testVerdict(source: string, given: Partial<Verdict> = {}): Verdict {
  return {
    kind: 'block',
    source,
    origin: 'detector',
    reason: 'login 120',
    points: 120,
    action: 'drop',
    ladder: { name: 'proven', step: 0 },
    ...(given.kind === 'spoofable' ? limited : {}),
    blockMs: 600_000,
    evidence: [testEvidence({ source })],
    ...given,
  }
}

export function testAllow(target: string, source: AllowEntry['source'], reason = ''): AllowEntry {
  return { target, reason, createdAtMs: 0, createdBy: 'test', source }
}

/** Wall time begins at 1,000,000 s, boot time at 1,000 s. */
export function enforcerWorld(
  t: TestContext,
  given: {
    mode?: Mode
    onAllowEnd?: (ended: readonly AllowEntry[]) => void
    tripped?: ReadonlySet<DetectorName>
  } = {},
) {
  const { mode = 'prevent', onAllowEnd, tripped = new Set() } = given
  const store = testStore(t)
  const time = {
    wallMs: 1_000_000_000,
    bootMs: 1_000_000,
    /** Both clocks go on. */
    pass(ms: number) {
      time.wallMs += ms
      time.bootMs += ms
    },
  }
  const changes: Change[] = []
  const modes: Mode[] = []
  const strays: string[] = []
  const open = () => {
    const blockList = createFakeBlockList()
    const enforcer = createEnforcer({
      blockList,
      store,
      parseTarget,
      clock: { nowMs: () => time.wallMs, bootUs: () => time.bootMs * 1000 },
      mode,
      tripped,
      automaticAllow: () => [testAllow('192.0.2.1', 'automatic', 'the gateway')],
      onChange: (change) => changes.push(change),
      onStrays: (found) => strays.push(...found),
      onMode: (next) => modes.push(next),
      ...(onAllowEnd === undefined ? {} : { onAllowEnd }),
    })
    return { blockList, enforcer }
  }
  /** As `open`, with a blocklist whose maps are new, as every start of the daemon has it. */
  return { store, time, changes, modes, strays, open, ...open() }
}
