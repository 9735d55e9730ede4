import { expect, test } from 'vitest'
import { hostTimeOf, newestLogMs } from '../../agent/devices/signed-times.ts'
import type { Marks, NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { StepWatch } from '../../agent/process/clock-steps.ts'
import { markEvent } from '../journal/some-event.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'

const [UNIT, OTHER] = ['ab'.repeat(32), 'cd'.repeat(32)]

function at(time: string): string {
  return `2026-11-20T${time}.000Z`
}

function ended(serial: string, time: string): Marks {
  return {
    set: { fiscal_information: { tss_serial_number: serial, end_event: { signed_at: at(time) } } },
    transaction: { device: 'tse-1', number: 2, state: 'closed' },
  }
}

function append(journal: Journal, body: Marks): Promise<number> {
  return appendEvent(journal, markEvent('', body))
}

function appendEvent(journal: Journal, event: NewEvent): Promise<number> {
  return journal.commit('outcome', (_view, seq) => ({ events: [event], result: seq }))
}

test('the newest logTime of a unit is that of its start, finish, abort or adopted transaction, after an event', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const newest = (after = 0): string | undefined => {
    const ms = newestLogMs(journal, 'tse-1', UNIT, after)
    return ms === undefined ? undefined : new Date(ms).toISOString()
  }
  expect(newest()).toBeUndefined()
  const transaction = { device: 'tse-1', number: 1, state: 'open' } as const
  const openTransaction = {
    device: 'tse-1',
    client: 'EDGE-1',
    serial: UNIT,
    transaction: 1,
    started_at: at('10:00:00'),
  }
  await append(journal, { law: { transaction: openTransaction }, transaction })
  expect(newest()).toBe(at('10:00:00'))
  await append(journal, ended(UNIT, '11:00:00'))
  await append(journal, ended(OTHER, '15:00:00'))
  await append(journal, ended(UNIT, '10:59:30'))
  expect(newest()).toBe(at('11:00:00'))
  const closed = { ...transaction, state: 'closed' } as const
  const stray = { law: 'KassenSichV', register_id: 'reg_1', operation_id: null }
  const aborted = { ...stray, serial: UNIT, time_ms: Date.parse(at('12:00:00')) }
  const body = { facts: aborted, transaction: closed }
  await appendEvent(journal, { kind: 'transaction.aborted', op: '', body })
  expect(newest()).toBe(at('12:00:00'))
  const log = (time: string) => ({ log_time: at(time), signature_counter: 1, signature: '' })
  const facts = {
    ...{ serial: UNIT, client: 'EDGE-1', transaction: 1, register_id: 'reg_1', receipt_number: 1 },
    ...{ started: log('13:00:00'), finished: log('13:00:01') },
    ...{ process_type: 'Kassenbeleg-V1', process_data: '' },
  }
  const lost = { facts, transaction: closed }
  const last = await appendEvent(journal, { kind: 'transaction.lost', op: '', body: lost })
  expect(newest()).toBe(at('13:00:01'))
  const drawer = { signed: { tss_serial_number: UNIT, end_event: { signed_at: at('09:00:00') } } }
  await append(journal, { law: drawer, transaction: { ...transaction, state: 'closed' } })
  expect([newest(), newest(last)]).toEqual([at('13:00:01'), at('09:00:00')])
  await journal.close()
})

test('an unreadable journal withdraws none of its former times of the clock', async () => {
  const journal = await openJournal(await temporaryDirectory())
  await append(journal, { enrolled: { device: 'tse-1', serial: UNIT } })
  await append(journal, ended(UNIT, '11:00:00'))
  const host = hostTimeOf(journal, 'tse-1', new StepWatch(new ManualClock()))
  const told = () => [host.serial(), host.newestLogMs(), host.vouchedAt()]
  const before = told()
  expect(before).toEqual([UNIT, Date.parse(at('11:00:00')), 0])
  await journal.close()
  expect(told()).toEqual(before)
})
