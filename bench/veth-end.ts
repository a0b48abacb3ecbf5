/**
 * One end of the comparison on veth, a program of its own because it lives in a network namespace:
 * `drop DEVICE COUNT` drops COUNT sources of 10.0.0.0/8 by XDP until it is stopped;
 * `send DEVICE MAC ADDRESS COUNT FRAMES` sends live frames from those sources and prints what one took.
 */

import { fileURLToPath } from 'node:url'
import { type Binding, kernelCall, loadBinding } from '../daemon/src/kernel/binding.js'
import { tcpPacket } from '../lab/packet.js'
import { openRig, type Rig } from './rig.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** 10.0.0.0 */
export const firstSource = 0x0a00_0000
/** BPF_F_TEST_XDP_LIVE_FRAMES of linux/bpf.h. */
const liveFrames = 2

export function sourceAddress(number: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, firstSource + number)
  return bytes
}

function indexOf(binding: Binding, device: string): number {
  const found = binding.interfaces().find(({ name }) => name === device)
  if (found === undefined) throw new Error(`no interface ${device} in this namespace`)
  return found.index
}

function drop(binding: Binding, rig: Rig, device: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const bytes = sourceAddress(i)
    rig.blockList.set(
      { family: 4, bytes, prefix: 32, text: bytes.join('.'), isPrefix: false },
      { decision: i, action: 1, origin: 1, reason: 1, expiresBootUs: 0 },
    )
  }
  // The link ends with this process.
  kernelCall(() => binding.attachXdp(rig.programFd('idsd_ingress'), indexOf(binding, device), 'native'))
  process.stdout.write('ready\n')
  setInterval(() => {}, 60_000)
}

function send(binding: Binding, rig: Rig, [device, mac, address, count, frames]: readonly string[]): void {
  rig.plan({
    ...{ count: Number(count), net: firstSource, ifindex: indexOf(binding, device!) },
  })
  const frame = tcpPacket({
    ...{ src: '10.0.0.1', dst: address!, srcPort: 40_000, dstPort: 80, flags: 'S' },
    ...{ dstMac: mac!, minBytes: 60 },
  })
  const program = rig.programFd('bench_generate')
  const burst = (size: number) =>
    kernelCall(() => binding.testRun(program, frame, undefined, size, liveFrames))
  burst(1_000)
  const before = process.hrtime.bigint()
  burst(Number(frames))
  const ns = Number(process.hrtime.bigint() - before) / Number(frames)
  process.stdout.write(`${JSON.stringify({ ns })}\n`)
}

const [mode, ...args] = process.argv.slice(2)
const binding = loadBinding(root)
const rig = openRig({ binding, root })
if (mode === 'drop') drop(binding, rig, args[0]!, Number(args[1]))
else send(binding, rig, args)
