import { expect, onTestFinished, test } from 'vitest'
import type { Task } from '../../agent/laws/duty.ts'
import { progressSet } from '../../agent/till/duty-records.ts'
import type { ListedDuty } from '../../agent/till/reading/listed-duties.ts'
import { dutyLook } from '../../agent/wiring/duty-look.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'

const DUTIES = 5_000

const TASK = {
  ...{ id: 'finanzonline-register-reg_1', kind: 'at.register_registration', regime: 'RKSV', authority: 'FinanzOnline' },
  ...{ title: 'Register the till', why: '', due: '2026-12-02', instructions: [] },
} satisfies Task

function listedDuty(number: number, changed: Partial<ListedDuty> = {}): ListedDuty {
  const id = `finanzonline-register-reg_${String(number).padStart(5, '0')}`
  return {
    ...{ id, kind: 'at.register_registration', regime: 'RKSV', authority: 'FinanzOnline', title: id, why: '' },
    ...{ merchant_id: null, location_id: null, register_id: null, device_id: null, not_before: null },
    ...{ due: '2026-12-02', way: 'automatic', mode: 'P', state: 'queued', open: true, reason: null, message: null },
    ...{
      waits_for: null,
      attempts: 1,
      next_try_at: null,
      confirmed_at: null,
      confirmed_by: null,
      relay: null,
      note: null,
    },
    ...{ instructions: [], ...changed },
  }
}

async function lookOf(duties: () => readonly ListedDuty[]) {
  const journal = await openJournal(await temporaryDirectory())
  onTestFinished(() => journal.close())
  let reads = 0
  const counted = new Proxy(journal.view, {
    get: (view, name, receiver) => {
      reads += 1
      return Reflect.get(view, name, receiver) as unknown
    },
  })
  const watched = new Proxy(journal, {
    get: (target, name) => (name === 'view' ? counted : (Reflect.get(target, name, target) as unknown)),
  })
  const look = dutyLook(watched, { latest: duties })
  const readsOf = (act: () => unknown): number => {
    reads = 0
    act()
    return reads
  }
  return { journal, look, readsOf }
}

type Shown = { duties: { id: string; state: string; answer: object | null }[]; more: number; done: number }

test('with 5,000 duties a look reads the answers of 20 of them once, and nothing until the list changes', async () => {
  let list = Array.from({ length: DUTIES }, (_, number) => listedDuty(number, { way: 'manual', mode: null }))
  const { look, readsOf } = await lookOf(() => list)
  expect(readsOf(look)).toBe(0)
  list = list.map(({ id }, number) => listedDuty(number, { id, state: 'confirmed' }))
  expect(readsOf(look)).toBe(20)
  expect(readsOf(look)).toBe(0)
  expect((look().shown as Shown).more).toBe(DUTIES - 20)
})

test('those that need a person come first, the rest by due date, and what is done is a number', async () => {
  const list = [
    listedDuty(1),
    listedDuty(2, { way: 'manual', mode: null, state: 'due' }),
    listedDuty(3, { state: 'confirmed', open: false }),
    listedDuty(4, { state: 'due', waits_for: { kind: 'credentials' } }),
    listedDuty(5, { authority: null }),
    listedDuty(6, { state: 'withdrawn', open: false }),
    listedDuty(7, { state: 'unclear' }),
  ]
  const { look } = await lookOf(() => list)
  const { duties, more, done } = look().shown as Shown
  expect(duties.map(({ id }) => Number(id.slice(-1)))).toEqual([4, 7, 1, 2])
  expect({ more, done }).toEqual({ more: 0, done: 1 })
})

test('the oldest duty counts from its first event in this mode, whatever follows', async () => {
  const duty = listedDuty(1, { id: TASK.id, state: 'sent' })
  const { journal, look } = await lookOf(() => [{ ...duty }])
  const before = Date.now()
  const record = (state: 'sent' | 'queued', mode: 'T' | 'P' = 'P') =>
    journal.record((view) => {
      const { op, body } = progressSet(view, TASK, mode, { state, attempts: 1 })
      return [{ kind: 'duty.changed', op, body: { ...body, facts: { mode, by: 'person' } } }]
    })
  await record('sent', 'T')
  expect([...look().oldest]).toEqual([])
  await record('sent')
  const first = journal.view.eventsOf(`duty_${duty.id}`)[1]?.at ?? ''
  await record('queued')
  const { oldest } = look()
  expect([...oldest]).toEqual([['RKSV', Date.parse(first)]])
  expect(oldest.get('RKSV')).toBeGreaterThanOrEqual(before)
})

test('of many duties that were worked on, the oldest of the law alone is read for its begin', async () => {
  const list = Array.from({ length: 100 }, (_, number) => listedDuty(number))
  const { journal, look, readsOf } = await lookOf(() => list)
  await journal.record((view) =>
    list.toReversed().map(({ id }) => {
      const { op, body } = progressSet(view, { ...TASK, id }, 'P', { state: 'sent', attempts: 1 })
      return { kind: 'duty.changed', op, body: { ...body, facts: { mode: 'P', by: 'person' } } }
    }),
  )
  const answersAndOldest = 20 + 3
  expect(readsOf(look)).toBe(answersAndOldest)
  const first = journal.view.eventsOf('duty_finanzonline-register-reg_00099')[0]?.at ?? ''
  expect([...look().oldest]).toEqual([['RKSV', Date.parse(first)]])
})
