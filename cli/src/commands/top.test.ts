import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { type FakeDaemon, openFakeDaemon } from '../../test/fake-daemon.js'
import { outcomeOf, runIdsctl, startIdsctl } from '../../test/run-idsctl.js'
import { AT_MS, decision, status } from '../../test/samples.js'

let daemon: FakeDaemon

/** Every look is half a second after the one before, and everything goes on at the same pace. */
function moving() {
  let looks = 0
  return () => {
    const n = looks++
    const { traffic } = status
    return {
      atMs: AT_MS + n * 500,
      windowMs: n * 500,
      status: {
        ...status,
        alertsTotal: status.alertsTotal + n,
        newFlowsTotal: status.newFlowsTotal + n * 50,
        lost: { flow_table_full: 0, ring_full: 17 + n * 2 },
        traffic: {
          ...traffic,
          passedPacketsIngress: traffic.passedPacketsIngress + n * 900,
          passedBytesIngress: traffic.passedBytesIngress + n * 62_500,
          droppedPacketsIngress: traffic.droppedPacketsIngress + n * 100,
        },
      },
      sources: [{ address: '203.0.113.7', packets: n * 500, bytesFwd: n * 1_000, bytesBwd: 0, flows: n * 5 }],
      suspects: [{ address: '203.0.113.9', points: 60 }],
      decisions: [
        { ...decision, id: 'd13', packets: 5 },
        { ...decision, packets: decision.packets + n * 100 },
      ],
    }
  }
}

describe('idsctl top', { timeout: 30_000 }, () => {
  afterEach(() => daemon.close())

  it('shows one page where there is no terminal: two looks as rates per second', async () => {
    daemon = await openFakeDaemon({ getTop: moving() })
    const { code, stdout, stderr } = await runIdsctl(['top', '--by', 'packets', '--count', '7'], {
      socket: daemon.socket,
    })
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(
      daemon.requests.map(({ request }) => request),
      [1, 2].map(() => ({ count: 7, order: 'TOP_ORDER_PACKETS' })),
    )
    assert.match(stdout, /^idsd 0\.1\.0 {2}mode prevent {2}up /)
    assert.match(stdout, /in +2,000 packets\/s +1\.0 Mbit\/s\n/)
    assert.match(stdout, /dropped +200 packets\/s/)
    assert.match(
      stdout,
      /100 new flows\/s, 0 records\/s, 2 alerts\/s, 4 lost\/s \(since the start: ring_full 19\)/,
    )
    assert.match(stdout, /203\.0\.113\.7 +2\.00 kB\/s +0 B\/s +1,000\/s +10\/s\n/)
    assert.match(stdout, /203\.0\.113\.9 +60\n/)
    assert.ok(!stdout.includes('\u001b'))
  })

  it('puts the decision with most hits first, and one without any behind it', async () => {
    daemon = await openFakeDaemon({ getTop: moving() })
    const { stdout } = await runIdsctl(['top', '--once', '-o', 'json'], { socket: daemon.socket })
    const document = JSON.parse(stdout)
    assert.equal(document.schema, 'idsd.top.v1')
    assert.deepEqual(
      document.decisions.map(({ id, packets }: { id: string; packets: number }) => [id, packets]),
      [
        ['d12', 200],
        ['d13', 0],
      ],
    )
    assert.equal(document.sources[0].bytes_fwd, 2_000)
    assert.equal(document.lost, 4)
  })

  it('goes on as documents until Ctrl-C, which ends it with exit 0', async () => {
    daemon = await openFakeDaemon({ getTop: moving() })
    const child = startIdsctl(['top', '-o', 'jsonl', '--every', '1s'], { socket: daemon.socket })
    const ended = outcomeOf(child)
    let lines = 0
    while (lines < 2) lines += String((await once(child.stdout, 'data'))[0]).split('\n').length - 1
    child.kill('SIGINT')
    const { code, stdout } = await ended
    assert.equal(code, 0)
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual([documents[0].new_flows, documents[1].new_flows], [100, 100])
  })

  it('counts a counter that went back as nothing: the daemon was started anew', async () => {
    const answers = [10_000, 3].map((newFlowsTotal, n) => ({
      ...{ atMs: AT_MS + n * 1_000, status: { ...status, newFlowsTotal } },
    }))
    daemon = await openFakeDaemon({ getTop: () => answers.shift()! })
    const { stdout } = await runIdsctl(['top', '-o', 'jsonl', '--once'], { socket: daemon.socket })
    assert.equal(JSON.parse(stdout).new_flows, 0)
  })
})
