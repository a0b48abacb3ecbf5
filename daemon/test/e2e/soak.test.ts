import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { breachesOf } from '../../../lab/soak/judge.js'
import { reportText } from '../../../lab/soak/report.js'
import { runSoak } from '../../../lab/soak/run.js'
import { skipE2e } from './harness.js'

/** `make soak` runs the same for 300 s. */
const seconds = 60

describe('soak', { skip: skipE2e }, () => {
  test(`in ${seconds} s of attacks honest people notice nothing, and every attacker is dropped`, async (t) => {
    const seen = await runSoak({ seconds, tell: (text) => t.diagnostic(text) })
    const breaches = breachesOf(seen)
    for (const line of reportText(seen, breaches).split('\n')) t.diagnostic(line)
    assert.deepEqual(breaches, [])
  })
})
