// @module-tag heavy
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import { lastBackup } from '../../agent/backup/last.ts'
import { austrianTill, ONE_CARD, receiptOf, sell, verifiedDep } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { sell as sellGerman } from '../e2e/goods.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from './parts.ts'

/** The same register at the agent of another machine, by the key that it always had. */
function at(bench: Bench, register: Register): Register {
  return { ...register, till: bench.client({ 'X-Register-Api-Key': register.key }) }
}

test('a backup made while tills sell is one moment, and another machine sells on from it with the old keys', async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open()
  const register = await bench.till()
  const first = await sellGerman(register, '4.50')
  let going = true
  const selling = (async () => {
    let sold = 0
    while (going) {
      await sellGerman(register, '1.00')
      sold++
    }
    return sold
  })()
  const newBackup = await backUp(bench.config.state, folder)
  going = false
  expect(await selling).toBeGreaterThan(0)
  expect(lastBackup(bench.config.state)).toEqual(newBackup)
  expect(await readdir(folder)).toEqual(['shop.backup'])
  await bench.stop()
  const state = join(folder, 'state')
  const restored = await restore(state, newBackup.file)
  expect(restored).toMatchObject({ events: newBackup.events + 1, epoch: 2, secrets: true, complete: false })
  await using other = await Bench.open({ config: { state } })
  const [found, ...more] = other.agent.administration.listTasks() as { id: string; instructions: string[] }[]
  expect([found?.id, more]).toEqual(['epoch-2', []])
  expect(found?.instructions.join(' ')).toContain('no receipt or Z number that may be on paper is given again')
  const moved = at(other, register)
  const again = await moved.till.get(`/v1/operations/${String(first['id'])}`)
  expect(again).toEqual(first)
  await sellGerman(moved, '2.00')
  await other.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2, projections: 'equal' })
})

test("a move ends the journal here and continues there: an Austrian register's chain has no gap", async () => {
  const folder = await temporaryDirectory()
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const before = receiptOf(await sell(register, '12.00'))
  await bench.stop()
  const parts = {
    ...PARTS,
    stateDirectory: bench.config.state,
    path: join(folder, 'move.backup'),
    passphrase: PASSPHRASE,
  }
  const newBackup = await handOver(parts)
  expect(newBackup).toMatchObject({ moved: true, secrets: true })
  // Made again after the first copy got lost: no further event is journalled for it.
  expect(await handOver(parts)).toMatchObject({ moved: true, events: newBackup.events })
  await expect(bench.start()).rejects.toMatchObject({ code: 'journal_moved' })
  const state = join(folder, 'state')
  const read = () => ({ earlierRestores: openEarlierRestores(newBackup.file) })
  expect(await restore(state, newBackup.file, read())).toMatchObject({ complete: true, closed: [], epoch: 2 })
  // Of a second restore nobody knows what the first one sold; nor if nothing says whether it is the first.
  for (const earlier of [read(), {}])
    await expect(restore(join(folder, 'second'), newBackup.file, earlier)).rejects.toMatchObject({
      code: 'receipts_may_be_missing',
    })
  await using other = await Bench.open({ config: { ...ONE_CARD, state } })
  expect(other.agent.administration.listTasks()).toContainEqual(expect.objectContaining({ id: 'epoch-2' }))
  const moved = at(other, register)
  const after = receiptOf(await sell(moved, '8.00'))
  expect(Number(after.receipt_number)).toBe(Number(before.receipt_number) + 1)
  expect(await verifiedDep(other, moved.id)).toMatchObject({ valid: true })
  expect(await reopenJournal(parts)).toEqual({ wasMoved: true })
  // Once is enough: a second time there is nothing that keeps the agent from its journal.
  await expect(reopenJournal(parts)).rejects.toMatchObject({ code: 'nothing_to_reopen' })
  expect(lastBackup(bench.config.state)).toBeUndefined()
  await bench.start()
  expect(bench.journal().at(-1)?.kind).not.toBe('journal.moved')
})
