import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { JOURNAL_FILE } from '../../agent/journal/database.ts'
import type { Till } from './load.ts'
import { startAgent, startLoad, untilAlone } from './processes.ts'
import { readDuringSales } from './read-during-sales.ts'
import type { Row } from './report.ts'
import { limitRow, ratioRow } from './report.ts'
import { keptJournal } from './start.ts'
import { median } from './statistics.ts'

const BETWEEN_FINDS_MS = 20
/** The receipts of a register before it are its opening and the sale that was copied. */
const FIRST_NUMBER = 10

/** The reads of a till that looks for an operation: one after the other. */
const FINDS: Readonly<Record<string, (register: string, number: number) => string>> = {
  'by external_id': (register, number) => `/v1/operations?external_id=${register}-${number}`,
  'by receipt number': (register, number) => `/v1/operations?register_id=${register}&receipt_number=${number}`,
  'newest with an external_id': (register, number) => `/v1/operations?order=desc&external_id=${register}-${number}`,
  'last operation': (register) => `/v1/registers/${register}/last-operation`,
}

/** Finds in a long journal while a till sells, and the start that makes the tables for them. */
export async function findSection(operations: number): Promise<Row[]> {
  const { folder, tills } = await keptJournal(operations)
  const section = `Find among ${operations.toLocaleString('en-US')} operations (floor column: nothing is looked for)`
  // The version of the tables before: the next start makes them again from the events.
  const db = new Database(join(folder, 'state', JOURNAL_FILE))
  db.prepare("UPDATE meta SET value = '0' WHERE name = 'projection_version'").run()
  db.close()
  const first = await startAgent(folder)
  const load = startLoad()
  try {
    await untilAlone(first.pid)
    const [till] = tills
    if (till === undefined) throw new Error('the journal has no till')
    const numbers = Math.floor(operations / tills.length)
    const {
      alone,
      disturbed,
      read: times,
    } = await readDuringSales(load, { url: first.url, till }, (signal) => findUntil(first.url, tills, numbers, signal))
    return [
      { section, what: 'start that makes the tables again', unit: 's', measured: first.readyMs / 1000 },
      ...Object.entries(times).map(([name, each]) =>
        limitRow({ section, what: `${name}, p50`, unit: 'ms', measured: median(each) }, 50, 'at most'),
      ),
      ratioRow({ section, what: 'sale p50, 1 client', unit: 'ms', measured: disturbed, floor: alone }, 1.5, 'at most'),
    ]
  } finally {
    await Promise.all([load.stop(), first.stop()])
  }
}

async function findUntil(
  url: string,
  tills: readonly Till[],
  numbers: number,
  signal: AbortSignal,
): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(FINDS).map((name) => [name, []]))
  for (let step = 0; !signal.aborted; step++) {
    for (const [name, pathOf] of Object.entries(FINDS)) {
      const till = tills[step % tills.length]
      if (till === undefined) continue
      const number = FIRST_NUMBER + Math.floor(Math.random() * (numbers - FIRST_NUMBER))
      const started = performance.now()
      const answer = await fetch(`${url}${pathOf(till.register, number)}`, { headers: till.headers })
      const text = await answer.text()
      times[name]?.push(performance.now() - started)
      if (answer.status !== 200 || text.startsWith('{"data":[]')) throw new Error(`${name} found nothing: ${text}`)
      await pause(BETWEEN_FINDS_MS)
    }
  }
  return times
}
