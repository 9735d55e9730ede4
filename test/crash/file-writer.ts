import Database from 'better-sqlite3'
import { work as checkpoint } from '../../agent/journal/checkpoint-child.ts'
import { replaceConcurrently, replaceFile, writeDurably } from '../../base/durable-file.ts'

/** Writes a text to a file by the writer of that name, and is killed as soon as the file exists. */
const [, , way = '', path = '', text = ''] = process.argv
if (way === 'writeDurably') await writeDurably(path, [text.slice(0, 700), text.slice(700)], 0o600)
else if (way === 'replaceFile') replaceFile(path, text)
else if (way === 'replaceConcurrently') replaceConcurrently(path, text, 0o600)
else if (way === 'checkpoint') await checkpointed(path, text)
else throw new Error(`no way to write: ${way}`)
process.kill(process.pid, 'SIGKILL')

/** A database with many pages in its log, which the agent's own process of checkpoints empties. */
async function checkpointed(database: string, row: string): Promise<void> {
  const db = new Database(database)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('wal_autocheckpoint = 0')
  db.exec('CREATE TABLE row (text TEXT)')
  for (let count = 0; count < 50; count++) db.prepare('INSERT INTO row VALUES (?)').run(row)
  await checkpoint({ database })
}
