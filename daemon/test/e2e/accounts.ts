/** System users and groups for a test: named after this process, and removed with it. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

export interface Accounts extends Disposable {
  /** Makes a group. @returns its full name */
  group(name: string): string
  /** Makes a user with a group of its own, in these groups too. */
  user(name: string, groups?: readonly string[]): Account
  close(): void
}

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Words in front of a command that is to run as this user, with its groups. */
  readonly asUser: readonly string[]
}

const prefix = 'idsdt'

function run(command: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${words.join(' ')}: ${stderr}`)
}

/** What a process that was killed left: users and groups that carry its number. */
function sweep(): void {
  for (const [file, command] of [
    ['/etc/passwd', 'userdel'],
    ['/etc/group', 'groupdel'],
  ] as const) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const [name = ''] = line.split(':')
      const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
      if (pid !== undefined && !existsSync(`/proc/${pid}`)) spawnSync(command, [name])
    }
  }
}

export function openAccounts(): Accounts {
  sweep()
  const users: string[] = []
  const groups: string[] = []
  const nameOf = (name: string) => `${prefix}${process.pid}-${name}`
  const close = () => {
    for (const name of users.splice(0).reverse()) spawnSync('userdel', [name])
    for (const name of groups.splice(0).reverse()) spawnSync('groupdel', [name])
  }
  process.on('exit', close)
  return {
    group(name) {
      const full = nameOf(name)
      groups.push(full)
      run('groupadd', '--system', full)
      return full
    },
    user(name, more = []) {
      const full = nameOf(name)
      users.push(full)
      const words = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
      run('useradd', ...words, ...(more.length === 0 ? [] : ['--groups', more.join(',')]), full)
      const line = readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .find((each) => each.startsWith(`${full}:`))
      const [, , uid, gid] = line?.split(':') ?? []
      return {
        name: full,
        uid: Number(uid),
        gid: Number(gid),
        asUser: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--init-groups'],
      }
    },
    close,
    [Symbol.dispose]: close,
  }
}
