/** The clocks: the one that each packet reads, and the one on the wall. */

import type { HostFacts } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

/** Read from a device by each packet that is counted. Source: kernel Documentation/timers, drivers/clocksource. */
const slowSources = new Set(['hpet', 'acpi_pm', 'jiffies', 'pit'])

export function checkClock({ clocksource, isSynchronised }: HostFacts): Finding[] {
  return [finding('clocksource', '', judgeSource(clocksource)), finding('ntp', '', judgeNtp(isSynchronised))]
}

function judgeSource(source: string | undefined): Said {
  if (source === undefined) return { level: 'unknown', found: 'the kernel does not tell its clocksource' }
  if (!slowSources.has(source)) return { level: 'ok', found: source }
  return {
    level: 'warning',
    found: `${source}, which is slow to read`,
    consequence: 'every packet reads the clock: the path costs many times as much',
    fix: 'see why the kernel gave up its own (dmesg | grep -i clocksource), e.g. tsc=reliable on a machine whose TSC is',
  }
}

function judgeNtp(isSynchronised: boolean | undefined): Said {
  if (isSynchronised === true) return { level: 'ok', found: 'synchronised' }
  if (isSynchronised === undefined) {
    return { level: 'unknown', found: 'the kernel could not be asked whether the wall clock is kept' }
  }
  return {
    level: 'warning',
    found: 'the wall clock is not synchronised',
    consequence:
      'times of decisions and flows do not agree with other logs; blocks run on the time since boot and end as they ' +
      'should, but for their end after a reboot',
    fix: 'timedatectl set-ntp true, or chrony',
  }
}
