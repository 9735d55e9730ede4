import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { JOURNAL_FILE } from '../../agent/journal/database.ts'
import type { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'

/** What somebody with root and sqlite3 does to the journal of an agent that does not run; its triggers do not stop him. */
export function withSqlite(state: string, edit: (db: Database.Database) => void): void {
  const db = new Database(join(state, JOURNAL_FILE))
  try {
    const triggers = db
      .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all()
    for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`)
    edit(db)
    for (const { sql } of triggers) db.exec(sql)
  } finally {
    db.close()
  }
}

/** The configuration of the bench's agent, for the commands. */
export async function configOf({ config: { state } }: Bench, more: object = {}): Promise<string> {
  const file = join(dirname(state), 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(file, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices, ...more }))
  return file
}

/** A till that sells rolls for cash. */
export async function tillOf(bench: Bench): Promise<(amount: string) => Promise<void>> {
  const { id, till } = await bench.till()
  return async (amount) => {
    const open = await till.create(goods('sale', id, [[amount, '0.07']]))
    await till.complete(open, [pay('cash', amount)])
  }
}
