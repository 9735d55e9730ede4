import { expect, test } from 'vitest'
import { deviceStore } from '../../agent/journal/device-store.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { SeLog, SePending, SeState, SeStore } from '../../drivers/se-api/store.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const STATE: SeState = {
  initialised: true,
  disabled: false,
  signatureCounter: 0,
  transactionCounter: 0,
  clients: ['kasse-1'],
  open: [],
  lastTimeMs: 1_700_000_000_000,
  deletedUpTo: 0,
  usedBytes: 0,
}

function storeOf(journal: Journal, device = 'tse-1'): SeStore {
  return deviceStore<SeState>({
    journal,
    device,
    defer: (act) => {
      setImmediate(act)
    },
  })
}

function logOf(counter: number, transaction: number | undefined): SeLog {
  const message = Buffer.from([0x30, counter % 256, 255, 0])
  const operation = transaction === undefined ? 'updateTime' : 'Start'
  const clientId = transaction === undefined ? undefined : 'kasse-1'
  return {
    counter,
    kind: transaction === undefined ? 'Sys' : 'Tra',
    operation,
    transaction,
    clientId,
    timeMs: 1_700_000_000_000 + counter,
    message,
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const entries: T[] = []
  for await (const item of items) entries.push(item)
  return entries
}

test('the state that a secure element has prepared, committed and saved exists after a restart', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const store = storeOf(journal)
  expect(await store.load()).toEqual({ state: undefined, pending: undefined })
  await store.save(STATE)
  const { message, ...log } = logOf(1, undefined)
  const pending: SePending = { log, unsigned: Buffer.from([1, 2, 254]), next: { ...STATE, signatureCounter: 1 } }
  await store.prepare(pending)
  await journal.close()

  const again = await openJournal(directory)
  const reopened = storeOf(again)
  expect(await reopened.load()).toEqual({ state: STATE, pending })
  await reopened.commit({ ...log, message }, pending.next)
  expect(await reopened.load()).toEqual({ state: pending.next, pending: undefined })
  expect(await collect(reopened.logs(1))).toEqual([{ ...log, message }])
  await reopened.close()
  await again.close()
})

test('logs are read in portions from a counter on, by device and by transaction, while others write', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const store = storeOf(journal)
  const other = storeOf(journal, 'tse-2')
  await Promise.all(
    Array.from({ length: 450 }, (_, index) =>
      store.commit(logOf(index + 1, index % 3 === 0 ? undefined : 7), { ...STATE, signatureCounter: index + 1 }),
    ),
  )
  await other.commit(logOf(1, 7), STATE)
  const counters: number[] = []
  for await (const { counter } of store.logs(101)) {
    if (counter === 101) await store.commit(logOf(451, undefined), STATE)
    counters.push(counter)
  }
  expect(counters).toEqual(Array.from({ length: 351 }, (_, index) => index + 101))
  const transaction = await store.transaction(7)
  expect(transaction).toHaveLength(300)
  expect(transaction.map(({ counter }) => counter)).toEqual(
    transaction.map(({ counter }) => counter).sort((a, b) => a - b),
  )
  expect(await store.transaction(8)).toEqual([])
  await journal.close()
})
