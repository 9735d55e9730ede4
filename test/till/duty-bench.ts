import { onTestFinished } from 'vitest'
import type { Journal } from '../../agent/journal/journal.ts'
import { UnitActs } from '../../agent/laws/austria/duties.ts'
import type { Duty, Task } from '../../agent/laws/duty.ts'
import { DutyDesk } from '../../agent/till/duty-desk.ts'
import { progressOf } from '../../agent/till/duty-records.ts'
import { dutyListsOf } from '../../agent/till/reading/duty-list.ts'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import type {
  AuthorityAccount,
  AuthorityAnswer,
  AuthoritySubject,
  AuthorityTiming,
} from '../../drivers/ports/authority.ts'
import type { RkdbRequest, RkdbSubject } from '../../drivers/ports/finanzonline.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { silentLog } from '../silent-log.ts'

export const timing = { callMs: 1000, retryMinMs: 1, retryMaxMs: 4, askMs: 1, visibleMs: 60_000, checkAgainMs: 1 }
export const none = { state: 'none', word: undefined, changedAtMs: undefined } as const
export const known = { state: 'known', word: 'IN_BETRIEB', changedAtMs: 0 } as const

export function answer(changed: Partial<AuthorityAnswer> = {}): AuthorityAnswer {
  return {
    ...{ class: 'done', operation: 'status_see', effect: 'unknown', rc: ['0'], message: '', reason: undefined },
    ...{ httpStatus: undefined, lost: undefined, status: undefined, check: undefined },
    ...changed,
  }
}

/** An account that knows what was sent, and sends at once. */
export function account(changed: Partial<AuthorityAccount> = {}) {
  const there = new Map<string, string>()
  const sent: string[] = []
  const own: AuthorityAccount = {
    merchant: undefined,
    participant: () => undefined,
    files: [],
    ask: async (subject) => {
      const word = there.get(nameOf(subject))
      return answer({ effect: 'none', status: word === undefined ? none : { ...known, word } })
    },
    send: async (request: RkdbRequest) => {
      sent.push(request.operation)
      if (request.operation === 'registrierung_kasse') there.set(request.cashBoxId, 'REGISTRIERT')
      // The first receipt that passes is a Startbeleg.
      if (request.operation === 'belegpruefung') for (const id of there.keys()) there.set(id, 'IN_BETRIEB')
      if (request.operation === 'ausfall_kasse') there.delete(nameOf(request.subject))
      return answer()
    },
    check: async () => answer(),
    logOut: async () => undefined,
    print: async () => undefined,
    refused: async () => undefined,
    admit: async () => undefined,
  }
  return { sent, account: { ...own, ...changed }, own }
}

export function nameOf(subject: AuthoritySubject): string {
  const own = subject as RkdbSubject
  return own.kind === 'unit' ? own.serial : own.cashBoxId
}

export async function deskOf(
  accounts: AuthorityAccount | readonly AuthorityAccount[],
  duties: () => readonly Duty[],
  changed: {
    clock?: Clock
    timing?: AuthorityTiming
    directory?: string
    journal?: Journal
    onError?: (error: unknown) => void
  } = {},
) {
  const { directory = await temporaryDirectory(), clock = systemClock, onError = raise } = changed
  const journal = changed.journal ?? (await openJournal(directory))
  const desk = new DutyDesk({
    ...{
      journal,
      clock,
      newId: (name: string) => `${name}_1`,
      log: silentLog,
      random: () => 0.5,
    },
    authority: { mode: 'P', timing: changed.timing ?? timing, accounts: [accounts].flat() },
    duties: dutyListsOf({ journal, clock, onError, duties, authority: undefined, unitsOf: () => [] }).duties,
    fault: () => undefined,
    onError,
  })
  const close = async (): Promise<void> => {
    await desk.stop()
    await journal.close()
  }
  onTestFinished(close)
  /** Resolves when the duty has that state in production. */
  const until = (id: string, state: string) =>
    new Promise<void>((resolve) => {
      const look = () => progressOf(journal.view, id, 'P')?.state === state && resolve()
      journal.onAppend(look)
      look()
    })
  return { journal, desk, until, close }
}

function raise(error: unknown): void {
  throw error
}

export function unitDuty(serial: string): Duty & { task: Task } {
  const unit = { serial, vda: 'AT1', certificates: [], enrolledAt: '2026-11-01T00:00:00Z' }
  const view = { tse: () => undefined, unit: () => undefined } as never
  const id = `finanzonline-unit-AT1-${serial}`
  const task = { id, title: id, due: '2026-11-27', instructions: [] } as unknown as Task
  return { task, act: new UnitActs(view, unit, ['merchant_1'], id).registered() }
}
