/** The same traffic again and again: recorded at first, and met by what was planned from it afterwards. */

import assert from 'node:assert/strict'
import type { LabNamespace } from '../../../lab/namespaces.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../../lab/packet.js'
import { writePcap } from '../../../lab/pcap.js'
import { send, sendPath, startMs } from './harness.js'

/** A flow is told of at its 64th packet, and every flow of these ends there. */
export const packets = 64

export interface TrafficOptions {
  readonly server: LabNamespace
  /** File for a capture. */
  readonly capture: string
  /** It has the role of the server's gateway. */
  readonly attacker: LabNamespace
  /** What is sent there is neither answered nor refused. */
  readonly nobody: { readonly v4: string; readonly v6: string }
}

export interface RecordedTraffic {
  /** MAC addresses from the attacker to the server. */
  readonly link: { readonly srcMac: string; readonly dstMac: string }
  /**
   * 64 packets each of 198.51.100.1 to .4 (of .2 some leave), SYNs of 198.51.100.7, and 198.51.100.200, 203.0.113.9,
   * 203.0.113.77 and 2001:db8:66::5.
   */
  send(): Promise<void>
}

export function recordedTraffic({ server, attacker, nobody, capture }: TrafficOptions): RecordedTraffic {
  const link = { srcMac: attacker.macs.eth0 as string, dstMac: server.macs.eth0 as string }
  const udpPorts = { srcPort: 5_000, dstPort: 9_999 }
  const to = { ...link, dst: nobody.v4 }

  /** A socket of the host that talks with `far`: what its own egress drops it does not try again. */
  const converse = async (far: string, size: number, out: number, back: number) => {
    const script = `
      const socket = require('dgram').createSocket('udp4')
      let sent = 0
      const data = Buffer.alloc(${size})
      const next = () => (sent++ < ${out} ? socket.send(data, 5000, '${far}', next) : console.log('sent'))
      socket.bind(9999, next)`
    const talker = server.spawn([process.execPath, '-e', script])
    await talker.untilOutput(/sent/, startMs)
    const frame = { ...udpPorts, src: far, dst: server.addresses.v4, payload: 'y'.repeat(size) }
    await send(attacker, { frame: udpPacket({ ...link, ...frame }), count: back })
    await talker.stop()
  }

  /** Each of the frames 64 times, as one capture: 2,000 packets per second. */
  const replay = async (frames: readonly Uint8Array[]) => {
    const all = Array.from({ length: packets }, () => frames).flat()
    writePcap(
      capture,
      all.map((data, i) => ({ timeUs: i * 500, data })),
    )
    const { code, stderr } = await attacker.exec([sendPath, 'replay', '--iface', 'eth0', capture])
    assert.equal(code, 0, stderr)
  }

  return {
    link,
    async send() {
      await converse('198.51.100.2', 30, 24, packets - 24)
      const frames = [
        udpPacket({ ...to, ...udpPorts, src: '198.51.100.1', payload: 'x'.repeat(100) }),
        icmpPacket({ ...to, src: '198.51.100.3', type: 0, echoId: 7 }),
        tcpPacket({ ...to, src: '198.51.100.4', srcPort: 6_000, dstPort: 81, flags: 'A' }),
        tcpPacket({ ...to, src: '198.51.100.7', srcPort: 6_001, dstPort: 82, flags: 'S' }),
        udpPacket({ ...link, ...udpPorts, src: '2001:db8:66::5', dst: nobody.v6, payload: 'z' }),
        udpPacket({ ...to, ...udpPorts, src: '198.51.100.200', payload: 'x' }),
        udpPacket({ ...to, ...udpPorts, src: '203.0.113.9', payload: 'x' }),
        udpPacket({ ...to, ...udpPorts, src: '203.0.113.77', payload: 'x' }),
      ]
      await replay(frames)
    },
  }
}
