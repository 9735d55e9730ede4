import { expect, onTestFinished, test } from 'vitest'
import { registerDuties, UnitActs } from '../../agent/laws/austria/duties.ts'
import type { Duty, Task } from '../../agent/laws/law.ts'
import { DutyDesk } from '../../agent/till/duties.ts'
import { confirmationEvents, progressOf } from '../../agent/till/duty-records.ts'
import { systemClock } from '../../base/clock.ts'

import type { AuthorityAccount, AuthorityAnswer, AuthoritySubject } from '../../drivers/ports/authority.ts'
import { markEvent } from '../journal/some-event.ts'
import { appendNote, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { silentLog } from '../silent-log.ts'

const timing = { callMs: 1000, retryMinMs: 1, retryMaxMs: 4, askMs: 1, visibleMs: 60_000, checkAgainMs: 1 }
const none = { state: 'none', word: undefined, changedAtMs: undefined } as const
const known = { state: 'known', word: 'IN_BETRIEB', changedAtMs: 0 } as const

function answer(changed: Partial<AuthorityAnswer> = {}): AuthorityAnswer {
  return {
    ...{ class: 'done', operation: 'status_see', effect: 'unknown', rc: ['0'], message: '', reason: undefined },
    ...{ httpStatus: undefined, lost: undefined, status: undefined, check: undefined },
    ...changed,
  }
}

/** An account that knows what was sent, and sends at once. */
function account(changed: Partial<AuthorityAccount> = {}) {
  const there = new Set<string>()
  const sent: string[] = []
  const own: AuthorityAccount = {
    merchant: undefined,
    participant: () => undefined,
    files: [],
    ask: async (subject) => answer({ effect: 'none', status: there.has(nameOf(subject)) ? known : none }),
    send: async (request) => {
      sent.push(request.operation)
      if (request.operation === 'registrierung_kasse') there.add(request.cashBoxId)
      if (request.operation === 'ausfall_kasse') there.delete(nameOf(request.subject))
      return answer()
    },
    check: async () => answer(),
    logOut: async () => undefined,
    refused: async () => undefined,
    admit: async () => undefined,
  }
  return { sent, account: { ...own, ...changed }, own }
}

function nameOf(subject: AuthoritySubject): string {
  return subject.kind === 'unit' ? subject.serial : subject.cashBoxId
}

async function deskOf(accounts: AuthorityAccount | readonly AuthorityAccount[], duties: () => readonly Duty[]) {
  const journal = await openJournal(await temporaryDirectory())
  const desk = new DutyDesk({
    ...{ journal, clock: systemClock, newId: (name: string) => `${name}_1`, log: silentLog, random: () => 0.5 },
    authority: { name: 'finanzonline', mode: 'P', timing, accounts: [accounts].flat() },
    duties,
    fault: () => undefined,
    onError: (error) => {
      throw error
    },
  })
  onTestFinished(async () => {
    await desk.stop()
    await journal.close()
  })
  /** Resolves when the duty has that state in production. */
  const until = (id: string, state: string) =>
    new Promise<void>((resolve) => {
      const look = () => progressOf(journal.view, id, 'P')?.state === state && resolve()
      journal.onAppend(look)
      look()
    })
  return { journal, desk, until }
}

function unitDuty(serial: string): Duty & { task: Task } {
  const unit = { serial, vda: 'AT1', certificates: [], enrolledAt: '2026-11-01T00:00:00Z' }
  const view = { tse: () => undefined, unit: () => undefined } as never
  const id = `finanzonline-unit-AT1-${serial}`
  const task = { id, title: id, due: '2026-11-27', instructions: [] } as unknown as Task
  return { task, act: new UnitActs(view, unit, ['merchant_1'], id).registered() }
}

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
    ...{ id: 'reg_1', cashBoxId: 'GW-AT-001', startedOn: '2026-01-02', startCode: '_R1_a', keyCheckValue: 'abc' },
    ...{ years: [], openYears: [], end: { on: '2026-01-03', code: '_R1_z' } },
  }
  const source = { merchant: ['merchant_1'], aesKey: () => 'key', unitTask: undefined }
  const duties = registerDuties(facts, '2026-01-03', source)
  const {
    account: shop,
    sent,
    own,
  } = account({
    send: async (request, packet, id, signal) => {
      const first = request.operation === 'belegpruefung' && !sent.includes('belegpruefung')
      const answered = await own.send(request, packet, id, signal)
      return first ? answer({ class: 'later_day', rc: ['B38'], effect: 'none' }) : answered
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
  confirm = () => journal.record((view) => confirmationEvents(view, duty.task, 'P', 'found'))
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
