/**
 * A step that may make a device answer (drivers/ladder.ts). `release` ends an export or command left by another client,
 * `client` registers the client again, `reopen` reopens the line to the same unit, `self_test` and `time` run only if
 * the unit wants them and no till waits. No step signs a transaction, changes a PIN or sets anything up.
 */
export type Remedy =
  | 'release'
  | 'log_in_time_admin'
  | 'log_in_admin'
  | 'log_out'
  | 'client'
  | 'reopen'
  | 'self_test'
  | 'time'
