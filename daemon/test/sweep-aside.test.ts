/** A sweep beside the main thread: the table is swept, and the loop goes on meanwhile. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { readFlowCount } from '../src/kernel/counters.js'
import { sweepAside } from '../src/kernel/sweep.js'
import { fromClient } from './conversation.js'
import { loadUnavailable, openPrograms } from './loaded-programs.js'

const skip = skipOrFail(loadUnavailable())

test('a sweep aside leaves flows that are not over', { skip }, async () => {
  const programs = openPrograms({ replay: false })
  try {
    const { binding, path } = programs
    for (let port = 1; port <= 50; port++) programs.ingress(fromClient({ srcPort: port }), 0)
    assert.equal(readFlowCount(binding, path), 50)
    const calm = { hasFlows: true, pressure: () => false, needRoom: false }
    assert.equal(await sweepAside(binding, path, calm), 0)
    assert.equal(readFlowCount(binding, path), 50, 'a flow that is not over was ended')
    programs.sweep(0, { flush: true })
    assert.equal(readFlowCount(binding, path), 0)
  } finally {
    programs.close()
  }
})

test('the main thread goes on while a sweep runs, and what fails is a KernelError', { skip }, async () => {
  const programs = openPrograms()
  try {
    const { binding, path } = programs
    const order: string[] = []
    const swept = sweepAside(binding, path, { hasFlows: true, pressure: () => false, needRoom: false }).then(
      () => order.push('swept'),
    )
    order.push('main')
    await swept
    assert.deepEqual(order, ['main', 'swept'])
    const wrong = { ...path, programFd: () => 9_999 }
    await assert.rejects(
      sweepAside(binding, wrong, { hasFlows: true, pressure: () => false, needRoom: false }),
      {
        code: 'ERR_KERNEL',
        errnoName: 'EBADF',
      },
    )
  } finally {
    programs.close()
  }
})
