import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlags, UsageError, valueFlags } from './flags.js'
import { helpText } from './help-text.js'
import { keyEntries } from './keys.js'

test('--iface repeats and keeps its order', () => {
  const { values } = parseFlags(['--iface', 'eth1', '--iface=eth0'])
  assert.deepEqual(values, [{ path: 'interfaces', flag: '--iface', written: ['eth1', 'eth0'] }])
})

test('a relative path is relative to the working folder; words and numbers are kept', () => {
  const { values, file } = parseFlags([
    '--config',
    'a.toml',
    '--db',
    'x.db',
    '--model',
    'none',
    '--log-file',
    '-',
    '--flows',
    '65_536',
  ])
  assert.equal(file, `${process.cwd()}/a.toml`)
  assert.deepEqual(
    values.map(({ written }) => written),
    [`${process.cwd()}/x.db`, 'none', '-', 65_536],
  )
})

const ACTIONS = [
  { argv: [], action: 'run' },
  { argv: ['--check-config'], action: 'check-config' },
  { argv: ['--detach', '--iface', 'eth0'], action: 'detach' },
  { argv: ['--print-config', '--help'], action: 'help' },
  { argv: ['-h'], action: 'help' },
  { argv: ['--read', 'a.pcap', '--mode', 'detect'], action: 'read' },
  { argv: ['--read', 'a.pcap', '--version'], action: 'version' },
  { argv: ['--version'], action: 'version' },
]
for (const { argv, action } of ACTIONS) {
  test(`[${argv.join(' ')}] means ${action}`, () => assert.equal(parseFlags(argv).action, action))
}

test('a capture is relative to the working folder, and there is none without --read', () => {
  assert.equal(parseFlags(['--read', 'a.pcap']).capture, `${process.cwd()}/a.pcap`)
  assert.equal(parseFlags(['--mode', 'detect']).capture, undefined)
})

const MISTAKES = [
  { argv: ['--ifcae', 'eth0'], says: /unknown flag --ifcae: did you mean --iface\?/ },
  { argv: ['--metric-listen=off'], says: /did you mean --metrics-listen\?/ },
  { argv: ['--frobnicate'], says: /unknown flag --frobnicate\n/ },
  { argv: ['-i', 'eth0'], says: /unknown flag -i/ },
  { argv: ['--flows'], says: /--flows needs a value: --flows N/ },
  { argv: ['--flows='], says: /--flows needs a value/ },
  { argv: ['--iface', '--mode', 'detect'], says: /--iface needs a value: --iface NAME/ },
  { argv: ['--config'], says: /--config needs a value: --config FILE/ },
  { argv: ['--detach=yes'], says: /--detach takes no value/ },
  { argv: ['--mode', 'detect', '--mode', 'prevent'], says: /--mode is given twice/ },
  { argv: ['--detach', '--check-config'], says: /--detach and --check-config exclude each other/ },
  { argv: ['--read'], says: /--read needs a value: --read FILE/ },
  { argv: ['--read', 'a', '--read', 'b'], says: /--read is given twice/ },
  { argv: ['--read', 'a', '--iface', 'eth0'], says: /--iface means nothing with --read/ },
  { argv: ['--events', 'x', '--read', 'a'], says: /--events means nothing with --read/ },
  { argv: ['--read', 'a', '--check-config'], says: /--check-config and --read exclude each other/ },
  { argv: ['eth0'], says: /unexpected argument eth0.*--iface eth0/ },
]
for (const { argv, says } of MISTAKES) {
  test(`[${argv.join(' ')}] is a usage error`, () => {
    assert.throws(
      () => parseFlags(argv),
      (error) => error instanceof UsageError && says.test(error.message),
    )
  })
}

test('every flag overrides a key that exists', () => {
  const paths = keyEntries.map(({ path }) => path)
  for (const { path } of Object.values(valueFlags)) assert.ok(paths.includes(path), path)
})

test('the help names every flag', () => {
  const others = [
    'config',
    'read',
    'model-may-block',
    'print-config',
    'check-config',
    'detach',
    'help',
    'version',
  ]
  for (const name of [...Object.keys(valueFlags), ...others])
    assert.match(helpText, new RegExp(`--${name}\\b`))
})
