import { expect, test, vi } from 'vitest'
import { journalledNumbers } from '../../agent/devices/journalled-numbers.ts'
import { rollbackOf } from '../../agent/devices/rolled-back.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import type { TseNumbers } from '../../drivers/ports/tse.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

function started(device: string, number: number): NewEvent {
  return {
    kind: 'operation.started',
    op: `op_${device}_${number}`,
    body: { set: {}, transaction: { device, number, state: 'open' } },
  }
}

function signed(device: string, number: number, counter: number): NewEvent {
  return {
    kind: 'operation.completed',
    op: `op_${device}_${number}`,
    body: {
      set: { fiscal_information: { end_event: { transaction_counter: counter } } },
      transaction: { device, number, state: 'closed' },
    },
  }
}

test('the numbers of a seldom used TSE are found after those of another without reading these', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const append = (events: NewEvent[]) => journal.record(() => events)
  await append([started('spare', 7), signed('spare', 7, 21)])
  for (let group = 0; group < 10; group++)
    await append(Array.from({ length: 30 }, (_, index) => started('busy', 30 * group + index)))
  const read = vi.spyOn(journal.view, 'portionNaming')

  expect(journalledNumbers(journal.view, journal.headSeq, 'spare')).toEqual({
    transactions: new Set([7]),
    last: { transaction: 7, signatureCounter: 21 },
    isWhole: true,
  })
  const rows = read.mock.results.map(({ value }) => (value as unknown[]).length)
  expect(rows).toEqual([2, 0])
  expect(journalledNumbers(journal.view, journal.headSeq, 'busy').last.transaction).toBe(299)
  expect(journalledNumbers(journal.view, journal.headSeq, 'bus').transactions).toEqual(new Set())
  await journal.close()
})

test('numbers of a TSE before the one that took its place are not its own', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const exchanged: NewEvent = {
    kind: 'tse.retired',
    op: 'tse-1',
    body: { enrolled: { device: 'tse-1', serial: null } },
  }
  const events = [signed('tse-1', 90, 300), exchanged, signed('tse-1', 3, 9)]
  await journal.record(() => events)
  expect(journalledNumbers(journal.view, journal.headSeq, 'tse-1').last).toEqual({
    transaction: 3,
    signatureCounter: 9,
  })
  await journal.close()
})

test('numbers of a TSE that took over the registers of another one stay its own', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const takenOver: NewEvent = {
    kind: 'register.tse_replaced',
    op: 'reg_2',
    body: { enrolled: { device: 'tse-1', serial: 'aa' } },
  }
  await journal.record(() => [signed('tse-1', 9, 27), takenOver])
  expect(journalledNumbers(journal.view, journal.headSeq, 'tse-1')).toEqual({
    ...{ transactions: new Set([9]), last: { transaction: 9, signatureCounter: 27 }, isWhole: true },
  })
  await journal.close()
})

test('a TSE that was set back to before its signature of an opening of the drawer is a rollback', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const opening: NewEvent = {
    kind: 'drawer.recorded',
    op: 'dro_1',
    body: {
      set: {},
      law: { name: 'KassenSichV', signed: { end_event: { transaction_counter: 23 } } },
      transaction: { device: 'tse-1', number: 8, state: 'closed' },
    },
  }
  await journal.record(() => [signed('tse-1', 7, 21), opening])
  const given: TseNumbers = { transaction: 8, signatureCounter: 22 }
  const unit = { health: async () => ({ given }) as never }
  expect((await rollbackOf(journal, 'tse-1', unit, { given }))?.code).toBe('tse_rolled_back')
  await journal.close()
})

test('a TSE that is below the few numbers found among 20,000 events is still a rollback', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await journal.record(() => [signed('tse-1', 90, 300)])
  // As if the journal continued with another, just so that the first event of all is not looked at.
  const long = { view: journal.view, headSeq: 20_001 }
  const unit = (given: object) => ({ health: async () => ({ given }) as never })
  const trouble = async (given: TseNumbers) => (await rollbackOf(long, 'tse-1', unit(given), { given }))?.code
  expect(await trouble({ transaction: 89, signatureCounter: 298 })).toBe('tse_rolled_back')
  expect(await trouble({ transaction: 90, signatureCounter: 300 })).toBeUndefined()
  expect(journalledNumbers(long.view, long.headSeq, 'tse-1').isWhole).toBe(false)
  await journal.close()
})
