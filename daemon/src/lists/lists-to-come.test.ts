import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countEntries } from './entries.js'
import { listsToCome, scheduleChange } from './lists-to-come.js'
import { prepare } from './prepare.js'
import type { ScheduledList } from './schedule.js'

const list = (name: string, given: Partial<ScheduledList> = {}): ScheduledList => ({
  ...{ name, file: `/lists/${name}`, command: [], format: 'plain', column: null },
  ...{ everyS: 3_600, ttlS: 0, action: 'drop' },
  ...given,
})
const limits = { scheduled: [], uploadS: 1, commandTimeoutS: 1, retryS: 1, keepEndedS: 1, maxBytes: 1_000 }

const collect = async (lists: readonly ScheduledList[], text: string, mayRead = true) => {
  const files: (string | null)[] = []
  const options = {
    ...{ protections: () => [], signal: new AbortController().signal },
    prepare: async (job: Parameters<typeof prepare>[0]) => prepare(job),
    read: async ({ file }: ScheduledList) => {
      files.push(file)
      if (text === '') throw new Error('it is not there')
      return Buffer.from(text)
    },
  }
  const found = []
  for await (const one of listsToCome(options, lists, limits, { callerPeer: '', mayRead })) found.push(one)
  return { found, files }
}

test('a list is to come where it is new or its words changed, and left where it is named no more', () => {
  const now = [list('a'), list('b'), list('c')]
  const { come, left } = scheduleChange(now, [list('a'), list('b', { action: 'observe' }), list('d')])
  assert.deepEqual([come.map(({ name }) => name), left], [['b', 'd'], ['c']])
})

test('a list is read as an import reads it, bad lines told', async () => {
  const { found } = await collect([list('a', { action: 'observe' })], '192.0.2.1\nnonsense\n')
  const [one] = found
  assert.ok(one !== undefined && 'entries' in one)
  assert.deepEqual([one.name, one.action, countEntries(one.entries), one.badLines], ['a', 'count', 1, 1])
})

test('a file that cannot be read is told, and the next list is read all the same', async () => {
  const { found } = await collect([list('a'), list('b')], '')
  assert.deepEqual(
    found.map((one) => 'problem' in one && one.problem),
    ['it is not there', 'it is not there'],
  )
})

test('a list whose import would be refused is told, and hits nobody', async () => {
  const most = Array.from({ length: 200 }, (_, i) => `${i}.0.0.0/8`).join('\n')
  const [refused] = (await collect([list('a')], most)).found
  assert.match(refused !== undefined && 'problem' in refused ? refused.problem : '', /drop 78 % of all IPv4/)
  const [counting] = (await collect([list('a', { action: 'observe' })], most)).found
  assert.ok(counting !== undefined && 'entries' in counting)
})

test('a list that limits is told with its rate, and refused where it would limit most addresses', async () => {
  const limit = { unit: 'packets', perSecond: 50 } as const
  const most = Array.from({ length: 200 }, (_, i) => `${i}.0.0.0/8`).join('\n')
  for (const text of ['192.0.2.1\n', most]) {
    const [one] = (await collect([list('a', { action: 'limit', limit })], text)).found
    assert.deepEqual([one?.action, one?.limit], ['limit', limit])
    assert.match(
      one !== undefined && 'problem' in one ? one.problem : '',
      text === most ? /limit 78 %/ : /^$/,
    )
  }
})

test('a plan runs no command, and reads no file for who only looks', async () => {
  const command = await collect([list('a', { file: null, command: ['/bin/list'] })], '192.0.2.1\n')
  const reader = await collect([list('a')], '192.0.2.1\n', false)
  for (const { found, files } of [command, reader]) {
    assert.deepEqual(files, [])
    assert.ok(found[0] !== undefined && 'problem' in found[0])
  }
})
