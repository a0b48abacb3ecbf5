/** All checks, in the order in which they are read. */

import { checkClock } from './check-clock.js'
import { checkDaemon } from './check-daemon.js'
import { checkFrames } from './check-frames.js'
import { checkKernel } from './check-kernel.js'
import { checkLists } from './check-lists.js'
import { checkLosses, checkMaps } from './check-maps.js'
import { checkModel } from './check-model.js'
import { checkNat } from './check-nat.js'
import { checkPrivilege } from './check-privilege.js'
import { checkXdp } from './check-xdp.js'
import type { HostFacts } from './facts.js'
import type { Finding } from './finding.js'

const checks: readonly ((facts: HostFacts) => Finding[])[] = [
  checkDaemon,
  checkPrivilege,
  checkXdp,
  checkFrames,
  checkKernel,
  checkClock,
  checkMaps,
  checkLosses,
  checkLists,
  checkModel,
  checkNat,
]

/** Judges what was gathered. Pure. */
export function diagnose(facts: HostFacts): Finding[] {
  return checks.flatMap((check) => check(facts))
}
