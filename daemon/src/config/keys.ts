/**
 * Every key of the configuration file, once: where it is, what it takes, its default, what it means. Validation,
 * `--print-config`, the example file and the reload rule all read this table.
 */

import { scheduledLists } from './scheduled-lists.js'
import {
  absolutePath,
  accountName,
  addressList,
  allowList,
  decimal,
  endpoint,
  flag,
  integer,
  interfaceList,
  type Kind,
  listOf,
  oneOf,
  orWord,
  portList,
  ringBytes,
  socketPath,
  targetList,
} from './values.js'

/** One key. `fallback` is written as a person would write it in the file. */
export interface Key<Value> extends Kind<Value> {
  readonly fallback: unknown
  readonly doc: string
  /** True when SIGHUP is enough for a change to take effect. */
  readonly isReloadable: boolean
}

export interface KeyTable {
  readonly [name: string]: Key<unknown> | KeyTable
}

const LOGIN_PORTS = [21, 22, 23, 2323, 3389, 5900]
const WITHIN = 'Within this time, seconds.'
const SUSTAINED = 'Sustained for so long, seconds.'
const UNANSWERED = 'And at least this share unanswered or reset, percent.'

export const keys = {
  interfaces: key(
    interfaceList(),
    [],
    'Interfaces to protect; ["any"] takes every Ethernet interface that is there at the start.',
  ),
  mode: live(
    oneOf('prevent', 'detect'),
    'prevent',
    '"detect": automatic decisions only count; what the operator blocks is dropped in both modes.',
  ),
  on_exit: live(
    oneOf('keep', 'detach'),
    'keep',
    '"keep": programs and blocks stay in the kernel when idsd stops; "detach": both go.',
  ),
  user: key(
    accountName(),
    'idsd',
    'User that idsd becomes once it is attached, with the capabilities it still needs; "" or "root": it stays root.',
  ),
  paths: {
    db: key(absolutePath(), '/var/lib/idsd/idsd.db', 'Database of decisions, alerts, flows and the audit.'),
    socket: key(
      socketPath(),
      '/run/idsd/idsd.sock',
      'Socket for idsctl, mode 0660, group idsd where that exists.',
    ),
    bpffs: key(
      absolutePath(),
      '/sys/fs/bpf/idsd',
      'Folder on a bpffs for pinned maps and links, one below it per interface.',
    ),
    run_dir: key(absolutePath(), '/run/idsd', 'Folder of the lock files, one per interface.'),
  },
  kernel: {
    xdp_mode: key(
      oneOf('native', 'generic', 'auto'),
      'auto',
      '"auto": native, else generic with a warning; "native": no fallback.',
    ),
    flows: key(
      orWord(integer(1_024, 16_777_216), 'auto', null),
      'auto',
      'Flow table entries per interface. "auto": memory / 64 / 512 bytes, a power of two from 16,384 to 1,048,576.',
    ),
    blocks: key(integer(1_024, 16_777_216), 262_144, 'Room for blocked addresses.'),
    prefixes: key(integer(1_024, 4_194_304), 65_536, 'Room for blocked prefixes.'),
    allow: key(integer(64, 1_048_576), 4_096, 'Room for allowed addresses and prefixes.'),
    limiters: key(integer(16, 65_535), 4_096, 'Room for rate limits: one for each entry that limits.'),
    new_flow_budget_per_s: key(
      integer(100, 100_000_000),
      50_000,
      'New flows per second and CPU; above it only their source is counted.',
    ),
    sources: key(integer(1_024, 16_777_216), 65_536, 'Room for sources that are counted above that budget.'),
    ring_urgent_bytes: key(
      ringBytes(),
      1_048_576,
      'Ring for records that wake the daemon, bytes, a power of two.',
    ),
    ring_bulk_bytes: key(
      ringBytes(),
      33_554_432,
      'Ring for records that wait for the timer, bytes, a power of two.',
    ),
    sweep_ms: key(
      integer(100, 60_000, 'milliseconds'),
      1_000,
      'Interval at which flows that are over leave the table, milliseconds.',
    ),
    drain_ms: key(
      integer(1, 1_000, 'milliseconds'),
      20,
      'Interval at which the bulk ring is emptied, milliseconds.',
    ),
    reconcile_s: key(
      integer(1, 300, 'seconds'),
      15,
      'Time in which all maps are compared with the store; what differs is repaired within twice that, seconds.',
    ),
  },
  detect: {
    scan_vertical: {
      ports: live(integer(2, 1_000), 20, 'Distinct ports of one host that make a scan.'),
      window_s: live(decimal(1, 3_600, 'seconds'), 15, WITHIN),
      unanswered_percent: live(decimal(1, 100, 'percent'), 80, UNANSWERED),
      points: points(60),
    },
    scan_horizontal: {
      hosts: live(integer(2, 1_000), 20, 'Distinct hosts on one port that make a scan.'),
      window_s: live(decimal(1, 3_600, 'seconds'), 60, WITHIN),
      unanswered_percent: live(decimal(1, 100, 'percent'), 80, UNANSWERED),
      points: points(60),
    },
    slow_scan: {
      ports: live(integer(2, 1_000), 40, 'Distinct closed ports, on all hosts together, that make a scan.'),
      window_s: live(decimal(1, 86_400, 'seconds'), 600, WITHIN),
      unanswered_percent: live(decimal(1, 100, 'percent'), 80, UNANSWERED),
      points: points(60),
    },
    login: {
      connections: live(integer(2, 1_000), 10, 'Connections to one login port that make a password guesser.'),
      window_s: live(decimal(1, 3_600, 'seconds'), 60, WITHIN),
      ports: live(portList(), LOGIN_PORTS, 'The login ports.'),
      points: points(60),
      max_seconds: live(
        decimal(0.001, 3_600, 'seconds'),
        5,
        'Only connections shorter than this count, seconds.',
      ),
      max_bytes_back: live(
        integer(1, 1_073_741_824, 'bytes'),
        4_096,
        'Only connections that got less than this back count, bytes.',
      ),
    },
    syn_flood: {
      syns_per_s: live(
        integer(1, 100_000_000),
        1_000,
        'SYNs per second to one host that lead to no connection.',
      ),
      window_s: live(decimal(0.1, 60, 'seconds'), 2, SUSTAINED),
      points: points(60),
    },
    rate: {
      packets_per_s: live(
        integer(1, 100_000_000),
        1_000,
        'Packets per second of one source in flows without two-way proof.',
      ),
      factor: live(decimal(1, 1_000_000), 5, 'And so many times what the source used to send.'),
      window_s: live(decimal(0.1, 60, 'seconds'), 2, SUSTAINED),
      points: points(30),
    },
    connections: {
      open: live(integer(2, 1_000), 100, 'Connections to one port of one host, open at once.'),
      idle_percent: live(decimal(1, 100, 'percent'), 80, 'And at least this share of them idle, percent.'),
      idle_s: live(decimal(0.1, 100, 'seconds'), 5, 'An idle one was open for at least this, seconds.'),
      max_bytes: live(
        integer(1, 1_073_741_824, 'bytes'),
        1_024,
        'And sent less than this without any answer, bytes.',
      ),
      window_s: live(
        decimal(1, 3_600, 'seconds'),
        10,
        'While this lasts it fires once in this time, seconds.',
      ),
      points: points(60),
    },
    udp_flood: {
      packets_per_s: live(
        integer(1, 100_000_000),
        1_000,
        'UDP packets per second to one host without an answer.',
      ),
      window_s: live(decimal(0.1, 60, 'seconds'), 2, SUSTAINED),
      points: points(60),
    },
    icmp_flood: {
      packets_per_s: live(
        integer(1, 100_000_000),
        1_000,
        'ICMP packets per second to one host without an answer.',
      ),
      window_s: live(decimal(0.1, 60, 'seconds'), 2, SUSTAINED),
      points: points(60),
    },
    exfiltration: {
      factor: live(
        decimal(1, 1_000_000),
        10,
        'Bytes out of one internal host, as a multiple of its own past.',
      ),
      min_bytes: live(
        integer(1, 1_000_000_000_000_000, 'bytes'),
        100_000_000,
        'And at least so many, bytes.',
      ),
      window_s: live(decimal(1, 86_400, 'seconds'), 300, WITHIN),
      past_windows: live(integer(1, 1_000), 3, 'Such windows that the past of a host must have.'),
      internal: live(
        targetList(),
        [],
        'Internal addresses and prefixes besides the own ones; empty: those of RFC 1918 and RFC 4193.',
      ),
      points: points(0),
    },
  },
  policy: {
    block_at_points: live(decimal(1, 100_000), 100, 'Points at which a source is blocked.'),
    block_s: live(integer(1, 31_536_000, 'seconds'), 600, 'For how long the first time, seconds.'),
    repeat_factor: live(decimal(1, 1_000), 4, 'Each repeat lasts so many times the block before.'),
    repeat_window_days: live(
      decimal(0.01, 365, 'days'),
      7,
      'A block within this time after another is a repeat, days; one no longer than unproven_block_s does not count.',
    ),
    max_block_s: live(integer(1, 31_536_000, 'seconds'), 86_400, 'No block by itself is longer, seconds.'),
    unproven_block_s: live(
      integer(1, 60, 'seconds'),
      60,
      'Longest block of a source that has not proven to receive what is sent to it, seconds.',
    ),
    proof_lasts_s: live(
      integer(1, 86_400, 'seconds'),
      600,
      'So long after its last packet a proven flow counts for its address: only without any is a source unproven, seconds.',
    ),
    points_last_s: live(
      integer(1, 86_400, 'seconds'),
      60,
      'How long points count at least, seconds; those of a detector count for twice its window if that is longer.',
    ),
    model_may_block: live(flag(), false, 'true: the points of the model alone may block.'),
    model_points: live(decimal(1, 10_000), 5, 'Points of a model hit; each flow counts once.'),
    model_points_cap: live(
      decimal(0, 100_000),
      40,
      'Most points the model can give one source, unless model_may_block.',
    ),
    site_addresses: live(
      integer(0, 64),
      3,
      'Blocked IPv6 addresses of one /64 that make one entry of the /64, unless another of it is in honest use; 0: never.',
    ),
    site_window_s: live(decimal(0.1, 86_400, 'seconds'), 600, WITHIN),
    ladder: live(
      listOf('observe', 'limit', 'syn_drop', 'drop', 'reject'),
      ['drop'],
      'What a proven source gets, one step up with each repetition within repeat_window_days.',
    ),
    unproven_ladder: live(
      listOf('observe', 'limit', 'syn_drop', 'drop', 'reject'),
      ['drop'],
      'The same of a source without any proven flow; limit and syn_drop spare flows, drop and reject last unproven_block_s at most.',
    ),
    spoofable_ladder: live(
      listOf('observe', 'limit', 'syn_drop'),
      ['limit', 'syn_drop'],
      'The same of a source in honest use whose evidence may be forged; flows are spared.',
    ),
    limit_pps: live(
      integer(1, 1_000_000_000, 'packets per second'),
      100,
      'What the step limit lets through, packets per second.',
    ),
    step_s: live(
      integer(1, 86_400, 'seconds'),
      60,
      'How long a step lasts that is neither drop nor reject, seconds.',
    ),
    decay_s: live(
      integer(1, 31_536_000, 'seconds'),
      3_600,
      'For each such time without a decision a source comes down one step, seconds.',
    ),
  },
  enforce: {
    lease_s: live(
      integer(1, 86_400, 'seconds'),
      60,
      'Automatic blocks lapse in the kernel when the daemon shows no sign of life for so long, seconds.',
    ),
    lease_expired: live(
      oneOf('lapse', 'keep'),
      'lapse',
      '"keep": they stay until they expire; what an operator blocked does in both.',
    ),
  },
  breaker: {
    window_s: live(
      decimal(0.1, 3_600, 'seconds'),
      60,
      'Blocks of one origin (a detector, the model) count together within this time, seconds.',
    ),
    good_addresses: live(
      integer(1, 1_000),
      3,
      'Blocks of so many known-good addresses trip its breaker: then it only counts.',
    ),
    known_good_s: live(
      decimal(0.1, 86_400, 'seconds'),
      600,
      'Known good is who was in proven two-way traffic for so long, seconds.',
    ),
    share_percent: live(
      decimal(0.1, 100, 'percent'),
      20,
      'Blocks of addresses with more than this share of the proven two-way bytes trip it too, percent.',
    ),
    share_after_s: live(
      decimal(0, 86_400, 'seconds'),
      60,
      'Of these, only addresses in such traffic for so long count: an attack is younger, seconds.',
    ),
    mean_s: live(
      decimal(0.1, 86_400, 'seconds'),
      600,
      'Time over which bytes are counted and the mean of packets is taken, seconds.',
    ),
    model_addresses: live(
      integer(1, 65_536),
      600,
      'Blocks by the model of more addresses than this trip it while the line is quiet.',
    ),
    quiet_factor: live(decimal(1, 1_000), 2, 'Quiet is less than so many times the mean of packets.'),
    trip_s: live(
      decimal(0.1, 86_400, 'seconds'),
      600,
      'For how long the first time, seconds; each time twice the time before.',
    ),
    max_trip_s: live(
      decimal(0.1, 604_800, 'seconds'),
      86_400,
      'No trip is longer, and after so long without one it begins anew, seconds.',
    ),
  },
  calibrate: {
    for_s: live(
      integer(1, 31_536_000, 'seconds'),
      86_400,
      'How long idsctl calibrate start learns what this site does when it is not told, seconds.',
    ),
    save_s: live(
      integer(1, 3_600, 'seconds'),
      60,
      'What was learnt is kept so often, seconds; sources that fired in such a time do not count in it.',
    ),
    min_flows: live(integer(1, 1_000_000_000), 1_000, 'Thresholds from fewer flows are refused.'),
  },
  model: {
    dir: key(
      orWord(orWord(absolutePath(), 'none', null), 'shipped', undefined),
      'shipped',
      'Folder of a model bundle; "shipped": the one that came with idsd; "none": no model.',
    ),
    threshold: live(
      orWord(decimal(0, 1), 'manifest', null),
      'manifest',
      'Score that makes a hit; "manifest": the one the bundle names.',
    ),
  },
  guards: {
    resolvers: live(addressList(), [], 'Resolvers never to block, besides those of /etc/resolv.conf.'),
    management_ports: live(
      portList(),
      [22],
      'Peers of long-lived connections to these TCP ports are never blocked.',
    ),
    peer_min_age_s: live(
      integer(0, 86_400, 'seconds'),
      120,
      'How long such a connection must be open, seconds (120 is the LoginGraceTime of sshd).',
    ),
  },
  allow: {
    entries: live(
      allowList(),
      [],
      'Never blocked and no alert; log_only = true in an entry keeps its alerts. E.g. [{ target = "192.0.2.0/24", reason = "office" }].',
    ),
  },
  lists: {
    scheduled: live(
      scheduledLists(),
      [],
      'Lists that are imported again and again from a file or a command; see the section on lists.',
    ),
    upload_s: live(
      integer(1, 3_600, 'seconds'),
      60,
      'Longest time that the entries of idsctl import may take to arrive, and that it may wait for its turn before, seconds.',
    ),
    command_timeout_s: live(
      integer(1, 3_600, 'seconds'),
      60,
      'Time after which a command that prints a list is killed, seconds.',
    ),
    retry_s: live(
      integer(1, 3_600, 'seconds'),
      60,
      'Wait after a scheduled import that failed, or a list that the kernel did not take; doubled each time, seconds.',
    ),
    keep_ended_s: live(
      integer(0, 2_592_000, 'seconds'),
      3_600,
      'How long a list that is over is kept, should the wall clock have been wrong, seconds.',
    ),
    max_bytes: live(
      integer(1_024, 1_073_741_824, 'bytes'),
      134_217_728,
      'Most that such a file or command may give, also unpacked, bytes.',
    ),
  },
  metrics: {
    listen: key(
      orWord(endpoint(), 'off', null),
      '127.0.0.1:9478',
      'Address of /metrics, /healthz and /readyz; "off": none.',
    ),
  },
  grpc: {
    listen: key(
      orWord(endpoint(), 'off', null),
      'off',
      'TCP address of the gRPC service, with mutual TLS only; "off": the socket alone.',
    ),
    ca: key(orWord(absolutePath(), 'none', null), 'none', 'PEM file of the authority that signs clients.'),
    cert: key(orWord(absolutePath(), 'none', null), 'none', 'PEM file of the certificate of idsd.'),
    key: key(orWord(absolutePath(), 'none', null), 'none', 'PEM file of its private key.'),
    revoked: live(
      orWord(absolutePath(), 'none', null),
      'none',
      'File of serial numbers of client certificates that are called back, as idsctl pki revoke writes it.',
    ),
    operator_group: key(
      accountName(),
      'idsd',
      'Its members may do everything over the socket; "": only root and who started idsd through sudo.',
    ),
    reader_group: key(
      accountName(),
      'idsd-read',
      'Its members may look at everything over the socket and change nothing; "": nobody.',
    ),
  },
  log: {
    level: live(
      oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
      'info',
      'Least severity that is written.',
    ),
    format: key(oneOf('auto', 'json', 'pretty'), 'auto', '"auto": pretty on a terminal, else JSON.'),
    file: key(orWord(absolutePath(), '-', null), '-', 'File to append to; "-": standard output.'),
  },
  store: {
    max_age_days: live(
      integer(1, 3_650, 'days'),
      7,
      'Flows, and alerts without a decision, older than this are removed, days.',
    ),
    max_bytes: key(
      integer(16_777_216, 1_099_511_627_776, 'bytes'),
      2_147_483_648,
      'Size of the database above which flows are removed, benign ones first, the oldest first, bytes.',
    ),
    features_min_score: live(
      decimal(0, 1),
      0.5,
      'Flows with a score from here on are stored with their features.',
    ),
    sample_percent: live(
      decimal(0, 100, 'percent'),
      1,
      'Share of all other flows that is stored with its features, by flow id, percent.',
    ),
  },
  events: {
    file: key(
      orWord(absolutePath(), 'none', null),
      'none',
      'File of alerts, decisions and flows, one JSON object a line; "none": none.',
    ),
    max_bytes: key(
      orWord(integer(65_536, 1_099_511_627_776, 'bytes'), 'none', null),
      104_857_600,
      'Size at which it becomes file.1 and a new one begins, bytes; "none": others rotate it.',
    ),
    keep: key(integer(1, 1_000), 5, 'Rotated files that stay.'),
    flows: live(
      oneOf('anomalous', 'all', 'none'),
      'anomalous',
      'Flows that are written when they end; "anomalous": those that a detector or the model named.',
    ),
  },
}

/** One leaf of the table with its dotted path, in the order of the file. */
export interface KeyEntry {
  readonly path: string
  readonly key: Key<unknown>
}

export const keyEntries: readonly KeyEntry[] = [...entriesOf(keys, '')]

export function isKey(value: Key<unknown> | KeyTable): value is Key<unknown> {
  return 'schema' in value && 'expected' in value
}

function* entriesOf(table: KeyTable, prefix: string): Generator<KeyEntry> {
  for (const [name, value] of Object.entries(table)) {
    if (isKey(value)) yield { path: prefix + name, key: value }
    else yield* entriesOf(value, `${prefix}${name}.`)
  }
}

function key<Value>(kind: Kind<Value>, fallback: unknown, doc: string): Key<Value> {
  return { ...kind, fallback, doc, isReloadable: false }
}

/** What a detector gives. */
function points(fallback: number): Key<number> {
  return live(decimal(0, 10_000), fallback, 'Points each time it fires; 0: an alert only.')
}

/** A key that SIGHUP can change. */
function live<Value>(kind: Kind<Value>, fallback: unknown, doc: string): Key<Value> {
  return { ...kind, fallback, doc, isReloadable: true }
}
