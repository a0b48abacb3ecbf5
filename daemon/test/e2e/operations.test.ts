import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readPage } from '../operations/page.js'
import { formOf, play } from '../operations/scene.js'
import { skipE2e } from './harness.js'

/** Lines that depend on the machine: its tools, its clock, its kernel, how busy it is; and the count of the doctor's. */
const ofTheMachine =
  /^(?:\w+ +(?:ntp|clocksource|nat|docker|kernel|btf|maps|losses) | +losses |\d+ (?:problem|warning|unknown|note|ok))/

/** Lines that depend on which detectors came first and what the model made of a few microseconds; ARP, which may not come. */
const ofTheRace = new RegExp(
  [
    '\\b(?:model|scan_vertical|slow_scan)\\b(?=[:,+ ]|$)(?! +flow-gbt)',
    ...['NAMED BY', 'eth0 +tcp', 'in force, decides', '[+-]\\d\\.\\d{3}$', 'older alert'],
    ...['^ +without flow', '^ +origin'],
  ].join('|'),
)

describe('the operations page', { skip: skipE2e }, () => {
  test('shows what its commands print', async () => {
    const page = readPage()
    const played = await play(page, 'e2eops')
    let looked = 0
    for (const [i, part] of page.entries()) {
      const now = played[i]
      if (part.kind !== 'command' || now?.kind !== 'command') continue
      const forms = now.output.map(formOf)
      for (const line of part.output) {
        if (/^ *(?:\.\.\.)?$/.test(line) || ofTheMachine.test(line) || ofTheRace.test(line)) continue
        looked++
        assert.ok(
          forms.includes(formOf(line)),
          `$ ${part.command}\nthe page has: ${line}\nprinted: ${now.output.join('\n')}\n` +
            'mend the page, or write it anew: node build/daemon/test/operations/write.js',
        )
      }
    }
    assert.ok(looked >= 80, `only ${looked} lines were compared`)
  })
})
