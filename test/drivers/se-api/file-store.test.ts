// @module-tag heavy
import { cpSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileStore } from '../../../drivers/se-api/file-store.ts'
import { newState, stateAfter } from '../../../drivers/se-api/state.ts'
import type { SeLog, SeState, SeStore } from '../../../drivers/se-api/store.ts'

let directory: string
let store: FileStore

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'file-store-'))
  store = new FileStore({ directory })
  await store.load()
})
afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

function logOf(counter: number): SeLog {
  const transaction = Math.ceil(counter / 2)
  return {
    counter,
    kind: 'Tra',
    operation: counter % 2 === 1 ? 'Start' : 'Finish',
    transaction,
    clientId: `till-${transaction % 3}`,
    timeMs: 1_785_000_000_000 + counter * 1000,
    message: Buffer.alloc(200 + (counter % 50), counter % 256),
  }
}

async function fill(target: SeStore, from: number, to: number, start = newState(0)): Promise<SeState> {
  let state = start
  for (let counter = from; counter <= to; counter += 1) {
    const log = logOf(counter)
    state = stateAfter(state, log, log.message.length)
    await target.commit(log, state)
  }
  return state
}

async function counters(target: SeStore, from: number): Promise<readonly number[]> {
  const all: number[] = []
  for await (const log of target.logs(from)) all.push(log.counter)
  return all
}

async function reopened(at = directory): Promise<{ store: FileStore; state: SeState | undefined }> {
  const again = new FileStore({ directory: at })
  const { state } = await again.load()
  return { store: again, state }
}

test('committed logs are read again, byte for byte, while the store stays open', async () => {
  const state = await fill(store, 1, 700)
  const again = await reopened()
  expect(again.state).toEqual(state)
  expect(await counters(again.store, 1)).toEqual(Array.from({ length: 700 }, (_, i) => i + 1))
  for await (const log of again.store.logs(700)) expect(log).toEqual(logOf(700))
  await again.store.close()
})

test('a reading begins at any counter and ends with the last log that existed when it began', async () => {
  const state = await fill(store, 1, 600)
  expect((await counters(store, 513))[0]).toBe(513)
  const reading = store.logs(590)
  await reading.next()
  await fill(store, 601, 602, state)
  const rest: number[] = []
  for await (const log of reading) rest.push(log.counter)
  expect(rest.at(-1)).toBe(600)
})

test('every transaction is found, the oldest like the newest, and none that is not', async () => {
  await fill(store, 1, 2001)
  for (const transaction of [1, 2, 127, 128, 129, 500, 999, 1000])
    expect((await store.transaction(transaction)).map((log) => log.counter)).toEqual([
      2 * transaction - 1,
      2 * transaction,
    ])
  expect((await store.transaction(1001)).map((log) => log.operation)).toEqual(['Start'])
  expect(await store.transaction(1002)).toEqual([])
})

test('a tail torn at any byte is cut, and writing continues after the last complete log', async () => {
  await fill(store, 1, 10)
  await store.close()
  const path = join(directory, 'logs-1.bin')
  const before = (await stat(path)).size
  await store.load()
  await fill(store, 11, 11, (await reopened()).state)
  const whole = await readFile(path)
  for (let size = before; size < whole.length; size += 13) {
    const copy = join(directory, `torn-${size}`)
    await mkdir(copy)
    for (const name of ['state.json', 'index-1.bin']) await copyFile(join(directory, name), join(copy, name))
    await writeFile(join(copy, 'logs-1.bin'), whole.subarray(0, size))
    const torn = await reopened(copy)
    expect(torn.state?.signatureCounter).toBe(10)
    await fill(torn.store, 11, 12, torn.state)
    expect(await counters(torn.store, 10)).toEqual([10, 11, 12])
    await torn.store.close()
  }
})

test('a lost, torn or too new snapshot costs time, not logs', async () => {
  const state = await fill(store, 1, 1500)
  await store.close()
  for (const spoil of [
    () => rm(join(directory, 'state.json')),
    () => writeFile(join(directory, 'state.json'), '{"gener'),
    () => truncate(join(directory, 'index-1.bin'), 10),
  ]) {
    await spoil()
    const again = await reopened()
    expect(again.state).toEqual(state)
    expect((await again.store.transaction(700)).length).toBe(2)
    await again.store.close()
  }
})

test('writing continues after logs that a power cut left shorter than their snapshot, also if a kill follows', async () => {
  await fill(store, 1, 40)
  await store.close()
  const path = join(directory, 'logs-1.bin')
  await truncate(path, (await stat(path)).size - 13)
  const { store: cut, state } = await reopened()
  expect(state?.signatureCounter).toBe(39)
  // Another log than the torn one: no record begins at the end of the snapshot.
  const other = { ...logOf(40), message: Buffer.alloc(300) }
  const next = stateAfter(state ?? newState(0), other, other.message.length)
  await cut.commit(other, next)
  const after = await fill(cut, 41, 60, next)
  // Not closed.
  const { store: again, state: seen } = await reopened()
  expect(seen).toEqual(after)
  expect(await counters(again, 1)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
})

test('damage in the middle is reported, not skipped', async () => {
  await fill(store, 1, 50)
  await store.close()
  const path = join(directory, 'logs-1.bin')
  const bytes = await readFile(path)
  bytes[3000] = (bytes[3000] ?? 0) ^ 1
  await writeFile(path, bytes)
  const again = await reopened()
  await expect(counters(again.store, 1)).rejects.toMatchObject({ code: 'unavailable' })
  await again.store.close()
})

test('a state without its own log survives', async () => {
  const state = await fill(store, 1, 3)
  await store.save({ ...state, clients: ['till-1'] })
  const again = await reopened()
  expect(again.state?.clients).toEqual(['till-1'])
  await again.store.close()
})

test('deleted logs leave the disk, a reader that has begun still reads them, counters continue', async () => {
  const state = await fill(store, 1, 1000)
  const path = join(directory, 'logs-1.bin')
  const sizeBefore = (await stat(path)).size
  const reading = store.logs(1)
  await reading.next()
  const deletion: SeLog = { ...logOf(1001), kind: 'Sys', operation: 'deleteStoredData', transaction: undefined }
  const next = { ...stateAfter(state, deletion, 10), deletedUpTo: 1000, usedBytes: 10 }
  await store.commit(deletion, next)
  let read = 1
  for await (const _ of reading) read += 1
  expect(read).toBe(1000)
  await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  expect((await stat(join(directory, 'logs-2.bin'))).size).toBeLessThan(sizeBefore / 100)
  const again = await reopened()
  expect(again.state).toEqual(next)
  expect(await counters(again.store, 1)).toEqual([1001])
  await again.store.close()
})

test('synced writes are the same writes', async () => {
  const synced = new FileStore({ directory: join(directory, 'synced'), sync: true })
  await synced.load()
  const state = await fill(synced, 1, 20)
  const again = await reopened(join(directory, 'synced'))
  expect(again.state).toEqual(state)
  await again.store.close()
  await synced.close()
})

test('opening reads no more than what came after the last snapshot', async () => {
  const state = await fill(store, 1, 30_000)
  await store.close()
  const path = join(directory, 'logs-1.bin')
  const size = (await stat(path)).size
  // Were the beginning read, these zeros would end the log here.
  const bytes = await readFile(path)
  bytes.fill(0, 0, Math.floor(size / 2))
  await writeFile(path, bytes)
  const again = await reopened()
  expect(again.state).toEqual(state)
  expect((await stat(path)).size).toBe(size)
  expect((await again.store.transaction(14_999)).length).toBe(2)
  await again.store.close()
})

test('a process that ends during a deletion holds the remaining logs, as before or as after the deletion', async () => {
  // Neither closed nor full enough for a snapshot.
  let before = newState(0)
  for (let counter = 1; counter <= 600; counter += 1) {
    const log = { ...logOf(counter), message: Buffer.alloc(2000, counter % 256) }
    before = stateAfter(before, log, log.message.length)
    await store.commit(log, before)
  }
  const after = { ...before, deletedUpTo: 100 }
  let isDone = false
  const deleting = store.save(after).finally(() => {
    isDone = true
  })
  const left: string[] = []
  while (!isDone) {
    const copy = `${directory}-${left.length}`
    cpSync(directory, copy, { recursive: true })
    left.push(copy)
    await turn()
  }
  await deleting
  expect(left.length).toBeGreaterThan(2)
  for (const copy of left) {
    const again = await reopened(copy)
    expect([before, after]).toContainEqual(again.state)
    expect((await counters(again.store, 101)).length).toBe(500)
    await again.store.close()
  }
})
