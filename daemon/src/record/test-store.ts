/** A store in a folder of its own, and what goes into it, for tests. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from '../detect/evidence.js'
import { loginFlow } from '../detect/test-flow.js'
import { parseTarget, type Target } from '../policy/address.js'
import type { NewDecision } from './decision-table.js'
import { openStore, type Store, type StoreOptions } from './store.js'

export const DAY_MS = 86_400_000

/** Path of a database that is not there yet; its folder goes with the test. */
export function temporaryPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-store-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return join(folder, 'idsd.db')
}

/** Closed with the test; flows do not wait for their next record, only for `flush`. */
export function testStore(t: TestContext, options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ path: temporaryPath(t), flowWaitMs: 0, ...options })
  t.after(() => store.close())
  return store
}

/** Writes all of them. */
export function storeFlows(store: Store, flows: readonly FlowRecord[], scores: readonly number[] = []): void {
  store.append({ flows, scores, alerts: [] })
  store.flush(Number.POSITIVE_INFINITY)
}

export const at = (text: string): Target => parseTarget(text, 'filter.ip')

export function testEvidence(given: Partial<Evidence> = {}): Evidence {
  return {
    source: '10.77.0.2',
    about: 'source',
    detector: 'login',
    technique: 'T1110',
    severity: 'high',
    text: 'login: 10 connections',
    points: 60,
    pointsLastMs: 120_000,
    isProven: true,
    atMs: 1_000_000,
    packetUs: 1_000_000_000,
    flows: [loginFlow({ dstPort: 22 }), loginFlow({ dstPort: 22 })],
    scores: [0.25, Number.NaN],
    ...given,
  }
}

export function testDecision(given: Partial<NewDecision> = {}): NewDecision {
  return {
    target: '10.77.0.2',
    action: 'drop',
    kind: 'block',
    origin: 'detector',
    mode: 'prevent',
    reason: 'login 120',
    createdBy: 'idsd',
    createdAtMs: 1_000_000,
    expiresAtMs: 1_600_000,
    evidence: [],
    ...given,
  }
}
