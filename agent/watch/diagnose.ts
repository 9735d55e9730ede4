import { setImmediate } from 'node:timers/promises'
import { lifetimes } from '../../base/lifetime.ts'
import type { Clock } from '../../drivers/ports/clock.ts'
import { rfc3339 } from '../clock.ts'
import { processState } from '../process/process-state.ts'
import { packageVersion } from '../version.ts'
import type { Diagnosis } from './diagnosis.ts'

/** What the agent is at. Reads no table and begins no transaction: it answers whatever the journal waits for. */
export async function diagnose(clock: Pick<Clock, 'now'>): Promise<Diagnosis> {
  const askedMs = performance.now()
  await setImmediate()
  const loop_lag_ms = Math.round(performance.now() - askedMs)
  const { pid, residentBytes, openFiles } = processState()
  return {
    at: rfc3339(clock.now()),
    agent: {
      ...{ version: packageVersion(), pid, up_ms: Math.round(performance.now()), loop_lag_ms },
      ...{ memory_bytes: residentBytes, open_files: openFiles ?? null },
    },
    nodes: lifetimes(),
  }
}
