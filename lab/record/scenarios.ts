/**
 * What is recorded: services, benign traffic and attacks, as command lines of `lab/traffic/`. Each scenario has a second
 * cast that is held out: other ports, paces, sizes and delays, so that a model cannot know it by heart.
 */

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

export type ScenarioName = 'web' | 'login' | 'scan'

const line = (text: string): Line => text.split(' ') as unknown as Line
const lines = (...texts: string[]): Line[] => texts.map(line)

const web = (texts: readonly string[]): Attack[] =>
  texts.map((text) => ({ label: 'Web Attack - Brute Force', family: 'WebAttack', line: line(text) }))
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
export const scenarios: Readonly<Record<ScenarioName, { readonly learned: Cast; readonly heldOut: Cast }>> = {
  web: {
    learned: {
      services: lines(
        'http-server --port 8080',
        'http-server --port 8081 --delay 60 --denial-bytes 300 --connection-requests 30',
        'http-server --port 8082 --delay 300 --denial-bytes 4000 --connection-requests 100',
      ),
      benign: lines(
        'http-client --port 8080 --rate 12 --connection fresh',
        'http-client --port 8080 --rate 8 --connection fresh --paths /api/items,/,/bytes/700,/nothing',
        'http-client --port 8080 --rate 10 --connection fresh --body-bytes 300 --paths /api/items,/bytes/40',
        'http-client --port 8081 --rate 10 --connection fresh --body-bytes 60 --paths /api/items,/about',
        'http-client --port 8081 --rate 8 --connection fresh --body-bytes 2000 --paths /api/items,/bytes/2000',
        'http-client --port 8081 --rate 40 --concurrency 3',
        'http-client --port 8082 --rate 8 --connection fresh --paths /,/about,/bytes/40000,/api/items',
        'http-client --port 8082 --rate 60 --concurrency 12 --paths /bytes/9000,/bytes/300,/about,/bytes/60000',
        'http-client --port 8080 --rate 1 --connection fresh --paths /bytes/4000000,/bytes/900000',
        'http-client --port 8081 --rate 2 --connection fresh --paths /login,/about',
      ),
      attacks: [
        ...web([
          'http-flood --style patator --port 8080 --rate 20 --concurrency 4',
          'http-flood --style patator --port 8080 --rate 60 --request-bytes 300',
          'http-flood --style patator --port 8081 --rate 30 --request-bytes 250 --concurrency 10',
          'http-flood --style patator --port 8081 --rate 0 --concurrency 2',
          'http-flood --style patator --port 8082 --rate 20 --request-bytes 600',
          'http-flood --style patator --port 8082 --rate 0 --concurrency 4',
          'http-client --port 8081 --rate 0 --concurrency 4 --paths /login --body-bytes 30',
          'http-client --port 8082 --rate 0 --concurrency 8 --paths /login --body-bytes 45',
        ]),
        ...flood(['http-flood --style flood --port 8080 --rate 60', 'http-flood --style flood --port 8082 --rate 60']),
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
        'http-client --port 80 --rate 15 --connection fresh --paths /,/about,/bytes/12000,/bytes/1200',
        'http-client --port 80 --rate 8 --connection fresh --body-bytes 150 --paths /api/items,/bytes/90',
        'http-client --port 8888 --rate 10 --connection fresh --body-bytes 900 --paths /bytes/500,/api/items',
        'http-client --port 8888 --rate 50 --concurrency 5 --paths /about,/bytes/25000,/api/items',
        'http-client --port 8000 --rate 8 --connection fresh --paths /api/items,/bytes/250,/bytes/100000',
        'http-client --port 8000 --rate 25 --concurrency 4',
        'http-client --port 80 --rate 1 --connection fresh --paths /bytes/2500000',
      ),
      attacks: [
        ...web([
          'http-flood --style patator --port 80 --rate 50',
          'http-flood --style patator --port 80 --rate 0 --concurrency 6 --request-bytes 220',
          'http-flood --style patator --port 8888 --rate 35 --request-bytes 450',
          'http-flood --style patator --port 8000 --rate 25 --concurrency 8 --request-bytes 900',
          'http-client --port 8888 --rate 0 --concurrency 6 --paths /login --body-bytes 36',
        ]),
        ...flood(['http-flood --style flood --port 80 --rate 80']),
        ...slow(['http-flood --style slow --port 8888 --rate 12 --concurrency 80 --hold 6000 --interval 700']),
      ],
    },
  },
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
      attacks: scan(['connect-scan --ports 20-900 --rate 30', 'connect-scan --ports 80,22 --rate 5 --repeat 0']),
    },
  },
}
