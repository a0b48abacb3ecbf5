/** The kinds of traffic that `lab/traffic` makes: what each is for, what it takes, and which programs it runs. */

import { trafficProgram } from '../traffic-program.js'
import type { Mode, Settings } from './mode.js'

/** A session for so many pages. */
const pagesPerSession = 20

const bind = ['', 'own address; default: the kernel chooses'] as const
const concurrency = (value: number) => [String(value), 'attempts under way at once, at most'] as const

/** Options that every program of `lab/programs/` with a target takes. */
function common(given: Settings): string[] {
  return [
    ...['--target', given.target, '--duration', String(given.durationS), '--progress', '0.5'],
    ...(given.bind === '' ? [] : ['--bind', given.bind]),
    ...(given.ownsTarget ? ['--i-own-this-target'] : []),
  ]
}

/** The options of one attacking program. */
function paced(given: Settings): string[] {
  const { rate, count, concurrency } = given
  return [
    '--rate',
    String(rate),
    '--count',
    String(count),
    '--concurrency',
    String(concurrency),
    ...common(given),
  ]
}

const normal: Mode = {
  name: 'normal',
  purpose: 'ordinary visitors: web pages over lasting connections, small questions over UDP, short logins',
  details: [
    'Nobody should ever be blocked for this. Exits 1 when anything went unanswered, so a script can tell.',
    'It needs servers to talk to: "lab/traffic serve" in another terminal starts them.',
  ],
  ports: {
    value: '8080,5300,2222',
    help: 'ports of the web, question and login servers, in this order',
    count: 3,
  },
  rate: {
    value: 10,
    help: `pages a second, and as many questions; a login for every ${pagesPerSession} pages`,
  },
  count: 'pages in all, and as many questions; 0 means no bound',
  durationS: 30,
  extra: { bind },
  example: 'lab/traffic normal --until-ctrl-c',
  isHarmless: true,
  needsRoot: false,
  parts: (given) => {
    const [web, questions, login] = given.ports.map(String)
    const shared = common(given)
    const pace = ['--rate', String(given.rate), '--count', String(given.count)]
    const sessions = Math.ceil(given.count / pagesPerSession)
    return [
      { name: 'pages', argv: [...trafficProgram('http-client'), '--port', web!, ...pace, ...shared] },
      {
        name: 'questions',
        argv: [
          ...trafficProgram('udp-questions'),
          '--port',
          questions!,
          '--questions',
          '1-2',
          ...pace,
          ...shared,
        ],
      },
      {
        name: 'logins',
        argv: [
          ...[...trafficProgram('login-session'), '--port', login!, '--run', '900-9000', '--timeout', '5000'],
          ...['--rate', String(given.rate / pagesPerSession), '--count', String(sessions), ...shared],
        ],
      },
    ]
  },
}

const portscan: Mode = {
  name: 'portscan',
  purpose: 'connects to one port after the other, as scanners do',
  details: ['Full connections, so no root is needed. What should be seen: scan_vertical, ATT&CK T1046.'],
  ports: { value: '1-1024', help: 'ports and ranges, with commas' },
  rate: { value: 100, help: 'connections a second; 0 means flat out' },
  count: 'connections in all, the list over and over; 0 means once through the list',
  durationS: 30,
  extra: { bind, concurrency: concurrency(50) },
  example: 'lab/traffic portscan --ports 1-200,8080 --rate 50',
  isHarmless: false,
  needsRoot: false,
  parts: (given) => [
    {
      name: 'scan',
      argv: [...trafficProgram('connect-scan'), '--ports', given.portsText, ...again(given), ...paced(given)],
    },
  ],
}

/** Without an end, once through the list is not enough. */
function again({ durationS, count }: Settings): string[] {
  return durationS === 0 && count === 0 ? ['--repeat', '0'] : []
}

const udpburst: Mode = {
  name: 'udpburst',
  purpose: 'many datagrams at once',
  details: ['What should be seen where nobody answers: udp_flood and rate, ATT&CK T1498.'],
  ports: { value: '5300', help: 'ports in turn: ports and ranges, with commas' },
  rate: { value: 2000, help: 'datagrams a second; 0 means flat out' },
  count: 'datagrams in all; 0 means no bound',
  durationS: 10,
  extra: { bind },
  example: 'lab/traffic udpburst --ports 9000-9100 --duration 5',
  isHarmless: false,
  needsRoot: false,
  parts: (given) => {
    const pace = ['--rate', String(given.rate), '--count', String(given.count), ...common(given)]
    return [{ name: 'burst', argv: [...trafficProgram('udp-burst'), '--port', given.portsText, ...pace] }]
  },
}

const bruteforce: Mode = {
  name: 'bruteforce',
  purpose: 'guesses passwords at a login service, a connection for each guess',
  details: [
    'It speaks the outline of SSH, as "lab/traffic serve" understands it. What should be seen: login, ATT&CK T1110,',
    'where the port is one of detect.login_ports (22 is, 2222 is not unless configured).',
  ],
  ports: { value: '2222', help: 'port of the login service', count: 1 },
  rate: { value: 10, help: 'guesses a second; 0 means flat out' },
  count: 'guesses in all; 0 means no bound',
  durationS: 30,
  extra: { bind, concurrency: concurrency(8) },
  example: 'lab/traffic bruteforce --target 10.77.0.1 --ports 22 --count 40',
  isHarmless: false,
  needsRoot: false,
  parts: (given) => {
    const service = ['--service', 'ssh', '--port', given.portsText]
    return [{ name: 'guesses', argv: [...trafficProgram('login-bruteforce'), ...service, ...paced(given)] }]
  },
}

const slowhttp: Mode = {
  name: 'slowhttp',
  purpose: 'holds many connections of a web server open with requests that never seem to end',
  details: [
    'A line of a header every 5 s, 30 s for each request, as Slowloris does. What should be seen: connections,',
    'ATT&CK T1499.',
  ],
  ports: { value: '8080', help: 'port of the web server', count: 1 },
  rate: { value: 50, help: 'connections begun a second; 0 means flat out' },
  count: 'connections in all; 0 means no bound',
  durationS: 60,
  extra: { bind, concurrency: concurrency(200) },
  example: 'lab/traffic slowhttp --concurrency 150 --duration 40',
  isHarmless: false,
  needsRoot: false,
  parts: (given) => {
    const slow = ['--style', 'slow', '--hold', '30000', '--interval', '5000', '--port', given.portsText]
    return [{ name: 'requests', argv: [...trafficProgram('http-flood'), ...slow, ...paced(given)] }]
  },
}

const synflood: Mode = {
  name: 'synflood',
  purpose: 'raw SYNs that are never followed by anything; needs root',
  details: [
    'The raw sender writes frames to the interface itself: that needs root, the other modes do not. Only a veth or the',
    'loopback is taken, unless --i-own-this-target. Sources that are claimed get the answers, so they must be of this',
    'machine or of the lab too. What should be seen: syn_flood, ATT&CK T1499; a claimed source that really talks to',
    'the target is not dropped.',
  ],
  ports: { value: '8080', help: 'port', count: 1 },
  rate: { value: 3000, help: 'SYNs a second; 0 means flat out' },
  count: 'SYNs in all; 0 means no bound',
  durationS: 5,
  extra: {
    iface: ['', 'interface to send through; default: the one on the way to the target'],
    'spoof-src': ['', 'sources to claim, an address or a prefix; default: the own address'],
  },
  example: 'sudo lab/traffic synflood --target 10.77.0.1 --ports 80 --spoof-src 10.77.0.2',
  isHarmless: false,
  needsRoot: true,
  parts: async (given) => {
    const { synFlood } = await import('./syn-flood.js')
    return [{ name: 'syns', argv: await synFlood(given) }]
  },
}

const serve: Mode = {
  name: 'serve',
  purpose: 'the servers that the others talk to: web, questions over UDP, login',
  details: [
    'They run until Ctrl-C, or for --duration. Logins are let in with the password that "normal" knows.',
  ],
  ports: {
    value: '8080,5300,2222',
    help: 'ports of the web, question and login servers, in this order',
    count: 3,
  },
  rate: { value: 0, help: '' },
  count: '',
  durationS: 0,
  extra: { bind: ['127.0.0.1', 'address to listen on; :: takes every address of this machine'] },
  example: 'lab/traffic serve --bind :: --ports 80,53,22',
  isHarmless: true,
  needsRoot: false,
  parts: (given) => {
    const [web, questions, login] = given.ports.map(String)
    const shared = ['--bind', given.bind, '--duration', String(given.durationS)]
    const open = [
      '--service',
      'ssh',
      '--session-bytes',
      '200',
      '--password',
      'the right one',
      '--delay',
      '20',
    ]
    return [
      { name: 'web', argv: [...trafficProgram('http-server'), '--port', web!, ...shared] },
      {
        name: 'questions',
        argv: [...trafficProgram('udp-echo'), '--port', questions!, '--answer-bytes', '60-400', ...shared],
      },
      { name: 'login', argv: [...trafficProgram('login-server'), '--port', login!, ...open, ...shared] },
    ]
  },
}

/** Every mode, in the order of the help. */
export const modes: readonly Mode[] = [normal, portscan, udpburst, bruteforce, synflood, slowhttp, serve]
