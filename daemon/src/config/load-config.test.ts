import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../errors.js'
import { UsageError } from './flags.js'
import { flowsFor, type LoadOptions, loadConfig } from './load-config.js'

const GIB = 2 ** 30

test('without a file and with one flag, everything else is the default', () => {
  const { config, action, file } = load(['--iface', 'eth0'])
  assert.equal(action, 'run')
  assert.equal(file, undefined)
  assert.deepEqual(config.interfaces, ['eth0'])
  assert.equal(config.mode, 'prevent')
  assert.equal(config.kernel.flows, 262_144)
  assert.equal(config.kernel.blocks, 262_144)
  assert.equal(config.kernel.prefixes, 65_536)
  assert.equal(config.paths.socket, '/run/idsd/idsd.sock')
  assert.deepEqual(config.metrics.listen, { host: '127.0.0.1', port: 9478 })
  assert.equal(config.model.dir, '/shipped')
  assert.equal(config.policy.modelMayBlock, false)
  assert.deepEqual(config.guards.managementPorts, [22])
  assert.equal(config.grpc.listen, null)
  assert.equal(config.log.file, null)
})

const FLOWS_TABLE = [
  { memory: GIB / 2, flows: 16_384 },
  { memory: 4 * GIB, flows: 131_072 },
  { memory: 24 * GIB, flows: 524_288 },
  { memory: 256 * GIB, flows: 1_048_576 },
]
for (const { memory, flows } of FLOWS_TABLE) {
  test(`${memory / GIB} GiB of memory give ${flows} flows`, () => assert.equal(flowsFor(memory), flows))
}

test('a flag wins over the environment, that over the file, the file over the default', () => {
  const files = { '/etc/idsd/idsd.toml': '[paths]\nsocket = "/from/file"\ndb = "/from/file.db"\n' }
  const argv = ['--iface', 'eth0']
  const socketOf = (given: string[], env = {}) => {
    const { config, settings } = load([...argv, ...given], files, env)
    return [config.paths.socket, settings.get('paths.socket')?.origin]
  }
  assert.deepEqual(socketOf([]), ['/from/file', '/etc/idsd/idsd.toml'])
  assert.deepEqual(socketOf([], { IDSD_SOCKET: '/from/env' }), ['/from/env', 'IDSD_SOCKET'])
  assert.deepEqual(socketOf(['--socket', '/from/flag'], { IDSD_SOCKET: '/from/env' }), [
    '/from/flag',
    '--socket',
  ])
  assert.equal(load(argv, files).config.paths.db, '/from/file.db')
})

test('every table of the file reaches the config under its camelCase name', () => {
  const toml = `
    interfaces = ["eth0", "eth0", "eth1.5"]
    on_exit = "detach"
    [kernel]
    flows = 32768
    new_flow_budget_per_s = 1000
    [detect.scan_vertical]
    unanswered_percent = 70.5
    [detect.login]
    ports = [22]
    max_bytes_back = 8000
    [policy]
    model_may_block = true
    [model]
    dir = "/opt/model"
    threshold = 0.5
    [[allow.entries]]
    target = "2001:db8::/32"
    reason = "office"
    [[allow.entries]]
    target = "192.0.2.1"
    [metrics]
    listen = "[::1]:9000"
    [grpc]
    listen = "0.0.0.0:7443"
    ca = "/c/ca.pem"
    cert = "/c/cert.pem"
    key = "/c/key.pem"
    [log]
    file = "/var/log/idsd.log"`
  const { config } = load([], { '/etc/idsd/idsd.toml': toml })
  assert.deepEqual(config.interfaces, ['eth0', 'eth1.5'])
  assert.equal(config.onExit, 'detach')
  assert.equal(config.kernel.flows, 32_768)
  assert.equal(config.kernel.newFlowBudgetPerS, 1_000)
  assert.equal(config.detect.scanVertical.unansweredPercent, 70.5)
  assert.deepEqual(config.detect.login.ports, [22])
  assert.equal(config.detect.login.maxBytesBack, 8_000)
  assert.equal(config.policy.modelMayBlock, true)
  assert.equal(config.model.dir, '/opt/model')
  assert.equal(config.model.threshold, 0.5)
  assert.deepEqual(config.allow.entries, [
    { target: '2001:db8::/32', reason: 'office' },
    { target: '192.0.2.1', reason: '' },
  ])
  assert.deepEqual(config.metrics.listen, { host: '::1', port: 9_000 })
  assert.deepEqual(config.grpc.listen, { host: '0.0.0.0', port: 7_443 })
  assert.equal(config.log.file, '/var/log/idsd.log')
})

test('a time is a number in the unit of its key, or words', () => {
  const toml = `
    [kernel]
    sweep_ms = "2s"
    [detect.scan_vertical]
    window_s = "1500ms"
    [policy]
    block_s = "1h30m"
    repeat_window_days = "12h"
    max_block_s = "1 day"
    [lists]
    scheduled = [{ name = "drop", file = "/d", every_s = "90s", ttl_s = "1 d" }]
    [store]
    max_age_days = "2 days"`
  const { config } = load(['--check-config'], { '/etc/idsd/idsd.toml': toml })
  const { kernel, detect, policy, lists, store } = config
  assert.deepEqual([kernel.sweepMs, detect.scanVertical.windowS], [2_000, 1.5])
  assert.deepEqual([policy.blockS, policy.repeatWindowDays, policy.maxBlockS], [5_400, 0.5, 86_400])
  assert.deepEqual([lists.scheduled[0]?.everyS, lists.scheduled[0]?.ttlS], [90, 86_400])
  assert.equal(store.maxAgeDays, 2)
})

test('a scheduled list does what an import can do, and limits at a rate', () => {
  const toml = `[lists]
    scheduled = [{ name = "a", file = "/a", action = "limit", rate = "10Mbit" },
      { name = "b", file = "/b", action = "syn_drop" }, { name = "c", file = "/c", action = "reject" }]`
  const { scheduled } = load(['--check-config'], { '/etc/idsd/idsd.toml': toml }).config.lists
  assert.deepEqual(
    scheduled.map(({ action, limit }) => [action, limit]),
    [
      ['limit', { unit: 'bits', perSecond: 1e7 }],
      ['syn_drop', undefined],
      ['reject', undefined],
    ],
  )
})

for (const [written, fault] of [
  ['name = "a b"', 'scheduled[0].name: expected a name of 1 to 63 letters, .* got "a b"'],
  ['file = "a"', 'scheduled[0].file: expected an absolute path, got "a"'],
  ['every_s = 0', 'scheduled[0].every_s: expected a whole number from 1 to 31,536,000, seconds.*, got 0'],
  ['format = "xml"', 'scheduled[0].format: expected one of "auto".*, got "xml"'],
  ['action = "syn-drop"', 'scheduled[0].action: expected one of "observe".*, got "syn-drop"'],
  ['action = "limit"', 'scheduled[0].rate: expected a rate .*, for action = "limit", got nothing'],
  ['rate = "100pps"', 'scheduled[0].rate: expected no rate, or action = "limit", got "100pps"'],
  ['action = "limit", rate = "100"', 'scheduled[0].rate: expected a rate such as .*, got "100"'],
  ['action = "limit", rate = "500bit"', 'scheduled[0].rate: expected .* 1k to 1T bits.*, got "500bit"'],
  ['action = "limit", rate = "1Gpps"', 'scheduled[0].rate: expected .* 1 to 10M packets.*, got "1Gpps"'],
  ['command = ["/b"]', 'scheduled[0]: expected either file = .* or command = .*, got both'],
  ['command = [], file = "/a", ttl_s = -1', 'scheduled[0].ttl_s: expected .*, got -1'],
  ['file = "curl -H x"', 'scheduled[0].file: expected an absolute path, got something else'],
  ['command = ["b"], file = 1', 'scheduled[0].command: expected ["/PROGRAM", "ARGUMENT", ...], .*'],
  ['colour = "red"', 'scheduled[0].colour: expected a list of { name = "NAME", .*'],
] as const) {
  test(`a scheduled list of ${written} is a fault, in the words of its key`, () => {
    const known = ['name = "a"', 'file = "/a"'].filter((each) => !written.includes(each.slice(0, 6)))
    const toml = `[lists]\nscheduled = [{ ${[...known, written].join(', ')} }]`
    const { message } = faultsOf(['--check-config'], { '/etc/idsd/idsd.toml': toml })
    const words = fault.replace(/[[\]{}]|\.(?!\*)/g, '\\$&')
    assert.match(message, new RegExp(`lists\\.${words}`))
  })
}

/** Each row is a file and the path and words of the fault it must give. */
const FAULTS: readonly { toml: string; path: string; expected: RegExp; got: string }[] = [
  { toml: 'mode = "warn"', path: 'mode', expected: /"prevent", "detect"/, got: '"warn"' },
  { toml: 'mod = "detect"', path: 'mod', expected: /did you mean mode\?/, got: '"detect"' },
  { toml: 'flows = 5', path: 'flows', expected: /did you mean kernel\.flows\?/, got: '5' },
  { toml: 'quantum = 1', path: 'quantum', expected: /one of the keys interfaces, mode/, got: '1' },
  { toml: 'kernel = 3', path: 'kernel', expected: /a table \[kernel\]/, got: '3' },
  { toml: '[kernel]\nflows = 3', path: 'kernel.flows', expected: /1,024 to 16,777,216, or "auto"/, got: '3' },
  { toml: '[kernel]\nflows = 4096.5', path: 'kernel.flows', expected: /whole number/, got: '4096.5' },
  { toml: '[kernel]\nblocks = "many"', path: 'kernel.blocks', expected: /whole number/, got: '"many"' },
  {
    toml: '[kernel]\nring_bulk_bytes = 100000',
    path: 'kernel.ring_bulk_bytes',
    expected: /power of two/,
    got: '100000',
  },
  { toml: '[paths]\ndb = "idsd.db"', path: 'paths.db', expected: /absolute path/, got: '"idsd.db"' },
  {
    toml: `[paths]\nsocket = "/${'s'.repeat(107)}"`,
    path: 'paths.socket',
    expected: /107 bytes/,
    got: `"/${'s'.repeat(75)}...`,
  },
  {
    toml: 'interfaces = ["any", "eth0"]',
    path: 'interfaces',
    expected: /"any" alone/,
    got: '["any","eth0"]',
  },
  { toml: 'interfaces = ["eth0", "a/b"]', path: 'interfaces[1]', expected: /interface names/, got: '"a/b"' },
  {
    toml: '[detect.login]\nports = [22, 70000]',
    path: 'detect.login.ports[1]',
    expected: /1 to 65,535/,
    got: '70000',
  },
  {
    toml: '[guards]\nresolvers = ["dns"]',
    path: 'guards.resolvers[0]',
    expected: /IP addresses/,
    got: '"dns"',
  },
  { toml: '[metrics]\nlisten = "9478"', path: 'metrics.listen', expected: /HOST:PORT.*"off"/, got: '"9478"' },
  { toml: '[metrics]\nlisten = "::1:9478"', path: 'metrics.listen', expected: /brackets/, got: '"::1:9478"' },
  { toml: '[model]\nthreshold = 1.5', path: 'model.threshold', expected: /0 to 1/, got: '1.5' },
  {
    toml: '[[allow.entries]]\ntarget = "10.0.0.0/33"',
    path: 'allow.entries[0].target',
    expected: /CIDR/,
    got: '"10.0.0.0/33"',
  },
  {
    toml: '[[allow.entries]]\nreason = "x"',
    path: 'allow.entries[0].target',
    expected: /CIDR/,
    got: 'nothing',
  },
  {
    toml: '[[allow.entries]]\ntarget = "::1"\nwhy = "x"',
    path: 'allow.entries[0].why',
    expected: /reason/,
    got: '"x"',
  },
  {
    toml: 'mode = 1979-05-27',
    path: 'mode',
    expected: /"prevent"/,
    got: 'the date 1979-05-27',
  },
  { toml: 'mode = "detect', path: 'line 1, column 8', expected: /TOML/, got: '"mode = \\"detect"' },
  {
    toml: '[grpc]\nlisten = "0.0.0.0:7443"\nca = "/ca"\nkey = "/k"',
    path: 'grpc.cert',
    expected: /PEM file, because/,
    got: '"none"',
  },
  { toml: '[grpc]\nca = "/ca"', path: 'grpc.ca', expected: /because grpc.listen is "off"/, got: '"/ca"' },
  {
    toml: '[policy]\nunproven_block_s = 61',
    path: 'policy.unproven_block_s',
    expected: /1 to 60/,
    got: '61',
  },
  { toml: '[policy]\nblock_s = "600"', path: 'policy.block_s', expected: /"90s"/, got: '"600"' },
  { toml: '[policy]\nblock_s = "soon"', path: 'policy.block_s', expected: /"1 day"/, got: '"soon"' },
  { toml: '[policy]\nblock_s = "1500ms"', path: 'policy.block_s', expected: /whole number/, got: '"1500ms"' },
  { toml: '[policy]\nblock_s = "0s"', path: 'policy.block_s', expected: /from 1 to/, got: '"0s"' },
  { toml: '[store]\nmax_age_days = "12h"', path: 'store.max_age_days', expected: /whole/, got: '"12h"' },
  { toml: '[kernel]\nblocks = "10m"', path: 'kernel.blocks', expected: /16,777,216$/, got: '"10m"' },
  { toml: '[policy]\nrepeat_factor = 0.5', path: 'policy.repeat_factor', expected: /1 to/, got: '0.5' },
  {
    toml: '[policy]\nblock_s = 172800',
    path: 'policy.max_block_s',
    expected: /at least policy\.block_s, 172800/,
    got: '86400',
  },
  {
    toml: '[policy]\nmodel_points = 50',
    path: 'policy.model_points_cap',
    expected: /at least.*50/,
    got: '40',
  },
]
for (const { toml, path, expected, got } of FAULTS) {
  test(`${JSON.stringify(toml)} is a fault at ${path}`, () => {
    const { faults } = faultsOf(['--iface', 'eth0'], { '/etc/idsd/idsd.toml': toml })
    assert.deepEqual(
      faults.map((fault) => fault.path),
      [path],
    )
    assert.match(faults[0]!.expected, expected)
    assert.equal(faults[0]!.got, got)
  })
}

test('all faults come at once, those of flags under the name of the flag', () => {
  const toml = 'colour = 1\n[kernel]\nflows = 1\nsweep_ms = 1\n[policy]\nblock_s = 0\n'
  const error = faultsOf(['--iface', 'eth0', '--blocks', 'x', '--mode', 'no'], {
    '/etc/idsd/idsd.toml': toml,
  })
  assert.deepEqual(
    error.faults.map((fault) => fault.path),
    ['colour', '--mode', 'kernel.flows', '--blocks', 'kernel.sweep_ms', 'policy.block_s'],
  )
  assert.equal(error.file, '/etc/idsd/idsd.toml')
  assert.match(error.message, /6 faults/)
})

for (const [name, argv, files, expected] of [
  ['the value of a flag', ['--iface', 'eth0', '--mode', 'no'], {}, true],
  ['the value of a flag beside a sound file', ['--flows', '3'], { '/c': 'interfaces = ["eth0"]' }, true],
  ['the value of a flag and no interface', ['--mode', 'no'], {}, true],
  ['flags at odds', ['--iface', 'eth0', '--model', 'none', '--model-may-block'], {}, true],
  ['no interface alone', [], {}, false],
  ['the file', ['--iface', 'eth0'], { '/c': 'mode = "no"' }, false],
  ['the file and a flag', ['--iface', 'eth0', '--flows', '3'], { '/c': 'mode = "no"' }, false],
  ['a file without an interface, and a flag', ['--flows', '3'], { '/c': 'mode = "detect"' }, true],
  ['a file with a bad interface, and a flag', ['--flows', '3'], { '/c': 'interfaces = "none"' }, false],
  ['a file that is not there', ['--iface', 'eth0', '--config', '/no'], {}, false],
] as const) {
  test(`${name}: the fault is ${expected ? 'wrong use of flags alone' : 'more than wrong use of flags'}`, () => {
    const config = '/c' in files ? ['--config', '/c'] : []
    assert.equal(faultsOf([...argv, ...config], files).isOfFlags, expected)
  })
}

test('what is missing is named beside what is wrong', () => {
  const { faults, file } = faultsOf(['--mode', 'no', '--model', 'none', '--model-may-block'])
  assert.deepEqual(
    faults.map((fault) => fault.path),
    ['--mode', 'interfaces', '--model-may-block'],
  )
  assert.equal(file, 'command line')
})

test('a faulty interface, or a file that is not TOML, is one fault', () => {
  assert.deepEqual(
    faultsOf(['--iface', 'a/b']).faults.map((fault) => fault.path),
    ['--iface[0]'],
  )
  const { faults } = faultsOf([], { '/etc/idsd/idsd.toml': 'interfaces = [' })
  assert.equal(faults.length, 1)
})

test('a faulty value in the file is a fault although a flag overrides it', () => {
  const { faults } = faultsOf(['--iface', 'eth0', '--mode', 'detect'], {
    '/etc/idsd/idsd.toml': 'mode = "x"',
  })
  assert.deepEqual(
    faults.map((fault) => fault.path),
    ['mode'],
  )
})

test('an absent file is a fault only when --config names it', () => {
  assert.equal(faultsOf(['--iface', 'eth0', '--config', '/no/file']).faults[0]?.path, '--config')
  assert.equal(load(['--iface', 'eth0']).file, undefined)
})

test('a default file that cannot be read is a fault', () => {
  const readFile = () => {
    throw Object.assign(new Error('no'), { code: 'EACCES' })
  }
  assert.throws(() => loadConfig({ argv: ['--iface', 'eth0'], env: {}, readFile }), ConfigError)
})

test('running without an interface is a fault; checking, printing and detaching are not', () => {
  assert.equal(faultsOf([]).faults[0]?.path, 'interfaces')
  for (const flag of ['--check-config', '--print-config', '--detach'])
    assert.deepEqual(load([flag]).config.interfaces, [])
})

test('--model none and --model-may-block contradict each other', () => {
  const { faults } = faultsOf(['--iface', 'eth0', '--model', 'none', '--model-may-block'])
  assert.deepEqual(
    faults.map((fault) => fault.path),
    ['--model-may-block'],
  )
})

test('--help reads no file', () => {
  const readFile = () => assert.fail('read a file')
  assert.equal(loadConfig({ argv: ['--help'], env: {}, readFile }).action, 'help')
})

for (const [name, toml] of [
  ['a word of it', '[[lists.scheduled]]\nname = "a"\ncommand = ["/bin/curl", "hunter22\\u0000"]\n'],
  ['the whole', '[[lists.scheduled]]\nname = "a"\ncommand = "/bin/curl hunter22"\n'],
  ['a misspelt key', '[[lists.scheduled]]\nname = "a"\ncomand = ["/bin/curl", "hunter22"]\n'],
  ['a command beside a file', '[[lists.scheduled]]\nname = "a"\nfile = "/a"\ncommand = ["/b", "hunter22"]\n'],
  ['another table', '[[scheduled]]\nname = "a"\ncommand = ["/bin/curl", "hunter22"]\n'],
  ['a command line as file', '[[lists.scheduled]]\nname = "a"\nfile = "curl -H hunter22"\n'],
  ['an address as file', '[[lists.scheduled]]\nname = "a"\nfile = "https://a:hunter22@feed/"\n'],
  ['a text as entry', '[lists]\nscheduled = ["/bin/curl-hunter22"]\n'],
  ['a text as list', '[lists]\nscheduled = "/bin/curl-hunter22"\n'],
  ['what is no TOML', '[[lists.scheduled]]\nname = "a"\ncommand = ["/bin/curl", "hunter22]\n'],
] as const) {
  test(`a fault of a command does not say its arguments: ${name}`, () => {
    const { message } = faultsOf(['--iface', 'eth0', '--config', '/c'], { '/c': toml })
    assert.ok(!message.includes('hunter22'), message)
  })
}

test('an unknown flag is a usage error, not a fault', () => {
  assert.throws(() => load(['--ifase', 'eth0']), UsageError)
})

function load(argv: string[], files: Record<string, string> = {}, env: LoadOptions['env'] = {}) {
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
    return text
  }
  return loadConfig({ argv, env, readFile, memoryBytes: 8 * GIB, shippedModelDir: '/shipped' })
}

function faultsOf(argv: string[], files: Record<string, string> = {}): ConfigError {
  try {
    load(argv, files)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  return assert.fail('no fault was found')
}
