import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { diagnose } from './doctor.js'
import type { DaemonFacts, HostFacts, LinkFacts, ListsFacts, PinnedFacts } from './facts.js'
import type { Level } from './finding.js'
import { soundDaemon, soundFacts, soundLink } from './sample-facts.js'

/** The sound machine with another link, another daemon, other facts. */
const withLink = (link: Partial<LinkFacts>, facts: Partial<HostFacts> = {}): HostFacts => ({
  ...soundFacts,
  ...facts,
  links: [{ ...soundLink, ...link }],
})
const withDaemon = (daemon: Partial<DaemonFacts>, facts: Partial<HostFacts> = {}): HostFacts => ({
  ...soundFacts,
  ...facts,
  daemon: { ...soundDaemon, ...daemon },
})
const guarding = (state: Partial<DaemonFacts['interfaces'][number]>): Partial<DaemonFacts> => ({
  interfaces: [{ name: 'eth0', xdpMode: 'native', egressHook: 'tcx', frags: true, ...state }],
})
const alone: Partial<HostFacts> = { daemon: undefined, daemonProblem: 'idsd is not running', pinned: [] }
const leaving = (some: Partial<PinnedFacts>): HostFacts => ({
  ...soundFacts,
  ...alone,
  pinned: ['eth0'],
  left: { panicMs: 0, trialMs: 0, ...some },
})
const bare: Partial<LinkFacts> = { xdpMode: 'none', xdpProgram: undefined }
const map = (name: string, entries: number): Partial<DaemonFacts> => ({
  maps: [{ name, entries, capacity: 1_000, bytes: 1_000 }],
})
const lroOn = { hasLro: true }
const vlanOn = { hasVlanOffload: true }
const nat = (some: Partial<HostFacts['nat']>): HostFacts => ({
  ...soundFacts,
  nat: { ...soundFacts.nat, ...some },
})

const listed = (some: Partial<ListsFacts>): HostFacts => ({
  ...soundFacts,
  lists: { bytes: 1_000_000, imported: [], scheduled: [], ...some },
})
const minutesAgo = (minutes: number) => soundFacts.nowMs - minutes * 60_000
const list = (given: Partial<ListsFacts['imported'][number]> = {}) => ({
  ...{ name: 'feed', entries: 12, createdAtMs: minutesAgo(5), loaded: true, ...given },
})
const scheduled = (given: Partial<ListsFacts['scheduled'][number]> = {}) => ({
  ...{ name: 'feed', everyS: 600, dueAtMs: minutesAgo(-5), running: false, failedTimes: 0, problem: '' },
  ...given,
})
const failed = { failedTimes: 3, problem: 'it ended with 22' }

/** What is so, which check about what says it, how grave, and what its words hold. */
const cases: readonly (readonly [string, HostFacts, string, Level, RegExp])[] = [
  ['prevent', soundFacts, 'daemon', 'ok', /idsd 0\.1\.0 runs in mode prevent/],
  ['detect', withDaemon({ mode: 'MODE_DETECT' }), 'daemon', 'note', /only counts.*idsctl mode prevent/],
  ['a panic', withDaemon({ panic: { by: 'alice' } }), 'panic', 'problem', /stopped by alice.*idsctl resume/],
  [
    'a trial',
    withDaemon({ trial: { what: 'mode detect to prevent', by: 'alice', leftMs: 61_500 } }),
    'trial',
    'note',
    /mode detect to prevent, by alice.*in 62 s.*idsctl confirm keeps it/,
  ],
  [
    'a panic without an end that a dead daemon left',
    leaving({ panicMs: Number.POSITIVE_INFINITY }),
    'panic',
    'problem',
    /in the pinned maps, until idsctl resume.*not even what you blocked.*sudo idsctl resume/,
  ],
  [
    'a panic of ten minutes that a dead daemon left',
    leaving({ panicMs: 599_500 }),
    'panic',
    'problem',
    /in the pinned maps, for 10 min more/,
  ],
  [
    'a trial that a dead daemon left',
    leaving({ trialMs: 45_001 }),
    'trial',
    'warning',
    /takes it back in 46 s.*sudo idsctl rollback/,
  ],
  ['an ordinary user', soundFacts, 'privilege', 'ok', /runs as idsd, with CAP_NET_ADMIN/],
  [
    'root, because there is no user',
    withDaemon({ privilege: { user: 'root', uid: 0, capabilities: [], problem: 'there is no user idsd' } }),
    'privilege',
    'warning',
    /there is no user idsd.*makes him root.*make that user/,
  ],
  [
    'root, as configured',
    withDaemon({ privilege: { user: 'root', uid: 0, capabilities: [], problem: '' } }),
    'privilege',
    'note',
    /as it was told to.*user = "idsd"/,
  ],
  [
    'a tripped breaker',
    withDaemon({ breakers: [{ origin: 'login', why: '3 known-good addresses' }] }),
    'breaker login',
    'warning',
    /3 known-good.*idsctl resume login/,
  ],
  [
    'no daemon, nothing left',
    withLink(bare, alone),
    'daemon',
    'note',
    /no daemon answers \(idsd is not running\)/,
  ],
  [
    'no daemon, pins left',
    { ...soundFacts, ...alone, pinned: ['eth0'] },
    'daemon',
    'warning',
    /programs are on eth0/,
  ],
  [
    'no daemon, programs seen',
    { ...soundFacts, ...alone, pinned: undefined },
    'daemon',
    'warning',
    /on eth0.*--detach/,
  ],

  ['native', soundFacts, 'xdp eth0', 'ok', /native mode, driver igb/],
  [
    'generic for want of a driver',
    { ...withDaemon(guarding({ xdpMode: 'generic' })), links: [{ ...soundLink, driver: 'r8169' }] },
    'xdp eth0',
    'warning',
    /the driver r8169 has no native XDP.*three times/,
  ],
  [
    'generic under a large MTU',
    { ...withDaemon(guarding({ xdpMode: 'generic', frags: false })), links: [{ ...soundLink, mtu: 9_000 }] },
    'xdp eth0',
    'warning',
    /MTU 9000 is over 3498.*--xdp-mode native/,
  ],
  [
    'generic with LRO',
    { ...withDaemon(guarding({ xdpMode: 'generic' })), links: [{ ...soundLink, ...lroOn }] },
    'xdp eth0',
    'warning',
    /LRO is on/,
  ],
  [
    'generic, nothing in its way',
    withDaemon(guarding({ xdpMode: 'generic' })),
    'xdp eth0',
    'warning',
    /kernel\.xdp_mode asks for generic/,
  ],
  ['down', withDaemon(guarding({ xdpMode: 'down' })), 'xdp eth0', 'problem', /guards it, and it is gone/],
  [
    'gone altogether',
    { ...withDaemon(guarding({ xdpMode: 'down' })), links: [] },
    'xdp eth0',
    'problem',
    /nothing is seen or dropped/,
  ],
  ['a tunnel', withLink({ hardwareType: 65_534 }), 'xdp eth0', 'problem', /hardware type 65534/],
  [
    'not guarded by the daemon that runs',
    { ...withDaemon({ interfaces: [] }), links: [{ ...soundLink, ...bare }] },
    'xdp eth0',
    'ok',
    /the running idsd does not guard it/,
  ],
  ['before the start, native driver', withLink(bare, alone), 'xdp eth0', 'ok', /driver igb has native mode/],
  [
    'before the start, other driver',
    withLink({ ...bare, driver: 'bridge' }, alone),
    'xdp eth0',
    'note',
    /bridge has no native XDP.*generic mode/,
  ],
  [
    'before the start, driver nobody knows',
    withLink({ ...bare, driver: undefined }, alone),
    'xdp eth0',
    'note',
    /not known here.*tries native, then generic/,
  ],
  [
    'before the start, down',
    withLink({ ...bare, isUp: false }, alone),
    'xdp eth0',
    'warning',
    /ip link set eth0 up/,
  ],
  ['left programs', { ...soundFacts, ...alone }, 'xdp eth0', 'note', /programs that an idsd left/],
  [
    'a stranger',
    withLink({ xdpProgram: 'xdp_lb' }, alone),
    'xdp eth0',
    'problem',
    /xdp_lb, native mode.*xdp off/,
  ],
  [
    'a program without root',
    withLink({ xdpProgram: undefined }, alone),
    'xdp eth0',
    'unknown',
    /sudo idsctl doctor/,
  ],
  ['no addon', { ...soundFacts, links: [], linksProblem: 'no file' }, 'xdp', 'unknown', /no file.*run make/],

  ['MTU 1500', soundFacts, 'mtu eth0', 'ok', /1500, one buffer/],
  ['MTU 3498', withLink({ mtu: 3_498 }), 'mtu eth0', 'ok', /one buffer/],
  [
    'MTU 3499, native',
    withLink({ mtu: 3_499 }),
    'mtu eth0',
    'ok',
    /several buffers, which this kernel and driver take/,
  ],
  [
    'MTU 9000 before the start',
    withLink({ ...bare, mtu: 9_000 }, alone),
    'mtu eth0',
    'note',
    /only if the driver/,
  ],
  [
    'MTU 9000 on an old kernel',
    withLink({ ...bare, mtu: 9_000 }, { ...alone, kernel: '5.15.0' }),
    'mtu eth0',
    'warning',
    /5\.18 has.*mtu 3498 or less/,
  ],
  [
    'MTU 9000, generic, veth',
    {
      ...withDaemon(guarding({ xdpMode: 'generic' })),
      links: [{ ...soundLink, mtu: 9_000, driver: 'veth' }],
    },
    'mtu eth0',
    'warning',
    /likely why native mode was refused.*the MTU of the other end counts/,
  ],

  ['LRO off', soundFacts, 'lro eth0', 'ok', /off/],
  ['LRO on', withLink(lroOn), 'lro eth0', 'warning', /merges packets.*ethtool -K eth0 lro off/],
  ['LRO not told', withLink({ hasLro: undefined }), 'lro eth0', 'unknown', /does not tell/],
  ['VLAN offload not told', withLink({ hasVlanOffload: undefined }), 'vlan eth0', 'unknown', /does not tell/],
  ['VLAN offload, no VLAN', withLink(vlanOn), 'vlan eth0', 'ok', /tag offload on, no VLAN interface/],
  [
    'VLAN offload, VLANs',
    withLink({ ...vlanOn, vlans: ['eth0.10'] }),
    'vlan eth0',
    'note',
    /eth0\.10.*rxvlan off/,
  ],
  ['VLANs, no offload', withLink({ vlans: ['eth0.10'] }), 'vlan eth0', 'ok', /tag offload off/],

  ['kernel 6.12', soundFacts, 'kernel', 'ok', /lacks nothing/],
  ['kernel 7.0', { ...soundFacts, kernel: '7.0.0' }, 'kernel', 'ok', /lacks nothing/],
  [
    'kernel 6.1',
    { ...soundFacts, kernel: '6.1.0-18-amd64' },
    'kernel',
    'note',
    /lacks TCX \(6\.6\): see egress/,
  ],
  ['kernel 5.18', { ...soundFacts, kernel: '5.18.0' }, 'kernel', 'note', /CAP_BPF \(5\.19\)/],
  ['kernel 5.15', { ...soundFacts, kernel: '5.15.0' }, 'kernel', 'warning', /several buffers \(5\.18\)/],
  ['kernel 5.10', { ...soundFacts, kernel: '5.10.0' }, 'kernel', 'problem', /do not load/],

  ['TCX', soundFacts, 'egress eth0', 'ok', /TCX/],
  [
    'clsact',
    withDaemon(guarding({ egressHook: 'clsact' })),
    'egress eth0',
    'warning',
    /replaces it in place.*qdisc/,
  ],
  ['TCX to be had', { ...soundFacts, ...alone }, 'egress', 'ok', /to be had/],
  [
    'no TCX to be had',
    { ...soundFacts, ...alone, kernel: '6.1.0' },
    'egress',
    'warning',
    /replaces it in place/,
  ],

  ['bpffs', soundFacts, 'bpffs', 'ok', /mounted/],
  ['no bpffs, daemon', { ...soundFacts, hasBpffs: false }, 'bpffs', 'note', /nsenter/],
  [
    'no bpffs, no daemon',
    { ...soundFacts, ...alone, hasBpffs: false },
    'bpffs',
    'note',
    /mounts it at its start/,
  ],
  ['BTF', soundFacts, 'btf', 'ok', /types/],
  ['no BTF', { ...soundFacts, hasBtf: false }, 'btf', 'note', /CONFIG_DEBUG_INFO_BTF/],

  ['a quick clock', soundFacts, 'clocksource', 'ok', /tsc/],
  [
    'a slow clock',
    { ...soundFacts, clocksource: 'hpet' },
    'clocksource',
    'warning',
    /every packet reads the clock/,
  ],
  ['no clock told', { ...soundFacts, clocksource: undefined }, 'clocksource', 'unknown', /does not tell/],
  ['NTP', soundFacts, 'ntp', 'ok', /synchronised/],
  ['no NTP', { ...soundFacts, isSynchronised: false }, 'ntp', 'warning', /not synchronised.*time since boot/],
  ['NTP unknown', { ...soundFacts, isSynchronised: undefined }, 'ntp', 'unknown', /could not be asked/],

  ['maps with room', soundFacts, 'maps', 'ok', /8 MiB, 0 % of memory; none is nearly full/],
  [
    'maps take much',
    { ...soundFacts, memoryBytes: 16 << 20 },
    'maps',
    'warning',
    /50 % of memory.*lower kernel\.flows/,
  ],
  [
    'blocks at 80 %',
    withDaemon(map('blocks', 800)),
    'maps blocks',
    'warning',
    /800 of 1000.*raise kernel\.blocks/,
  ],
  [
    'prefixes full',
    withDaemon(map('prefixes', 1_000)),
    'maps prefixes',
    'problem',
    /refused.*kernel\.prefixes/,
  ],
  [
    'a map nobody knows',
    withDaemon(map('later', 999)),
    'maps later',
    'warning',
    /takes no more.*raise its size/,
  ],

  ['no loss', soundFacts, 'losses', 'ok', /none since its start/],
  [
    'a full ring',
    withDaemon({ lost: { bulk_ring_full: 7 } }),
    'losses bulk_ring_full',
    'warning',
    /7 since.*ring_bulk/,
  ],
  ['a loss nobody knows', withDaemon({ lost: { later: 1 } }), 'losses later', 'warning', /not accounted for/],

  [
    'lists',
    listed({ imported: [list()], scheduled: [scheduled()] }),
    'lists',
    'ok',
    /1 list with 12 entries: 1 MiB in the kernel/,
  ],
  [
    'a list that the kernel did not take',
    listed({ imported: [list({ loaded: false })] }),
    'lists feed',
    'problem',
    /did not take it.*not dropped.*tries again/,
  ],
  [
    'a list whose imports fail',
    listed({ imported: [list({ createdAtMs: minutesAgo(180) })], scheduled: [scheduled(failed)] }),
    'lists feed',
    'warning',
    /last 3 imports failed: it ended with 22.*3 hours old.*idsctl import FILE --list feed --dry-run/,
  ],
  [
    'a list that never came',
    listed({ scheduled: [scheduled({ ...failed, failedTimes: 1 })] }),
    'lists feed',
    'problem',
    /its last import failed.*nothing of it is dropped/,
  ],
  [
    'an import that is not begun',
    listed({ imported: [list()], scheduled: [scheduled({ dueAtMs: minutesAgo(3) })] }),
    'lists feed',
    'warning',
    /overdue.*on trial/,
  ],
  [
    'an import that never ends',
    listed({ imported: [list({ createdAtMs: minutesAgo(23) })], scheduled: [scheduled({ running: true })] }),
    'lists feed',
    'warning',
    /overdue, and goes on/,
  ],
  [
    'lists that take much memory',
    listed({ bytes: soundFacts.memoryBytes / 4, imported: [list()] }),
    'lists',
    'warning',
    /1024 MiB in the kernel, 25 % of memory.*refused.*lists rm/,
  ],
  ['a model', soundFacts, 'model', 'ok', /flow-gbt 1\.2\.0 scores flows, threshold 0\.9/],
  ['a model that may not block', soundFacts, 'calibration', 'ok', /does not block by itself/],
  [
    'a model that may block',
    withDaemon({ model: { ...soundDaemon.model!, mayBlock: true } }),
    'calibration',
    'warning',
    /model_may_block is set.*how often it errs/,
  ],
  [
    'a model that was fitted to the site',
    withDaemon({ model: { ...soundDaemon.model!, mayBlock: true, calibrated: true } }),
    'calibration',
    'ok',
    /fitted to this site; its points may block/,
  ],
  [
    'a model that was fitted by force',
    withDaemon({
      model: { ...soundDaemon.model!, calibrated: true },
      calibration: { run: null, site: { modelSha256: 'ab', forced: '12 flows were learnt from' } },
    }),
    'calibration',
    'warning',
    /--force: 12 flows/,
  ],
  [
    'a bundle that is not the fitted one',
    withDaemon({ calibration: { run: null, site: { modelSha256: 'ab', forced: '' } } }),
    'calibration',
    'note',
    /another one than was fitted/,
  ],
  [
    'a site that is being learnt',
    withDaemon({
      calibration: { run: { endedAtMs: 0, learntMs: 1, forMs: 2, flows: 12 }, site: null },
    }),
    'calibration',
    'note',
    /learns what this site does, 12 flows/,
  ],
  [
    'a site that was learnt and not finished',
    withDaemon({
      calibration: { run: { endedAtMs: 5, learntMs: 2, forMs: 2, flows: 12 }, site: null },
    }),
    'calibration',
    'note',
    /learnt from 12 flows is not in force/,
  ],
  ['no model', withDaemon({ model: null }), 'model', 'warning', /none is loaded/],
  [
    'a model that does not load',
    withDaemon({ model: { ...soundDaemon.model!, loaded: false, problem: 'its hash differs' } }),
    'model',
    'warning',
    /none is loaded: its hash differs/,
  ],

  ['no NAT', soundFacts, 'nat', 'ok', /both ends as they are/],
  [
    'masquerade',
    nat({ sourceRules: 1, isForwarding: true }),
    'nat',
    'note',
    /1 rule changes the source.*inner interface/,
  ],
  [
    'published ports',
    nat({ destinationRules: 2 }),
    'nat',
    'note',
    /2 rules change the destination.*real source/,
  ],
  ['rules unreadable, root', nat({ sourceRules: undefined }), 'nat', 'unknown', /apt install nftables/],
  [
    'rules unreadable',
    { ...nat({ sourceRules: undefined }), isRoot: false },
    'nat',
    'unknown',
    /sudo idsctl doctor/,
  ],
  ['Docker', nat({ dockerBridges: ['docker0'] }), 'docker', 'note', /docker0.*real address/],
]

const nameOf = ({ check, subject }: { check: string; subject: string }) => `${check} ${subject}`.trim()

describe('a finding', () => {
  for (const [what, facts, name, level, words] of cases) {
    test(`${what}: ${name} is ${level}`, () => {
      const findings = diagnose(facts)
      const found = findings.filter((each) => nameOf(each) === name)
      assert.equal(found.length, 1, findings.map(nameOf).join(', '))
      const [one] = found
      assert.equal(one?.level, level, one?.found)
      assert.match([one?.found, one?.consequence, one?.fix].join(' '), words)
    })
  }
})

test('a sound machine has nothing but ok', () => {
  const levels = diagnose(soundFacts).filter(({ level }) => level !== 'ok')
  assert.deepEqual(levels, [])
})

test('whatever is worse than a note says what follows and what to do', () => {
  for (const [what, facts] of cases) {
    for (const { level, consequence, fix, check } of diagnose(facts)) {
      if (level !== 'warning' && level !== 'problem') continue
      assert.notEqual(consequence, '', `${what}: ${check}`)
      assert.notEqual(fix, '', `${what}: ${check}`)
    }
  }
})

test('without a daemon nothing is said of maps, losses and model', () => {
  const checks = new Set(diagnose({ ...soundFacts, ...alone }).map(({ check }) => check))
  for (const check of ['maps', 'losses', 'model', 'calibration'])
    assert.equal(checks.has(check), false, check)
})
