import { expect, test } from 'vitest'
import { lostTransactions } from '../../agent/devices/lost-transactions.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { View } from '../../agent/journal/projections/view.ts'
import type { TseRecall } from '../../drivers/ports/tse.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { documentOf } from '../some-document.ts'

function started(number: number): NewEvent {
  return {
    kind: 'operation.started',
    op: `op_${number}`,
    body: { set: {}, transaction: { device: 'tse-1', number, state: 'open' } },
  }
}

/** One register, `till-1`, on the device. */
function withRegister(view: View): Pick<View, 'everyIntent' | 'bodyAt' | 'portionNaming' | 'resources' | 'register'> {
  const register = { id: 'reg_1', fiscal_device: 'tse-1', fiscalization: { client_id: 'till-1' } }
  return {
    everyIntent: () => view.everyIntent(),
    bodyAt: (seq) => view.bodyAt(seq),
    portionNaming: (text, from, before) => view.portionNaming(text, from, before),
    resources: () => [{ id: 'reg_1' }] as unknown as ReturnType<View['resources']>,
    register: () => documentOf('register', { set: register }),
  }
}

function finished(number: number, clientId = 'till-1'): TseRecall {
  const log = { transaction: number, signatureCounter: 2 * number, logTimeMs: 0, signature: Buffer.alloc(64) }
  return { clientId, start: log, finish: { ...log, processType: '', processData: Buffer.alloc(0) } }
}

test('sales made while a TSE is asked are not lost, however many come between two answers', async () => {
  const journal = await openJournal(await temporaryDirectory())
  let newest = 5
  await journal.record(() => [started(newest)])
  const asked: number[] = []
  const recall = async (number: number): Promise<TseRecall | undefined> => {
    asked.push(number)
    // Ten tills at a rush, and each question waits for its turn.
    const sold = Array.from({ length: 10 }, (_, index) => started(newest + 1 + index))
    newest += sold.length
    if (asked.length < 100) await journal.record(() => sold)
    return asked.length < 100 ? finished(number) : undefined
  }
  expect(await lostTransactions(withRegister(journal.view), () => journal.headSeq, 'tse-1', { recall })).toEqual([])
  expect(asked).toEqual([6])
  await journal.close()
})

test('transactions that a TSE signed before later sales are lost, those of others are not', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.record(() => [started(5)])
  const recall = async (number: number): Promise<TseRecall | undefined> => {
    if (number === 8) await journal.record(() => [started(9)])
    return number > 9 ? undefined : finished(number, number === 7 ? 'others' : 'till-1')
  }
  const lost = await lostTransactions(withRegister(journal.view), () => journal.headSeq, 'tse-1', { recall })
  expect(lost.map(({ number, register }) => [number, register])).toEqual([
    [6, 'reg_1'],
    [8, 'reg_1'],
  ])
  await journal.close()
})

test('transactions lost on a TSE that others use as much are found completely', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.record(() => [started(5)])
  const recall = async (number: number): Promise<TseRecall | undefined> =>
    number > 205 ? undefined : finished(number, number % 2 === 0 ? 'others' : 'till-1')
  const lost = await lostTransactions(withRegister(journal.view), () => journal.headSeq, 'tse-1', { recall })
  expect(lost.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => 7 + 2 * index))
  await journal.close()
})
