import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { ServerWritableStream } from '@grpc/grpc-js'
import { type Answers, type FakeDaemon, openFakeDaemon, type Request, said } from '../test/fake-daemon.js'
import { outcomeOf, startIdsctl } from '../test/run-idsctl.js'
import { AT_MS, alert, decision, flow } from '../test/samples.js'

/** Opens a daemon for the length of one test. */
async function withDaemon(answers: Answers, use: (daemon: FakeDaemon) => Promise<void>): Promise<void> {
  const daemon = await openFakeDaemon(answers)
  try {
    await use(daemon)
  } finally {
    await daemon.close()
  }
}

/** Writes as fast as the reader takes it, until the call ends. */
function endless(call: ServerWritableStream<Request, object>): void {
  let isOpen = true
  const more = () => {
    while (isOpen && call.write({ flow }));
  }
  call.on('cancelled', () => {
    isOpen = false
  })
  call.on('drain', more)
  more()
}

const added = { kind: 'KIND_ADDED', decision, atMs: AT_MS }

describe('a watch', { timeout: 30_000 }, () => {
  it('shows events as they come, tells lost ones apart, and Ctrl-C ends it with exit 0', async () => {
    const watchDecisions = (call: ServerWritableStream<Request, object>) => {
      call.write(added)
      call.write({ ...added, kind: 'KIND_LIFTED', lost: 5 })
    }
    await withDaemon({ watchDecisions }, async (daemon) => {
      const child = startIdsctl(
        ['decisions', 'watch', '--last', '3', '--ip', '203.0.113.7', '-o', 'jsonl'],
        daemon,
      )
      const ended = outcomeOf(child)
      let lines = 0
      while (lines < 2) lines += String((await once(child.stdout, 'data'))[0]).split('\n').length - 1
      child.kill('SIGINT')
      const { code, stdout, stderr } = await ended
      assert.equal(code, 0)
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['added', 'lifted'],
      )
      assert.equal(events[0].schema, 'idsd.decision_event.v1')
      assert.equal(events[0].at, '2031-05-04T12:30:00.000Z')
      assert.match(stderr, /^idsctl: 5 events lost here/)
      const { ip, last } = daemon.requests[0]!.request.filter as Request
      assert.deepEqual([ip, last], ['203.0.113.7', 3])
    })
  })

  it('shows alerts as they are raised', async () => {
    const watchAlerts = (call: ServerWritableStream<Request, object>) => {
      call.write({ alert })
      call.end()
    }
    await withDaemon({ watchAlerts }, async (daemon) => {
      const { code, stdout } = await outcomeOf(startIdsctl(['alerts', '-f', '--severity', 'high'], daemon))
      assert.equal(code, 5)
      assert.match(stdout, /^ID +TIME[\s\S]*\na3 +2031-05-04T18:00:00\+05:30 +high +203\.0\.113\.7/)
      assert.deepEqual(said(daemon.requests[0]!.request.filter), { severity: 'high' })
    })
  })

  it('says so and exits 5 when the daemon ends it', async () => {
    const watchFlows = (call: ServerWritableStream<Request, object>) => {
      call.write({ flow })
      call.end()
    }
    await withDaemon({ watchFlows }, async (daemon) => {
      const { code, stdout, stderr } = await outcomeOf(startIdsctl(['flows', '-f'], daemon))
      assert.equal(code, 5)
      assert.match(stderr, /idsd went away/)
      assert.match(stdout, /^LAST PACKET[\s\S]*203\.0\.113\.7:51234/)
    })
  })

  it('says so and exits 5 when the daemon is cut off', async () => {
    const daemon = await openFakeDaemon({ watchFlows: (call) => call.write({ flow }) })
    const child = startIdsctl(['flows', '-f', '-o', 'jsonl'], daemon)
    const ended = outcomeOf(child)
    await once(child.stdout, 'data')
    await daemon.close()
    const { code, stderr } = await ended
    assert.equal(code, 5)
    assert.match(stderr, /idsd went away/)
  })

  it('ends quietly with exit 0 when the reader of its output goes away', async () => {
    await withDaemon({ watchFlows: endless }, async (daemon) => {
      const child = startIdsctl(['flows', '-f'], daemon)
      const ended = outcomeOf(child)
      await once(child.stdout, 'data')
      child.stdout.destroy()
      const { code, stderr } = await ended
      assert.deepEqual([code, stderr], [0, ''])
    })
  })
})
