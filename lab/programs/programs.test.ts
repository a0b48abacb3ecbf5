import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../until.js'
import { portsOf } from './ports.js'
import { sourcesRefused, targetRefused, targetsOf } from './target.js'

type Line = Record<string, unknown>

const file = (program: string) => fileURLToPath(new URL(`${program}.js`, import.meta.url))

/** Runs a program to its end. */
async function run(
  program: string,
  ...words: string[]
): Promise<{ code: number; lines: Line[]; stderr: string }> {
  const child = spawn(process.execPath, [file(program), ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = (await once(child, 'close')) as [number]
  return {
    code,
    stderr,
    lines: stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
  }
}

/** Starts a service on a free port of 127.0.0.1, and stops it with the block. */
async function serve(
  program: string,
  ...words: string[]
): Promise<AsyncDisposable & { port: string; child: ChildProcess; last(): Line }> {
  const port = String(await freePort())
  const args = [file(program), '--bind', '127.0.0.1', '--port', port, '--duration', '20', ...words]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  const reader = createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)))
  await once(reader, 'line')
  assert.equal(lines[0]?.event, 'listening')
  const ended = once(child, 'close')
  return {
    port,
    child,
    last: () => lines.at(-1)!,
    async [Symbol.asyncDispose]() {
      // A program that is at its end already would die of a second one.
      if (!child.killed) child.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const local = ['--target', '127.0.0.1', '--duration', '10']

test('a visitor is served, and a visitor of pages that do not exist fails', async () => {
  await using server = await serve('http-server')
  const visit = ['--port', server.port, '--rate', '0', '--count', '40', ...local]
  for (const connection of ['reuse', 'fresh']) {
    const { code, lines } = await run('http-client', ...visit, '--connection', connection)
    assert.equal(code, 0)
    const { ok, failed, p50Ms, p99Ms } = lines[0] as Record<string, number>
    assert.deepEqual([ok, failed], [40, 0])
    assert.ok(p50Ms! > 0 && p99Ms! >= p50Ms!)
  }
  const lost = await run('http-client', ...visit, '--paths', '/nothing')
  assert.equal(lost.code, 1)
  assert.equal(lost.lines[0]?.failed, 40)
})

for (const [style, status] of [
  ['flood', '200'],
  ['patator', '401'],
  ['slow', '200'],
] as const) {
  test(`a web flood of style ${style} is answered with ${status}`, async () => {
    await using server = await serve('http-server')
    const short = ['--hold', '60', '--interval', '20', '--request-bytes', '500', '--concurrency', '3']
    const { code, lines } = await run(
      'http-flood',
      '--port',
      server.port,
      '--style',
      style,
      '--count',
      '9',
      ...short,
      ...local,
    )
    assert.equal(code, 0)
    const [first, end] = lines
    assert.deepEqual([first?.event, first?.status], ['first-success', status])
    assert.deepEqual([end?.event, end?.answered, end?.firstFailure], ['end', 9, null])
  })
}

test('guesses follow each other on one connection, and each is denied', async () => {
  await using server = await serve('http-server', '--denial-bytes', '30-3000')
  const words = ['--style', 'patator', '--requests', '12', '--count', '5', '--port', server.port, ...local]
  const { code, lines } = await run('http-flood', ...words)
  assert.equal(code, 0)
  assert.deepEqual([lines.at(-1)?.answered, lines.at(-1)?.refused, lines.at(-1)?.timeout], [5, 0, 0])
})

for (const connection of ['fresh', 'close']) {
  test(`a visitor with a cookie sends forms over ${connection} connections`, async () => {
    await using server = await serve('http-server', '--delay', '3')
    const visit = [
      '--port',
      server.port,
      '--rate',
      '0',
      '--count',
      '10',
      '--connection',
      connection,
      ...local,
    ]
    const sizes = ['--cookie-bytes', '1-500', '--body-bytes', '20', '--paths', '/bytes/0-5000,/api/items']
    const { code, lines } = await run('http-client', ...visit, ...sizes)
    assert.equal(code, 0)
    assert.deepEqual([lines[0]?.ok, lines[0]?.failed], [10, 0])
  })
}

for (const service of ['ftp', 'ssh']) {
  test(`sessions at the ${service} service end by themselves`, async () => {
    await using server = await serve('login-server', '--service', service, '--session-bytes', '200')
    const words = ['--service', service, '--port', server.port, '--count', '4', '--rate', '0', ...local]
    const { code, lines } = await run('login-session', ...words, '--lines', '5', '--pause', '5')
    assert.equal(code, 0)
    assert.deepEqual([lines.at(-1)?.answered, lines.at(-1)?.refused, lines.at(-1)?.timeout], [4, 0, 0])
  })

  test(`every guess at the ${service} service is denied, and that is an answer`, async () => {
    await using server = await serve('login-server', '--service', service)
    const words = ['--service', service, '--port', server.port, '--count', '12', ...local]
    const { code, lines } = await run('login-bruteforce', ...words)
    assert.equal(code, 0)
    assert.deepEqual([lines.at(-1)?.answered, lines.at(-1)?.refused, lines.at(-1)?.timeout], [12, 0, 0])
  })
}

const lets = ['--session-bytes', '1', '--password', 'the right one', '--handshake-bytes', '2900']

test('who knows the password runs a command to its end, and who guesses is denied', async () => {
  await using server = await serve('login-server', '--service', 'ssh', ...lets)
  const session = [
    '--port',
    server.port,
    '--count',
    '3',
    '--rate',
    '0',
    '--run',
    '1000',
    '--pause',
    '1',
    ...local,
  ]
  const { lines } = await run('login-session', ...session)
  assert.deepEqual([lines.at(-1)?.answered, lines.at(-1)?.refused], [3, 0])
  const guesses = ['--service', 'ssh', '--port', server.port, '--count', '5', ...local]
  await run('login-bruteforce', ...guesses)
  server.child.kill('SIGTERM')
  await until(() => server.last().event === 'end', { what: 'the server ends' })
  assert.equal(server.last().denied, 5)
})

test('a session that is cut before the end of its command has failed', async () => {
  const cutter = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-short\r\n')).listen(
    0,
    '127.0.0.1',
  )
  await once(cutter, 'listening')
  const { port } = cutter.address() as { port: number }
  const { lines } = await run(
    'login-session',
    '--port',
    String(port),
    '--count',
    '2',
    '--run',
    '10',
    ...local,
  )
  assert.deepEqual([lines.at(-1)?.answered, lines.at(-1)?.refused], [0, 2])
  cutter.close()
})

test('who stays logged in is answered line by line, and notices the end of the server', async () => {
  const server = await serve('login-server', '--service', 'ssh', ...lets)
  const words = [file('login-stay'), '--port', server.port, '--pause', '5', '--timeout', '5000', ...local]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  // Listened for from the start: the program may be gone before its server is.
  const ended = once(child, 'close')
  let stdout = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  await until(() => stdout.includes('first-success'), { what: 'the banner arrives' })
  await server[Symbol.asyncDispose]()
  assert.deepEqual(await ended, [0, null])
  const { answered, refused, timeout } = JSON.parse(stdout.trim().split('\n').at(-1)!)
  assert.ok(answered > 0 && refused > 0, stdout)
  assert.equal(timeout, 0)
})

test('a monitor expects what it found first, and a host that goes is a failure', async () => {
  const closed = await freePort()
  const check = ['--every', '0.1', '--target', '127.0.0.1', '--duration', '0.5']
  const down = await run('monitor', '--port', String(closed), ...check)
  const { answered, refused, up } = down.lines.at(-1) as Record<string, number>
  assert.deepEqual([answered! > 1, refused, up], [true, 0, 0])

  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.once('connection', () => server.close())
  const lost = await run('monitor', '--port', String(port), ...check)
  assert.ok((lost.lines.at(-1)?.refused as number) > 0)
})

test('a browser takes every object of a page in full', async () => {
  await using server = await serve('http-server')
  const words = [
    '--port',
    server.port,
    '--rate',
    '10',
    '--linger',
    '10',
    '--duration',
    '1',
    '--target',
    '127.0.0.1',
  ]
  const { lines } = await run('browser', ...words, '--objects', '3', '--object-bytes', '1-20000')
  const { answered, refused, timeout, hosts } = lines.at(-1) as Record<string, number>
  assert.deepEqual([answered! >= 3, refused, timeout, hosts], [true, 0, 0, 1])
})

test('each address of an echo service answers as itself', async () => {
  const port = String(await freePort())
  const words = [file('udp-echo'), '--bind', '127.0.0.2-4', '--port', port, '--duration', '20']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const ask = (target: string, ...more: string[]) =>
    run('udp-questions', '--target', target, '--port', port, '--count', '6', '--rate', '0', ...more)
  assert.equal((await ask('127.0.0.2-4')).lines.at(-1)?.answered, 6)
  assert.equal((await ask('127.0.0.5', '--timeout', '100')).lines.at(-1)?.answered, 0)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('counts are told while it goes on where they are asked for', async () => {
  await using server = await serve('http-server')
  const words = ['--port', server.port, '--rate', '20', '--duration', '0.6', '--progress', '0.1']
  const { lines } = await run('http-flood', ...words, '--target', '127.0.0.1')
  const told = lines.filter(({ event }) => event === 'progress').map(({ answered }) => answered as number)
  assert.ok(told.length >= 2, JSON.stringify(lines))
  assert.ok(told.at(-1)! >= told[0]!)
})

const lists: readonly [
  text: string,
  ports: readonly number[] | undefined,
  hosts: readonly string[] | undefined,
][] = [
  ['22,80-82', [22, 80, 81, 82], ['22', '80-82']],
  ['0', undefined, ['0']],
  ['5-4', undefined, ['5-4']],
  ['1-65536', undefined, ['1-65536']],
  ['', undefined, undefined],
  ['10.77.0.1', undefined, ['10.77.0.1']],
  ['10.77.0.9-11,fd77::1', undefined, ['10.77.0.9', '10.77.0.10', '10.77.0.11', 'fd77::1']],
]
for (const [text, ports, hosts] of lists) {
  test(`"${text}" is read as ports ${ports ?? 'not at all'} and addresses ${hosts ?? 'not at all'}`, () => {
    assert.deepEqual(portsOf(text), ports)
    assert.deepEqual(targetsOf(text), hosts)
  })
}

const claims: readonly [prefix: string, isAllowed: boolean][] = [
  ['10.77.0.77', true],
  ['10.77.0.0/16', true],
  ['10.77.0.0/15', false],
  ['fd77::/64', true],
  ['fd77::/8', false],
  ['198.51.100.7', false],
  ['10.77.0.0/x', false],
  ['', false],
]
for (const [prefix, isAllowed] of claims) {
  test(`to claim "${prefix}" as a source is ${isAllowed ? 'allowed' : 'refused'}`, () => {
    assert.equal(sourcesRefused(prefix, false) === undefined, isAllowed)
  })
}

test('a scan finds the open port, and a closed port is not a failure', async () => {
  await using server = await serve('http-server')
  const closed = await freePort()
  const { code, lines } = await run('connect-scan', '--ports', `${server.port},${closed}`, ...local)
  assert.equal(code, 0)
  const end = lines.at(-1)!
  assert.deepEqual([end.answered, end.refused, end.timeout, end.open], [1, 1, 0, [Number(server.port)]])
  assert.equal(end.firstFailure, null)
})

test('echoes are counted, and a service that ends is noticed with both clocks', async () => {
  await using server = await serve('udp-echo', '--count', '30')
  const words = ['--port', server.port, '--count', '40', '--rate', '400', '--timeout', '100', ...local]
  const { code, lines } = await run('udp-burst', ...words)
  assert.equal(code, 0)
  const end = lines.at(-1)!
  assert.deepEqual([end.answered, end.timeout], [30, 10])
  const [success, failure] = lines as Record<string, number>[]
  assert.ok(failure!.epochMs! >= success!.epochMs!)
  assert.ok(failure!.monotonicMs! > success!.monotonicMs!)
})

test('questions over UDP are answered, and nobody at the port is a refusal', async () => {
  await using server = await serve('udp-echo', '--answer-bytes', '4-40', '--delay', '3')
  const dialogues = ['--count', '6', '--rate', '0', '--questions', '1-3', ...local]
  const { lines } = await run('udp-questions', '--port', server.port, ...dialogues)
  assert.equal(lines.at(-1)?.answered, 6)
  const nobody = String(await freePort())
  const lost = await run('udp-questions', '--port', nobody, ...dialogues, '--timeout', '100')
  assert.equal(lost.lines.at(-1)?.answered, 0)
})

test('an attack ends by its duration with code 0, also when nobody answers', async () => {
  const begin = performance.now()
  const nobody = String(await freePort())
  const bounds = ['--duration', '0.3', '--rate', '50', '--target', '127.0.0.1', '--port', nobody]
  const { code, lines } = await run('login-bruteforce', ...bounds)
  assert.equal(code, 0)
  assert.deepEqual([lines[0]?.event, lines[0]?.error], ['first-failure', 'ECONNREFUSED'])
  assert.ok(performance.now() - begin < 3000)
})

const targets: readonly [address: string, isAllowed: boolean][] = [
  ['127.0.0.1', true],
  ['::1', true],
  ['10.77.3.4', true],
  ['fd77::3', true],
  ['10.78.0.1', false],
  ['192.0.2.1', false],
  ['2001:db8::1', false],
  ['localhost', false],
]
for (const [address, isAllowed] of targets) {
  test(`traffic to ${address} is ${isAllowed ? 'allowed' : 'refused'}`, () => {
    assert.equal(targetRefused(address, false) === undefined, isAllowed)
  })
}

const programs = [
  ...['http-client', 'http-flood', 'login-bruteforce', 'login-session'],
  ...['connect-scan', 'udp-burst', 'udp-questions', 'browser', 'monitor', 'login-stay'],
]
for (const program of programs) {
  test(`${program} refuses a target outside, needs one, and explains itself`, () => {
    const call = (...words: string[]) =>
      spawnSync(process.execPath, [file(program), ...words], { encoding: 'utf8' })
    const outside = call('--target', '192.0.2.1')
    assert.equal(outside.status, 2)
    assert.match(outside.stderr, /neither this machine nor the lab.*--i-own-this-target/)
    assert.match(call().stderr, /--target is missing/)
    assert.match(call('--help').stdout, /--duration X/)
  })
}
