import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import {
  type Answers,
  type FakeDaemon,
  openFakeDaemon,
  type Request,
  RpcError,
  said,
} from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { allowEntry, decision } from '../../test/samples.js'

let daemon: FakeDaemon

async function run(answers: Answers, line: string, env: Record<string, string> = {}): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket, env })
}

/** Blocks as asked. */
function block(request: Request): object {
  const { target, action, reason, dryRun, limit, sparesFlows } = request
  const ttlMs = Number(request.ttlMs)
  const expiresAtMs = ttlMs === 0 ? 0 : Date.now() + ttlMs
  const doing = { action, limit, sparesFlows }
  return { decision: { ...decision, ...doing, target, reason, expiresAtMs, evidence: [] }, dryRun }
}

function refuse(): never {
  throw new RpcError(status.FAILED_PRECONDITION, 'refused, in the words of the daemon')
}

const guards = ['10.0.0.1 is the gateway of eth0', '10.0.0.1 is the far end of your own session']

describe('idsctl block', () => {
  afterEach(() => daemon.close())

  it('asks for what was typed, as the user behind sudo', async () => {
    const line = 'block 1.2.3.0/24 --ttl 1h30m --reason scan --action count --force'
    const { code, stdout } = await run({ block }, line, { SUDO_USER: 'alice' })
    assert.equal(code, 0)
    const { callerPeer: _, ...request } = daemon.requests[0]!.request
    assert.deepEqual(request, {
      target: '1.2.3.0/24',
      ttlMs: 5_400_000,
      reason: 'scan',
      action: 'ACTION_COUNT',
      confirmMs: 0,
      force: true,
      dryRun: false,
      caller: 'alice',
      limit: null,
      sparesFlows: false,
    })
    assert.match(stdout, /^counting \(not dropping\) 1\.2\.3\.0\/24, decision d12\n/)
    assert.match(stdout, /until .*\+05:30 \(in 1 h 30 min\)\n/)
    assert.match(stdout, /undo {4}idsctl unblock d12\n/)
  })

  const actions: readonly (readonly [string, object, RegExp])[] = [
    ['--action observe', { action: 'ACTION_COUNT' }, /^counting \(not dropping\) 1\.2\.3\.4/],
    ['--action syn-drop', { action: 'ACTION_SYN_DROP' }, /^dropping SYNs of 1\.2\.3\.4/],
    ['--action reject', { action: 'ACTION_REJECT' }, /^rejected 1\.2\.3\.4[\s\S]*action +reject\n/],
    [
      '--spare-flows',
      { action: 'ACTION_DROP', sparesFlows: true },
      /^blocked[\s\S]*action +drop, flows spared\n/,
    ],
    [
      '--action limit --rate 100pps --spare-flows',
      { action: 'ACTION_LIMIT', unit: 'LIMIT_UNIT_PACKETS', perSecond: 100, sparesFlows: true },
      /^limited 1\.2\.3\.4[\s\S]*action +limit 100pps, flows spared\n/,
    ],
    [
      '--action limit --rate 1.5Mbit',
      { action: 'ACTION_LIMIT', unit: 'LIMIT_UNIT_BITS', perSecond: 1.5e6 },
      /action +limit 1500kbit\n/,
    ],
  ]
  for (const [words, expected, page] of actions) {
    it(`${words} asks for just that and says so`, async () => {
      const { code, stdout } = await run({ block }, `block 1.2.3.4 ${words}`)
      assert.equal(code, 0)
      const { action, limit, sparesFlows } = daemon.requests[0]!.request
      const { unit, perSecond } = (limit ?? {}) as { unit?: string; perSecond?: number }
      assert.deepEqual(said({ action, unit, perSecond, sparesFlows }), expected)
      assert.match(stdout, page)
    })
  }

  const contradictions: readonly (readonly [string, RegExp])[] = [
    ['--action limit', /--action limit needs a rate\n.*--rate 100pps/],
    ['--rate 100pps', /--rate is for --action limit, and the action is drop\n.*leave out --rate/],
    ['--action reject --rate 1Mbit', /and the action is reject/],
    ['--action observe --spare-flows', /lets everything pass.*\n.*leave out --spare-flows/],
    ['--action limit --rate 100', /Expected 100pps, 64kbit, 10Mbit or 1Gbit, per second/],
    ['--action limit --rate 0pps', /Expected 1 to 1000000000 packets per second/],
    ['--action limit --rate 2000Gbit', /Expected 1 to 1000000000000 bits per second/],
    ['--action nothing', /observe, count, limit, syn-drop, drop, reject/],
  ]
  for (const [words, mend] of contradictions) {
    it(`${words} is wrong use, asks nothing, and says how to mend it`, async () => {
      const { code, stderr } = await run({ block }, `block 1.2.3.4 ${words}`)
      assert.equal(code, 2)
      assert.match(stderr, mend)
      assert.deepEqual(daemon.requests, [])
    })
  }

  it('without --ttl says that it stays', async () => {
    const { stdout } = await run({ block }, 'block 1.2.3.4')
    assert.match(
      stdout,
      /^blocked 1\.2\.3\.4, decision d12\n {2}until +unblocked by hand: without --ttl a block stays\n/,
    )
  })

  it('without --ttl says so apart from the JSON', async () => {
    const { stdout, stderr } = await run({ block }, 'block 1.2.3.4 -o json')
    const document = JSON.parse(stdout)
    assert.equal(document.schema, 'idsd.block.v1')
    assert.equal(document.decision.expires_at, null)
    assert.equal(document.undo, 'idsctl unblock d12')
    assert.match(stderr, /stays until it is unblocked/)
  })

  it('with --dry-run changes nothing and offers no undo', async () => {
    const { stdout } = await run({ block }, 'block 1.2.3.4 --dry-run')
    assert.equal(daemon.requests[0]!.request.dryRun, true)
    assert.match(stdout, /^would block 1\.2\.3\.4; nothing was changed\n/)
    assert.doesNotMatch(stdout, /undo|d12/)
  })

  it('tells what --force overrode, and an entry that is not in the kernel', async () => {
    const answer = { decision: { ...decision, inKernel: false }, overridden: guards }
    const { stdout } = await run({ block: () => answer }, 'block 10.0.0.1 --force')
    assert.match(stdout, /forced +10\.0\.0\.1 is the gateway of eth0\n {2}forced +10/)
    assert.match(stdout, /warning +another block of this target is in force/)
  })

  it('refused by guards names all of them and --force, exit 3', async () => {
    const { code, stdout, stderr } = await run(
      { block: refuse, checkAllow: () => ({ guards }) },
      'block 10.0.0.1',
    )
    assert.equal(
      stderr,
      `idsctl: block of 10.0.0.1 refused\n  - ${guards.join('\n  - ')}\n  --force overrides\n`,
    )
    assert.deepEqual([code, stdout], [3, ''])
  })

  it('refused by an allow entry says how to remove it, not --force, exit 3', async () => {
    const check = { allowed: true, entry: allowEntry, guards }
    const { code, stderr } = await run({ block: refuse, checkAllow: () => check }, 'block 203.0.113.7')
    assert.match(stderr, /allowed by the entry 203\.0\.113\.0\/24 \(the office\)/)
    assert.match(stderr, /idsctl allow rm 203\.0\.113\.0\/24\n$/)
    assert.doesNotMatch(stderr, /--force overrides/)
    assert.equal(code, 3)
  })

  it('refused although forced keeps the words of the daemon, exit 3', async () => {
    const { code, stderr } = await run(
      { block: refuse, checkAllow: () => ({ guards }) },
      'block 10.0.0.1 --force',
    )
    assert.deepEqual([code, stderr], [3, 'idsctl: refused, in the words of the daemon\n'])
  })

  it('an argument that the daemon does not take is wrong use, with the field', async () => {
    const answer = () => {
      throw new RpcError(status.INVALID_ARGUMENT, 'ttl_ms: expected at most 10 years, got more')
    }
    const { code, stderr } = await run({ block: answer }, 'block 1.2.3.4 --ttl 9999d')
    assert.deepEqual([code, stderr], [2, 'idsctl: ttl_ms: expected at most 10 years, got more\n'])
  })

  it('what finds no room is told in the words of the daemon: its log would say no more', async () => {
    const answer = () => {
      throw new RpcError(status.RESOURCE_EXHAUSTED, 'the map in the kernel is full and nothing was changed')
    }
    const { code, stderr } = await run({ block: answer }, 'block 1.2.3.4')
    assert.equal(stderr, 'idsctl: the map in the kernel is full and nothing was changed\n')
    assert.equal(code, 1)
  })

  it('an error inside the daemon is exit 1', async () => {
    const answer = () => {
      throw new RpcError(status.INTERNAL, 'bpf_map_update_elem failed: E2BIG')
    }
    const { code, stderr } = await run({ block: answer }, 'block 1.2.3.4')
    assert.match(stderr, /idsd failed: bpf_map_update_elem failed: E2BIG\n.*journalctl/)
    assert.equal(code, 1)
  })
})

describe('idsctl unblock', () => {
  afterEach(() => daemon.close())
  const held = { ...decision, reason: "it's a scan", expiresAtMs: Date.now() + 3_600_000 }

  it('prints hits and the command that blocks again for the rest of the time', async () => {
    const { code, stdout } = await run({ unblock: () => ({ lifted: [held] }) }, 'unblock d12')
    assert.equal(code, 0)
    assert.equal(daemon.requests[0]!.request.decisionId, 'd12')
    assert.equal(daemon.requests[0]!.request.target, '')
    assert.match(
      stdout,
      /^lifted 203\.0\.113\.7, decision d12\n {2}hits {2}1,234 packets, 98\.7 kB dropped\n/,
    )
    assert.match(stdout, /undo {2}idsctl block 203\.0\.113\.7 --ttl 59m\d+s --reason 'it'\\''s a scan'\n$/)
  })

  it('prints the command that makes the same limit again, and what it met', async () => {
    const limit = { unit: 'LIMIT_UNIT_BITS', perSecond: 2e9, passed: 3, limited: 4 }
    const doing = { action: 'ACTION_LIMIT', limit, sparesFlows: true, reason: '', expiresAtMs: 0 }
    const { stdout } = await run({ unblock: () => ({ lifted: [{ ...held, ...doing }] }) }, 'unblock d12')
    assert.match(stdout, /undo {2}idsctl block 203\.0\.113\.7 --action limit --rate 2Gbit --spare-flows\n$/)
    assert.match(stdout, /hits {2}1,234 packets, 98\.7 kB seen\n/)
  })

  it('says what goes on blocking the address', async () => {
    const wider = { ...held, id: 'd13', target: '203.0.113.0/24' }
    const answer = { unblock: () => ({ lifted: [held] }), checkAllow: () => ({ blocks: [wider] }) }
    const { code, stdout } = await run(answer, 'unblock d12')
    assert.equal(code, 0)
    assert.match(stdout, /still blocked by 203\.0\.113\.0\/24, decision d13\n$/)
  })

  it('with --dry-run only shows', async () => {
    const answer = { unblock: ({ dryRun }: Request) => ({ lifted: [held], dryRun }) }
    const { stdout } = await run(answer, 'unblock 203.0.113.7 --dry-run')
    assert.match(stdout, /^would lift 203\.0\.113\.7, decision d12; nothing was changed\n/)
    assert.doesNotMatch(stdout, /undo/)
  })

  it('of what is not blocked is exit 4', async () => {
    const answer = () => {
      throw new RpcError(status.NOT_FOUND, '9.9.9.9 is not blocked')
    }
    const { code, stderr } = await run({ unblock: answer }, 'unblock 9.9.9.9')
    assert.deepEqual([code, stderr], [4, 'idsctl: 9.9.9.9 is not blocked\n'])
  })
})
