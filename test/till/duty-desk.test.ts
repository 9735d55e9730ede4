import { expect, test } from 'vitest'
import { registerDuties, UnitActs } from '../../agent/laws/austria/duties.ts'
import type { Duty } from '../../agent/laws/duty.ts'
import { confirmationEvents, progressOf } from '../../agent/till/duty-records.ts'
import { markEvent } from '../journal/some-event.ts'
import { appendNote } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { account, answer, deskOf, known, nameOf, none, unitDuty } from './duty-bench.ts'

test('a duty whose call fails each time does not hold the others', async () => {
  const { account: shop } = account({
    ask: async (subject) =>
      nameOf(subject) === 'bb'
        ? answer({ class: 'pause', lost: 'http', effect: 'none', rc: [] })
        : answer({ status: known }),
  })
  const { desk, until } = await deskOf(shop, () => [unitDuty('bb'), unitDuty('aa'), unitDuty('cc')])
  desk.start()
  await until('finanzonline-unit-AT1-aa', 'confirmed')
  await until('finanzonline-unit-AT1-cc', 'confirmed')
})

test('the receipts of a register are checked before its end is sent', async () => {
  const facts = {
    ...{ id: 'reg_1', cashBoxId: 'GW-AT-001', startedOn: '2026-01-02', startCode: '_R1_a' },
    ...{ startClosing: 'cls_1', keyCheckValue: 'abc' },
    ...{ years: [], openYears: [], outages: [], end: { on: '2026-01-03', code: '_R1_z' } },
  }
  const source = {
    merchant: ['merchant_1'],
    aesKey: () => 'key',
    unitTask: undefined,
    hasOtherProvider: () => false,
    outageEnds: () => [],
  }
  const duties = registerDuties(facts, '2026-01-03', source)
  const {
    account: shop,
    sent,
    own,
  } = account({
    send: async (request, packet, id, signal) => {
      const first = request.operation === 'belegpruefung' && !sent.includes('belegpruefung')
      if (!first) return own.send(request, packet, id, signal)
      sent.push(request.operation)
      return answer({ class: 'later_day', rc: ['B38'], effect: 'none' })
    },
  })
  const { desk, until } = await deskOf(shop, () => duties)
  desk.start()
  await until('finanzonline-register-end-reg_1', 'confirmed')
  expect(sent).toEqual(['registrierung_kasse', 'belegpruefung', 'belegpruefung', 'ausfall_kasse'])
})

test('a person who confirms between the question and the request stops the request', async () => {
  const duty = unitDuty('aa')
  let confirm = async (): Promise<void> => undefined
  const { account: shop, sent } = account({
    ask: async () => {
      await confirm()
      return answer({ status: none })
    },
  })
  const logOut = new Promise<void>((resolve) => {
    Object.assign(shop, { logOut: async () => resolve() })
  })
  const { desk, journal } = await deskOf(shop, () => [duty])
  confirm = () => journal.record((view) => confirmationEvents(view, duty.task, 'P', { confirmed_by: 'found' }))
  desk.start()
  await logOut
  expect(sent).toEqual([])
  expect(progressOf(journal.view, duty.task.id, 'P')).toBeUndefined()
})

test('the loops of all accounts read the duties once after an event', async () => {
  let reads = 0
  const looks: (() => void)[] = []
  const looked = () => Promise.all([0, 1, 2].map(() => new Promise<void>((resolve) => looks.push(resolve))))
  const accounts = ['one', 'two', 'three'].map(
    (merchant) => account({ merchant, logOut: async () => looks.shift()?.() }).account,
  )
  const { desk, journal } = await deskOf(accounts, () => {
    reads += 1
    return []
  })
  const atStart = looked()
  desk.start()
  await atStart
  expect(reads).toBe(1)
  const afterEvent = looked()
  await appendNote(journal, 'news')
  await afterEvent
  expect(reads).toBe(2)
})

test('what a till does in its session makes the desk read no duties', async () => {
  let reads = 0
  const { account: shop } = account()
  const looks: (() => void)[] = []
  const look = () => new Promise<void>((resolve) => looks.push(resolve))
  Object.assign(shop, { logOut: async () => looks.shift()?.() })
  const { desk, journal } = await deskOf(shop, () => {
    reads += 1
    return []
  })
  const first = look()
  desk.start()
  await first
  await journal.record(() => [markEvent('op_1', {})])
  await journal.record(() => [{ kind: 'receipt.issued', op: 'op_1', body: {} }])
  await journal.record(() => [{ kind: 'drawer.opened', op: 'drw_1', body: {} }])
  await journal.record(() => [{ kind: 'session.counted', op: 'ses_1', body: {} }])
  expect(reads).toBe(1)
  const second = look()
  await appendNote(journal, 'news')
  await second
  expect(reads).toBe(2)
})

test('an event during a logout is not missed, and a stop during a look at the files is not either', async () => {
  const list: Duty[] = []
  const { account: shop } = account()
  const { desk, journal, until } = await deskOf(shop, () => list)
  Object.assign(shop, {
    logOut: async () => {
      if (list.length > 0) return
      list.push(unitDuty('aa'))
      await appendNote(journal, 'news')
    },
    ask: async () => answer({ status: known }),
  })
  desk.start()
  await until('finanzonline-unit-AT1-aa', 'confirmed')
  const stopped = new Promise<void>((resolve) => {
    Object.assign(shop, {
      ask: async () => answer({ class: 'credentials', rc: ['-4'] }),
      refused: async () => {
        void desk.stop().then(resolve)
        return { rc: '-4', reason: 'credentials_refused', message: '' }
      },
    })
  })
  list.push(unitDuty('bb'))
  await appendNote(journal, 'news')
  await stopped
})

test('an event during a look that fails is not missed', async () => {
  const { account: shop } = account({ ask: async () => answer({ status: known }) })
  const list: Duty[] = []
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const { desk, journal, until } = await deskOf(shop, () => list, { clock: new ManualClock(), onError })
  Object.assign(shop, {
    print: async () => {
      if (list.length > 0) return undefined
      list.push(unitDuty('aa'))
      await appendNote(journal, 'news')
      throw new Error('the disk was slow')
    },
  })
  desk.start()
  await until('finanzonline-unit-AT1-aa', 'confirmed')
  expect(errors).toEqual([new Error('the disk was slow')])
})

test('an outage that began at another time at the office is confirmed, with both times in its step', async () => {
  const changedAtMs = Date.parse('2026-11-20T08:00:00Z')
  const shop = account({
    ask: async () => answer({ effect: 'none', status: { state: 'outage', word: 'AUSFALL', changedAtMs } }),
  })
  const { task } = unitDuty('aa')
  const unit = { serial: 'aa', vda: 'AT1', certificates: [], enrolledAt: '2026-11-01T00:00:00Z' }
  const view = { tse: () => undefined, unit: () => undefined } as never
  const outage = new UnitActs(view, unit, ['merchant_1'], task.id).outage(Date.parse('2026-11-20T07:30:00Z'))
  const { desk, journal, until } = await deskOf(shop.account, () => [{ task, act: { ...outage, after: [] } }])
  desk.start()
  await until(task.id, 'confirmed')
  expect(shop.sent).toEqual([])
  const [event] = journal.view.newestOf(`duty_${task.id}`, 1)
  expect(JSON.parse(event?.body ?? '{}')).toMatchObject({
    facts: {
      message: 'Begin in FinanzOnline: 2026-11-20T08:00:00Z. Begin here: 2026-11-20T07:30:00Z.',
      status: 'AUSFALL',
    },
  })
})
