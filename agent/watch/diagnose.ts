import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { lifetimes } from '../../base/lifetime.ts'
import { packageVersion } from '../../base/version.ts'
import type { Journal } from '../journal/journal.ts'
import { journalPath } from '../journal/journal-file.ts'
import { processState } from '../process/process-state.ts'
import type { Diagnosis } from './diagnosis.ts'
import { JournalLook } from './journal-look.ts'

/**
 * The running work of the agent. Reads no table and begins no transaction, so it answers even if the journal is
 * blocked.
 */
export async function diagnose(clock: Pick<Clock, 'now'>, look?: JournalLook): Promise<Diagnosis> {
  const askedMs = performance.now()
  await setImmediate()
  const loop_lag_ms = Math.round(performance.now() - askedMs)
  const { pid, residentBytes, openFiles } = processState()
  const journal = look?.facts()
  return {
    at: rfc3339(clock.now()),
    agent: {
      version: packageVersion(),
      pid,
      up_ms: Math.round(performance.now()),
      loop_lag_ms,
      memory_bytes: residentBytes,
      open_files: openFiles ?? null,
    },
    ...(journal && { journal: { log_bytes: journal.log_bytes } }),
    nodes: [...(journal?.locks ?? []), ...lifetimes()],
  }
}

/** The same for an agent with an open journal. */
export function diagnosisOf(
  stateDirectory: string,
  journal: Pick<Journal, 'lock'>,
  clock: Pick<Clock, 'now'>,
): () => Promise<Diagnosis> {
  const look = new JournalLook(journalPath(stateDirectory), () => journal.lock.heldMs)
  return () => diagnose(clock, look)
}
