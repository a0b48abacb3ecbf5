/** The configuration as the rooms see it: validated, complete, frozen. */

import type { Mode } from '../enforce/decision.js'
import type { SchedulesConfig } from '../lists/schedule.js'

export interface Config {
  /** Interface names, or exactly `['any']`. Empty only when the action is not `run`. */
  readonly interfaces: readonly string[]
  readonly mode: Mode
  /** What happens to programs and entries in the kernel when the daemon stops. */
  readonly onExit: 'keep' | 'detach'
  /** User that the daemon becomes; '' or `root`: it stays root. */
  readonly user: string
  readonly paths: PathsConfig
  readonly kernel: KernelConfig
  readonly detect: DetectConfig
  readonly policy: PolicyConfig
  readonly enforce: EnforceConfig
  readonly breaker: BreakerConfig
  readonly calibrate: CalibrateConfig
  readonly model: ModelConfig
  readonly guards: GuardsConfig
  readonly allow: AllowConfig
  readonly lists: SchedulesConfig
  readonly metrics: MetricsConfig
  readonly grpc: GrpcConfig
  readonly log: LogConfig
  readonly store: StoreConfig
  readonly events: EventsConfig
}

/** Absolute paths. */
export interface PathsConfig {
  readonly db: string
  /** Unix socket of the gRPC service. */
  readonly socket: string
  /** Folder under a bpffs; each interface pins below it. */
  readonly bpffs: string
  /** Locks, one per interface. */
  readonly runDir: string
}

export interface KernelConfig {
  readonly xdpMode: 'native' | 'generic' | 'auto'
  /** Capacity of the flow table of one interface. */
  readonly flows: number
  /** Capacity for exact addresses. */
  readonly blocks: number
  /** Capacity for entries that limit a rate. */
  readonly limiters: number
  /** Capacity for prefixes. */
  readonly prefixes: number
  /** Capacity of the allowlist. */
  readonly allow: number
  /** New flows each CPU may enter per second before only their source is counted. */
  readonly newFlowBudgetPerS: number
  /** Capacity of the table that counts sources over that budget. */
  readonly sources: number
  /** A power of two. */
  readonly ringUrgentBytes: number
  /** A power of two. */
  readonly ringBulkBytes: number
  readonly sweepMs: number
  readonly drainMs: number
  readonly reconcileS: number
}

export interface DetectConfig {
  readonly scanVertical: ScanVerticalConfig
  readonly scanHorizontal: ScanHorizontalConfig
  readonly slowScan: ScanVerticalConfig
  readonly login: LoginConfig
  readonly synFlood: SynFloodConfig
  readonly rate: RateConfig
  readonly connections: ConnectionsConfig
  readonly udpFlood: FloodConfig
  readonly icmpFlood: FloodConfig
  readonly exfiltration: ExfiltrationConfig
}

/** Common to all detectors. */
export interface DetectorConfig {
  readonly windowS: number
  /** Of each firing; 0: an alert only. */
  readonly points: number
}

export interface ScanVerticalConfig extends DetectorConfig {
  /** Distinct ports: of one host, or of `slowScan` closed ones on all hosts together. */
  readonly ports: number
  /** Share of them without an answer or reset, in percent. */
  readonly unansweredPercent: number
}

export interface ScanHorizontalConfig extends DetectorConfig {
  /** Distinct hosts on one port. */
  readonly hosts: number
  readonly unansweredPercent: number
}

export interface LoginConfig extends DetectorConfig {
  /** Connections to one login port. */
  readonly connections: number
  /** The ports that are login ports. */
  readonly ports: readonly number[]
  /** Only connections shorter than this count. */
  readonly maxSeconds: number
  /** Only connections that got less than this back count. */
  readonly maxBytesBack: number
}

export interface SynFloodConfig extends DetectorConfig {
  readonly synsPerS: number
}

export interface FloodConfig extends DetectorConfig {
  readonly packetsPerS: number
}

export interface RateConfig extends FloodConfig {
  /** So many times the source's own past. */
  readonly factor: number
}

export interface ConnectionsConfig extends DetectorConfig {
  /** Open at once to one port of one host. */
  readonly open: number
  readonly idlePercent: number
  readonly idleS: number
  /** An idle one sent less. */
  readonly maxBytes: number
}

export interface ExfiltrationConfig extends DetectorConfig {
  readonly factor: number
  readonly minBytes: number
  readonly pastWindows: number
  /** Addresses and CIDRs; empty: the private ones. */
  readonly internal: readonly string[]
}

export interface PolicyConfig {
  readonly blockAtPoints: number
  /** Length of the first block of a source. */
  readonly blockS: number
  /** Each repeat lasts so many times the block before. */
  readonly repeatFactor: number
  readonly repeatWindowDays: number
  /** No automatic block is longer; at least `blockS`. */
  readonly maxBlockS: number
  /** Longest block of a source whose path is not proven. */
  readonly unprovenBlockS: number
  /** How long a proven flow counts for its address after its last packet. */
  readonly proofLastsS: number
  /** How long points count at least. */
  readonly pointsLastS: number
  /** True when the model's points alone may reach `blockAtPoints`. */
  readonly modelMayBlock: boolean
  /** Points of one model hit; each flow counts once. */
  readonly modelPoints: number
  /** Most points the model can give one source, unless `modelMayBlock`. */
  readonly modelPointsCap: number
  /** Blocked addresses of an IPv6 /64 that make one entry of it; 0 = never. */
  readonly siteAddresses: number
  readonly siteWindowS: number
  /** Steps of a proven source. */
  readonly ladder: readonly Rung[]
  /** Steps of a source without any proven flow. */
  readonly unprovenLadder: readonly Rung[]
  /** Steps of a source in honest use whose evidence may be forged. */
  readonly spoofableLadder: readonly Exclude<Rung, 'drop' | 'reject'>[]
  /** What the step `limit` lets through. */
  readonly limitPps: number
  /** Length of a step that is neither drop nor reject. */
  readonly stepS: number
  /** One step down for so long without a decision. */
  readonly decayS: number
}

/** A step of a ladder. */
export type Rung = 'observe' | 'limit' | 'syn_drop' | 'drop' | 'reject'

export interface BreakerConfig {
  readonly windowS: number
  readonly goodAddresses: number
  readonly knownGoodS: number
  readonly sharePercent: number
  readonly shareAfterS: number
  readonly meanS: number
  readonly modelAddresses: number
  readonly quietFactor: number
  readonly tripS: number
  readonly maxTripS: number
}

export interface EnforceConfig {
  /** How long automatic blocks are in force after a sign of life of the daemon. */
  readonly leaseS: number
  /** What becomes of them afterwards. */
  readonly leaseExpired: 'lapse' | 'keep'
}

export interface CalibrateConfig {
  /** How long it learns when it is not told. */
  readonly forS: number
  /** How often what was learnt is kept. */
  readonly saveS: number
  /** Flows that thresholds need. */
  readonly minFlows: number
}

export interface ModelConfig {
  /** Absolute path of the bundle folder; null = no model. */
  readonly dir: string | null
  /** Score in [0, 1] from which a flow is a hit; null = the one of the bundle's manifest. */
  readonly threshold: number | null
}

export interface GuardsConfig {
  /** Addresses never to block, besides those of the system's resolver. */
  readonly resolvers: readonly string[]
  /** Long-lived connections to these local TCP ports are an operator's. */
  readonly managementPorts: readonly number[]
  /** How long such a connection must have been open. */
  readonly peerMinAgeS: number
}

export interface AllowConfig {
  readonly entries: readonly AllowConfigEntry[]
}

export interface AllowConfigEntry {
  /** Address or CIDR as it was written: valid, not made canonical. */
  readonly target: string
  readonly reason: string
  /** Never blocked, but what detectors find is still an alert. Absent: nothing is told of it. */
  readonly logOnly?: boolean | undefined
}

export interface Endpoint {
  /** Address or name, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

export interface MetricsConfig {
  /** null = no metrics server. */
  readonly listen: Endpoint | null
}

export interface GrpcConfig {
  /** TCP listener with mutual TLS; null = the Unix socket only. Then the three files are null too. */
  readonly listen: Endpoint | null
  /** PEM file with the authority that signs clients. */
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  /** File of serial numbers that are called back; null = none are. */
  readonly revoked: string | null
  /** Names of groups; '' = nobody. */
  readonly operatorGroup: string
  readonly readerGroup: string
}

export interface LogConfig {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  /** `auto`: pretty on a terminal, else JSON. */
  readonly format: 'auto' | 'json' | 'pretty'
  /** Absolute path; null = standard output. */
  readonly file: string | null
}

export interface StoreConfig {
  readonly maxAgeDays: number
  readonly maxBytes: number
  /** Flows with a score from here on, in [0, 1], are stored with their features. */
  readonly featuresMinScore: number
  /** Share of the others that is too. */
  readonly samplePercent: number
}

export interface EventsConfig {
  /** Absolute path; null = no event file. */
  readonly file: string | null
  /** Size at which it is rotated; null = never by idsd. */
  readonly maxBytes: number | null
  /** Rotated files that stay. */
  readonly keep: number
  readonly flows: 'anomalous' | 'all' | 'none'
}
