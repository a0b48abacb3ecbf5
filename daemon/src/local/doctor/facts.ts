/** What the doctor knows before it judges: gathered in one place, so that every check is a function of values. */

/** One interface that is looked at. */
export interface LinkFacts {
  readonly name: string
  readonly isUp: boolean
  /** `ARPHRD_*`; 1 = Ethernet. */
  readonly hardwareType: number
  /** Bytes. */
  readonly mtu: number
  readonly xdpMode: 'none' | 'native' | 'generic' | 'offload' | 'multi'
  /** Undefined without a program, and without root. */
  readonly xdpProgram: string | undefined
  /** As `ethtool -i` names it; undefined where it does not tell. */
  readonly driver: string | undefined
  /** Large receive offload; undefined where the interface does not tell. */
  readonly hasLro: boolean | undefined
  /** The card takes VLAN tags off; undefined where the interface does not tell. */
  readonly hasVlanOffload: boolean | undefined
  /** Names of VLAN interfaces above it. */
  readonly vlans: readonly string[]
}

/** What the running daemon says of itself; a part of the contract's `Status`. */
export interface DaemonFacts {
  readonly version: string
  /** `MODE_PREVENT` or `MODE_DETECT`. */
  readonly mode: string
  readonly interfaces: readonly {
    readonly name: string
    readonly xdpMode: string
    readonly egressHook: string
    readonly frags: boolean
  }[]
  readonly maps: readonly {
    readonly name: string
    readonly entries: number
    readonly capacity: number
    readonly bytes: number
  }[]
  readonly model: {
    readonly loaded: boolean
    readonly name: string
    readonly version: string
    readonly threshold: number
    readonly mayBlock: boolean
    /** Its threshold was fitted to this site. */
    readonly calibrated: boolean
    readonly problem: string
  } | null
  /** What it runs as; null of an older daemon. */
  readonly privilege: {
    readonly user: string
    readonly uid: number
    readonly capabilities: readonly string[]
    readonly problem: string
  } | null
  /** Losses by cause since its start. */
  readonly lost: Readonly<Record<string, number>>
  /** What was learnt of this site, and what is in force; null of an older daemon. */
  readonly calibration: {
    readonly run: {
      readonly endedAtMs: number
      readonly learntMs: number
      readonly forMs: number
      readonly flows: number
    } | null
    readonly site: { readonly modelSha256: string; readonly forced: string } | null
  } | null
  /** All enforcement is stopped; null when it is not. */
  readonly panic: {
    readonly by: string
  } | null
  /** The change that is on trial; null when there is none. */
  readonly trial: {
    readonly what: string
    readonly by: string
    readonly leftMs: number
  } | null
  /** Detectors, or the model, that lost the power to block. */
  readonly breakers: readonly { readonly origin: string; readonly why: string }[]
}

/** What the pinned maps say of the programs that a daemon left. */
export interface PinnedFacts {
  /** How long all enforcement is stopped, ms; 0 = it is not, Infinity = until it is ended. */
  readonly panicMs: number
  /** How long a change on trial is in force unless it is confirmed, ms; 0 = none is. */
  readonly trialMs: number
}

/** What the daemon says of imported lists. */
export interface ListsFacts {
  /** Kernel memory, bytes. */
  readonly bytes: number
  readonly imported: readonly {
    readonly name: string
    readonly entries: number
    /** Of the last import, wall time, ms. */
    readonly createdAtMs: number
    /** The kernel has it. */
    readonly loaded: boolean
  }[]
  /** Those that the configuration names. */
  readonly scheduled: readonly {
    readonly name: string
    readonly everyS: number
    /** Wall time, ms. */
    readonly dueAtMs: number
    readonly running: boolean
    /** Since an import was done. */
    readonly failedTimes: number
    readonly problem: string
  }[]
}

/** Address translation in this network namespace. */
export interface NatFacts {
  /** Packets go from one interface to another. */
  readonly isForwarding: boolean
  /** Rules that change the source, by kind: `masquerade`, `snat`; undefined when the rules could not be read. */
  readonly sourceRules: number | undefined
  /** Rules that change the destination: `dnat`, `redirect`; undefined when the rules could not be read. */
  readonly destinationRules: number | undefined
  /** Docker's bridges. */
  readonly dockerBridges: readonly string[]
}

export interface HostFacts {
  /** As `uname -r`. */
  readonly kernel: string
  readonly isRoot: boolean
  readonly memoryBytes: number
  readonly links: readonly LinkFacts[]
  /** Why interfaces could not be looked at; '' when they could. */
  readonly linksProblem: string
  /** A bpffs is mounted at /sys/fs/bpf. */
  readonly hasBpffs: boolean
  /** The kernel carries its own types (BTF). */
  readonly hasBtf: boolean
  /** Interfaces with pins of an idsd; undefined when they could not be read. */
  readonly pinned: readonly string[] | undefined
  /** Undefined when there are none, they could not be read, or a daemon answers. */
  readonly left: PinnedFacts | undefined
  readonly clocksource: string | undefined
  /** Something keeps the wall clock; undefined where the kernel could not be asked. */
  readonly isSynchronised: boolean | undefined
  readonly nat: NatFacts
  /** Undefined when no daemon answers. */
  readonly daemon: DaemonFacts | undefined
  /** Why none answers; '' when one does. */
  readonly daemonProblem: string
  /** Undefined when no daemon tells. */
  readonly lists: ListsFacts | undefined
  /** Wall time, ms. */
  readonly nowMs: number
}

/** A kernel's version without its distribution's suffix: major and minor. NaN where the text is no version. */
export function kernelVersion(release: string): readonly [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? []
  return [Number(major), Number(minor)]
}

/** Whether a kernel is at least this one. */
export function isAtLeast(release: string, major: number, minor: number): boolean {
  const [a, b] = kernelVersion(release)
  return a > major || (a === major && b >= minor)
}
