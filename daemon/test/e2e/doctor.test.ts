import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { type Lab, type LabNamespace, openLab, skipOrFail, until } from '../../../lab/namespaces.js'
import { tcpPacket } from '../../../lab/packet.js'
import { call, createClient } from '../../src/publish/fake-daemon.js'
import {
  type CtlResult,
  type Json,
  openSite,
  root,
  type Site,
  send,
  skipE2e,
  spareInterface,
  unreadable,
  xdpProgram,
} from './harness.js'

/** The machine's clock may be unkept and nft absent: that is not what these tests are about. */
const ofTheMachine = ['ntp', 'clocksource', 'nat', 'docker', 'maps']

describe('idsctl doctor', { skip: skipE2e }, () => {
  let lab: Lab
  let site: Site
  let server: LabNamespace

  before(async () => {
    lab = await openLab({ topology: 'host', tag: 'e2edoc' })
    server = lab.ns('server')
    site = openSite(server, 'doctor')
  })
  afterEach(async () => {
    await site.detach().catch(() => undefined)
  })
  after(async () => {
    await site?.close()
    await lab?.close()
  })

  const doctor = (...args: string[]) => site.ctl(['doctor', '--bpffs', site.bpffs, ...args])
  const named = ({ json }: CtlResult, check: string, subject: string | null = null): Json => {
    const found = json.findings.filter((each: Json) => each.check === check && each.subject === subject)
    assert.equal(found.length, 1, `${check} ${subject}: ${JSON.stringify(json.findings)}`)
    return found[0]
  }
  const level = (result: CtlResult, check: string, subject: string | null = null) =>
    named(result, check, subject).level
  const run = async (...argv: string[]) => {
    const { code, stderr } = await server.exec(argv)
    assert.equal(code, 0, `${argv.join(' ')}: ${stderr}`)
  }
  /** Runs `use` while idsd runs, which ends with its programs off the interface. */
  const guarded = async (start: Parameters<Site['start']>[0], use: () => Promise<void>) => {
    await site.start({ ...start, args: [...(start?.args ?? []), '--on-exit', 'detach'] })
    try {
      await use()
    } finally {
      await site.stop()
    }
  }

  test('a sound machine with a daemon has no problem, and no warning of idsd’s own', async () => {
    await guarded({}, async () => {
      const result = await doctor()
      assert.equal(result.code, 0, result.stderr)
      const { schema, daemon_answers, as_root, findings } = result.json
      assert.deepEqual([schema, daemon_answers, as_root], ['idsd.doctor.v1', true, true])
      const bad = findings.filter((each: Json) => !['ok', 'note'].includes(each.level))
      assert.deepEqual(
        bad.filter(({ check }: Json) => !ofTheMachine.includes(check)),
        [],
      )
      assert.match(named(result, 'xdp', 'eth0').found, /native mode, driver veth/)
      assert.equal(level(result, 'losses'), 'ok')
      assert.equal(level(result, 'model'), 'ok')
    })
  })

  test('without a daemon it looks at the machine, and tells a bare interface from one with programs left', async () => {
    const before = await doctor('--interface', 'eth0')
    assert.equal(before.code, 0, before.stderr)
    assert.equal(before.json.daemon_answers, false)
    assert.match(named(before, 'daemon').found, /no daemon answers \(idsd is not running/)
    assert.match(named(before, 'xdp', 'eth0').found, /no XDP program; the driver veth has native mode/)

    await site.start()
    await site.killHard()
    const left = await doctor()
    assert.equal(left.code, 0, left.stderr)
    assert.match(named(left, 'daemon').found, /programs are on eth0/)
    assert.match(named(left, 'xdp', 'eth0').found, /native mode, programs that an idsd left/)
    assert.equal((await doctor('--strict')).code, 1)
  })

  test('a panic and a trial that a dead daemon left in the pins are named, and gone once they are ended', async () => {
    await site.start()
    await site.ok('block', '203.0.113.0/24', '--confirm', '10m', '--force')
    assert.match(named(await doctor(), 'trial').found, /^on trial: block of 203\.0\.113\.0\/24, by /)
    await site.killHard()
    await site.ok('panic', '--for', '10m', '--bpffs', site.bpffs)
    const left = await doctor()
    assert.equal(left.code, 1)
    assert.deepEqual([level(left, 'panic'), level(left, 'trial')], ['problem', 'warning'])
    assert.match(named(left, 'panic').found, /in the pinned maps, for 10 min more/)
    assert.match(named(left, 'trial').consequence, /takes it back in (9|10) min/)
    await site.ok('resume', '--bpffs', site.bpffs)
    await site.ok('rollback', '--bpffs', site.bpffs)
    const ended = await doctor()
    assert.equal(ended.code, 0)
    const checks = ended.json.findings.map(({ check }: Json) => check)
    assert.deepEqual(
      checks.filter((check: string) => ['panic', 'trial'].includes(check)),
      [],
    )
  })

  test('generic mode is a warning that says why, and only --strict ends with 1', async () => {
    await guarded({ args: ['--xdp-mode', 'generic'] }, async () => {
      const result = await doctor()
      assert.equal(result.code, 0, result.stderr)
      const { level, found, consequence, fix } = named(result, 'xdp', 'eth0')
      assert.equal(level, 'warning')
      assert.match(
        found,
        /generic mode, driver veth: nothing seen here forbids native: kernel\.xdp_mode asks for generic/,
      )
      assert.match(consequence, /three times/)
      assert.match(fix, /--xdp-mode native/)
      const strict = await doctor('--strict')
      assert.equal(strict.code, 1)
      assert.match(strict.stderr, /warnings? found/)
    })
  })

  test('an MTU of 9000 is told before the start and with the daemon', async () => {
    await run('ip', 'link', 'set', 'eth0', 'mtu', '9000')
    try {
      const before = await doctor('--interface', 'eth0')
      assert.equal(level(before, 'mtu', 'eth0'), 'note')
      assert.match(named(before, 'mtu', 'eth0').found, /9000, over 3498/)
      await guarded({ args: ['--xdp-mode', 'native'] }, async () => {
        const with9000 = await doctor()
        assert.match(named(with9000, 'mtu', 'eth0').found, /9000, frames in several buffers/)
        assert.equal(level(with9000, 'mtu', 'eth0'), 'ok')
      })
      await guarded({ args: ['--xdp-mode', 'generic'] }, async () => {
        const generic = await doctor()
        assert.equal(level(generic, 'mtu', 'eth0'), 'warning')
        assert.match(named(generic, 'xdp', 'eth0').found, /MTU 9000 is over 3498/)
      })
    } finally {
      await run('ip', 'link', 'set', 'eth0', 'mtu', '1500')
    }
  })

  test('the state of offloads is that of ethtool', async (t) => {
    if ((await server.exec(['sh', '-c', 'command -v ethtool'])).code !== 0)
      return t.skip('ethtool is not here')
    for (const state of ['off', 'on']) {
      await run('ethtool', '-K', 'eth0', 'rxvlan', state)
      const result = await doctor('--interface', 'eth0')
      assert.match(named(result, 'vlan', 'eth0').found, new RegExp(`^tag offload ${state}, no VLAN`))
      assert.equal(level(result, 'lro', 'eth0'), 'ok')
    }
  })

  test('losses name their cause, their number and the key to turn', async () => {
    const config = '[kernel]\nnew_flow_budget_per_s = 100\n'
    await guarded({ config }, async () => {
      const attacker = lab.ns('attacker')
      const frame = tcpPacket({
        src: '10.99.0.1',
        dst: server.addresses.v4,
        srcMac: attacker.macs.eth0 as string,
        dstMac: server.macs.eth0 as string,
        srcPort: 4_000,
        dstPort: 80,
      })
      await send(attacker, { frame, count: 3_000, rate: 10_000, args: ['--spoof-src', '10.99.0.0/16'] })
      await until(async () => (await site.ok('status')).lost.over_budget > 0, {
        what: 'flows over the budget',
      })
      const { lost } = await site.ok('status')
      const result = await doctor()
      const { level, found, fix } = named(result, 'losses', 'over_budget')
      assert.equal(level, 'warning')
      assert.equal(found, `${lost.over_budget} since its start`)
      assert.match(fix, /budget/)
      assert.equal(result.code, 0)
    })
    site.writeConfig('')
  })

  test('a panic is a problem and ends with 1 until it is over', async () => {
    await guarded({}, async () => {
      await site.ok('panic', '--for', '1h')
      const result = await doctor()
      assert.equal(result.code, 1)
      assert.match(named(result, 'panic').found, /^all enforcement was stopped by /)
      await site.ok('resume')
      assert.equal((await doctor()).code, 0)
    })
  })

  test('a strange program on the interface is a problem and ends with 1', async () => {
    await spareInterface(server, 'odd0')
    await run('ip', 'link', 'set', 'odd0', 'up')
    const pass = join(root, 'build/lab/xdp_pass.o')
    await run('ip', 'link', 'set', 'dev', 'odd0', 'xdp', 'obj', pass, 'sec', 'xdp.frags')
    try {
      assert.notEqual(await xdpProgram(server, 'odd0'), undefined)
      const result = await doctor('--interface', 'odd0')
      assert.equal(result.code, 1)
      assert.match(result.stderr, /1 problem found/)
      assert.match(named(result, 'xdp', 'odd0').found, /another XDP program is there: \w+/)
    } finally {
      await run('ip', 'link', 'del', 'odd0')
    }
  })

  test('without root it looks at what it may, and says what it could not ask', {
    skip: skipOrFail(unreadable()),
  }, async () => {
    const before = ['setpriv', '--reuid=65534', '--clear-groups']
    const result = await site.ctl(['doctor', '--interface', 'eth0'], { before })
    assert.equal(result.code, 0, result.stderr)
    assert.equal(result.json.as_root, false)
    assert.match(named(result, 'xdp', 'eth0').found, /driver veth/)
    assert.equal(level(result, 'nat'), 'unknown')
    assert.match(named(result, 'nat').fix, /sudo idsctl doctor/)
  })

  test('an interface that is not there ends with 4', async () => {
    const { code, stderr } = await doctor('--interface', 'eth0', 'nope0')
    assert.equal(code, 4)
    assert.match(stderr, /there is no interface nope0 here/)
  })

  test('what it is there to look at is looked at: each has a finding, and none is unknown to root', async () => {
    await guarded({}, async () => {
      const { json } = await doctor()
      const found = new Map(json.findings.map(({ check, level }: Json) => [check, level]))
      const asked = [
        'xdp',
        'mtu',
        'lro',
        'vlan',
        'bpffs',
        'btf',
        'kernel',
        'maps',
        'clocksource',
        'ntp',
        'egress',
      ]
      for (const check of [...asked, 'losses', 'nat', 'model', 'calibration'])
        assert.ok(found.has(check), `${check} in ${[...found.keys()]}`)
      for (const check of ['xdp', 'mtu', 'bpffs', 'btf', 'kernel', 'maps', 'egress', 'losses', 'model'])
        assert.notEqual(found.get(check), 'unknown', check)
      for (const { check, level, consequence, fix } of json.findings)
        if (['warning', 'problem'].includes(level)) assert.ok(consequence && fix, `${check} says what to do`)
    })
  })

  test('a machine without bpffs, and one without BTF, are told what follows', async () => {
    const without = (path: string) => ({
      before: ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs none ${path} && exec "$@"`, 'sh'],
    })
    const ask = (path: string) => site.ctl(['doctor', '--interface', 'eth0'], without(path))
    const bare = await ask('/sys/fs/bpf')
    assert.equal(level(bare, 'bpffs'), 'note')
    assert.match(named(bare, 'bpffs').fix, /mount -t bpf/)
    assert.equal(bare.code, 0, bare.stderr)
    const untyped = await ask('/sys/kernel/btf')
    assert.equal(level(untyped, 'btf'), 'note')
    assert.equal(untyped.code, 0, untyped.stderr)
  })

  test('Docker is told by its bridge, and which addresses are seen then', async () => {
    await run('ip', 'link', 'add', 'docker0', 'type', 'bridge')
    try {
      const docker = named(await doctor('--interface', 'eth0'), 'docker')
      assert.equal(docker.level, 'note')
      assert.match(docker.found, /docker0/)
      assert.match(docker.consequence, /real address/)
    } finally {
      await run('ip', 'link', 'del', 'docker0')
    }
  })

  test('a map that is nearly full is told with the key to turn', async () => {
    await guarded({ args: ['--blocks', '1024'] }, async () => {
      const client = createClient(`unix:${site.socket}`)
      try {
        const targets = Array.from({ length: 900 }, (_, i) => `203.0.${i >> 8}.${i & 255}`)
        const all = (method: string, more: object) =>
          Promise.all(targets.map((target) => call(client, method, { target, ...more })))
        await all('Block', { action: 'ACTION_DROP', force: true })
        const { level, found, consequence, fix } = named(await doctor(), 'maps', 'blocks')
        assert.deepEqual([level, /^\d+ of 1024 entries, 8\d %$/.test(found)], ['warning', true], found)
        assert.ok(consequence)
        assert.match(fix, /kernel\.blocks/)
        await all('Unblock', {})
      } finally {
        client.close()
      }
    })
  })

  test('rules that translate addresses are counted', async (t) => {
    if ((await server.exec(['nft', 'list', 'ruleset'])).code !== 0) return t.skip('nft does not work here')
    const before = named(await doctor('--interface', 'eth0'), 'nat')
    assert.equal(before.level, 'ok')
    await run('nft', 'add table ip t; add chain ip t c { type nat hook postrouting priority 100; }')
    await run('nft', 'add rule ip t c oifname "eth0" masquerade')
    try {
      const found = named(await doctor('--interface', 'eth0'), 'nat')
      assert.equal(found.level, 'note')
      assert.match(found.found, /^1 rule changes the source, 0 rules change the destination/)
    } finally {
      await run('nft', 'delete table ip t')
    }
  })
})
