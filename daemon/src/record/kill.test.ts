import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore } from './store.js'
import { temporaryPath } from './test-store.js'

const writer = fileURLToPath(new URL('./test-writer.js', import.meta.url))

for (const slices of [1, 4, 20]) {
  test(`what the store said is stored outlives the daemon's being killed after ${slices} slices`, async (t) => {
    const path = temporaryPath(t)
    const child = spawn(process.execPath, [writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    const said = { decision: 0, alert: 0, flows: 0 }
    let seen = 0
    for await (const line of createInterface(child.stdout)) {
      const [what, number] = line.split(' ') as [keyof typeof said, string]
      said[what] = Number(number)
      if (what === 'flows' && ++seen === slices) child.kill('SIGKILL')
    }
    if (child.signalCode === null) await once(child, 'exit')
    assert.equal(child.signalCode, 'SIGKILL')
    // It decides every fifth round.
    const least = Math.ceil(slices / 5)
    assert.ok(said.decision >= least && said.alert >= least && said.flows > 1, JSON.stringify(said))

    const store = openStore({ path })
    t.after(() => store.close())
    const decisions = store.decisions({ last: 10_000 }).rows
    const alerts = store.alertsAfter(0, 10_000)
    assert.ok(decisions.length >= said.decision && alerts.length >= said.alert)
    assert.deepEqual(
      alerts.map(({ decisionNumber }) => decisionNumber),
      alerts.map(({ number }) => number),
    )
    for (const { evidence } of alerts) {
      for (const { id } of evidence.flows) assert.deepEqual(store.flow(id)?.reasons, ['login'])
    }
    const cited = alerts.length * 2
    assert.ok(store.flows({ last: 1 }).total >= said.flows + cited)
  })
}
