// @module-tag heavy
import { randomBytes } from 'node:crypto'
import { cp, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { compose } from '../../agent/compose.ts'
import { placedDamage } from '../../agent/journal/damaged-place.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { systemClock } from '../../base/clock.ts'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { silentLog } from '../silent-log.ts'
import { temporaryDirectory } from './temporary-journal.ts'

const PAGE_BYTES = 8192

/** A shop's state with a day of sales, all of it in the database file; and the leaf pages of each table and index. */
async function soldState() {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  for (let sales = 0; sales < 8; sales++) await sell(register, '3.00')
  await counted(register, '74.00')
  await register.till.create(closing(register, '0.00'))
  await bench.stop()
  const directory = await temporaryDirectory()
  const state = join(directory, 'state')
  await cp(bench.config.state, state, { recursive: true, filter: (path) => !path.endsWith('.sock') })
  const db = new Database(journalPath(state))
  db.pragma('wal_checkpoint(TRUNCATE)')
  const rows = db
    .prepare<[], { name: string; page: number }>("SELECT name, pageno AS page FROM dbstat WHERE pagetype = 'leaf'")
    .all()
  db.close()
  return { config: bench.config, state, rows }
}

type Sold = Awaited<ReturnType<typeof soldState>>

/** A copy of the state in which a page of the journal was changed. */
async function withPage({ state }: Sold, page: number, spoil: Spoil): Promise<string> {
  const copy = join(await temporaryDirectory(), 'state')
  await cp(state, copy, { recursive: true })
  const file = await readFile(journalPath(copy))
  spoil(file.subarray((page - 1) * PAGE_BYTES, page * PAGE_BYTES))
  await writeFile(journalPath(copy), file)
  return copy
}

/** The error of a start; undefined if it started. */
async function startOf({ config }: Sold, state: string): Promise<unknown> {
  const random = (length: number) => randomBytes(length)
  try {
    const environment = { clock: systemClock, random, log: silentLog, fault: () => undefined, onFatal: () => undefined }
    const agent = await compose({ ...config, state }, environment)
    await agent.stop()
    return undefined
  } catch (error) {
    return error
  }
}

type Spoil = (bytes: Buffer) => void
const ZEROS: Spoil = (bytes) => bytes.fill(0)
/** A cell outside of the page. */
const CELL: Spoil = (bytes) => bytes.writeUInt16BE(0xfff0, 8)
/** What is left of a row that was cut reads as null. */
const CUT: Spoil = (bytes) => bytes.fill(0, PAGE_BYTES - 300)

test('a start names the event or the table whose page or row is damaged', async () => {
  const sold = await soldState()
  expect(await startOf(sold, await withPage(sold, 1, () => undefined))).toBeUndefined()
  const spoiled: readonly (readonly [name: string, spoil: Spoil, place: RegExp])[] = [
    ['event', ZEROS, /at seq \d+: it cannot be read/],
    ['event', CUT, /at seq \d+: its hash is wrong/],
    ['event_op', ZEROS, /in the table event:/],
    ['checkpoint', ZEROS, /in the table checkpoint:/],
    ['checkpoint', CUT, /in the table checkpoint:/],
    ['chain_start', CELL, /in the table chain_start:/],
    ['meta', ZEROS, /in the table meta:/],
    ['sqlite_schema', CELL, /in the table sqlite_schema:/],
    ['resource_list', ZEROS, /in the table resource:/],
    ['session', CELL, /in the table session:/],
    ['claim', ZEROS, /in the table claim:/],
    ['api_key', CUT, /in the table api_key:/],
    ['receipt', ZEROS, /in the table receipt:/],
  ]
  for (const [name, spoil, place] of spoiled) {
    const page = sold.rows.findLast((row) => row.name === name)?.page ?? 0
    const error = await startOf(sold, await withPage(sold, page, spoil))
    expect([name, error]).toEqual([name, expect.objectContaining({ code: 'journal_damaged' })])
    expect([name, (error as Error).message]).toEqual([name, expect.stringMatching(place)])
  }
})

test('a file that was cut off is damaged in the file, with both lengths', async () => {
  const sold = await soldState()
  const copy = await withPage(sold, 1, () => undefined)
  const { length } = await readFile(journalPath(copy))
  await truncate(journalPath(copy), length - 2 * PAGE_BYTES)
  expect(await startOf(sold, copy)).toMatchObject({
    code: 'journal_damaged',
    message: expect.stringContaining(`journal.db ends after ${length - 2 * PAGE_BYTES} of ${length} bytes`),
  })
})

test('a damaged table that is made from the events has its own remedy, and each command names it', async () => {
  const sold = await soldState()
  const page = sold.rows.find(({ name }) => name === 'resource')?.page ?? 0
  const state = await withPage(sold, page, (bytes) => bytes.fill(0))
  const place = 'in the table resource: it cannot be read'
  expect(await startOf(sold, state)).toMatchObject({
    message: expect.stringMatching(/journal rebuild.*makes the table/),
  })
  await expect(rebuildProjections(state)).rejects.toMatchObject({
    code: 'journal_damaged',
    message: expect.stringContaining(place),
  })
  const config = join(state, '..', 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(config, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices }))
  for (const command of [['run'], ['journal', 'rebuild'], ['audit', '--out', join(state, '..', 'a')]]) {
    const { code, out, err } = await fiskalEdge(...command, '--config', config)
    expect([command, code, out + err]).toEqual([command, 1, expect.stringContaining(place)])
    expect(out + err).not.toContain('Check the disk')
  }
  // The remedy of the message: a backup has all events, and starts elsewhere.
  const file = join(state, '..', 'backup')
  expect((await fiskalEdge('backup', file, '--no-secrets', '--config', config)).code).toBe(0)
  await writeFile(
    config,
    JSON.stringify({ version: 1, state: join(state, '..', 'other'), listen: { port: 0 }, devices }),
  )
  const restored = await fiskalEdge('restore', file, '--no-secrets', '--unsealed', '--nothing-lost', '--config', config)
  expect([restored.err, restored.code]).toEqual([expect.any(String), 0])
})

test('rows of zeros in a table that is made from the events are made again by a rebuild', async () => {
  const sold = await soldState()
  const page = sold.rows.find(({ name }) => name === 'api_key')?.page ?? 0
  const state = await withPage(sold, page, (bytes) => bytes.fill(0, PAGE_BYTES - 300))
  expect(await startOf(sold, state)).toMatchObject({ code: 'journal_damaged' })
  await rebuildProjections(state)
  expect(await startOf(sold, state)).toBeUndefined()
})

test('an error that is not of a damaged journal stays the same', async () => {
  const { state } = await soldState()
  for (const error of [new TypeError('a bug'), Object.assign(new Error('in use'), { code: 'EADDRINUSE' })])
    expect(placedDamage(error, state)).toBe(error)
  const elsewhere = await temporaryDirectory()
  expect(placedDamage(new TypeError('a bug'), elsewhere)).toMatchObject({ message: 'a bug' })
})
