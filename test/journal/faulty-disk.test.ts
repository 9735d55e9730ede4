// @module-tag heavy
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Journal } from '../../agent/journal/journal.ts'
import { CALLS, FaultyDisk } from '../simulation/faulty-disk.ts'
import { appendNote, inOneTurn, openJournal, temporaryDirectory } from './temporary-journal.ts'

const SEEDS = 12

/** A journal on the faulty disk; returns the errors that make it fail, which would end the process. */
async function onFaultyDisk(directory: string): Promise<{ journal: Journal; fatal: Error[] }> {
  const fatal: Error[] = []
  const fault = (point: string): void => {
    if (point === 'journal.log-settled') FaultyDisk.load().settled()
  }
  const options = { clock: inOneTurn, onFatal: (error: Error) => fatal.push(error), fault }
  return { journal: await openJournal(directory, options), fatal }
}

/** More than the cache of the database holds, and what reads all of it. */
async function readOnFaultyDisk(
  directory: string,
): Promise<{ journal: Journal; fatal: Error[]; unread: () => unknown }> {
  const { journal, fatal } = await onFaultyDisk(directory)
  for (let index = 0; index < 400; index++) await appendNote(journal, 'x'.repeat(8_000))
  const all = 'SELECT sum(length(body)) AS bytes FROM event'
  return { journal, fatal, unread: () => journal.read((db) => db.prepare(all).get()) }
}

function kill(disk: FaultyDisk, journal: Journal): void {
  disk.whileDead(() => journal.read((db) => db.close()))
}

/**
 * A journal whose sync failed, one after it on a healthy disk, a power cut. Returns the heads: the last one that the
 * second reported, by `goOn`, and the one that the third finds.
 */
async function heads(
  disk: FaultyDisk,
  seed: number,
  goOn: (journal: Journal) => Promise<number>,
): Promise<{ told: number; found: number }> {
  const directory = await temporaryDirectory()
  disk.watch(directory)
  const first = await onFaultyDisk(directory)
  disk.arm({ calls: CALLS.sync, write: 'eio', at: 1, on: true })
  const refused = appendNote(first.journal, 'written, not synced')
  await expect(refused).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(first.fatal).toHaveLength(1)
  disk.heal()
  const second = await onFaultyDisk(directory)
  const told = await goOn(second.journal)
  kill(disk, second.journal)
  disk.cutPower(seed)
  const third = await onFaultyDisk(directory)
  const found = third.journal.headSeq
  await third.journal.close()
  return { told, found }
}

test('commits after one whose sync failed survive a power cut, and are not damage', async () => {
  const disk = FaultyDisk.load()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { told, found } = await heads(disk, seed, async (journal) => {
      await appendNote(journal, 'answered')
      return appendNote(journal, 'answered, too')
    })
    expect([seed, found]).toEqual([seed, told])
  }
})

test('commits that a killed process left unsynced are synced before the next one answers from them', async () => {
  const disk = FaultyDisk.load()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { told, found } = await heads(disk, seed, async (journal) => journal.headSeq)
    expect([seed, found]).toEqual([seed, told])
  }
})

test('a read that fails is a refusal, and no reason to end', async () => {
  const disk = FaultyDisk.load()
  const directory = await temporaryDirectory()
  disk.watch(directory)
  const { journal, fatal, unread } = await readOnFaultyDisk(directory)
  for (const write of ['eio', 'stale'] as const) {
    disk.arm({ calls: CALLS.read, write, at: 1, on: true })
    expect(() => unread()).toThrow(expect.objectContaining({ code: 'storage_unavailable', status: 503 }))
    disk.heal()
    expect(unread()).toEqual({ bytes: expect.any(Number) })
    await appendNote(journal, 'sold on')
  }
  expect(fatal).toEqual([])
  await journal.close()
})

test.for(['eio', 'stale'] as const)('a failed read inside a group refuses the whole group (%s)', async (write) => {
  const disk = FaultyDisk.load()
  const directory = await temporaryDirectory()
  disk.watch(directory)
  const { journal, fatal, unread } = await readOnFaultyDisk(directory)
  const head = journal.headSeq
  const beside = appendNote(journal, 'in the same group')
  const asked = journal.commit('intent', () => {
    disk.arm({ calls: CALLS.read, write, at: 1, on: true })
    return { events: [], result: unread() }
  })
  await expect(beside).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(asked).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(fatal).toHaveLength(1)
  disk.heal()
  const again = await onFaultyDisk(directory)
  expect(again.journal.headSeq).toBe(head)
  await again.journal.close()
  expect(existsSync(`${directory}/journal.db-wal`)).toBe(false)
})
