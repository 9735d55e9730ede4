/** Everything here can be dropped and rebuilt from the events by one command. Integers refer to events (`seq`). */
export const PROJECTION_TABLES: Readonly<Record<string, string>> = {
  // One row: the seq of the last event that the other tables show.
  projected: `
CREATE TABLE projected (seq INTEGER PRIMARY KEY) STRICT;
INSERT INTO projected VALUES (0);`,
  resource: `
CREATE TABLE resource (id TEXT PRIMARY KEY, type TEXT NOT NULL, merchant TEXT, register TEXT, seq INTEGER NOT NULL UNIQUE) STRICT, WITHOUT ROWID;
CREATE INDEX resource_list ON resource (type, seq);`,
  operation: `
CREATE TABLE operation (seq INTEGER PRIMARY KEY, merchant INTEGER NOT NULL, register INTEGER, session INTEGER, type TEXT NOT NULL, status TEXT NOT NULL) STRICT;
CREATE INDEX operation_register ON operation (register, seq);
CREATE INDEX operation_session ON operation (session, seq);`,
  // The first 8 bytes of a hash of each external_id and allocation_group that an operation has or had: few operations that
  // do not have the text now.
  operation_text: `
CREATE TABLE operation_text (hash BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (hash, seq)) STRICT, WITHOUT ROWID;`,
  // ended: the event that completed it.
  last_completed: `
CREATE TABLE last_completed (register INTEGER NOT NULL, type TEXT NOT NULL, seq INTEGER NOT NULL, ended INTEGER NOT NULL, PRIMARY KEY (register, type)) STRICT, WITHOUT ROWID;`,
  // The times between which the operations of 1,024 seqs were made: a clock may be set back, so the times need not
  // follow the order.
  operation_span: `
CREATE TABLE operation_span (block INTEGER PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL) STRICT;`,
  claim: `
CREATE TABLE claim (block INTEGER NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (block, id)) STRICT, WITHOUT ROWID;`,
  // The claims filter of the blocks before a block, so that a start need not read them.
  claim_filter: `
CREATE TABLE claim_filter (plane INTEGER PRIMARY KEY, complete INTEGER NOT NULL, bits BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;`,
  // Events that wait for an answer to their claim, an outcome of their act, or both.
  pending: `
CREATE TABLE pending (seq INTEGER PRIMARY KEY, op TEXT NOT NULL, claim BLOB, device TEXT) STRICT;`,
  session: `
CREATE TABLE session (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, register TEXT NOT NULL, state TEXT NOT NULL, cash INTEGER NOT NULL, doc TEXT NOT NULL, foreign_cash TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX session_register ON session (register, seq);
CREATE INDEX session_running ON session (register) WHERE state <> 'closed';`,
  receipt: `
CREATE TABLE receipt (register INTEGER NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (register, number)) STRICT, WITHOUT ROWID;`,
  chain_state: `
CREATE TABLE chain_state (register TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  device_transaction: `
CREATE TABLE device_transaction (device TEXT NOT NULL, number INTEGER NOT NULL, op TEXT NOT NULL, PRIMARY KEY (device, number)) STRICT, WITHOUT ROWID;`,
  // The events that name a voucher: the first 8 bytes of the SHA-256 of its number.
  voucher: `
CREATE TABLE voucher (number BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX voucher_seq ON voucher (seq);`,
  device_enrolment: `
CREATE TABLE device_enrolment (device TEXT PRIMARY KEY, serial TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  api_key: `
CREATE TABLE api_key (id TEXT PRIMARY KEY, kind TEXT NOT NULL, register TEXT, hash BLOB NOT NULL, created_at TEXT NOT NULL, revoked_at TEXT,
  certificate TEXT) STRICT, WITHOUT ROWID;`,
}
