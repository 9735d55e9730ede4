import type { OutageGround } from '../../contract/duty-ground.ts'
import type { Duty, DutyAct, Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { cashBox, menu, REASON_TEXTS } from './finanzonline-words.ts'
import { reportUntil } from './outage.ts'
import { localStamp, weekAfter, wholeSeconds } from './stamp.ts'

/** An outage of a register, milliseconds since 1970; `toMs` is undefined while it lasts. */
export type RegisterOutage = { reason: OutageGround; fromMs: number; toMs: number | undefined }

/** `at`: local time or date of its fact. */
export type TimedDuty = Duty & { readonly at: string }

/** The acts of an outage: of its begin, and of its end if that is known. */
export type OutageActs = { readonly began: DutyAct; readonly ended: DutyAct | undefined }

/** `since`: in UTC, because an hour of the night in which clocks are set back exists twice. */
export function registerOutageId(name: 'outage' | 'outage-end', register: string, since: string): string {
  return `${name}-${register}-${since.replaceAll(/[-:]/g, '')}`
}

/** An outage of the register itself, of theft, loss or a defect, and its end (§ 17 RKSV). */
export function outageTasks(
  {
    id,
    cashBoxId,
    lastStamp,
  }: { readonly id: string; readonly cashBoxId: string; readonly lastStamp?: string | undefined },
  { reason, fromMs, toMs }: RegisterOutage,
  acts: OutageActs,
): TimedDuty[] {
  const since = localStamp(fromMs)
  const utc = wholeSeconds(fromMs)
  const began: Task = {
    id: registerOutageId('outage', id, utc),
    title: `Report the outage of ${cashBoxId} in FinanzOnline`,
    ...DUTY_KINDS.registerOutage,
    due: reportUntil(since),
    register_id: id,
    instructions: [
      menu('Ausfall einer Registrierkasse'),
      instruction('Report its end there, too.'),
      cashBox(cashBoxId),
      instruction('Beginn: {}.', since),
      REASON_TEXTS[reason],
    ],
  }
  const ending = {
    id: registerOutageId('outage-end', id, utc),
    title: `Report the end of the outage of ${cashBoxId} in FinanzOnline`,
    ...DUTY_KINDS.registerOutageEnd,
    register_id: id,
  }
  if (toMs === undefined) {
    if (lastStamp === undefined || lastStamp <= since) return [{ at: since, task: began, act: acts.began }]
    const selling: Task = {
      ...ending,
      due: lastStamp.slice(0, 10),
      instructions: [
        instruction(
          '{} has made receipts since it was reported as failed, the last one at {}: the outage is over.',
          cashBoxId,
          lastStamp,
        ),
        instruction(
          'State when it ended: {}',
          `fiskal-edge finanzonline outage ${id} --reason ${reason} --since ${utc} --until TIME`,
        ),
      ],
    }
    return [
      { at: since, task: began, act: acts.began },
      { at: lastStamp, task: selling },
    ]
  }
  const end = localStamp(toMs)
  const ended: Task = {
    ...ending,
    due: weekAfter(end),
    instructions: [
      menu('Wiederinbetriebnahme einer Registrierkasse'),
      cashBox(cashBoxId),
      instruction('Beginn: {}.', since),
      instruction('Ende: {}.', end),
    ],
  }
  return [
    { at: since, task: began, act: acts.began },
    { at: end, task: ended, act: acts.ended },
  ]
}
