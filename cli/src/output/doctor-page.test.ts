import assert from 'node:assert/strict'
import { test } from 'node:test'
import pc from 'picocolors'
import type { Finding, Level } from '../../../daemon/src/local/doctor/finding.js'
import { soundFacts } from '../../../daemon/src/local/doctor/sample-facts.js'
import { doctorDocument, doctorPage, worstOf } from './doctor-page.js'

const style = { colors: pc.createColors(false), width: undefined }
const one = (check: string, level: Level, rest: Partial<Finding> = {}): Finding => ({
  ...{ check, level, subject: '', found: 'so it is', consequence: '', fix: '' },
  ...rest,
})

test('what needs a hand comes first, each level is counted, and a fix is marked', () => {
  const findings = [
    one('btf', 'ok'),
    one('nat', 'note'),
    one('lro', 'warning', { subject: 'eth0', consequence: 'slow', fix: 'switch it off' }),
    one('xdp', 'problem', { subject: 'eth0' }),
    one('ntp', 'warning'),
  ]
  assert.equal(
    doctorPage(findings, style),
    [
      '1 problem, 2 warnings, 1 note, 1 ok',
      '',
      'problem  xdp eth0  so it is',
      'warning  lro eth0  so it is',
      '                   slow',
      '                   do: switch it off',
      'warning  ntp       so it is',
      'note     nat       so it is',
      'ok       btf       so it is',
      '',
    ].join('\n'),
  )
})

test('control characters of what was found do not reach the terminal', () => {
  const page = doctorPage([one('xdp', 'ok', { found: 'a\u001b[31mb' })], style)
  assert.equal(page.includes('\u001b'), false)
})

test('the worst level is the gravest that is there', () => {
  assert.equal(worstOf([]), 'ok')
  assert.equal(worstOf([one('a', 'note'), one('b', 'unknown'), one('c', 'ok')]), 'unknown')
  assert.equal(worstOf([one('a', 'warning'), one('b', 'problem')]), 'problem')
})

test('the document says what the page says, with nothing for what is empty', () => {
  const document = doctorDocument(
    [one('lro', 'warning', { subject: 'eth0', fix: 'switch it off' })],
    soundFacts,
  )
  assert.deepEqual(document, {
    schema: 'idsd.doctor.v1',
    worst: 'warning',
    kernel: '6.12.1-amd64',
    as_root: true,
    daemon_answers: true,
    findings: [
      {
        check: 'lro',
        subject: 'eth0',
        level: 'warning',
        found: 'so it is',
        consequence: null,
        fix: 'switch it off',
      },
    ],
  })
})
