import type { Application } from '../till/application.ts'
import type { Warning } from '../watch/warnings.ts'
import { reportedWarningOf, warningOf } from '../watch/warnings.ts'

type Options = {
  sync: Application['sync']
  /** True if that target has refused our token for long. */
  isTokenRefused: (target: string) => boolean
}
type Row = ReturnType<Application['sync']>[number]

export function syncWarnings({ sync, isTokenRefused }: Options): Warning[] {
  return sync().flatMap((row) => {
    const target = String(row['target'])
    const error = row['last_error'] as { code?: unknown; message?: unknown } | null | undefined
    const detail = typeof error?.message === 'string' ? error.message : undefined
    const { warning } = row
    const halt = haltOf(row, error?.code)
    return [
      // The state of the current epoch hides that of the previous one.
      ...(Number(row['stranded']) > 0 ? [warningOf('sync_stranded', { target, detail })] : []),
      ...(halt === undefined ? [] : [warningOf(halt, { target, detail })]),
      ...(isTokenRefused(target) ? [warningOf('sync_token_refused', { target, detail })] : []),
      ...(typeof warning === 'string'
        ? [reportedWarningOf(warning, { target, detail, fields: lagFields(row, error?.code) })]
        : []),
    ]
  })
}

/** Why a person must look at a target; undefined while the sync continues automatically. */
function haltOf({ state }: Row, code: unknown) {
  if (state === 'forked') return 'sync_forked'
  if (state !== 'stalled') return undefined
  if (code === 'stale_epoch') return 'sync_replaced'
  return code === 'sync_claim_unproven' ? 'sync_claim_unproven' : 'sync_stalled'
}

function lagFields(row: Row, code: unknown) {
  const cause = typeof code === 'string' ? code : undefined
  return { unacked: Number(row['unacked']), oldest_s: Math.round(Number(row['oldest_unacked_seconds'])), cause }
}
