import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { labUnavailable, openLab, skipOrFail } from '../../lab/namespaces.js'

const program = fileURLToPath(new URL('./old-kernel-program.js', import.meta.url))

test('without TCX and frames in several buffers the egress filter is clsact, replaced in place, and leaves', {
  skip: skipOrFail(labUnavailable()),
}, async () => {
  await using lab = await openLab({ topology: 'host', tag: 'oldkern' })
  const server = lab.ns('server')
  const pins = `/sys/fs/bpf/idsd-oldkern-${process.pid}`
  const { code, stdout, stderr } = await server.exec([
    process.execPath,
    program,
    lab.ns('attacker').addresses.v4,
    pins,
  ])
  assert.equal(code, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), {
    frags: false,
    hook: 'clsact',
    dropped: 5,
    // The second load has an empty list: what it sees go out shows that it took the filter's place.
    passedByNext: 5,
    isFilterLeft: false,
    xdpAfter: 'none',
  })
})
