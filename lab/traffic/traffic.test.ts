import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { targetRefused } from './target.js'

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
): Promise<AsyncDisposable & { port: string; last(): Line }> {
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
    last: () => lines.at(-1)!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
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
  ...['connect-scan', 'udp-burst', 'udp-questions'],
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
