/** What detectors and policy take from the configuration, in their own units. */

import type { Config } from './config/config.js'

/** What the configuration says about the policy, in its units. */
export function policyOptions({ policy }: Config) {
  return {
    blockAtPoints: policy.blockAtPoints,
    blockMs: policy.blockS * 1000,
    repeatFactor: policy.repeatFactor,
    repeatWindowMs: policy.repeatWindowDays * 86_400_000,
    maxBlockMs: policy.maxBlockS * 1000,
    unprovenBlockMs: policy.unprovenBlockS * 1000,
    pointsLastMs: policy.pointsLastS * 1000,
    modelPointsCap: policy.modelPointsCap,
    modelMayBlock: policy.modelMayBlock,
    ladder: policy.ladder,
    unprovenLadder: policy.unprovenLadder,
    spoofableLadder: policy.spoofableLadder,
    limitPps: policy.limitPps,
    stepMs: policy.stepS * 1000,
    decayMs: policy.decayS * 1000,
  }
}

/** How long who has proven to receive what is sent to it counts as such. */
export function pathProofOptions({ policy }: Config) {
  return { holdsMs: policy.proofLastsS * 1000 }
}

/** When several addresses of an IPv6 /64 are one. */
export function neighboursOptions({ policy }: Config) {
  return { addresses: policy.siteAddresses, windowMs: policy.siteWindowS * 1000 }
}

/** When a breaker trips, what it knows addresses by, and when the line is quiet. */
export function breakerOptions({ breaker }: Config) {
  return {
    trip: {
      windowMs: breaker.windowS * 1000,
      goodAddresses: breaker.goodAddresses,
      knownGoodMs: breaker.knownGoodS * 1000,
      share: breaker.sharePercent / 100,
      shareAfterMs: breaker.shareAfterS * 1000,
      modelAddresses: breaker.modelAddresses,
      tripMs: breaker.tripS * 1000,
      maxTripMs: breaker.maxTripS * 1000,
    },
    known: { windowMs: breaker.meanS * 1000 },
    rate: {
      windowMs: breaker.windowS * 1000,
      meanMs: breaker.meanS * 1000,
      quietFactor: breaker.quietFactor,
    },
  }
}

/** What the configuration says of detectors, in their words. */
export function detectorOptions({ detect, policy }: Config) {
  const { scanVertical, scanHorizontal, slowScan, login, synFlood, rate } = detect
  const { connections, udpFlood, icmpFlood, exfiltration } = detect
  const scan = (count: number, table: { windowS: number; unansweredPercent: number; points: number }) => ({
    count,
    windowMs: table.windowS * 1000,
    unansweredShare: table.unansweredPercent / 100,
    points: table.points,
  })
  const flood = (perSecond: number, { windowS, points }: { windowS: number; points: number }) => ({
    perSecond,
    windowMs: windowS * 1000,
    points,
  })
  return {
    scanVertical: scan(scanVertical.ports, scanVertical),
    scanHorizontal: scan(scanHorizontal.hosts, scanHorizontal),
    slowScan: scan(slowScan.ports, slowScan),
    login: {
      connections: login.connections,
      windowMs: login.windowS * 1000,
      maxMs: login.maxSeconds * 1000,
      maxBytesBack: login.maxBytesBack,
      ports: login.ports,
      points: login.points,
    },
    synFlood: flood(synFlood.synsPerS, synFlood),
    rate: { ...flood(rate.packetsPerS, rate), factor: rate.factor },
    connections: {
      open: connections.open,
      idleShare: connections.idlePercent / 100,
      idleMs: connections.idleS * 1000,
      maxBytes: connections.maxBytes,
      windowMs: connections.windowS * 1000,
      points: connections.points,
    },
    udpFlood: flood(udpFlood.packetsPerS, udpFlood),
    icmpFlood: flood(icmpFlood.packetsPerS, icmpFlood),
    exfiltration: {
      factor: exfiltration.factor,
      minBytes: exfiltration.minBytes,
      windowMs: exfiltration.windowS * 1000,
      pastWindows: exfiltration.pastWindows,
      internal: exfiltration.internal,
      points: exfiltration.points,
    },
    modelPoints: policy.modelPoints,
  }
}

/** How long a leased entry is in force after a beat, us; 0 = always. */
export function leaseUs({ enforce }: Pick<Config, 'enforce'>): number {
  return enforce.leaseExpired === 'keep' ? 0 : enforce.leaseS * 1_000_000
}
