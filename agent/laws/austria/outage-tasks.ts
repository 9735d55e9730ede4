import type { OutageGround } from '../../contract/duty-ground.ts'
import type { Task } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { reportUntil } from './outage.ts'
import { daysAfter, localStamp, wholeSeconds } from './stamp.ts'

/** An outage of a register, milliseconds since 1970; `toMs` is undefined while it lasts. */
export type RegisterOutage = { reason: OutageGround; fromMs: number; toMs: number | undefined }

/** `at`: local time or date of its fact. */
export type TimedTask = { at: string; task: Task }

const WEEK_DAYS = 7

/** `since`: in UTC, because an hour of the night in which clocks are set back exists twice. */
export function registerOutageId(name: 'outage' | 'outage-end', register: string, since: string): string {
  return `${name}-${register}-${since.replaceAll(/[-:]/g, '')}`
}

/** An outage of the register itself, of theft, loss or a defect, and its end (§ 17 RKSV). */
export function outageTasks(
  { id, cashBoxId }: { readonly id: string; readonly cashBoxId: string },
  { reason, fromMs, toMs }: RegisterOutage,
): TimedTask[] {
  const since = localStamp(fromMs)
  const where = 'FinanzOnline, Eingaben, Registrierkassen,'
  const facts = `Kassenidentifikationsnummer: ${cashBoxId}. Beginn: ${since}.`
  const began: Task = {
    id: registerOutageId('outage', id, wholeSeconds(fromMs)),
    title: `Report the outage of ${cashBoxId} in FinanzOnline`,
    ...DUTY_KINDS.registerOutage,
    due: reportUntil(since),
    register_id: id,
    instructions: [
      `${where} Ausfall einer Registrierkasse; report its end there too.`,
      `${facts} ${reasonText(reason)}`,
    ],
  }
  if (toMs === undefined) return [{ at: since, task: began }]
  const end = localStamp(toMs)
  const ended: Task = {
    id: registerOutageId('outage-end', id, wholeSeconds(fromMs)),
    title: `Report the end of the outage of ${cashBoxId} in FinanzOnline`,
    ...DUTY_KINDS.registerOutageEnd,
    due: daysAfter(end, WEEK_DAYS),
    register_id: id,
    instructions: [`${where} Wiederinbetriebnahme einer Registrierkasse.`, `${facts} Ende: ${end}.`],
  }
  return [
    { at: since, task: began },
    { at: end, task: ended },
  ]
}

const REASON_TEXTS = { theft: 'theft or loss', defective: 'defective', other: 'another one' } as const

export function reasonText(reason: OutageGround): string {
  return `Reason (Begründung): ${REASON_TEXTS[reason]}.`
}
