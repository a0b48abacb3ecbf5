import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { labUnavailable, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import {
  callMs,
  connects,
  echo,
  echoesSeen,
  idsctlPath,
  idsdPath,
  namesIn,
  send,
  serveHttp,
  startMs,
  unreadable,
  xdpProgram,
} from './harness.js'

/**
 * The folders that idsd uses when nothing is said are empty ones of this test, whatever an installation or a run by
 * hand holds there.
 */
const hideDefaults = [
  'mount -t bpf bpf /sys/fs/bpf',
  'mount -t tmpfs tmpfs /run',
  'mount -t tmpfs tmpfs /var/lib',
  'if [ -d /etc/idsd ]; then mount -t tmpfs tmpfs /etc/idsd; fi',
  'echo hidden',
  'exec sleep infinity',
].join(' && ')

const isThere = (command: string, ...args: string[]) => spawnSync(command, args).error === undefined

function impossible(): string | undefined {
  const lab = labUnavailable()
  if (lab !== undefined) return lab
  if (!isThere('sudo', '--version')) return 'the two lines need sudo'
  if (!isThere('useradd', '--help')) return 'the two lines need useradd, for an ordinary user'
  if (!existsSync('/etc/sudoers.d')) return 'the two lines need /etc/sudoers.d'
  return unreadable()
}

/** Folder from which an ordinary user's shell takes idsd and idsctl: the links of `make`, or else the build itself. */
function binFolder(): string {
  const linked = ['/usr/local/bin/idsd', '/usr/local/bin/idsctl']
  const targets = [idsdPath, idsctlPath]
  const isOurs = linked.every(
    (link, i) => existsSync(link) && realpathSync(link) === realpathSync(targets[i] as string),
  )
  return isOurs ? '/usr/local/bin' : dirname(idsdPath)
}

/** A system user that may use sudo without a password; both go with the test. */
function temporaryUser(t: TestContext, bin: string): string {
  const name = `idsd-e2e-${process.pid}`
  const sudoers = `/etc/sudoers.d/${name}`
  t.after(() => {
    rmSync(sudoers, { force: true })
    spawnSync('userdel', [name])
  })
  const made = spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/bin/sh', name], {
    encoding: 'utf8',
  })
  assert.equal(made.status, 0, made.stderr)
  const path = `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
  const text = `Defaults:${name} secure_path="${path}"\n${name} ALL=(root) NOPASSWD: ALL\n`
  writeFileSync(sudoers, text, { mode: 0o440 })
  return name
}

/** Ids of a process and of everything it started. */
function withChildren(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const children = stdout
    .split('\n')
    .map(Number)
    .filter((child) => child > 0)
  return [pid, ...children.flatMap(withChildren)]
}

/** Whether one of the processes that idsd and sudo are still runs; a number may have gone to another program. */
function isRunning(pid: number): boolean {
  try {
    return /idsd/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  } catch {
    return false
  }
}

describe('the two lines', { skip: skipOrFail(impossible()) }, () => {
  test('an ordinary user types sudo idsd --iface eth0 and idsctl block ADDRESS, and the peer is dropped', async (t) => {
    const bin = binFolder()
    const user = temporaryUser(t, bin)
    await using lab = await openLab({ topology: 'host', tag: 'e2elines' })
    const [server, client, attacker] = [lab.ns('server'), lab.ns('client'), lab.ns('attacker')]
    const mounts = server.spawn(['unshare', '--mount', 'sh', '-c', hideDefaults], { cwd: '/' })
    await until(
      () => {
        assert.equal(mounts.exit, undefined, mounts.stderr)
        return mounts.stdout.includes('hidden')
      },
      { what: 'folders of its own' },
    )
    const pins = join('/proc', `${mounts.pid}`, 'root', 'sys/fs/bpf/idsd/eth0')
    const inside = ['nsenter', `--mount=/proc/${mounts.pid}/ns/mnt`]
    const shell = [
      ...[...inside, 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--reset-env'],
      ...['env', `PATH=${bin}:/usr/local/bin:/usr/bin:/bin`, 'sh', '-c'],
    ]
    const type = (line: string) => server.exec([...shell, line], { cwd: '/', timeoutMs: callMs })
    await serveHttp(server)

    const daemon = server.spawn([...shell, 'exec sudo idsd --iface eth0'], { cwd: '/' })
    const started = new Set<number>()
    try {
      await until(
        () => {
          assert.equal(daemon.exit, undefined, daemon.stdout + daemon.stderr)
          return /idsd runs in mode prevent/.test(daemon.stdout)
        },
        { what: 'sudo idsd --iface eth0 runs', timeoutMs: startMs },
      )
      for (const pid of withChildren(daemon.pid)) started.add(pid)

      assert.ok(await connects(attacker, server.addresses.v4, 80, 10))
      const blocked = await type(`idsctl block ${attacker.addresses.v4}`)
      assert.equal(blocked.code, 0, blocked.stderr)
      assert.match(blocked.stdout, /blocked 10\.77\.0\.3, decision d1\n[\s\S]*undo +idsctl unblock d1/)

      const seen = (await echoesSeen(server)).v4
      await send(attacker, { frame: echo(attacker, server), count: 10 })
      assert.equal((await echoesSeen(server)).v4, seen)
      assert.equal(await connects(attacker, server.addresses.v4, 80), false)
      assert.ok(await connects(client, server.addresses.v4, 80, 10))
      assert.match(
        (await type('idsctl decisions list')).stdout,
        /d1 +10\.77\.0\.3 +block +drop +active +operator/,
      )
      await until(async () => /10\.77\.0\.3:\d+ +10\.77\.0\.1:80/.test((await type('idsctl flows')).stdout), {
        what: 'idsctl flows shows the connection',
      })

      assert.equal((await type('idsctl unblock d1')).code, 0)
      assert.ok(await connects(attacker, server.addresses.v4, 80, 10))
      assert.ok(namesIn(pins).includes('xdp_link'))
    } finally {
      for (const pid of withChildren(daemon.pid)) started.add(pid)
      // sudo passes a signal on only when it does not come from its own group.
      daemon.kill('SIGTERM')
      await until(() => daemon.exit !== undefined && ![...started].some(isRunning), {
        what: 'idsd ends',
        timeoutMs: 15_000,
      }).catch(() => {
        for (const pid of started) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
      })
      await server.exec([...inside, idsdPath, '--detach'])
    }
    assert.equal(await xdpProgram(server), undefined)
    assert.deepEqual(namesIn(pins), [])
  })
})
