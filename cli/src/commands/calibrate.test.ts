import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { type Answers, type FakeDaemon, openFakeDaemon, type Request, said } from '../../test/fake-daemon.js'
import { type Outcome, runIdsctl } from '../../test/run-idsctl.js'
import { AT_MS, status as sample } from '../../test/samples.js'

let daemon: FakeDaemon

async function run(answers: Answers, line: string): Promise<Outcome> {
  daemon = await openFakeDaemon(answers)
  return runIdsctl(line.split(' '), { socket: daemon.socket, env: { SUDO_USER: 'alice' } })
}

const learning = {
  ...{ startedAtMs: AT_MS, endedAtMs: 0, learntMs: 3_600_000, forMs: 86_400_000, by: 'uid:1000 (alice)' },
  ...{ modeBefore: 'MODE_PREVENT', flows: 12_345, sources: 40, scored: 9_000, leftOut: 2 },
  classes: { tcp_system: 12_000 },
}
const site = {
  ...{ atMs: AT_MS, by: 'root', alerts: 1, flows: 12_345, sources: 40, sinceMs: AT_MS, untilMs: AT_MS },
  ...{ thresholds: { scan_vertical: 30 }, modelSha256: 'ab'.repeat(32), modelThreshold: 0.931 },
  modelName: 'flow-gbt',
}
const proposal = {
  ...{ alerts: 1, flows: 12_345, scored: 9_000, sourcesTotal: 2 },
  thresholds: [
    {
      ...{ detector: 'scan_vertical', key: 'detect.scan_vertical.ports', unit: 'ports', before: 20 },
      ...{ proposed: 30, seenBelow: 30, alertsBefore: 2.4, alertsAfter: 0 },
    },
    {
      ...{
        detector: 'login',
        key: 'detect.login.connections',
        unit: 'connections',
        before: 10,
        proposed: 10,
      },
      ...{ seenBelow: 5, pinned: true },
    },
    {
      ...{ detector: 'model', key: 'model.threshold', unit: 'score', before: 0.9, proposed: 0.9 },
      problem: '100 of 10,000 flows have the highest score',
    },
  ],
  sources: [
    {
      ...{ source: '192.0.2.40', standing: 'named', detectors: ['scan_vertical'], firingsBefore: 3 },
      ...{ firingsAfter: 0, decisionIds: ['d7'] },
    },
    {
      ...{ source: '203.0.113.9', standing: 'left_out', detectors: ['scan_vertical'], firingsBefore: 9 },
      ...{ firingsAfter: 4, decisionIds: [], mayBlockAfter: true },
    },
  ],
}
const changed = (given: object) => (request: Request) => ({
  ...{ dryRun: request.dryRun, modeBefore: 'MODE_PREVENT', mode: 'MODE_DETECT', status: { run: learning } },
  ...given,
})

describe('idsctl calibrate', () => {
  afterEach(() => daemon.close())

  it('start says that the mode is detect from here on, and the way back', async () => {
    const { code, stdout } = await run({ startCalibration: changed({}) }, 'calibrate start --for 24h')
    assert.equal(code, 0)
    assert.deepEqual(said(daemon.requests[0]!.request), {
      ...{ forMs: 86_400_000, include: [], exclude: [], caller: 'alice' },
    })
    assert.match(stdout, /^learning what is usual here for 1d\n/)
    assert.match(stdout, /mode +is detect; it was prevent\n/)
    assert.match(stdout, /undo +idsctl calibrate cancel; idsctl mode prevent\n$/)
  })

  it('start in a dry run changes nothing and names no way back', async () => {
    const { stdout } = await run({ startCalibration: changed({}) }, 'calibrate start --dry-run')
    assert.match(stdout, /^would begin to learn; nothing was changed\n/)
    assert.match(stdout, /mode +would become detect; it was prevent\n/)
    assert.doesNotMatch(stdout, /undo/)
  })

  it('status tells how far it is, and what is in force', async () => {
    const getCalibration = () => ({ status: { run: learning, site } })
    const { stdout } = await run({ getCalibration }, 'calibrate status')
    assert.match(stdout, /^learning what is usual here, for 23 h more\n/)
    assert.match(stdout, /from +12,345 flows of about 40 sources\n/)
    assert.match(stdout, /thresholds +scan_vertical 30\n/)
    assert.match(stdout, /model +flow-gbt at 0\.931 \(sha256 abababababab\)\n/)
  })

  it('status says so when there is nothing', async () => {
    const { stdout } = await run({ getCalibration: () => ({ status: {} }) }, 'calibrate status')
    assert.match(stdout, /^nothing was learnt; idsctl calibrate start --for 24h begins\n/)
    assert.match(stdout, /in force +no calibration\n/)
  })

  it('finish shows every threshold and whom it hits, and asks for no change', async () => {
    const getCalibration = () => ({ status: { run: learning }, proposal })
    const { stdout } = await run(
      { getCalibration },
      'calibrate finish --alerts 0.5 --include 192.0.2.40 --include 192.0.2.41',
    )
    assert.deepEqual(said(daemon.requests[0]!.request), {
      ...{ propose: true, alerts: 0.5, include: ['192.0.2.40', '192.0.2.41'], exclude: [] },
    })
    assert.match(stdout, /^thresholds for 1 alert in 10,000 flows; nothing was changed\n/)
    assert.match(stdout, /99\.99 % SEEN BELOW/)
    assert.match(stdout, /scan_vertical +20 +30 +30 +ports +2\.4 to 0 +raised\n/)
    assert.match(stdout, /login +10 +5 +10 +connections +0 to 0 +file\n/)
    assert.match(stdout, /model: 100 of 10,000 flows have the highest score\n/)
    assert.match(stdout, /192\.0\.2\.40 +named +3 +0 +d7 to no +scan_vertical\n/)
    assert.match(stdout, /203\.0\.113\.9 +left_out +9 +4 +no to perhaps +scan_vertical\n/)
    assert.match(stdout, /if it is yours: --include 203\.0\.113\.9\n$/)
  })

  it('finish tells programs the same', async () => {
    const getCalibration = () => ({ status: { run: learning }, proposal })
    const { stdout } = await run({ getCalibration }, 'calibrate finish -o json')
    const document = JSON.parse(stdout)
    assert.equal(document.schema, 'idsd.calibration_proposal.v1')
    assert.deepEqual(document.thresholds[2].problem, '100 of 10,000 flows have the highest score')
    assert.deepEqual(document.sources[0].decisions, ['d7'])
    assert.equal(document.run.learning, true)
  })

  it('finish --apply puts it in force as the user behind sudo, and says how to undo it', async () => {
    const applyCalibration = changed({ status: { run: learning, site }, proposal })
    const { code, stdout } = await run({ applyCalibration }, 'calibrate finish --apply --force --reason ok')
    assert.equal(code, 0)
    assert.deepEqual(said(daemon.requests[0]!.request), {
      ...{ alerts: 1, include: [], exclude: [], force: true, reason: 'ok', caller: 'alice' },
    })
    assert.match(stdout, /^these thresholds are in force from here on\n/)
    assert.match(stdout, /mode +detect; idsctl mode prevent gives back what was before\n/)
    assert.match(stdout, /undo +idsctl calibrate clear\n/)
  })

  it('cancel and clear say what is gone', async () => {
    const cancelled = await run({ cancelCalibration: changed({}) }, 'calibrate cancel')
    assert.match(cancelled.stdout, /^threw away what was learnt from 12,345 flows\n/)
    await daemon.close()
    const cleared = await run(
      { clearCalibration: changed({ status: { run: learning, site } }) },
      'calibrate clear',
    )
    assert.match(cleared.stdout, /^the fitted thresholds are out of force\n/)
    assert.match(cleared.stdout, /undo +idsctl calibrate finish --apply\n$/)
  })

  const wrong = ['finish --alerts 0', 'finish --alerts 1e3', 'finish --include nonsense', 'start --for 0s']
  for (const line of wrong) {
    it(`refuses ${line} without a call`, async () => {
      const { code } = await run({}, `calibrate ${line}`)
      assert.deepEqual([code, daemon.requests.length], [2, 0])
    })
  }

  it('is on the page of the status', async () => {
    const model = { ...sample.model, calibrated: true, mayBlock: true }
    const { stdout } = await run({ getStatus: () => ({ ...sample, model, calibration: { site } }) }, 'status')
    assert.match(stdout, /calibration +in force since .*, from 12,345 flows\n/)
    assert.match(stdout, /model +spine 1, threshold 0\.9, calibrated, may block, /)
  })
})
