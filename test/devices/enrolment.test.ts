import { expect, onTestFinished, test } from 'vitest'
import { enrolledUnit, enrolPrinter, enrolUnit, tseIndex, tseRecord } from '../../agent/devices/enrolment.ts'
import { isUncertifiedSerial } from '../../agent/devices/uncertified.ts'
import { confirmationOf, openTasks } from '../../agent/journal/confirmed-tasks.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { Task } from '../../agent/laws/duty.ts'
import { AGENT_KINDS } from '../../agent/laws/duty-kind.ts'
import { confirmTask } from '../../agent/till/technician/tasks.ts'
import { systemClock } from '../../base/clock.ts'
import type { TseIdentity, TseInventory } from '../../drivers/ports/tse.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

async function emptyJournal(): Promise<Journal> {
  const journal = await openJournal(await temporaryDirectory())
  onTestFinished(() => journal.close())
  return journal
}

/** How many events of a document say what it is. */
function births(journal: Journal, op: string): number {
  return journal.view.eventsOf(op).filter(({ body }) => body.includes('"index"')).length
}

test('a printer that returns to its place keeps its one document', async () => {
  const journal = await emptyJournal()
  for (const serial of ['A1', 'B2', 'A1']) await enrolPrinter(journal, 'rt-1', serial, 0)
  expect(journal.view.unit('A1')?.shown).toMatchObject({ device: 'rt-1', serial: 'A1' })
  expect(journal.view.unit('B2')?.kind).toBe('unit')
  expect([births(journal, 'unit_A1'), journal.view.eventsOf('unit_A1').length]).toEqual([1, 2])
  expect(journal.view.unit('C3')).toBeUndefined()
  expect(enrolledUnit(journal.view, 'A1')).toBeUndefined()
})

test('a signature unit is a document of the kind unit, with the certificates that it had', async () => {
  const journal = await emptyJournal()
  const certificates = [Buffer.from('own'), Buffer.from('issuer')]
  await enrolUnit(journal, 'card-1', {}, { serial: 'aa', vda: 'AT0', certificates }, 0)
  await enrolUnit(journal, 'card-1', {}, { serial: 'aa', vda: 'AT1', certificates: certificates.slice(0, 1) }, 0)
  expect(enrolledUnit(journal.view, 'aa')).toMatchObject({ vda: 'AT1', certificates })
  expect([journal.view.unit('aa')?.kind, births(journal, 'unit_aa')]).toEqual(['unit', 1])
  expect(isUncertifiedSerial(journal.view, 'aa')).toBe(false)
})

test('a TSE is a document from its first event on, whatever it is', async () => {
  const journal = await emptyJournal()
  const facts = { device: 'tse-1', code: 'no_data' }
  await journal.record((view) => [{ kind: 'tse.read_failed', op: 'tse_aa', body: { ...tseIndex(view, 'aa'), facts } }])
  expect(journal.view.tse('aa')).toMatchObject({ kind: 'tse', shown: {} })
  const identity = {
    ...{ serial: 'bb', algorithm: 'ecdsa-plain-SHA256', timeFormat: 'unixTime', publicKey: Buffer.from('key') },
    certificates: [Buffer.from('certificate')],
  } as const satisfies Partial<TseIdentity>
  await journal.record((view) => tseRecord(view, 'tse-1', { uncertified: true }, identity as unknown as TseIdentity))
  await journal.record((view) => tseRecord(view, 'tse-1', { uncertified: true }, identity as unknown as TseIdentity))
  expect(journal.view.tse('bb')?.shown).toMatchObject({ device: 'tse-1', serial: 'bb', uncertified: true })
  expect([births(journal, 'tse_aa'), births(journal, 'tse_bb')]).toEqual([1, 1])
})

test('the inventory of a TSE is recorded whenever it differs, and the number that the unit reports counts', async () => {
  const journal = await emptyJournal()
  const identity = {
    ...{ serial: 'bb', algorithm: 'ecdsa-plain-SHA256', timeFormat: 'unixTime', publicKey: Buffer.from('key') },
    certificates: [Buffer.from('certificate')],
  } as const satisfies TseIdentity
  const connects = (inventory?: TseInventory, bsiId?: string) =>
    journal.record((view) => tseRecord(view, 'tse-1', {}, { ...identity, ...(bsiId && { bsiId }) }, inventory))
  const recorded = () => journal.view.tse('bb')?.shown.inventory
  const length = () => journal.view.eventsOf('tse_bb').length
  await connects()
  expect([recorded(), length()]).toEqual([undefined, 1])
  await connects({ kind: 'usb', bsiId: '0412-2020' })
  await connects({ kind: 'usb', bsiId: '0412-2020' })
  expect([recorded(), length()]).toEqual([{ kind: 'usb', bsi_id: '0412-2020' }, 2])
  await connects({ kind: 'other', bsiId: '0412-2020', kindCode: '7' }, '0500-2021')
  expect(recorded()).toEqual({ kind: 'other', bsi_id: '0500-2021', kind_code: '7' })
  await connects()
  await connects()
  expect([recorded(), length()]).toEqual([null, 4])
})

test('hardware and confirmed tasks are in no list', async () => {
  const journal = await emptyJournal()
  const task: Task = { ...AGENT_KINDS.machine, id: 'report', title: 'Report it', due: '2026-01-31', instructions: [] }
  await enrolPrinter(journal, 'rt-1', 'A1', 0)
  await confirmTask({ journal, clock: systemClock, laws: [] }, () => [task], 'report')
  await confirmTask({ journal, clock: systemClock, laws: [] }, () => [task], 'report', 'twice')
  const { view } = journal
  expect(view.confirmedTask(confirmationOf('report'))?.shown).toEqual({
    ...{ duty: 'report', title: 'Report it', due: '2026-01-31', reason: 'twice' },
  })
  expect(openTasks(view, [task])).toEqual([])
  expect(births(journal, confirmationOf('report'))).toBe(1)
  for (const type of ['unit', 'tse', 'confirmation']) expect(view.resources(type, {}, 0, 10)).toEqual([])
  expect(view.resource('unit_A1')).toBeUndefined()
})
