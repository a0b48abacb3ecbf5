import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '../../../lab/until.js'
import type { ImportCommand } from '../control/list-commands.js'
import { RefusedError } from '../errors.js'
import { type Prepared, prepare, type Source } from './prepare.js'
import { createSchedule, type ScheduledList } from './schedule.js'

const listOf = (given: Partial<ScheduledList>): ScheduledList => ({
  ...{ name: 'feed', file: null, command: [], format: 'plain', column: null },
  ...{ everyS: 60, ttlS: 0, action: 'drop', ...given },
})

function world(
  t: TestContext,
  lists: readonly ScheduledList[],
  maxBytes = 1_000,
  refuse = (_times: number) => {},
) {
  let times = 0
  const time = { nowMs: 1_000_000, isOnTrial: false }
  const imports: { readonly command: ImportCommand; readonly prepared: Prepared }[] = []
  const problems: string[] = []
  const logged: string[] = []
  const log = (fields: { problem?: string }) => {
    logged.push(JSON.stringify(fields))
    if (fields.problem !== undefined) problems.push(fields.problem)
  }
  const schedule = createSchedule({
    commands: {
      importList: async (command, source: Source) => {
        refuse(++times)
        const job = { source, protections: [], isForced: false, allows: [], before: undefined }
        const prepared = prepare(job)
        imports.push({ command, prepared })
        return { list: { entries: 1 }, before: undefined, prepared, refused: [] } as never
      },
    },
    states: () => [],
    isOnTrial: () => time.isOnTrial,
    nowMs: () => time.nowMs,
    log: { info: log, warn: log, error: log } as never,
  })
  t.after(() => schedule.close())
  const configure = (scheduled: readonly ScheduledList[]) =>
    schedule.configure({ scheduled, commandTimeoutS: 0.3, maxBytes, uploadS: 1, retryS: 10, keepEndedS: 1 })
  configure(lists)
  return { schedule, time, imports, problems, logged, configure }
}

test('a list is due at once, then every so often, also when its words change or the clock goes back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-schedule-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'a.txt')
  writeFileSync(file, '203.0.113.1\n')
  const list = listOf({ file, ttlS: 90, action: 'observe' })
  const { schedule, time, imports, configure } = world(t, [list])
  const turns = async (wanted: number) => {
    schedule.tick()
    await until(() => imports.length === wanted, { what: `${wanted} imports` })
    // What runs is begun no second time, and is over before the next tick.
    await new Promise((resolve) => setImmediate(resolve))
  }
  await turns(1)
  const [first] = imports
  assert.deepEqual(
    [first?.command.action, first?.command.ttlMs, first?.command.origin],
    ['count', 90_000, file],
  )
  time.nowMs += 59_999
  await turns(1)
  time.nowMs += 1
  await turns(2)
  configure([list])
  await turns(2)
  configure([{ ...list, everyS: 30 }])
  await turns(3)
  time.nowMs -= 1_000_000
  await turns(4)
  configure([])
  time.nowMs += 10_000_000
  await turns(4)
})

for (const [action, expected] of [
  ['reject', 'reject'],
  ['syn_drop', 'synDrop'],
  ['drop', 'drop'],
  ['limit', 'limit'],
] as const) {
  test(`a list that the configuration has do ${action} is imported so`, async (t) => {
    const limit = { unit: 'packets', perSecond: 50 } as const
    const does = action === 'limit' ? { action, limit } : { action }
    const { schedule, imports } = world(t, [listOf({ command: ['/bin/echo', '203.0.113.2'], ...does })])
    schedule.tick()
    await until(() => imports.length === 1, { what: 'the import' })
    const command = imports[0]?.command
    assert.deepEqual([command?.action, command?.limit], [expected, action === 'limit' ? limit : undefined])
  })
}

test('while lists are on trial what is due waits, and one that was refused for it is no failure', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-schedule-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'a.txt')
  writeFileSync(file, '203.0.113.1\n')
  const { schedule, time, imports } = world(t, [listOf({ file })], 1_000, (times) => {
    if (times > 1) return
    time.isOnTrial = true
    throw new RefusedError('a change of the list is on trial', [])
  })
  schedule.tick()
  await until(() => time.isOnTrial, { what: 'the first is refused' })
  schedule.tick()
  time.isOnTrial = false
  await until(
    () => {
      schedule.tick()
      return imports.length === 1
    },
    { what: 'it is imported in the same minute' },
  )
  assert.equal(schedule.failures, 0)
})

test('a list without a time of its own lasts to the import after it, also where a decision in it ends before', async (t) => {
  const { schedule, imports } = world(t, [listOf({ command: ['/bin/echo', '203.0.113.1'], everyS: 300 })])
  schedule.tick()
  await until(() => imports.length === 1, { what: 'an import' })
  assert.equal(imports[0]?.command.ttlMs, undefined)
  assert.ok((imports[0]?.command.leastMs as number) > 300_000)
})

const failures: readonly (readonly [string, Partial<ScheduledList>, RegExp])[] = [
  ['a file that is not there', { file: '/nonexistent/list' }, /cannot be read: ENOENT/],
  ['a program that is not there', { command: ['/nonexistent/program'] }, /ENOENT/],
  [
    'a command that fails',
    { command: ['/bin/sh', '-c', 'echo 203.0.113.1; echo sorry >&2; exit 3'] },
    /^the command sh failed: it ended with 3$/,
  ],
  [
    'a command that never ends',
    { command: ['/bin/sh', '-c', 'echo 203.0.113.1; exec sleep 60'] },
    /longer than 0\.3 s/,
  ],
  [
    'a command that says too much',
    { command: ['/bin/sh', '-c', 'yes 203.0.113.1'] },
    /more than lists\.max_bytes, 1000/,
  ],
  ['what is no list', { command: ['/bin/echo', '{'], format: 'json' }, /no JSON/],
]
for (const [name, given, words] of failures) {
  test(`${name} imports nothing, is told and counted`, async (t) => {
    const { schedule, imports, problems } = world(t, [listOf(given)])
    schedule.tick()
    await until(() => schedule.failures === 1, { what: 'a failure' })
    assert.deepEqual(imports, [])
    assert.match(problems[0] as string, words)
  })
}

test('an import that failed is tried again soon, later each time, at most after its own time, and then no more', async (t) => {
  const list = listOf({ command: ['/bin/echo', '203.0.113.1'] })
  let isBad = true
  const { schedule, time, imports } = world(t, [list], 1_000, () => {
    if (isBad) throw new RefusedError('not this one', [])
  })
  const beganMs = time.nowMs
  for (const [failures, waitMs] of [10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
    schedule.tick()
    await until(() => schedule.failures === failures + 1, { what: `failure ${failures + 1}` })
    await until(() => schedule.states()[0]?.isRunning === false, { what: 'it is over' })
    const { dueMs, ...state } = schedule.states()[0]!
    assert.equal(dueMs, time.nowMs + waitMs)
    assert.deepEqual(state, {
      ...{ name: 'feed', source: 'command echo with 1 argument', everyS: 60, isRunning: false },
      ...{ failedTimes: failures + 1, failedSinceMs: beganMs, problem: 'not this one' },
    })
    time.nowMs += waitMs - 1
    schedule.tick()
    assert.equal(schedule.states()[0]?.isRunning, false)
    time.nowMs += 1
  }
  isBad = false
  schedule.tick()
  await until(() => imports.length === 1, { what: 'the import' })
  await until(() => schedule.states()[0]?.isRunning === false, { what: 'it is over' })
  const [state] = schedule.states()
  assert.deepEqual([state?.failedTimes, state?.failedSinceMs, state?.problem], [0, 0, ''])
  assert.equal(state?.dueMs, time.nowMs + 60_000)
})

test('arguments of a command are in no log, no state, no origin, also where it complains of them', async (t) => {
  const secret = 'hunter22'
  const bad = ['/bin/sh', '-c', 'echo "no such key: $1" >&2; exit 1', 'sh', secret]
  const { schedule, imports, logged } = world(t, [
    listOf({ name: 'bad', command: bad }),
    listOf({ name: 'good', command: ['/bin/sh', '-c', 'echo 203.0.113.1', secret] }),
  ])
  schedule.tick()
  await until(() => schedule.failures === 1 && imports.length === 1, { what: 'a failure and an import' })
  const told = JSON.stringify([logged, schedule.states(), imports.map(({ command }) => command)])
  assert.ok(!told.includes(secret), told)
  assert.match(told, /no such key: \*?/)
  assert.equal(imports[0]?.command.origin, 'command sh with 3 arguments')
})

test('a pipe is no list, and keeps nobody waiting', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-schedule-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'pipe')
  execFileSync('mkfifo', [file])
  const { schedule, problems } = world(t, [listOf({ file })])
  schedule.tick()
  await until(() => schedule.failures === 1, { what: 'a failure' })
  assert.match(problems[0] as string, /cannot be read: it is no file/)
})

test('a stop ends a command that runs', async (t) => {
  const { schedule, problems } = world(t, [listOf({ command: ['/bin/sleep', '60'] })])
  schedule.tick()
  await schedule.close()
  assert.deepEqual([schedule.failures, problems], [0, []])
})

test('what was being read under other words is not imported over them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-schedule-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const over = join(folder, 'over')
  const command = ['/bin/sh', '-c', `sleep 0.1; echo 203.0.113.1; : > ${over}`]
  const { schedule, imports, configure } = world(t, [listOf({ command })])
  const next = (list: ScheduledList) => {
    configure([list])
    schedule.tick()
    return until(() => imports.some(({ command: { name } }) => name === list.name), { what: list.name })
  }
  schedule.tick()
  await next(listOf({ command: ['/bin/echo', '203.0.113.2'], action: 'observe' }))
  await until(() => existsSync(over), { what: 'the end of the first command' })
  // It ends after the first one.
  await next(listOf({ name: 'other', command: ['/bin/echo', '203.0.113.3'] }))
  assert.deepEqual(
    imports.map(({ command: { name, action } }) => [name, action]),
    [
      ['feed', 'count'],
      ['other', 'drop'],
    ],
  )
})
