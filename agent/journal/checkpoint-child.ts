import Database from 'better-sqlite3'
import type { Checkpointed, CheckpointTask } from './log-watch.ts'

type Row = { busy: number; log: number; checkpointed: number }

/**
 * All but the end of the log goes into the database while the agent commits. The end, and emptying the log, need the
 * write lock for the time of a few pages.
 */
export async function work({ database }: CheckpointTask): Promise<Checkpointed> {
  const db = new Database(database, { fileMustExist: true, timeout: 0 })
  try {
    db.pragma('synchronous = FULL')
    const [bulk] = db.pragma('wal_checkpoint(PASSIVE)') as Row[]
    if (bulk === undefined || bulk.busy !== 0 || bulk.checkpointed < bulk.log) return { isWhole: false }
    const [end] = db.pragma('wal_checkpoint(TRUNCATE)') as Row[]
    return { isWhole: end?.busy === 0 }
  } finally {
    db.close()
  }
}
