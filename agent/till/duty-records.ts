import { rfc3339 } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import type { AuthorityAnswer, AuthorityMode } from '../../drivers/ports/authority.ts'
import { FiskalError } from '../errors.ts'
import { confirmationOf } from '../journal/confirmed-tasks.ts'
import type { ConfirmedBy, ConfirmedTask, DutyProgress, DutyRecord } from '../journal/documents/records.ts'
import type { NewEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import type { DutyAct, DutyMerchant, Task } from '../laws/duty.ts'
import type { TransmissionStatus } from '../laws/transmission.ts'
import { transmissionEvents } from '../laws/transmission.ts'

/** The id under which the work of a client for a duty is journalled. */
export function dutyId(task: string): string {
  return `duty_${task}`
}

const CREDENTIALS = 'finanzonline-credentials-'

/** The id of the duty to correct refused credentials, by the names of their merchant. */
export function credentialsDutyOf(merchant: DutyMerchant): string {
  return `${CREDENTIALS}${typeof merchant === 'string' ? merchant : (merchant[0] ?? '')}`
}

export function isCredentialsDuty(id: string): boolean {
  return id.startsWith(CREDENTIALS)
}

export function progressOf(view: Pick<View, 'duty'>, task: string, mode: AuthorityMode): DutyProgress | undefined {
  return view.duty(dutyId(task))?.shown[mode]
}

/**
 * True if nothing is left to do in that mode. A person's confirmation holds in both; that of the authority in production
 * alone.
 */
export function isFulfilled(view: Pick<View, 'duty' | 'confirmedTask'>, task: string, mode: AuthorityMode): boolean {
  const confirmed = view.confirmedTask(confirmationOf(task))?.shown
  if (confirmed !== undefined && (mode === 'P' || confirmed.by === undefined)) return true
  return progressOf(view, task, mode)?.state === 'confirmed'
}

/** The tries, the time of the last one, and the ground that a person gave: they stay when the state changes. */
export function keptOf(before: DutyProgress | undefined): Pick<DutyProgress, 'attempts' | 'sent_at' | 'ground'> {
  const { attempts = 0, sent_at: sentAt, ground } = before ?? {}
  return { attempts, ...(sentAt !== undefined && { sent_at: sentAt }), ...(ground !== undefined && { ground }) }
}

const PRINT_DIGITS = 32

/** A print of the facts in the request of an act, without a secret. */
export function factsOf({ operation, isCheck, subject, merchant, isCertified, facts }: DutyAct): string {
  // A check is about its receipt, also one whose state can be asked.
  const about = isCheck ? null : (subject ?? null)
  const text = JSON.stringify([operation, about, merchant, isCertified, facts])
  return sha256(text).toString('hex').slice(0, PRINT_DIGITS)
}

/**
 * True if only a person moves it on: refused with the same facts, unclear, or an act that needs the word of a person. The same
 * again would be refused again. `account`: the print of the present one, if it is known.
 */
export function waitsForPerson(progress: DutyProgress | undefined, act: DutyAct, account?: string): boolean {
  if (progress?.state === 'unclear') return true
  if (progress?.state === 'refused') {
    if (act.needsWord === true || progress.about === undefined) return true
    const isOther = account !== undefined && progress.account !== undefined && account !== progress.account
    return progress.about === factsOf(act) && !isOther
  }
  return act.needsWord === true && progress === undefined
}

/** The members of an event that sets the progress of one mode. */
export function progressSet(view: Pick<View, 'duty'>, task: Task, mode: AuthorityMode, progress: DutyProgress) {
  const { id } = task
  const op = dutyId(id)
  const isFirst = view.duty(op) === undefined
  const record: DutyRecord = mode === 'T' ? { id, T: progress } : { id, P: progress }
  const set = isFirst ? { ...record, duty: factsOfTask(task) } : record
  return { op, body: { ...(isFirst && { index: { kind: 'duty' as const } }), set } }
}

/** Without its instructions: no one follows them when the law no longer names it. */
function factsOfTask(task: Task): NonNullable<DutyRecord['duty']> {
  const { kind, regime: law, authority, title, why, due, register_id, device_id } = task
  const place = { ...(register_id !== undefined && { register_id }), ...(device_id !== undefined && { device_id }) }
  return { kind, regime: law, authority, title, why, due, ...place }
}

/** In production the task is confirmed in the same commit: every reader of tasks then needs nothing. */
export function confirmationEvents(
  view: View,
  task: Task,
  mode: AuthorityMode,
  { confirmed_by: by, relay }: Pick<DutyProgress, 'confirmed_by' | 'relay'>,
): NewEvent[] {
  const op = confirmationOf(task.id)
  if (by === undefined || mode === 'T' || view.confirmedTask(op) !== undefined) return []
  const set = { duty: task.id, title: task.title, due: task.due, by, ...(relay && { relay }) } satisfies ConfirmedTask
  return [{ kind: 'duty.confirmed', op, body: { index: { kind: 'confirmation' as const }, set } }]
}

/** Further changes in the commit of a progress: of the task, and of the closing that is checked. None in a trial. */
export function followingEvents(
  view: View,
  task: Task,
  mode: AuthorityMode,
  progress: Pick<DutyProgress, 'state' | 'confirmed_by' | 'relay'>,
  at: string,
): NewEvent[] {
  const confirmation = confirmationEvents(view, task, mode, progress)
  return mode === 'T' ? [] : [...confirmation, ...closingEvents(view, task, progress.state, at)]
}

/**
 * The transmission of the closing whose receipt is checked by the task; `at`: when it was confirmed. The earlier closings of
 * the same year are then not checked any longer.
 */
export function closingEvents(
  view: Pick<View, 'closing'>,
  { closing_ids: closings = [] }: Pick<Task, 'closing_ids'>,
  state: DutyProgress['state'],
  at?: string,
): NewEvent[] {
  const checked = closings.at(-1)
  if (checked === undefined) return []
  const open = state === 'confirmed' ? closings.slice(0, -1).filter((id) => !isTransmitted(view, id)) : []
  const ended = open.flatMap((id) => transmissionEvents(view, id, 'not_required'))
  return [...transmissionEvents(view, checked, CHECKED[state], at), ...ended]
}

function isTransmitted(view: Pick<View, 'closing'>, closing: string): boolean {
  return view.closing(closing)?.shown.transmission_status === 'transmitted'
}

const CHECKED = {
  queued: 'pending',
  sent: 'pending',
  unclear: 'pending',
  refused: 'failed',
  confirmed: 'transmitted',
} as const satisfies Readonly<Record<DutyProgress['state'], TransmissionStatus>>

/** `relay`: the host that answered for the office, if it is not its own. */
export function confirmedProgress(
  before: DutyProgress | undefined,
  by: ConfirmedBy,
  nowMs: number,
  relay: string | undefined,
): DutyProgress {
  const sent = before?.sent_at === undefined ? {} : { sent_at: before.sent_at }
  return {
    ...{ state: 'confirmed', attempts: before?.attempts ?? 0, ...sent },
    ...{ confirmed_at: rfc3339(nowMs), confirmed_by: by, ...(relay !== undefined && { relay }) },
  }
}

/** The message of the office, for a faulty receipt the hint of a law, and its failing parts: as many as an event takes. */
const MESSAGE_MAX = 600

/** The message of a duty that needs a person. */
export function settledMessage({ reason, message, check }: AuthorityAnswer, hint: string | undefined): string {
  const failed = (check?.failed ?? []).map((one) => `${one.id}: ${one.message}`)
  return [message, ...(reason === 'receipt_faulty' ? [hint] : []), ...failed]
    .filter(Boolean)
    .join(' ')
    .slice(0, MESSAGE_MAX)
}

/** An answer in an event, without its secrets. */
export function answerFacts(answer: AuthorityAnswer) {
  const { rc, message, lost, httpStatus, check } = answer
  return {
    rc: lost === undefined ? [...rc] : null,
    message,
    ...(lost !== undefined && { lost }),
    ...(httpStatus !== undefined && httpStatus !== 200 && { http_status: httpStatus }),
    ...(check !== undefined && check.failed.length > 0 && { failed: check.failed.map((one) => ({ ...one })) }),
  }
}

/** The refusal for a duty that does not exist, or that the caller may not see. */
export function noSuchDuty(id: string): FiskalError {
  const message = `There is no such duty: ${id}. See: fiskal-edge duty list --all`
  return new FiskalError('not_found', message, { resource: 'duty', id })
}
