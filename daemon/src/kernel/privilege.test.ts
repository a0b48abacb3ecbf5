import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPrivilege } from './privilege.js'

const effective = 0x1ffffffffffn
const idsd = { uid: 990, gid: 991, groups: [991] }

function fake(users: Readonly<Record<string, typeof idsd>> = { idsd }) {
  const calls: (readonly unknown[])[] = []
  return {
    calls,
    binding: {
      userByName: (name: string) => users[name],
      userName: (uid: number) => {
        calls.push(['userName', uid])
        return uid === 990 ? 'idsd' : undefined
      },
      groupByName: (name: string) => (name === 'idsd' ? 991 : undefined),
      setAcl: () => undefined,
      setFileIds: (...ids: number[]) => void calls.push(['files', ...ids]),
      dropPrivileges: (...words: unknown[]) => void calls.push(['drop', ...words]),
    },
  }
}

for (const [what, user, ownUid, becomes, problem] of [
  ['root becomes the user', 'idsd', 0, 'idsd', /^$/],
  ['root stays root where that is meant', '', 0, undefined, /^$/],
  ['root stays root by its name', 'root', 0, undefined, /^$/],
  ['root stays root where there is no such user, and says so', 'ids', 0, undefined, /no user ids .*useradd/],
  ['who is not root stays who he is', 'idsd', 1000, undefined, /^$/],
] as const) {
  test(what, () => {
    const { binding } = fake()
    const privilege = openPrivilege({ root: '', user, ownUid, binding, effective })
    assert.equal(privilege.account?.name, becomes)
    assert.match(privilege.problem, problem)
  })
}

test('root that may not change users stays root, and says what it lacks', () => {
  const { binding } = fake()
  const { account, problem } = openPrivilege({
    root: '',
    user: 'idsd',
    ownUid: 0,
    binding,
    effective: 0xc000001001n,
  })
  assert.equal(account, undefined)
  assert.match(problem, /runs as root: .*without CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID,/)
})

test('a user with the number of root is none', () => {
  const { binding } = fake({ toor: { uid: 0, gid: 0, groups: [] } })
  const { account, problem } = openPrivilege({ root: '', user: 'toor', ownUid: 0, binding, effective })
  assert.equal(account, undefined)
  assert.match(problem, /runs as root/)
})

test('it drops to the user with three capabilities, and only when there is one', () => {
  const { binding, calls } = fake()
  openPrivilege({ root: '', user: '', ownUid: 0, binding, effective }).drop()
  assert.deepEqual(calls, [])
  openPrivilege({ root: '', user: 'idsd', ownUid: 0, binding, effective }).drop()
  assert.deepEqual(calls, [['drop', 990, 991, [991], [12, 38, 39]]])
})

test('work on files is done as the user, and root is root again after an error too', () => {
  const { binding, calls } = fake()
  const privilege = openPrivilege({ root: '', user: 'idsd', ownUid: 0, binding, effective })
  assert.equal(
    privilege.asAccount(() => calls.length),
    1,
  )
  assert.throws(() =>
    privilege.asAccount(() => {
      throw new Error('no')
    }),
  )
  assert.deepEqual(calls, [
    ['files', 990, 991],
    ['files', 0, 0],
    ['files', 990, 991],
    ['files', 0, 0],
  ])
})

test('the name of a user is asked for once', () => {
  const { binding, calls } = fake()
  const { userName } = openPrivilege({ root: '', user: '', ownUid: 0, binding, effective })
  assert.deepEqual(
    [userName(990), userName(990), userName(7), userName(7)],
    ['idsd', 'idsd', undefined, undefined],
  )
  assert.equal(calls.length, 2)
})
