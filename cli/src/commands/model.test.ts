import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { meanModel, tinyBundle } from '../../../daemon/src/score/tiny-model.js'
import { runIdsctl } from '../../test/run-idsctl.js'

const check = { rows: [{ features: [0, 0], score: 0.5 }] }

describe('idsctl model', () => {
  it('show without a folder tells the shipped model: features, threshold, severities, data, figures', async () => {
    const { code, stdout, stderr } = await runIdsctl(['model', 'show'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^flow-\w+ \d+\.\d+\.\d+\n/)
    assert.match(stdout, /role +flow classifier\n/)
    assert.match(stdout, /sha256 +[0-9a-f]{64}\n/)
    assert.match(stdout, /severity +low from 0\.\d+, medium from .*critical from/)
    assert.match(stdout, /Features: 31\n {2}Flow Duration, /)
    assert.match(stdout, /cicids2017_train\.csv\.gz +CIC-IDS2017 +99,657 +21,622/)
    assert.match(stdout, /fingerprint [0-9a-f]{64}\n/)
    assert.match(stdout, /CIC-IDS2017: I\. Sharafaldin/)
    assert.match(stdout, /TEST ROWS +BENIGN +ATTACK +F1/)
  })

  it('show tells a bundle of others as a document, with what idsd does not compute', async (t) => {
    const features = ['Flow Duration', 'Magic']
    const manifest = { features, output: undefined, training: { by: 'hand' }, trained_on_cuts: [4, 'end'] }
    const dir = tinyBundle(t, { manifest })
    const { code, stdout } = await runIdsctl(['model', 'show', dir, '-o', 'json'])
    const { schema, training, metrics, missing_features, output, trained_on_cuts } = JSON.parse(stdout)
    assert.deepEqual([code, schema, output], [0, 'idsd.model.v1', null])
    assert.deepEqual([training, metrics], [{ by: 'hand' }, {}])
    assert.deepEqual([missing_features, trained_on_cuts], [['Magic'], [4, 'end']])
    const page = await runIdsctl(['model', 'show', dir])
    assert.match(page.stdout, /! idsd does not compute Magic: always 0/)
    assert.match(page.stdout, /and at 4 packets/)
  })

  it('show of a folder without a bundle says which file is missing and exits 1', async () => {
    const { code, stdout, stderr } = await runIdsctl(['model', 'show', '/nonexistent'])
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /model bundle \/nonexistent: manifest\.json cannot be read \(ENOENT\)/)
  })

  it('verify of the shipped model passes every check', async () => {
    const { code, stdout, stderr } = await runIdsctl(['model', 'verify'])
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/).slice(0, 2).join(' ')),
      ['ok files', 'ok features', 'ok graph', 'ok scores'],
    )
  })

  it('verify tells the check that failed, the ones that were not reached, and exits 1', async (t) => {
    const dir = tinyBundle(t, { model: meanModel(3) })
    const { code, stdout, stderr } = await runIdsctl(['model', 'verify', dir])
    assert.equal(code, 1)
    assert.match(stdout, /^failed +graph .*takes 3 features, manifest\.json names 2\nskipped +scores/m)
    assert.match(stderr, /1 check failed of/)
  })

  it('verify as a document says whether all is well', async (t) => {
    const dir = tinyBundle(t)
    writeFileSync(join(dir, 'check.json'), JSON.stringify(check))
    const { code, stdout } = await runIdsctl(['model', 'verify', dir, '-o', 'jsonl'])
    const { schema, ok, checks } = JSON.parse(stdout)
    assert.deepEqual([code, schema, ok, checks.length], [0, 'idsd.model_checks.v1', true, 4])
  })

  for (const words of [['model'], ['model', 'show'], ['model', 'verify']]) {
    it(`the help of "${words.join(' ')}" has examples`, async () => {
      const { code, stdout } = await runIdsctl([...words, '--help'])
      assert.equal(code, 0)
      assert.match(stdout, /Examples:\n {2}idsctl model/)
    })
  }
})
