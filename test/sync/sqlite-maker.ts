import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'

/** Is at making a file for a while, as it is before it has its log; says so first. */
const [, , file = ''] = process.argv
const db = new Database(file)
db.exec('BEGIN IMMEDIATE')
process.stdout.write('makes\n')
await pause(300)
db.close()
