import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { labUnavailable, openLab, skipOrFail, until } from '../namespaces.js'
import { modes } from './modes.js'
import { readRequest } from './options.js'

/** The launcher in the checkout, seen from `build/lab/command/`. */
const traffic = fileURLToPath(new URL('../../../lab/traffic', import.meta.url))

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(...words: string[]): Run {
  const { status, stdout, stderr } = spawnSync(traffic, words, { encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** What a child printed, and its end. */
function follow(child: ChildProcess): { text(): string; ended: Promise<unknown[]> } {
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  return { text: () => stdout, ended: once(child, 'close') }
}

test('every mode explains itself, with its options and an example', () => {
  const { code, stdout } = run('--help')
  assert.equal(code, 0)
  for (const { name } of modes) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    const help = readRequest([name, '--help'])
    assert.ok(help.kind === 'help')
    for (const word of ['--ports X', '--duration X', '--until-ctrl-c', '--json', 'Example:']) {
      assert.ok(help.text.includes(word), `${name}: ${word}`)
    }
  }
})

const wrongs: readonly [name: string, words: string[], message: RegExp][] = [
  ['an unknown mode', ['teardrop'], /no traffic named teardrop: one of normal, portscan/],
  ['an unknown option', ['normal', '--speed', '3'], /'--speed'/],
  ['a port of 0', ['portscan', '--ports', '0-10'], /--ports: ports from 1 to 65535 expected, got 0-10/],
  ['two ports where one is meant', ['slowhttp', '--ports', '80,81'], /--ports: one port/],
  ['a negative rate', ['portscan', '--rate=-1'], /--rate: a number from 0 expected/],
  ['half an attempt', ['portscan', '--count', '1.5'], /--count: a whole number/],
  [
    'a target outside',
    ['portscan', '--target', '192.0.2.1'],
    /neither this machine nor the lab.*--i-own-this-target/,
  ],
  ['a name as target', ['normal', '--target', 'localhost'], /a literal IP address expected/],
  [
    'a claimed source outside',
    ['synflood', '--spoof-src', '198.51.100.0/24'],
    /sources 198.51.100.0 is neither/,
  ],
  [
    'claimed sources of half the world',
    ['synflood', '--spoof-src', '10.77.0.0/8'],
    /a prefix of 16 bits or more/,
  ],
]
for (const [name, words, message] of wrongs) {
  test(`${name} is wrong use, and says how it is meant`, () => {
    const request = readRequest(words)
    assert.equal(request.kind, 'wrong')
    assert.match((request as { text: string }).text, message)
  })
}

test('wrong use ends with code 2', () => {
  const { code, stderr } = run('portscan', '--target', '192.0.2.1')
  assert.equal(code, 2)
  assert.match(stderr, /^lab\/traffic: target 192\.0\.2\.1/)
})

test('a target outside is taken from its owner', () => {
  assert.equal(readRequest(['portscan', '--target', '192.0.2.1', '--i-own-this-target']).kind, 'run')
})

test('a scan tells what it found, in words and as JSON', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const closed = await freePort()
  const words = ['portscan', '--ports', `${port},${closed}`, '--rate', '0']
  const child = spawn(traffic, [...words, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { text, ended } = follow(child)
  assert.deepEqual(await ended, [0, null])
  const { seconds, ...rest } = JSON.parse(text())
  assert.ok(seconds >= 0)
  assert.deepEqual(rest, {
    ...{ mode: 'portscan', target: '127.0.0.1', ports: `${port},${closed}`, endedBy: 'count' },
    ...{ attempts: 2, answered: 1, refused: 1, silent: 0, open: [port] },
  })
  const spoken = spawn(traffic, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const heard = follow(spoken)
  await heard.ended
  assert.match(heard.text(), /^portscan: done after .* 2 attempts: 1 answered, 1 refused, 0 silent/)
  assert.match(heard.text(), new RegExp(`open ports: ${port}\n`))
  server.close()
})

test('ordinary traffic that nobody answers ends with code 1', async () => {
  const ports = [await freePort(), await freePort(), await freePort()].join()
  const { code, stdout } = run('normal', '--ports', ports, '--count', '2', '--rate', '50', '--json')
  assert.equal(code, 1)
  assert.equal(JSON.parse(stdout).parts.pages.refused, 2)
})

test('servers and ordinary traffic understand each other, and Ctrl-C ends both with a summary', async () => {
  const ports = [await freePort(), await freePort(), await freePort()].join()
  const serve = spawn(traffic, ['serve', '--ports', ports, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const served = follow(serve)
  try {
    await until(() => run('normal', '--ports', ports, '--count', '1', '--rate', '20').code === 0, {
      what: 'the servers answer',
      timeoutMs: 20_000,
    })
    const endless = ['--until-ctrl-c', '--json', '--rate', '40', '--duration', '0.1']
    const child = spawn(traffic, ['normal', '--ports', ports, ...endless], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { text, ended } = follow(child)
    // Guesses beside it are turned away, and that is an answer.
    const login = ports.split(',')[2] as string
    const guesses = run('bruteforce', '--ports', login, '--count', '60', '--rate', '40', '--json')
    assert.deepEqual([guesses.code, JSON.parse(guesses.stdout).answered], [0, 60])
    child.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
    const summary = JSON.parse(text())
    assert.equal(summary.endedBy, 'signal')
    assert.ok(summary.seconds > 0.5)
    for (const part of ['pages', 'questions', 'logins']) {
      const { answered, refused, silent } = summary.parts[part]
      assert.ok(answered > 0, part)
      assert.deepEqual([refused, silent], [0, 0], part)
    }
  } finally {
    serve.kill('SIGINT')
    assert.deepEqual(await served.ended, [0, null])
  }
  assert.equal(JSON.parse(served.text()).endedBy, 'signal')
})

test('a program that cannot start ends the others and is told', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const ports = [await freePort(), await freePort(), (taken.address() as { port: number }).port].join()
  const child = spawn(traffic, ['serve', '--ports', ports], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += chunk))
  assert.deepEqual(await once(child, 'close'), [1, null])
  assert.match(stderr, /lab\/traffic: login ended with 1: .*EADDRINUSE/)
  taken.close()
})

function nobodyCannotRun(): string | undefined {
  if (process.getuid?.() !== 0) return 'starts a command as another user, which needs root'
  const { status } = spawnSync('setpriv', [...nobody, 'test', '-r', traffic])
  return status === 0 ? undefined : 'the checkout is not readable for other users'
}

const nobody = ['--reuid=65534', '--clear-groups']

test('raw frames need root, and say so; a scan needs none', {
  skip: skipOrFail(nobodyCannotRun()),
}, async () => {
  const asNobody = (...words: string[]) =>
    spawnSync('setpriv', [...nobody, traffic, ...words], { encoding: 'utf8' })
  const flood = asNobody('synflood')
  assert.equal(flood.status, 1)
  assert.match(flood.stderr, /needs root: sudo lab\/traffic synflood/)
  assert.equal(asNobody('portscan', '--ports', String(await freePort())).status, 0)
})

test('a SYN flood reaches its target from the sources it claims', {
  skip: skipOrFail(labUnavailable()),
}, async () => {
  await using lab = await openLab({ topology: 'host', tag: 'synflood' })
  const server = lab.ns('server')
  // A closed port answers each SYN with a reset.
  const resets = async () => tcpCounter((await server.exec(['cat', '/proc/net/snmp'])).stdout, 'OutRsts')
  const before = await resets()
  const words = [
    '--target',
    server.addresses.v4,
    '--ports',
    '81',
    '--spoof-src',
    '10.77.0.64/29',
    '--count',
    '64',
  ]
  const { code, stdout, stderr } = await lab.ns('attacker').exec([traffic, 'synflood', ...words, '--json'])
  assert.equal(code, 0, stderr)
  const { sent, endedBy, lostOnSending } = JSON.parse(stdout)
  assert.deepEqual([sent, endedBy, lostOnSending], [64, 'count', 0])
  await until(async () => (await resets()) - before === 64, { what: '64 SYNs are answered with resets' })
})

function tcpCounter(snmp: string, name: string): number {
  const [titles, values] = snmp.split('\n').filter((line) => line.startsWith('Tcp:'))
  return Number(values?.split(' ')[titles?.split(' ').indexOf(name) ?? -1])
}
