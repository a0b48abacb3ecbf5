import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commandInWords, complaintInWords, withoutCommands, withoutUrlSecrets } from './source-words.js'

const commands: readonly (readonly [readonly string[], string])[] = [
  [['/usr/bin/cscli'], 'command cscli'],
  [['/usr/bin/curl', '-H'], 'command curl with 1 argument'],
  [['/usr/bin/curl', '-H', 'X-Key: hunter22'], 'command curl with 2 arguments'],
]
for (const [command, wanted] of commands) {
  test(`a command is told as ${wanted}`, () => assert.equal(commandInWords(command), wanted))
}

const urls: readonly (readonly [string, string])[] = [
  ['curl: https://bob:hunter22@lists.test/a failed', 'curl: https://***@lists.test/a failed'],
  ['GET https://lists.test/a?key=hunter22 says 403', 'GET https://lists.test/a?*** says 403'],
  ['ftp://lists.test/a#hunter22', 'ftp://lists.test/a?***'],
  ['https://a:p@ss@lists.test', 'https://***@lists.test'],
  ['/var/lib/feeds/what?.txt', '/var/lib/feeds/what?.txt'],
]
for (const [given, wanted] of urls) {
  test(`of ${given} the secret is not said`, () => assert.equal(withoutUrlSecrets(given), wanted))
}

const complaints: readonly (readonly [string, string, readonly string[], string])[] = [
  ['is its first line', 'sorry\nmore', ['/bin/sh'], 'sorry'],
  ['holds no argument', 'unknown key hunter22', ['/bin/sh', 'hunter22'], 'unknown key ***'],
  ['holds no part of one', '401 for hunter22', ['/bin/sh', '--token=hunter22'], '401 for ***'],
  ['holds no header', '401 for hunter22', ['/bin/sh', '-H', 'X-Key: hunter22'], '401 for ***'],
  ['keeps short words', 'no json', ['/bin/sh', '-o', 'json'], 'no json'],
  ['has no control characters', 'a\x1b[31mb', ['/bin/sh'], 'a[31mb'],
  ['is short', 'x'.repeat(500), ['/bin/sh'], `${'x'.repeat(197)}...`],
]
for (const [name, text, command, wanted] of complaints) {
  test(`a complaint ${name}`, () => assert.equal(complaintInWords(text, command), wanted))
}

test('settings hold the program of a command and no argument of it, however they are written', () => {
  const shown = withoutCommands([
    { name: 'a', command: ['/bin/curl', 'hunter22'], everyS: 5 },
    { name: 'b', file: '/f', command: [] },
    { name: 'c', command: '/bin/curl hunter22' },
  ])
  assert.deepEqual(shown, [
    { name: 'a', command: 'command curl with 1 argument', everyS: 5 },
    { name: 'b', file: '/f', command: [] },
    { name: 'c', command: 'command ' },
  ])
})
