/**
 * The demo: a server behind idsd, a visitor who must not notice anything, three attackers who must be stopped, and a
 * flood in the visitor's name, in network namespaces of their own. Exits 1 when an attacker was not dropped or the
 * visitor was harmed.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Act, playAct, type Stage } from './demo/act.js'
import { playFlood } from './demo/flood-act.js'
import { createStory, type Story } from './demo/story.js'
import { startVisitors, visitText } from './demo/visitors.js'
import { type GuardedServer, openGuardedServer } from './guarded-server.js'
import { type Lab, labUnavailable, openLab } from './namespaces.js'
import { trafficProgram } from './traffic-program.js'

const startMs = Date.now()
const story = createStory({
  write: (text) => process.stdout.write(text),
  isTerminal: process.stdout.isTTY === true && !process.env.NO_COLOR,
  width: process.stdout.columns ?? 110,
  startMs,
})

const config = `on_exit = "detach"\n`
const modelMayBlock = `${config}[policy]\nmodel_may_block = true\n`

const faults: string[] = []
const missing = labUnavailable()
if (missing === undefined) {
  try {
    await play()
  } catch (error) {
    faults.push((error as Error).message)
  }
} else faults.push(`the demo needs a lab: ${missing}`)

story.blank()
for (const text of faults) story.fault(text)
if (faults.length === 0) {
  const seconds = Math.round((Date.now() - startMs) / 1000)
  process.stdout.write(
    `All three attackers were dropped, the flood harmed nobody, the client lost nothing. ${seconds} s.\n`,
  )
}
process.exitCode = faults.length === 0 ? 0 : 1

async function play(): Promise<void> {
  process.stdout.write(
    'idsd demo: one server, one client, three attackers and a forger; no packet leaves this machine\n\n',
  )
  await using lab = await openLab({ topology: 'host', tag: 'demo', extraAddresses: 2 })
  const { server, client, attackers } = cast(lab)
  story.tell('network', `server ${server}, client ${client}, attackers ${attackers.join(', ')}`)
  await startServices(lab)
  await using idsd = await openGuardedServer({
    server: lab.daemon,
    config,
    onWarning: (text) => story.tell('idsd', `warning: ${text}`),
  })
  await tellStart(idsd, story)
  const stage: Stage = { lab, idsd, story, fault: (text) => faults.push(text) }
  const visitors = startVisitors(lab)
  story.tell('client', visitText)
  await sleep(1_000)

  const show = async (...words: string[]) => {
    story.command(`idsctl ${words.join(' ')}`, (await idsd.idsctl(...words)).output)
  }
  story.title('1. A port scan')
  const scan = await playAct(stage, scanAct(attackers[0]))
  if (scan !== undefined) await show('decisions', 'list')

  story.title('2. Password guessing at the login service')
  const login = await playAct(stage, loginAct(attackers[1]))
  if (login !== undefined) await show('flows', '--ip', attackers[1], '--last', '3')

  story.title('3. Password guessing at a web form: no detector knows it, only the model')
  await idsd.reload(modelMayBlock)
  story.tell('idsd', 'SIGHUP: policy.model_may_block = true, so the points of the model alone may block')
  const web = await playAct(stage, webAct(attackers[2]))
  if (web !== undefined) await show('decisions', 'list')

  story.title("4. A flood in the client's name: whoever is dropped for it must not be the client")
  await playFlood(stage)
  await show('alerts', '--last', '3')

  story.title('5. And back: what was decided can be undone')
  await show('unblock', attackers[0])
  await tellReturn(stage, attackers[0])
  await visitors.leave(stage)
}

/** The address that was let go must be served again. */
async function tellReturn({ lab, fault }: Stage, source: string): Promise<void> {
  const visit = ['--target', lab.daemon.addresses.v4, '--bind', source, '--port', '80', '--count', '3']
  const { code } = await lab.ns('attacker').exec([...trafficProgram('http-client'), ...visit])
  if (code === 0) story.tell('server', `answers ${source} again`)
  else fault(`${source} was let go and is still not answered`)
}

function cast(lab: Lab): { server: string; client: string; attackers: readonly [string, string, string] } {
  const [first, second, third] = lab.ns('attacker').addresses.all.filter((address) => !address.includes(':'))
  return {
    server: lab.daemon.addresses.v4,
    client: lab.ns('client').addresses.v4,
    attackers: [first!, second!, third!],
  }
}

async function startServices(lab: Lab): Promise<void> {
  const services: readonly (readonly [string, ...string[]])[] = [
    ['http-server', '--port', '80'],
    ['login-server', '--service', 'ssh', '--port', '22', '--delay', '30'],
  ]
  const duration = ['--duration', '600']
  await Promise.all(
    services.map(([program, ...words]) =>
      lab.daemon.spawn([...trafficProgram(program), ...words, ...duration]).untilOutput(/listening/),
    ),
  )
  story.tell('server', 'web pages on port 80, a login service on port 22')
}

async function tellStart(idsd: GuardedServer, { tell }: Story): Promise<void> {
  const status = await idsd.ask<{
    version: string
    mode: string
    interfaces: { name: string; xdp_mode: string; egress_hook: string }[]
    model: { name: string; version: string; threshold: number }
  }>('status')
  const [link] = status.interfaces
  const { name, version, threshold } = status.model
  tell(
    'idsd',
    `${status.version} on ${link?.name}: XDP ${link?.xdp_mode}, egress ${link?.egress_hook}, mode ${status.mode}; ` +
      `model ${name} ${version}, threshold ${threshold}`,
  )
}

function scanAct(source: string): Act {
  return {
    source,
    deed: 'connects to ports 1 to 1000, 100 a second',
    attack: ['connect-scan', '--ports', '1-1000', '--rate', '100'],
    expected: ['scan_vertical'],
  }
}

function loginAct(source: string): Act {
  return {
    source,
    deed: 'guesses passwords on port 22, 20 a second, a connection for each',
    attack: ['login-bruteforce', '--service', 'ssh', '--port', '22', '--rate', '20', '--concurrency', '16'],
    expected: ['login'],
  }
}

function webAct(source: string): Act {
  return {
    source,
    deed: 'guesses passwords at POST /login on port 80, 10 connections a second with 40 guesses on each',
    attack: ['http-flood', '--style', 'patator', '--port', '80', '--rate', '10', '--requests', '40'],
    expected: ['model'],
    unexpected: ['scan_vertical', 'login'],
  }
}
