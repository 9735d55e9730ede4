import { codeOf } from '../../../base/thrown.ts'
import type { Members, Parts } from '../../journal/events.ts'

/** The event that ends a job. */
export type JobOutcome = { readonly kind: 'export.completed' | 'export.failed'; readonly body: Parts }

/** Completed: the members of the job for the written file. */
export function completedJob(written: Members, at: string): JobOutcome {
  const { open_session_excluded: excluded, left_out: leftOut, findings, other_tses: others, unread } = written
  const set = {
    status: 'completed',
    completed_at: at,
    ...(excluded !== undefined && { open_session_excluded: excluded }),
    ...(leftOut !== undefined && { left_out: leftOut }),
    ...(findings !== undefined && { findings }),
    ...(others !== undefined && { other_tses: others }),
    ...(unread !== undefined && { unread }),
  }
  return { kind: 'export.completed', body: { set, own: { written: { ...written, file: null } } } }
}

/** Failed: the members of the job for the reason. */
export function failedJob(error: unknown): JobOutcome {
  return { kind: 'export.failed', body: { set: { status: 'failed', error: describeError(error) } } }
}

function describeError(error: unknown): Members {
  if (!(error instanceof Error)) return { message: 'The export failed.', details: { code: 'internal_error' } }
  const more = 'details' in error ? (error.details as Members) : {}
  const code = codeOf(error) ?? 'internal_error'
  return { message: error.message, details: { ...more, code } }
}
