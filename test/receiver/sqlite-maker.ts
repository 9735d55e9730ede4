import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'

/** Takes a while to make a file, as it is before it has its log; reports that first. */
const [, , file = ''] = process.argv
const db = new Database(file)
db.exec('BEGIN IMMEDIATE')
process.stdout.write('makes\n')
await pause(300)
db.close()
