import { statSync } from 'node:fs'
import { pause, stayAlive, systemClock } from '../../../base/clock.ts'
import type { Holder } from '../../journal/disk/holders.ts'
import { holdersOf, isWriter } from '../../journal/disk/holders.ts'
import { lockHolder } from '../../journal/disk/lock.ts'
import { journalPath } from '../../journal/journal-file.ts'
import type { Finding } from './finding.ts'
import { caution, failure } from './finding.ts'
import { processName } from './processes.ts'

/** A single statement of another program takes less time. */
const AGAIN_MS = 1000
const LARGE_LOG_BYTES = 64_000_000
const CHECK = 'journal lock'

/** Other programs that lock the journal, or read it while its log is large. */
export async function checkJournalLock(state: string, againMs = AGAIN_MS): Promise<Finding[]> {
  const database = journalPath(state)
  const first = foreignHolders(state, database)
  if (first.length === 0) return []
  const leave = stayAlive()
  await pause(systemClock, againMs)
  leave()
  const held = foreignHolders(state, database).filter(({ pid, use }) =>
    first.some((before) => before.pid === pid && before.use === use),
  )
  const writer = held.find(isWriter)
  if (writer !== undefined)
    return [
      failure(
        CHECK,
        `${named(writer)} has a write transaction open in ${database}`,
        'end that program, or its transaction: the agent continues automatically',
      ),
    ]
  const reader = held.find(({ use }) => use === 'read')
  const bytes = statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (reader === undefined || bytes < LARGE_LOG_BYTES) return []
  const message = `${named(reader)} reads ${database}, and its log has ${Math.floor(bytes / 1e6)} MB`
  return [caution(CHECK, message, 'end that program: the agent then checkpoints the log automatically')]
}

/** `process 812 (sqlite3)`; undefined if no other program prevents writes to the journal. */
export function journalWriter(state: string): string | undefined {
  const writer = foreignHolders(state, journalPath(state)).find(isWriter)
  return writer && named(writer)
}

function foreignHolders(state: string, database: string): Holder[] {
  const agent = lockHolder(state)
  return holdersOf(database).filter(({ pid }) => pid !== agent)
}

function named({ pid }: Holder): string {
  return `process ${pid} (${processName(pid)})`
}
