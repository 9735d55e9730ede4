import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'

// Another program at the journal, as sqlite3 on a terminal: each line is a statement, answered with "done" or the error.
const db = new Database(process.argv[2] ?? '', { timeout: 0 })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const statement = db.prepare(line)
    const row = statement.reader ? JSON.stringify(statement.get() ?? null) : undefined
    if (row === undefined) statement.run()
    process.stdout.write(`${row ?? 'done'}\n`)
  } catch (error) {
    process.stdout.write(`${String((error as { code?: unknown }).code)}\n`)
  }
}
