/**
 * Program run inside a namespace: guards eth0 as on a kernel without TCX and without XDP frames in several buffers,
 * blocks an address, and prints what the egress filter then did as one line of JSON.
 * Usage: node old-kernel-program.js BLOCKED_ADDRESS PIN_FOLDER
 */

import { createSocket } from 'node:dgram'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { attach } from '../src/kernel/attachment.js'
import { type Binding, loadBinding } from '../src/kernel/binding.js'
import { openBlockList } from '../src/kernel/block-list.js'
import { readCounters } from '../src/kernel/counters.js'
import { openDataPath } from '../src/kernel/data-path.js'
import { BlockAction, BlockOrigin, BlockReason } from '../src/kernel/wire.js'
import { parseTarget } from '../src/policy/address.js'
import { smallSizes } from './loaded-programs.js'

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** The addon as a kernel before 6.6 would let it be: TCX is an unknown attach type. */
function withoutTcx(binding: Binding): Binding {
  return Object.assign(Object.create(binding) as Binding, {
    attachTcx: () => {
      throw Object.assign(new Error('attach TCX failed'), {
        operation: 'attach TCX',
        errno: 22,
        errnoName: 'EINVAL',
        detail: '',
      })
    },
  })
}

async function send(address: string, count: number): Promise<void> {
  const socket = createSocket('udp4')
  for (let i = 0; i < count; i++) {
    await new Promise<void>((resolve) => socket.send('x', 9, address, () => resolve()))
  }
  socket.close()
}

async function main(blocked: string, pinFolder: string): Promise<void> {
  const binding = withoutTcx(loadBinding(root))
  const ifindex = binding.interfaces().find(({ name }) => name === 'eth0')?.index ?? 0
  const options = { binding, root, sizes: smallSizes, ifindex, newFlowsPerSecond: 0, hashSeed: 7 }
  const open = () => openDataPath({ ...options, frags: false })
  const path = open()
  const blockList = openBlockList({ binding, path, blocks: smallSizes.blocks, hashSeed: 7 })
  blockList.set(parseTarget(blocked, 'target'), {
    decision: 1,
    action: BlockAction.drop,
    origin: BlockOrigin.operator,
    reason: BlockReason.manual,
    expiresBootUs: 0,
  })
  const name = 'eth0'
  const first = attach({ binding, path, name, xdpMode: 'auto', pinFolder })
  await send(blocked, 5)
  await wait(50)
  const dropped = readCounters(binding, path).packets[3]

  // The next start replaces the filter in place.
  first.release()
  const next = open()
  const second = attach({ binding, path: next, name, xdpMode: 'auto', pinFolder })
  await send(blocked, 5)
  await wait(50)
  const counters = readCounters(binding, next)
  second.detach()
  const isFilterLeft = binding.detachClsact(ifindex)
  // The kernel lets go of a link a moment after its last holder.
  for (let tries = 40; tries > 0 && binding.xdpQuery(ifindex).mode !== 'none'; tries--) await wait(50)
  const xdpAfter = binding.xdpQuery(ifindex).mode
  const result = {
    frags: path.frags,
    hook: first.egressHook,
    dropped,
    passedByNext: counters.packets[2],
    isFilterLeft,
    xdpAfter,
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
  next.close()
  path.close()
}

await main(process.argv[2] ?? '', process.argv[3] ?? '')
