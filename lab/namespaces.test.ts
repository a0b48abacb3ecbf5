import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, test } from 'node:test'
import {
  type Lab,
  type LabNamespace,
  labNamespaces,
  labUnavailable,
  openLab,
  skipOrFail,
  sweepLeftovers,
  until,
} from './namespaces.js'

const module = new URL('namespaces.js', import.meta.url).href

/** Namespaces of the tag that exist. */
function named(tag: string): string[] {
  return labNamespaces().filter((name) => name.startsWith(`idsd-${tag}-`))
}

/** Connects over TCP from one namespace to another; the answer names the source the server saw. */
async function connectAcross(
  from: LabNamespace,
  to: LabNamespace,
  address: string,
  bind: string,
): Promise<string> {
  const serve = `const s = net.createServer(c => c.end(c.remoteAddress)).listen(7000, '${address}', () => console.log('up'))`
  const connect = `net.connect({host: '${address}', port: 7000, localAddress: '${bind}'}).pipe(process.stdout)`
  const server = to.spawn(['node', '-e', serve])
  await server.untilOutput(/up/)
  const { code, stdout, stderr } = await from.exec(['node', '-e', connect])
  await server.stop()
  assert.equal(code, 0, stderr)
  return stdout
}

/** Runs a script that opens a lab in a process of its own. */
function runScript(script: string) {
  const source = `import { labNamespaces, openLab } from '${module}'\n${script}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    timeout: 10_000,
  })
}

describe('the lab', { skip: skipOrFail(labUnavailable()) }, () => {
  test('on a host, client and attacker reach the server from different addresses', async () => {
    const tag = 'nshost'
    {
      await using lab = await openLab({ topology: 'host', tag, extraAddresses: 3 })
      const server = lab.ns('server')
      assert.equal(lab.daemon, server)
      for (const from of [lab.ns('client'), lab.ns('attacker')]) {
        for (const family of ['v4', 'v6'] as const) {
          const own = from.addresses[family]
          assert.equal(await connectAcross(from, server, server.addresses[family], own), own)
        }
      }
      const extra = lab.ns('attacker').addresses.all.filter((address) => /\.18$|::12$/.test(address))
      assert.deepEqual(extra, ['10.77.0.18', 'fd77::12'])
      assert.equal(await connectAcross(lab.ns('attacker'), server, '10.77.0.1', '10.77.0.18'), '10.77.0.18')
      assert.throws(() => lab.ns('gateway'), /no gateway, only server, client, attacker/)
    }
    assert.deepEqual(named(tag), [])
  })

  test('through a gateway, client and attacker reach the inside, at any frame size', async () => {
    const tag = 'nsgate'
    {
      await using lab = await openLab({ topology: 'gateway', tag, mtu: 9000 })
      const inside = lab.ns('inside')
      assert.equal(lab.daemon.role, 'gateway')
      for (const from of [lab.ns('client'), lab.ns('attacker')]) {
        for (const family of ['v4', 'v6'] as const) {
          const own = from.addresses[family]
          assert.equal(await connectAcross(from, inside, inside.addresses[family], own), own)
        }
      }
    }
    assert.deepEqual(named(tag), [])
  })

  test('every far end of a veth carries an XDP program, and no interface takes VLAN tags out', async () => {
    await using lab = await openLab({ topology: 'gateway', tag: 'nsxdp' })
    const links = (name: string) => spawnSync('ip', ['-n', name, '-o', 'link'], { encoding: 'utf8' }).stdout
    const ports = links(lab.daemon.name.replace(/gateway$/, 'switch'))
      .split('\n')
      .filter((line) => line.includes('master'))
    assert.equal(ports.length, 3)
    for (const line of [...ports, links(lab.ns('inside').name)]) assert.match(line, / xdp /)
    const { stdout } = await lab.daemon.exec(['ethtool', '-k', 'eth0'])
    assert.match(stdout, /tx-vlan-offload: off/)
  })

  test('answers to forged sources leave only when a default route was asked for', async () => {
    for (const defaultRoute of [false, true]) {
      await using lab = await openLab({ topology: 'host', tag: 'nsroute', defaultRoute })
      for (const forged of ['203.0.113.5', '2001:db8::5']) {
        const { code } = await lab.daemon.exec(['ip', 'route', 'get', forged])
        assert.equal(code === 0, defaultRoute, forged)
      }
    }
  })

  test('an error inside the block removes everything, and so does closing twice', async () => {
    const tag = 'nserror'
    const broken = async () => {
      await using lab = await openLab({ topology: 'host', tag })
      assert.equal(named(tag).length, 4)
      lab.ns('client').spawn(['sleep', '60'])
      throw new Error('from inside')
    }
    await assert.rejects(broken, /from inside/)
    assert.deepEqual(named(tag), [])
    const lab: Lab = await openLab({ topology: 'host', tag })
    await Promise.all([lab.close(), lab.close()])
    await lab.close()
    assert.deepEqual(named(tag), [])
    assert.throws(() => lab.ns('client').spawn(['true']), { code: 'ERR_LAB', message: /closed/ })
  })

  test('a topology that cannot be built leaves nothing behind', async () => {
    await assert.rejects(openLab({ topology: 'host', tag: 'nsbad', mtu: 1 }), { code: 'ERR_LAB' })
    assert.deepEqual(named('nsbad'), [])
  })

  const endings: readonly [name: string, script: string][] = [
    ['process.exit', 'process.exit(3)'],
    ['an uncaught error', 'setTimeout(() => { throw new Error("uncaught") })'],
    ['SIGTERM', 'process.kill(process.pid, "SIGTERM"); await new Promise(() => setTimeout(() => {}, 5000))'],
  ]
  for (const [name, script] of endings) {
    test(`a process that ends by ${name} takes its namespaces and commands with it`, async () => {
      const { stdout } = runScript(`
        const lab = await openLab({ topology: 'host', tag: 'nsexit' })
        console.log(lab.ns('client').spawn(['sleep', '60']).pid)
        ${script}`)
      assert.deepEqual(named('nsexit'), [])
      await until(() => !isAlive(Number(stdout)), { what: 'the command has ended' })
    })
  }

  test('what a killed process left behind is swept, and a living lab is not', async () => {
    await using lab = await openLab({ topology: 'host', tag: 'nslive' })
    const { stdout } = runScript(`
      const lab = await openLab({ topology: 'host', tag: 'nskill' })
      console.log(labNamespaces().filter((name) => name.startsWith('idsd-nskill-')).length)
      console.log(lab.ns('client').spawn(['sleep', '60']).pid)
      process.kill(process.pid, 'SIGKILL')`)
    const [made, pid] = stdout.split('\n').map(Number)
    assert.equal(made, 4)
    await until(() => !isAlive(pid!), { what: 'the command has ended with its parent' })
    sweepLeftovers()
    assert.deepEqual(named('nskill'), [])
    assert.ok(existsSync(lab.ns('client').path))
  })

  test('a command is stopped with its children, and its exit code is told', async () => {
    await using lab = await openLab({ topology: 'host', tag: 'nsproc' })
    const client = lab.ns('client')
    assert.deepEqual(await client.exec(['sh', '-c', 'cat; echo no >&2; exit 3'], { input: 'yes' }), {
      code: 3,
      stdout: 'yes',
      stderr: 'no\n',
    })
    assert.equal((await client.exec(['/does/not/exist'])).code, 127)
    await assert.rejects(client.exec(['sleep', '60'], { timeoutMs: 50 }), /not within 50 ms: sleep 60/)
    const lines: string[] = []
    const tree = client.spawn(['sh', '-c', 'trap "" TERM; sleep 60 & echo $!; wait; sleep 60'], {
      onLine: (line) => lines.push(line),
    })
    await tree.untilOutput(/\d+\n/)
    assert.deepEqual(await tree.stop({ graceMs: 50 }), { code: 137 })
    assert.ok(!isAlive(Number(lines[0])))
    const left = client.spawn(['sh', '-c', 'setsid sleep 2 & echo done'])
    assert.deepEqual(await left.exited, { code: 0 })
    assert.equal(left.stdout, 'done\n')
    await assert.rejects(client.spawn(['true']).untilOutput(/never/), /ended with 0 before true prints/)
  })
})

test('a condition that never holds is an error that names it and the last cause', async () => {
  const waiting = until(() => assert.fail('not there'), { what: 'it is there', timeoutMs: 20, intervalMs: 1 })
  await assert.rejects(waiting, (error: Error) => {
    assert.match(error.message, /not within 20 ms: it is there/)
    assert.match(String(error.cause), /not there/)
    return true
  })
})

test('a look that takes long is followed by as long a pause, within the time', async () => {
  const beganMs = performance.now()
  let looks = 0
  const look = async () => {
    looks++
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await assert.rejects(until(look, { what: 'it is there', timeoutMs: 250 }), /not within 250 ms/)
  assert.ok(looks <= 2, `${looks} looks`)
  assert.ok(performance.now() - beganMs >= 250)
})

test('a test that cannot run is skipped at home and fails in CI', () => {
  const script = `import { skipOrFail } from '${module}'; process.stdout.write(String(skipOrFail('no root')))`
  const withCi = (CI: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, CI },
    })
  assert.equal(withCi('').stdout, 'no root')
  assert.match(withCi('true').stderr, /in CI no test is skipped: no root/)
})

/** Whether a process runs; one that has ended but was not yet reaped does not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
