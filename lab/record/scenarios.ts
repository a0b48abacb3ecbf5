/**
 * What is recorded: services, benign traffic and attacks, as command lines of `lab/programs/`. Each scenario has more
 * casts, held out and unseen, and maybe a used-up one: other ports, paces, sizes and delays, so that a model cannot
 * know them by heart.
 */

import { busyScenario } from './busy-scenario.js'

/** Command line of a traffic program; the address of the server is added, and the duration. */
export type Line = readonly [program: string, ...words: string[]]

export interface Attack {
  /** As the published tables call such an attack, or would. */
  readonly label: string
  readonly family: 'BruteForce' | 'DoS' | 'PortScan' | 'WebAttack'
  readonly line: Line
}

export interface Cast {
  readonly services: readonly Line[]
  readonly benign: readonly Line[]
  /** Each has a source address of its own. */
  readonly attacks: readonly Attack[]
}

/**
 * Learned from; measured on while choosing what to learn; measured on once, when nothing was to be changed any more;
 * unseen until it was looked at in order to choose.
 */
export type CastName = 'learned' | 'heldOut' | 'unseen' | 'usedUp'

/** Every scenario has the first three. */
export type Casts = Readonly<Record<Exclude<CastName, 'usedUp'>, Cast> & { usedUp?: Cast }>

export type ScenarioName = 'web' | 'busy' | 'login' | 'scan' | 'dialogue'

const line = (text: string): Line => text.split(' ') as unknown as Line
const lines = (...texts: string[]): Line[] => texts.map(line)

const web = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'Web Attack - Brute Force', family: 'WebAttack', line: line(text) }))
const single = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'Web guess alone', family: 'WebAttack', line: line(text) }))
const flood = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'HTTP flood', family: 'DoS', line: line(text) }))
const slow = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'Slow HTTP', family: 'DoS', line: line(text) }))
const scan = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'PortScan', family: 'PortScan', line: line(text) }))
const guess = (service: 'ftp' | 'ssh', texts: readonly string[]): Attack[] =>
  texts.map((text) => ({
    label: service === 'ftp' ? 'FTP-BruteForce' : 'SSH-BruteForce',
    family: 'BruteForce',
    line: line(`login-bruteforce --service ${service} ${text}`),
  }))

/** By name, what is learned from and what is held out. */
export const scenarios: Readonly<Record<ScenarioName, Casts>> = {
  web: {
    learned: {
      services: lines(
        'http-server --port 8080',
        'http-server --port 8081 --delay 60 --denial-bytes 0-800 --connection-requests 30',
        'http-server --port 8082 --delay 300 --denial-bytes 200-6000 --connection-requests 100',
        'http-server --port 8083 --delay 10 --denial-bytes 0-2500',
        'http-server --port 8084 --delay 150 --denial-bytes 400-2500 --connection-requests 10',
        'http-server --port 8085 --denial-bytes 0-20000',
        'http-server --port 8086 --delay 40 --denial-bytes 2000-16000',
        'http-server --port 8088 --connection-requests 100',
        'http-server --port 8089 --delay 20 --connection-requests 40',
        'http-server --port 8090 --connection-requests 15',
        'http-server --port 8091 --delay 90 --connection-requests 50',
      ),
      benign: lines(
        'http-client --port 8080 --rate 12 --connection close',
        'http-client --port 8080 --rate 20 --connection fresh --cookie-bytes 0-900 --paths /bytes/0-3000,/bytes/0-20000,/nothing,/',
        'http-client --port 8080 --rate 15 --connection close --cookie-bytes 60-300 --paths /,/api/items,/bytes/0-600',
        'http-client --port 8083 --rate 20 --connection fresh --cookie-bytes 0-400 --body-bytes 1-400 --paths /bytes/0-400,/bytes/0-3000',
        'http-client --port 8085 --rate 20 --connection close --cookie-bytes 0-900 --body-bytes 20-1500 --paths /bytes/0-2000,/bytes/0-16000',
        'http-client --port 8081 --rate 15 --connection close --cookie-bytes 0-500 --body-bytes 1-900 --paths /api/items,/bytes/0-9000',
        'http-client --port 8082 --rate 12 --connection fresh --cookie-bytes 0-900 --body-bytes 0-2500 --paths /bytes/0-20000,/api/items',
        'http-client --port 8086 --rate 12 --connection close --cookie-bytes 0-1200 --paths /about,/bytes/0-40000,/api/items',
        'http-client --port 8080 --rate 20 --connection close --cookie-bytes 0-600 --paths /bytes/0-6000,/bytes/0-500,/',
        'http-client --port 8082 --rate 10 --connection close --cookie-bytes 0-600 --paths /bytes/0-12000',
        'http-client --port 8083 --rate 15 --connection fresh --cookie-bytes 0-700 --paths /bytes/0-9000,/',
        'http-client --port 8080 --rate 15 --connection close --body-bytes 1-300 --cookie-bytes 0-300 --paths /bytes/0-4000',
        'http-client --port 8088 --rate 120 --concurrency 4 --cookie-bytes 0-600',
        'http-client --port 8084 --rate 30 --concurrency 5 --cookie-bytes 0-800 --paths /bytes/0-30000,/,/about',
        'http-client --port 8081 --rate 60 --concurrency 6 --body-bytes 10-500 --paths /api/items,/bytes/0-6000,/about',
        'http-client --port 8089 --rate 80 --concurrency 6 --cookie-bytes 40-60 --paths /bytes/0-20000,/bytes/0-900',
        'http-client --port 8090 --rate 60 --concurrency 4 --paths /about,/bytes/0-20000,/api/items,/bytes/25000',
        'http-client --port 8090 --rate 40 --concurrency 4 --body-bytes 20-900 --paths /api/items,/bytes/0-3000',
        'http-client --port 8090 --rate 30 --concurrency 2 --cookie-bytes 300 --paths /,/about,/api/items,/bytes/20000',
        'http-client --port 8091 --rate 70 --concurrency 6 --paths /about,/bytes/25000,/bytes/0-9000,/api/items',
        'http-client --port 8091 --rate 50 --concurrency 8 --body-bytes 30-300 --paths /bytes/0-1500,/api/items',
        'http-client --port 8089 --rate 0 --concurrency 3 --cookie-bytes 200-230 --paths /bytes/0-30000,/bytes/0-4000,/',
        'http-client --port 8089 --rate 40 --concurrency 3 --body-bytes 20-400 --paths /api/items,/bytes/0-2000',
        'http-client --port 8081 --rate 40 --concurrency 3 --cookie-bytes 0-300',
        'http-client --port 8082 --rate 60 --concurrency 12 --cookie-bytes 0-900 --paths /bytes/0-12000,/bytes/300,/about,/bytes/60000',
        'http-client --port 8084 --rate 60 --concurrency 8 --paths /bytes/0-3000,/api/items --body-bytes 10-200',
        'http-client --port 8080 --rate 1 --connection fresh --paths /bytes/500000-5000000',
        'http-client --port 8081 --rate 2 --connection fresh --paths /login,/about',
      ),
      // One guess on a connection of its own looks like any small form that is sent: it teaches nothing but the tool.
      attacks: [
        ...web([
          'http-flood --style patator --requests 30 --port 8080 --rate 0 --concurrency 2',
          'http-flood --style patator --requests 10-200 --port 8080 --rate 8 --request-bytes 100-600',
          'http-flood --style patator --requests 8-60 --port 8081 --rate 0 --concurrency 10 --timeout 9000',
          'http-flood --style patator --requests 20-100 --port 8081 --rate 4 --request-bytes 100-700 --timeout 9000',
          'http-flood --style patator --requests 6-30 --port 8082 --rate 0 --concurrency 20 --timeout 9000',
          'http-flood --style patator --requests 15-150 --port 8083 --rate 5 --request-bytes 100-500 --timeout 9000',
          'http-flood --style patator --requests 10-40 --port 8083 --rate 0 --concurrency 4 --request-bytes 100-1300',
          'http-flood --style patator --requests 10 --port 8084 --rate 0 --concurrency 10 --timeout 9000',
          'http-flood --style patator --requests 10-200 --port 8085 --rate 6 --request-bytes 100-1300 --timeout 9000',
          'http-flood --style patator --requests 50 --port 8085 --rate 0 --concurrency 2',
          'http-flood --style patator --requests 10-100 --port 8086 --rate 8 --timeout 9000',
          'http-flood --style patator --requests 100 --port 8088 --rate 0 --concurrency 2 --request-bytes 220',
          'http-flood --style patator --requests 20-300 --port 8088 --rate 4 --timeout 4000',
          'http-client --port 8081 --rate 0 --concurrency 8 --paths /login --body-bytes 20-50',
          'http-client --port 8084 --rate 0 --concurrency 8 --paths /login --body-bytes 25-90',
        ]),
        ...slow([
          'http-flood --style slow --port 8080 --rate 10 --concurrency 60 --hold 4000 --interval 300',
          'http-flood --style slow --port 8081 --rate 10 --concurrency 100 --hold 9000 --interval 1000',
        ]),
      ],
    },
    heldOut: {
      services: lines(
        'http-server --port 80 --denial-bytes 120',
        'http-server --port 8888 --delay 120 --denial-bytes 1500 --connection-requests 60',
        'http-server --port 8000 --delay 20 --denial-bytes 9000 --connection-requests 15',
      ),
      benign: lines(
        'http-client --port 80 --rate 15 --connection fresh --cookie-bytes 130 --paths /,/about,/bytes/12000,/bytes/1200',
        'http-client --port 80 --rate 8 --connection close --body-bytes 150 --paths /api/items,/bytes/90',
        'http-client --port 8888 --rate 10 --connection fresh --body-bytes 900 --paths /bytes/500,/api/items',
        'http-client --port 80 --rate 10 --connection close --cookie-bytes 90 --paths /,/about,/bytes/2200',
        'http-client --port 8888 --rate 50 --concurrency 5 --paths /about,/bytes/25000,/api/items',
        'http-client --port 8000 --rate 8 --connection close --cookie-bytes 640 --paths /api/items,/bytes/250,/bytes/100000',
        'http-client --port 8000 --rate 25 --concurrency 4',
        'http-client --port 80 --rate 1 --connection fresh --paths /bytes/2500000',
      ),
      attacks: [
        ...web([
          'http-flood --style patator --requests 40 --port 80 --rate 0 --concurrency 4',
          'http-flood --style patator --requests 25-75 --port 80 --rate 6 --request-bytes 220',
          'http-flood --style patator --requests 12 --port 8888 --rate 10 --request-bytes 450 --timeout 9000',
          'http-flood --style patator --requests 15 --port 8000 --rate 12 --request-bytes 900 --timeout 9000',
          'http-client --port 8888 --rate 0 --concurrency 6 --paths /login --body-bytes 36',
        ]),
        ...single([
          'http-flood --style patator --port 80 --rate 50',
          'http-flood --style patator --port 8888 --rate 35',
        ]),
        ...flood(['http-flood --style flood --port 80 --rate 80']),
        ...slow([
          'http-flood --style slow --port 8888 --rate 12 --concurrency 80 --hold 6000 --interval 700',
        ]),
      ],
    },
    usedUp: {
      services: lines(
        'http-server --port 8800 --delay 8 --denial-bytes 640 --connection-requests 100',
        'http-server --port 8801 --delay 35 --denial-bytes 2100 --connection-requests 25',
        'http-server --port 8802 --denial-bytes 45',
      ),
      benign: lines(
        'http-client --port 8800 --rate 14 --connection close --cookie-bytes 210 --paths /,/bytes/3100,/api/items',
        'http-client --port 8800 --rate 12 --connection fresh --body-bytes 75 --paths /api/items,/bytes/640',
        'http-client --port 8801 --rate 45 --concurrency 4 --cookie-bytes 75 --paths /bytes/5200,/about,/bytes/300',
        'http-client --port 8801 --rate 30 --concurrency 3 --body-bytes 180 --paths /api/items,/bytes/1100',
        'http-client --port 8800 --rate 70 --concurrency 3 --paths /bytes/14000,/,/api/items',
        'http-client --port 8802 --rate 10 --connection close --body-bytes 320 --paths /bytes/50,/bytes/2100',
        'http-client --port 8802 --rate 1 --connection fresh --paths /bytes/1700000',
      ),
      attacks: [
        ...web([
          'http-flood --style patator --requests 20 --port 8800 --rate 5 --timeout 9000',
          'http-flood --style patator --requests 90 --port 8802 --rate 0 --concurrency 3',
          'http-flood --style patator --requests 24 --port 8801 --rate 3 --request-bytes 380 --timeout 9000',
          'http-flood --style patator --requests 12-18 --port 8801 --rate 0 --concurrency 5 --timeout 9000',
        ]),
        ...single(['http-flood --style patator --port 8802 --rate 40']),
        ...flood(['http-flood --style flood --port 8800 --rate 50']),
        ...slow([
          'http-flood --style slow --port 8802 --rate 10 --concurrency 90 --hold 7000 --interval 450',
        ]),
      ],
    },
    unseen: {
      services: lines(
        'http-server --port 8700 --delay 14 --denial-bytes 380 --connection-requests 45',
        'http-server --port 8701 --delay 55 --denial-bytes 3300 --connection-requests 20',
        'http-server --port 8702 --denial-bytes 150 --connection-requests 80',
      ),
      benign: lines(
        'http-client --port 8700 --rate 13 --connection close --cookie-bytes 330 --paths /bytes/2600,/,/bytes/410',
        'http-client --port 8702 --rate 11 --connection fresh --body-bytes 240 --paths /api/items,/bytes/1500',
        'http-client --port 8701 --rate 40 --concurrency 4 --cookie-bytes 105 --paths /bytes/6700,/about,/bytes/530',
        'http-client --port 8700 --rate 25 --concurrency 2 --body-bytes 75 --paths /bytes/380,/api/items',
        'http-client --port 8702 --rate 60 --concurrency 3 --cookie-bytes 15 --paths /,/bytes/21000,/bytes/900',
        'http-client --port 8700 --rate 0 --concurrency 1 --paths /bytes/50-5000,/about',
        'http-client --port 8701 --rate 1 --connection fresh --paths /bytes/1200000',
      ),
      attacks: [
        ...web([
          'http-flood --style patator --requests 35 --port 8700 --rate 5 --timeout 9000',
          'http-flood --style patator --requests 70 --port 8702 --rate 0 --concurrency 3',
          'http-flood --style patator --requests 18 --port 8701 --rate 4 --request-bytes 290 --timeout 9000',
          'http-flood --style patator --requests 10-20 --port 8701 --rate 0 --concurrency 6 --timeout 9000',
        ]),
        ...single(['http-flood --style patator --port 8702 --rate 45']),
        ...flood(['http-flood --style flood --port 8700 --rate 60']),
        ...slow([
          'http-flood --style slow --port 8701 --rate 11 --concurrency 85 --hold 5500 --interval 800',
        ]),
      ],
    },
  },
  busy: busyScenario,
  login: {
    learned: {
      services: lines(
        'login-server --service ssh --port 2201 --delay 15',
        'login-server --service ssh --port 2202 --delay 400',
        'login-server --service ftp --port 2101',
        'login-server --service ftp --port 2102 --delay 1200',
        'login-server --service ssh --port 2222 --delay 20 --session-bytes 1500',
        'login-server --service ftp --port 2121 --delay 10 --session-bytes 400',
        'udp-echo --port 9000',
      ),
      benign: lines(
        'login-session --service ssh --port 2222 --rate 6 --concurrency 60 --lines 20 --pause 400',
        'login-session --service ssh --port 2222 --rate 2 --concurrency 30 --lines 12 --pause 3000',
        'login-session --service ssh --port 2222 --rate 4 --concurrency 30 --lines 2 --pause 60',
        'login-session --service ftp --port 2121 --rate 6 --concurrency 40 --lines 8 --pause 100',
        'login-session --service ftp --port 2121 --rate 3 --concurrency 40 --lines 25 --pause 1000',
        'udp-burst --port 9000 --rate 3',
        'udp-burst --port 9000 --rate 40 --bytes 300',
        'udp-burst --port 9000 --rate 400 --bytes 900',
      ),
      attacks: [
        ...guess('ssh', [
          '--port 2201 --rate 5',
          '--port 2201 --rate 40 --concurrency 8',
          '--port 2202 --rate 0 --concurrency 12 --timeout 5000',
        ]),
        ...guess('ftp', [
          '--port 2101 --rate 10',
          '--port 2101 --rate 50',
          '--port 2102 --rate 0 --concurrency 30 --timeout 6000',
        ]),
      ],
    },
    heldOut: {
      services: lines(
        'login-server --service ssh --port 2022 --delay 60',
        'login-server --service ftp --port 2100 --delay 5',
        'login-server --service ftp --port 2103 --delay 2000',
        'login-server --service ssh --port 2224 --delay 45 --session-bytes 700',
        'udp-echo --port 9100',
      ),
      benign: lines(
        'login-session --service ssh --port 2224 --rate 5 --concurrency 60 --lines 15 --pause 700',
        'login-session --service ssh --port 2224 --rate 3 --concurrency 60 --lines 3 --pause 200',
        'udp-burst --port 9100 --rate 10 --bytes 120',
      ),
      attacks: [
        ...guess('ssh', ['--port 2022 --rate 15']),
        ...guess('ftp', ['--port 2100 --rate 20', '--port 2103 --rate 0 --concurrency 20 --timeout 8000']),
      ],
    },
    unseen: {
      services: lines(
        'login-server --service ssh --port 2299 --delay 110',
        'login-server --service ftp --port 2199 --delay 30',
        'login-server --service ftp --port 2198 --delay 700',
        'login-server --service ssh --port 2298 --delay 70 --session-bytes 2500',
        'login-server --service ftp --port 2197 --delay 25 --session-bytes 900',
      ),
      benign: lines(
        'login-session --service ssh --port 2298 --rate 5 --concurrency 60 --lines 10 --pause 500',
        'login-session --service ftp --port 2197 --rate 5 --concurrency 60 --lines 6 --pause 350',
      ),
      attacks: [
        ...guess('ssh', ['--port 2299 --rate 12 --concurrency 12']),
        ...guess('ftp', ['--port 2199 --rate 25', '--port 2198 --rate 0 --concurrency 15 --timeout 8000']),
      ],
    },
  },
  dialogue: {
    learned: {
      services: lines(
        'udp-echo --port 9001 --answer-bytes 1-500',
        'udp-echo --port 9002 --answer-bytes 1-60 --delay 15',
        'udp-echo --port 9003 --answer-bytes 20-1200 --delay 120',
        'udp-echo --port 9004',
      ),
      benign: lines(
        'udp-questions --port 9001 --rate 20 --bytes 1-120 --questions 1-2',
        'udp-questions --port 9002 --rate 25 --bytes 1-40 --questions 1-5 --pause 0-20',
        'udp-questions --port 9002 --rate 15 --bytes 4-200 --questions 2-20 --pause 0-200',
        'udp-questions --port 9003 --rate 20 --bytes 20-100 --questions 1-3 --pause 0-5',
        'udp-questions --port 9004 --rate 15 --bytes 10-300 --questions 1-8 --pause 0-40',
        'udp-questions --port 9009 --rate 4',
      ),
      attacks: [],
    },
    heldOut: {
      services: lines(
        'udp-echo --port 53 --answer-bytes 40-300 --delay 30',
        'udp-echo --port 3478 --answer-bytes 8-32 --delay 6',
      ),
      benign: lines(
        'udp-questions --port 53 --rate 15 --bytes 28-60',
        'udp-questions --port 3478 --rate 15 --bytes 8-28 --questions 2-4 --pause 1-10',
      ),
      attacks: [],
    },
    unseen: {
      services: lines(
        'udp-echo --port 123 --answer-bytes 48 --delay 70',
        'udp-echo --port 27015 --answer-bytes 12-90',
      ),
      benign: lines(
        'udp-questions --port 123 --rate 12 --bytes 48',
        'udp-questions --port 27015 --rate 12 --bytes 6-24 --questions 3-9 --pause 5-60',
      ),
      attacks: [],
    },
  },
  scan: {
    learned: {
      services: lines(
        'http-server --port 8080',
        'login-server --service ftp --port 2121 --session-bytes 300',
        'login-server --service ssh --port 2222 --session-bytes 900',
      ),
      // A visitor whose service is down for a while knocks at a closed port, too.
      benign: lines(
        'http-client --port 8080 --rate 20 --connection fresh',
        'http-client --port 8443 --rate 10 --connection fresh',
        'http-client --port 3000 --rate 5 --connection fresh',
        'login-session --service ftp --port 2121 --rate 4 --lines 6 --pause 200',
        'login-session --service ssh --port 2222 --rate 4 --lines 6 --pause 200',
        'login-session --service ssh --port 2223 --rate 3',
      ),
      attacks: scan([
        'connect-scan --ports 1-1000 --rate 40',
        'connect-scan --ports 8080,2121,2222 --rate 6 --repeat 0',
        'connect-scan --ports 2000-9000 --rate 0 --concurrency 5',
      ]),
    },
    heldOut: {
      services: lines('http-server --port 80', 'login-server --service ssh --port 22 --session-bytes 1200'),
      benign: lines(
        'http-client --port 80 --rate 15 --connection fresh --paths /,/api/items,/bytes/5000',
        'http-client --port 8080 --rate 8 --connection fresh',
        'login-session --service ssh --port 22 --rate 4 --lines 8 --pause 300',
      ),
      attacks: scan([
        'connect-scan --ports 20-900 --rate 30',
        'connect-scan --ports 80,22 --rate 5 --repeat 0',
      ]),
    },
    unseen: {
      services: lines(
        'http-server --port 8800',
        'login-server --service ftp --port 2199 --session-bytes 800',
      ),
      benign: lines(
        'http-client --port 8800 --rate 20 --connection close --cookie-bytes 150',
        'http-client --port 5000 --rate 6 --connection fresh',
        'login-session --service ftp --port 2199 --rate 4 --lines 5 --pause 250',
      ),
      attacks: scan([
        'connect-scan --ports 8500-9300 --rate 35',
        'connect-scan --ports 8800,2199 --rate 4 --repeat 0',
      ]),
    },
  },
}
