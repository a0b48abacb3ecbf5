/**
 * A process that writes until it is killed, for tests: `test-writer.js PATH`. It says on standard output what is stored
 * as soon as the store said so: `decision N`, `alert N`, `flows N`.
 */

import { writeSync } from 'node:fs'
import { answeredFlow, testFlow } from '../detect/test-flow.js'
import { openStore } from './store.js'
import { testDecision, testEvidence } from './test-store.js'

const store = openStore({ path: process.argv[2]!, flowWaitMs: 50 })
const say = (line: string) => writeSync(1, `${line}\n`)
let flows = 0

for (let round = 0; ; round++) {
  store.append({ flows: Array.from({ length: 40 }, () => answeredFlow()), scores: [], alerts: [] })
  if (round % 5 === 0) {
    const evidence = testEvidence({ atMs: 1_000 + round, flows: [testFlow(), testFlow()], scores: [] })
    const decision = store.insertDecision(testDecision({ evidence: [evidence] }))
    say(`decision ${decision.number}`)
    const alerts = store.append({
      flows: [],
      scores: [],
      alerts: [{ evidence, decisionNumber: decision.number }],
    })
    say(`alert ${alerts[0]!.number}`)
  }
  const written = store.flush()
  flows += written
  if (written > 0) say(`flows ${flows}`)
}
