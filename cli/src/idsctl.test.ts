import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runIdsctl } from '../test/run-idsctl.js'
import { VERSION } from './version.js'

/** Command line, what stderr must say. All exit 2, and none of them connects. */
const wrongUse: readonly (readonly [string, RegExp])[] = [
  ['staus', /unknown command 'staus'[\s\S]*Did you mean status/],
  ['decisions lst', /unknown command 'lst'[\s\S]*Did you mean list/],
  ['status --soket x', /unknown option '--soket'[\s\S]*--socket/],
  ['block', /missing required argument 'address\|cidr'/],
  ['block 1.2.3', /Expected an address or a CIDR such as/],
  ['block 010.1.1.1', /Expected an address or a CIDR/],
  ['block example.com', /Expected an address or a CIDR/],
  ['block 10.0.0.0/33', /Expected an address or a CIDR/],
  ['block fe80::1%eth0', /Expected an address or a CIDR/],
  ['block 1.2.3.4 --ttl 90x', /30s, 10m, 1h, 2d, "1 day" or a sum such as 1h30m/],
  ['block 1.2.3.4 --ttl 0s', /without --ttl a block stays until unblocked/],
  ['block 1.2.3.4 --action maim', /Allowed choices are observe, /],
  ['unblock 12', /or a decision id such as d12/],
  ['decisions get 1.2.3.4', /Expected a decision id such as d12/],
  ['decisions list --last 0', /from 1 to 10000/],
  ['flows --port 70000', /from 1 to 65535/],
  ['flows --since yesterday', /a time ago \(30s, .*or RFC 3339 with offset/],
  ['flows --since 2031-02-31T00:00:00Z', /RFC 3339/],
  ['flows --since 2025-01-01T00:00:00', /RFC 3339 with offset/],
  ['flows --since 1h --until 2h', /--since is not before --until/],
  ['flows --since 2999-01-01T00:00:00Z', /--since lies in the future/],
  ['flows -f --until 1h', /--until sets an end[\s\S]*leave out --until/],
  ['decisions watch --until 1h', /--until sets an end/],
  ['decisions list --port 22', /whatever the port; what led to it: idsctl alerts --port/],
  ['flows -f -o json', /use -o jsonl/],
  ['decisions watch -o json', /use -o jsonl/],
  ['status -o yaml', /Allowed choices are table, json, jsonl/],
  ['status --timeout 5', /at least 1s/],
  ['completion fish', /Allowed choices are bash, zsh/],
  ['completion bash -o json', /leave out -o/],
  ['alerts get', /Allowed choices are list/],
  ['alerts --detector luck', /Allowed choices are scan_vertical, .*login/],
  ['alerts --severity huge', /Allowed choices are low, medium, high, critical/],
  ['alerts --last 501', /from 1 to 500/],
  ['alerts -f -o json', /use -o jsonl/],
  ['alert', /Commands:/],
  ['alert show x', /Expected an alert id such as a7/],
  ['flows --min-score 1.5', /Expected a score from 0 to 1/],
  ['flows export', /an export needs a file[\s\S]*-o flows\.csv/],
  ['flows export -o flows.txt', /ends in \.csv or \.parquet, or -/],
  ['flows export -o x.csv --last 5', /everything that matches: there is no --last/],
  ['flows --last 5 export -o x.csv', /everything that matches: there is no --last/],
  ['flows -f export -o x.csv', /leave out -f/],
  ['mode off', /Allowed choices are prevent, detect/],
  ['mode --dry-run', /none is named/],
  ['top --by luck', /Allowed choices are bytes, packets, flows/],
  ['top --every 11s', /sources are counted over 10 s/],
  ['top --every 0s', /from 1s to 10s/],
  ['top --count 0', /from 1 to 1000/],
  ['top -o json --every 5s', /use -o jsonl, or --once/],
  ['allow', /Commands:/],
  ['', /Commands:/],
]

describe('idsctl', () => {
  for (const [line, expected] of wrongUse) {
    it(`"idsctl ${line}" is wrong use, and is told how to mend it`, async () => {
      const { code, stdout, stderr } = await runIdsctl(line.split(' ').filter((word) => word !== ''))
      assert.match(stderr, expected)
      assert.equal(code, 2)
      assert.equal(stdout, '')
    })
  }

  it('an empty IDSD_SOCKET is wrong use', async () => {
    const { code, stderr } = await runIdsctl(['status'], { env: { IDSD_SOCKET: '' } })
    assert.match(stderr, /IDSD_SOCKET\) is empty/)
    assert.equal(code, 2)
  })

  it('help names the exit codes and teaches with examples', async () => {
    const { code, stdout } = await runIdsctl(['--help'])
    assert.equal(code, 0)
    assert.match(stdout, /Exit codes:\n {2}0 {2}done/)
    assert.match(stdout, /Examples:\n {2}idsctl status/)
  })

  for (const line of [
    ...['status', 'flows', 'block', 'unblock', 'alerts', 'completion', 'decisions', 'decisions list'],
    ...['top', 'mode', 'alert', 'alert show', 'flows export'],
    ...['decisions get', 'decisions watch', 'allow', 'allow add', 'allow rm', 'allow list', 'allow check'],
  ]) {
    it(`the help of "${line}" has examples and the global options`, async () => {
      const { code, stdout } = await runIdsctl([...line.split(' '), '--help'])
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`Examples:\n  (source <\\()?idsctl ${line.split(' ')[0]}`))
      assert.match(stdout, /--socket <path>/)
    })
  }

  it('the version is that of the package', async () => {
    const { code, stdout } = await runIdsctl(['--version'])
    assert.deepEqual([code, stdout], [0, `${VERSION}\n`])
  })
})
