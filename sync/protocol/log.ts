/** Log fields of the sync and the receiver. The writer of the log must list each name: it omits others. */
export const SYNC_LOG_FIELDS = [
  ...(['target', 'code', 'acked', 'seq', 'retry_ms', 'ms', 'error'] as const),
  ...(['agent', 'chain', 'epoch', 'subject', 'reason', 'standing', 'only_here', 'not_here'] as const),
] as const

type Fields = { readonly [Name in (typeof SYNC_LOG_FIELDS)[number]]?: unknown }

export type Log = {
  info(fields: Fields, message: string): void
  warn(fields: Fields, message: string): void
  error(fields: Fields, message: string): void
}
