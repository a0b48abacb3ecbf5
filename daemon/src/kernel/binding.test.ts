import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelCall } from './binding.js'

test('a fault keeps its words through a call inside a call', () => {
  const fault = Object.assign(new Error('refused'), {
    operation: 'open /sys/fs/bpf/idsd/eth0/settings',
    errno: 1,
    errnoName: 'EPERM',
    detail: '',
  })
  const inner = () =>
    kernelCall(() => {
      throw fault
    })
  assert.throws(() => kernelCall(inner), {
    code: 'ERR_KERNEL',
    errnoName: 'EPERM',
    message: /settings failed: EPERM$/,
  })
})
