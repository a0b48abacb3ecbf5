/** The tables, as steps from one version to the next. A step is never changed once it was released; add one. */

import type { Database } from 'better-sqlite3'
import { keyOfBytes } from './flow-key.js'
import { StoreError } from './store-error.js'

/**
 * Times end in their unit. Addresses of decisions and alerts are kept as text and, to be found by prefix, as 16 bytes in
 * network order (IPv4 in ::ffff:0:0/96), so that a CIDR is a range of an index. For those of flows see flow-key.ts.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    first_key BLOB NOT NULL,
    last_key BLOB NOT NULL,
    action TEXT NOT NULL,
    origin TEXT NOT NULL,
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    ended_ms INTEGER NOT NULL,
    evidence TEXT NOT NULL
  ) STRICT;
  CREATE INDEX decisions_active ON decisions (number) WHERE state = 'active';
  CREATE INDEX decisions_by_time ON decisions (created_ms);
  CREATE INDEX decisions_by_target ON decisions (first_key, last_key);

  CREATE TABLE allow_entries (
    target TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    source TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    caller TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    decisions TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (at_ms);

  CREATE TABLE flows (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    ifindex INTEGER NOT NULL,
    src TEXT NOT NULL,
    dst TEXT NOT NULL,
    src_key BLOB NOT NULL,
    dst_key BLOB NOT NULL,
    src_port INTEGER NOT NULL,
    dst_port INTEGER NOT NULL,
    protocol INTEGER NOT NULL,
    start_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    packets_fwd INTEGER NOT NULL,
    packets_bwd INTEGER NOT NULL,
    bytes_fwd INTEGER NOT NULL,
    bytes_bwd INTEGER NOT NULL,
    syn_count INTEGER NOT NULL,
    fin_count INTEGER NOT NULL,
    rst_count INTEGER NOT NULL,
    tcp_state INTEGER NOT NULL,
    end_reason INTEGER NOT NULL,
    marks INTEGER NOT NULL,
    score REAL
  ) STRICT;
  CREATE INDEX flows_by_time ON flows (last_us);
  CREATE INDEX flows_by_src ON flows (src_key);
  CREATE INDEX flows_by_dst ON flows (dst_key);

  CREATE TABLE alerts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    source_key BLOB NOT NULL,
    ports TEXT NOT NULL,
    decision_number INTEGER NOT NULL,
    evidence TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_by_time ON alerts (at_ms);
  CREATE INDEX alerts_by_source ON alerts (source_key);
  `,
  // Beside the decisions, because it changes often and their evidence is long.
  `
  CREATE TABLE decision_hits (
    number INTEGER PRIMARY KEY,
    packets INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TRIGGER decision_hits_leave AFTER DELETE ON decisions BEGIN
    DELETE FROM decision_hits WHERE number = old.number;
  END;
  `,
  // Flows: narrow rows, one index that a search can answer from alone, and nothing that is in random order: an index of
  // addresses costs a page per flow when the sources are forged. What schema 2 knew moves over. The table is not STRICT,
  // because a key is a number or bytes.
  `
  ALTER TABLE decisions ADD COLUMN kind TEXT NOT NULL DEFAULT 'block';
  UPDATE decisions SET kind = 'would_block' WHERE mode = 'detect' AND origin IN ('detector', 'model');

  ALTER TABLE alerts ADD COLUMN detector TEXT NOT NULL DEFAULT '';
  ALTER TABLE alerts ADD COLUMN severity TEXT NOT NULL DEFAULT '';
  ALTER TABLE alerts ADD COLUMN source TEXT NOT NULL DEFAULT '';
  UPDATE alerts SET detector = evidence ->> 'detector', severity = evidence ->> 'severity',
    source = evidence ->> 'source';
  DROP INDEX alerts_by_time;
  CREATE INDEX alerts_by_time ON alerts (at_ms, source_key, detector, severity);
  CREATE INDEX alerts_by_decision ON alerts (decision_number);
  UPDATE alerts SET decision_number = 0
    WHERE NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.number = alerts.decision_number);
  CREATE INDEX alerts_undecided ON alerts (at_ms) WHERE decision_number = 0 OR decision_number >= 2147483648;
  CREATE TRIGGER decision_alerts_leave AFTER DELETE ON decisions BEGIN
    UPDATE alerts SET decision_number = 0 WHERE decision_number = old.number;
  END;

  CREATE TABLE alert_flows (
    flow_id INTEGER NOT NULL,
    alert_number INTEGER NOT NULL,
    PRIMARY KEY (flow_id, alert_number)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO alert_flows
    SELECT cited.value ->> 'id', number FROM alerts, json_each(alerts.evidence, '$.flows') AS cited;
  CREATE TRIGGER alert_flows_leave AFTER DELETE ON alerts BEGIN
    DELETE FROM alert_flows WHERE alert_number = old.number
      AND flow_id IN (SELECT value ->> 'id' FROM json_each(old.evidence, '$.flows'));
  END;

  ALTER TABLE flows RENAME TO old_flows;
  CREATE TABLE flows (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    ifindex INTEGER NOT NULL,
    src_key INTEGER NOT NULL,
    dst_key INTEGER NOT NULL,
    src_port INTEGER NOT NULL,
    dst_port INTEGER NOT NULL,
    protocol INTEGER NOT NULL,
    start_us INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    packets_fwd INTEGER NOT NULL,
    packets_bwd INTEGER NOT NULL,
    bytes_fwd INTEGER NOT NULL,
    bytes_bwd INTEGER NOT NULL,
    syn_count INTEGER NOT NULL,
    fin_count INTEGER NOT NULL,
    rst_count INTEGER NOT NULL,
    tcp_state INTEGER NOT NULL,
    end_reason INTEGER NOT NULL,
    marks INTEGER NOT NULL,
    reasons INTEGER NOT NULL,
    score REAL
  );
  INSERT INTO flows
    SELECT id, seq, kind, ifindex, flow_key(src_key), flow_key(dst_key), src_port, dst_port, protocol, start_us,
      last_us, packets_fwd, packets_bwd, bytes_fwd, bytes_bwd, syn_count, fin_count, rst_count, tcp_state,
      end_reason, marks, 0, score
    FROM old_flows ORDER BY id;
  DROP TABLE old_flows;
  UPDATE flows SET reasons = (
    SELECT max(detector = 'scan_vertical') + 2 * max(detector = 'login') + 4 * max(detector = 'model')
    FROM alert_flows JOIN alerts ON alerts.number = alert_number WHERE flow_id = flows.id
  ) WHERE id IN (SELECT flow_id FROM alert_flows);
  CREATE INDEX flows_by_time ON flows (last_us, src_key, dst_key, src_port, dst_port);
  CREATE INDEX flows_anomalous ON flows (last_us, src_key, dst_key, src_port, dst_port, score, reasons)
    WHERE score >= 0.5 OR reasons <> 0;

  CREATE TABLE feature_sets (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    names TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE flow_features (
    flow_id INTEGER PRIMARY KEY,
    feature_set INTEGER NOT NULL,
    score REAL,
    features BLOB NOT NULL
  ) STRICT;
  CREATE TRIGGER flow_features_leave AFTER DELETE ON flows BEGIN
    DELETE FROM flow_features WHERE flow_id = old.id;
  END;
  `,
  // Entries that end or only log; why an operator asked, and what was so before and after.
  `
  ALTER TABLE allow_entries ADD COLUMN expires_ms INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE allow_entries ADD COLUMN log_only INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE audit ADD COLUMN reason TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit ADD COLUMN before TEXT NOT NULL DEFAULT '';
  ALTER TABLE audit ADD COLUMN after TEXT NOT NULL DEFAULT '';
  `,
  // At most one panic.
  `
  CREATE TABLE panic (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  `,
  // Origins that lost the power to block.
  `
  CREATE TABLE breakers (
    origin TEXT PRIMARY KEY,
    tripped_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    length_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    bundle TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What is learnt of this site, and the thresholds that were fitted to it.
  `
  CREATE TABLE calibration (
    part TEXT PRIMARY KEY,
    document TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // At most one trial; settings that stand above the file: 0 what is applied, 1 what was before.
  `
  CREATE TABLE trial (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE TABLE applied (
    age INTEGER PRIMARY KEY CHECK (age IN (0, 1)),
    text TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  `,
  // Imported lists; their entries in parts, of a version that the row names.
  `
  CREATE TABLE lists (
    name TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL,
    entries INTEGER NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    dropped_packets INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE list_parts (
    version INTEGER NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (version, part)
  ) STRICT;
  CREATE TABLE list_numbers (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
  ) STRICT;
  INSERT INTO list_numbers VALUES (1, 0);
  `,
  // The ladder of actions: what a limit lets through, whether flows are spared, and which step was taken.
  `
  ALTER TABLE decisions ADD COLUMN limit_unit TEXT NOT NULL DEFAULT '';
  ALTER TABLE decisions ADD COLUMN limit_per_second REAL NOT NULL DEFAULT 0;
  ALTER TABLE decisions ADD COLUMN spares_flows INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decisions ADD COLUMN ladder TEXT NOT NULL DEFAULT '';
  ALTER TABLE decisions ADD COLUMN step INTEGER NOT NULL DEFAULT 0;
  `,
  // Beside a total the counters in the kernel that it goes up to, so that the next start adds what came later, once; maps,
  // and tables of lists, that are in the totals to their end.
  `
  ALTER TABLE decision_hits ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN limited INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN maps INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN read_packets INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN read_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN read_passed INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE decision_hits ADD COLUMN read_limited INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE settled_maps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    maps INTEGER NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE list_readings (
    list INTEGER NOT NULL,
    table_number INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (table_number, list)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER list_readings_leave AFTER DELETE ON lists BEGIN
    DELETE FROM list_readings WHERE list = old.number;
  END;
  CREATE INDEX decisions_revivable ON decisions (expires_ms) WHERE state = 'expired' AND origin = 'operator';
  `,
  // What an imported list lets through, where it limits.
  `
  ALTER TABLE lists ADD COLUMN limit_unit TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN limit_per_second REAL NOT NULL DEFAULT 0;
  `,
]

export const SCHEMA_VERSION = STEPS.length

/**
 * Brings a database to this version, each step in a transaction of its own.
 * @param to an earlier version, for tests
 * @throws StoreError `ERR_STORE_NEWER` when it was written by a newer idsd
 */
export function migrate(database: Database, to: number = SCHEMA_VERSION): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      'ERR_STORE_NEWER',
      `${database.name}: schema version ${version} is newer than ${SCHEMA_VERSION}, the newest this idsd knows; ` +
        'start the idsd that wrote it, or give another file with --db',
    )
  }
  // What a step cannot say in SQL.
  database.function('flow_key', { deterministic: true }, keyOfBytes as (bytes: unknown) => unknown)
  for (let step = version; step < to; step++) {
    database.transaction(() => {
      database.exec(STEPS[step]!)
      database.pragma(`user_version = ${step + 1}`)
    })()
  }
}
