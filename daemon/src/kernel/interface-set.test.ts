import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { AttachOptions } from './attachment.js'
import type { MapSizes } from './data-path.js'
import { createFakeBinding, fakeInterface } from './fake-binding.js'
import { type InterfaceEvent, openInterfaceSet } from './interface-set.js'

const sizes: MapSizes = {
  flows: 16,
  tombstones: 16,
  blocks: 128,
  prefixes: 16,
  allows: 16,
  suspects: 16,
  sources: 16,
  urgentRingBytes: 4096,
  bulkRingBytes: 4096,
}

/** Interfaces eth0 (2), eth1 (3) and tun0 (4, no Ethernet); what is attached by name. */
function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-interfaces-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const binding = createFakeBinding()
  binding.present = [fakeInterface('eth0', 2), fakeInterface('eth1', 3), fakeInterface('tun0', 4, 65534)]
  const events: InterfaceEvent[] = []
  const attached = new Map<string, number>()
  const calls: string[] = []
  /** Interfaces that refuse. */
  const refusing = new Map<string, string>()
  const lockPath = (name: string) => join(folder, 'run', `${name}.lock`)
  const open = (names: readonly string[]) =>
    openInterfaceSet({
      binding,
      root: folder,
      names,
      sizes,
      xdpMode: 'auto',
      newFlowsPerSecond: 0,
      hashSeed: 1,
      bpffs: join(folder, 'bpf', 'idsd'),
      runDir: join(folder, 'run'),
      onEvent: (event) => events.push(event),
      attachTo: ({ name, path }: AttachOptions) => {
        calls.push(name)
        const problem = refusing.get(name)
        if (problem !== undefined) throw new Error(problem)
        attached.set(name, path.ifindex)
        return {
          xdpMode: 'native',
          egressHook: 'tcx',
          release() {},
          detach: () => void attached.delete(name),
        }
      },
    })
  const kinds = () => events.map(({ kind, name }) => `${kind} ${name}`)
  return { binding, events, attached, calls, refusing, open, lockPath, kinds }
}

describe('which interfaces', () => {
  const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'one that is not there, with those that are',
      ['eth9'],
      /no interface eth9 here; there are: eth0, eth1, tun0/,
    ],
    [
      'one without an Ethernet header',
      ['eth0', 'tun0'],
      /tun0 carries no Ethernet header \(hardware type 65534\)/,
    ],
  ]
  for (const [what, names, expected] of refusals) {
    test(`refused by name: ${what}`, (t) => {
      const { open, binding } = world(t)
      assert.throws(() => open(names), { code: 'ERR_INTERFACE', message: expected })
      assert.equal(binding.locks.size, 0)
    })
  }

  test('one that another idsd guards is refused with the lock’s path', (t) => {
    const { open, binding, lockPath } = world(t)
    binding.foreignLocks.add(lockPath('eth0'))
    assert.throws(() => open(['eth0']), /eth0: another idsd guards this interface \(.*eth0\.lock is locked\)/)
  })

  test('a lock is free again when the programs do not load', (t) => {
    const { open, binding } = world(t)
    binding.loadFault = new Error('the verifier said no')
    assert.throws(() => open(['eth0']), /the verifier said no/)
    assert.equal(binding.locks.size, 0)
  })

  test('a name given twice is one interface', (t) => {
    const { open } = world(t)
    assert.equal(open(['eth0', 'eth0']).states().length, 1)
  })

  test('any takes every Ethernet interface and passes over one that cannot be attached', (t) => {
    const { open, refusing, attached, kinds, binding, lockPath } = world(t)
    refusing.set('eth0', 'eth0 already carries an XDP program')
    const set = open(['any'])
    set.attachAll()
    assert.deepEqual([...attached.keys()], ['eth1'])
    assert.deepEqual(kinds(), ['skipped eth0', 'attached eth1'])
    assert.deepEqual([...binding.locks.values()], [lockPath('eth1')])
  })

  test('a named interface that cannot be attached leaves nothing attached', (t) => {
    const { open, refusing, attached } = world(t)
    refusing.set('eth1', 'busy')
    const set = open(['eth0', 'eth1'])
    assert.throws(() => set.attachAll(), /busy/)
    assert.equal(attached.size, 0)
  })
})

test('all interfaces share the maps but each has flows of its own', (t) => {
  const { open } = world(t)
  const set = open(['eth0', 'eth1'])
  set.attachAll()
  const [first, second] = set.paths()
  assert.equal(first?.fd('prefixes4'), second?.fd('prefixes4'))
  assert.equal(first?.fd('urgent_ring'), second?.fd('urgent_ring'))
  assert.notEqual(first?.fd('flows'), second?.fd('flows'))
  assert.equal(set.core, first)
})

describe('an interface that goes and comes', () => {
  test('is told, is down meanwhile, and is attached again under its new index with its flows', (t) => {
    const { open, binding, attached, kinds, lockPath } = world(t)
    const set = open(['eth0', 'eth1'])
    set.attachAll()
    const flows = set.paths()[1]?.fd('flows')
    binding.present = [fakeInterface('eth0', 2)]
    set.watch()
    set.watch()
    assert.deepEqual(kinds(), ['attached eth0', 'attached eth1', 'lost eth1'])
    assert.deepEqual(
      set.states().map(({ name, xdpMode }) => `${name} ${xdpMode}`),
      ['eth0 native', 'eth1 down'],
    )
    assert.equal(set.paths().length, 1)
    assert.ok([...binding.locks.values()].includes(lockPath('eth1')), 'its lock is kept')
    binding.present = [fakeInterface('eth0', 2), fakeInterface('eth1', 9)]
    set.watch()
    assert.equal(attached.get('eth1'), 9)
    assert.equal(set.paths()[1]?.fd('flows'), flows)
    assert.equal(set.nameOf(9), 'eth1')
    assert.equal(set.nameOf(3), 'eth1')
    assert.equal(kinds().at(-1), 'attached eth1')
  })

  test('another interface of the same name is a loss and a return in one look', (t) => {
    const { open, binding, kinds } = world(t)
    const set = open(['eth0'])
    set.attachAll()
    binding.present = [fakeInterface('eth0', 7)]
    set.watch()
    assert.deepEqual(kinds(), ['attached eth0', 'lost eth0', 'attached eth0'])
  })

  test('it may go and come more often than the map of indices has room', (t) => {
    const { open, binding, attached } = world(t)
    const set = open(['eth0'])
    set.attachAll()
    for (let index = 10; index < 20; index++) {
      binding.present = [fakeInterface('eth0', index)]
      set.watch()
      assert.equal(attached.get('eth0'), index)
      assert.equal(set.paths().length, 1)
    }
  })

  test('a return that goes on failing is told once and tried at every tenth look', (t) => {
    const { open, binding, refusing, calls, kinds } = world(t)
    const set = open(['eth0'])
    set.attachAll()
    refusing.set('eth0', 'busy')
    binding.present = [fakeInterface('eth0', 7)]
    const before = calls.length
    for (let i = 0; i < 30; i++) set.watch()
    assert.equal(calls.length - before, 3)
    assert.deepEqual(kinds(), ['attached eth0', 'lost eth0', 'failed eth0'])
    refusing.clear()
    for (let i = 0; i < 10; i++) set.watch()
    assert.equal(kinds().at(-1), 'attached eth0')
    assert.equal(binding.loaded, 2, 'the first path holds the shared maps; the failed ones are closed')
  })

  test('a sweep that fails at the loss does not keep the interface half up', (t) => {
    const { open, binding, kinds } = world(t)
    const set = open(['eth0'])
    set.attachAll()
    const { testRun } = binding
    binding.testRun = () => {
      throw new Error('no sweep')
    }
    binding.present = []
    set.watch()
    assert.deepEqual(kinds(), ['attached eth0', 'failed eth0', 'lost eth0'])
    binding.testRun = testRun
    binding.present = [fakeInterface('eth0', 8)]
    set.watch()
    assert.equal(kinds().at(-1), 'attached eth0')
  })

  test('nothing is attached before attachAll', (t) => {
    const { open, attached } = world(t)
    const set = open(['eth0'])
    set.watch()
    assert.equal(attached.size, 0)
    assert.equal(set.states()[0]?.xdpMode, 'down')
  })
})

for (const [what, detach, left] of [
  ['detach takes the programs off', true, 0],
  ['keep leaves them', false, 2],
] as const) {
  test(`closing frees locks and objects: ${what}`, (t) => {
    const { open, binding, attached } = world(t)
    const set = open(['eth0', 'eth1'])
    set.attachAll()
    set.close(detach)
    assert.equal(attached.size, left)
    assert.equal(binding.locks.size, 0)
    assert.equal(binding.loaded, 0)
  })
}
