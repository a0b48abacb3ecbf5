/** The tables, as steps from one version to the next. A step is never changed once it was released; add one. */

import type { Database } from 'better-sqlite3'
import { StoreError } from './store-error.js'

/**
 * Times end in their unit. Addresses are kept as text and, to be found by prefix, as 16 bytes in network order (IPv4 in
 * ::ffff:0:0/96), so that a CIDR is a range of an index.
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
]

export const SCHEMA_VERSION = STEPS.length

/**
 * Brings a database to this version, each step in a transaction of its own.
 * @throws StoreError `ERR_STORE_NEWER` when it was written by a newer idsd
 */
export function migrate(database: Database): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      'ERR_STORE_NEWER',
      `${database.name}: schema version ${version} is newer than ${SCHEMA_VERSION}, the newest this idsd knows; ` +
        'start the idsd that wrote it, or give another file with --db',
    )
  }
  for (let step = version; step < SCHEMA_VERSION; step++) {
    database.transaction(() => {
      database.exec(STEPS[step]!)
      database.pragma(`user_version = ${step + 1}`)
    })()
  }
}
