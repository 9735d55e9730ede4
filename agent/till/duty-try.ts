import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import type { Authority, AuthorityAccount, AuthorityAnswer, AuthorityRequest } from '../../drivers/ports/authority.ts'
import { confirmationOf } from '../journal/confirmed-tasks.ts'
import type { DutyProgress } from '../journal/documents/records.ts'
import { packetOf } from '../journal/duty-packets.ts'
import type { Duty, DutyAct } from '../laws/duty.ts'
import {
  answerFacts,
  confirmedProgress,
  factsOf,
  followingEvents,
  isFulfilled,
  keptOf,
  progressOf,
  progressSet,
  settledMessage,
} from './duty-records.ts'
import type { Later, Step } from './duty-rules.ts'
import { afterAnswer, afterQuestion, isFailedCheck } from './duty-rules.ts'
import type { TillParts } from './parts.ts'

export type AutomaticDuty = Duty & { readonly act: DutyAct }

export type TryOptions = Pick<TillParts, 'journal' | 'clock' | 'newId'> & {
  readonly authority: Pick<Authority, 'mode' | 'timing' | 'relay'>
  /** The print of the account: kept with a refusal. */
  readonly print: string | undefined
  readonly fault: (point: string) => void
  /** How long ago the last request was sent; 0 without one. */
  readonly sentAgoMs: (before: DutyProgress | undefined) => number
  /** The pause of the duty if it is tried again later. */
  readonly retryMs: number
}

/**
 * One try: first the question, then the request, which is journalled before its first byte. Resolves to the next step,
 * after the events of this one are durable. Rejects with the reason of `signal`.
 */
export async function tryDuty(
  options: TryOptions,
  account: AuthorityAccount,
  { task, act }: AutomaticDuty,
  signal: AbortSignal,
): Promise<Step> {
  const { journal } = options
  const { mode, timing } = options.authority
  const before = progressOf(journal.view, task.id, mode)
  if (act.subject !== undefined) {
    const asked = await account.ask(act.subject, packetOf(journal.headSeq, journal), signal)
    const sentMs = options.sentAgoMs(before)
    const step = afterQuestion(act, before, asked, timing, { sentMs, confirmedMs: confirmedAgo(options, act) })
    if (step.do !== 'send') {
      await changed(options, { task, act }, before, asked, step)
      return step
    }
  }
  const request = act.request(before?.ground)
  // Its secret is lost: a person restores it, and another task asks for that.
  if (request === undefined) return { do: 'later', isDay: true }
  return sent(options, account, { task, act }, request, signal)
}

async function sent(
  options: TryOptions,
  account: AuthorityAccount,
  { task, act }: AutomaticDuty,
  request: AuthorityRequest,
  signal: AbortSignal,
): Promise<Step> {
  const { journal, clock, newId, fault } = options
  const { mode } = options.authority
  const { subject, ...fields } = act.recorded(request)
  const ids = { mode, request_id: newId('fo'), operation: request.operation, subject }
  const kept = keptOf(progressOf(journal.view, task.id, mode))
  const sentAt = rfc3339(clock.now())
  const progress: DutyProgress = { ...kept, state: 'sent', attempts: kept.attempts + 1, sent_at: sentAt }
  const packet = await journal.commit('outcome', (view, seq) => {
    if (isFulfilled(view, task.id, mode)) return { events: [], result: undefined }
    const { op, body } = progressSet(view, task, mode, progress)
    const facts = { ...ids, packet: packetOf(seq, journal), ...fields }
    const following = followingEvents(view, task, mode, progress, sentAt)
    return { events: [{ kind: 'duty.sent', op, body: { ...body, facts } }, ...following], result: facts.packet }
  })
  // A person confirmed it since the question.
  if (packet === undefined) return { do: 'confirm', by: 'found' }
  fault('duty.sent')
  const answer = await account.send(request, packet, ids.request_id, signal)
  fault('duty.answering')
  const step = afterAnswer(act, answer)
  await journal.record((view) => {
    if (isFulfilled(view, task.id, mode)) return []
    const after = answered(options, { act, progress }, answer, step)
    const { op, body } = progressSet(view, task, mode, after)
    const facts = { ...ids, packet, ...answerFacts(answer) }
    const following = followingEvents(view, task, mode, after, rfc3339(clock.now()))
    return [{ kind: 'duty.answered', op, body: { ...body, facts } }, ...following]
  })
  return step
}

/** The progress after an answer. One that certainly changed nothing does not count as a try. */
function answered(
  options: TryOptions,
  { act, progress }: { act: DutyAct; progress: DutyProgress },
  answer: AuthorityAnswer,
  step: Step,
): DutyProgress {
  const { attempts } = progress
  const message = answer.message === '' ? {} : { message: answer.message }
  if (step.do === 'confirm') return confirmedProgress(progress, step.by, options.clock.now(), options.authority.relay)
  const words = settledMessage(answer, act.whenFaulty?.(answer.check?.failed ?? []))
  if (step.do === 'settle')
    return { ...progress, ...settled(act, options.print, step), ...(words !== '' && { message: words }) }
  if (isFailedCheck(act, answer)) return { ...progress, message: words, reason: 'receipt_faulty' }
  if (answer.class === 'state') return { ...progress, ...message, reason: answer.rc[0] ?? '' }
  if (answer.effect !== 'none') return progress
  return { ...progress, state: 'queued', attempts: attempts - 1, ...message, ...nextTry(options, step) }
}

/** The time of the next try; while the account pauses, its duties have no such time. */
function nextTry(options: TryOptions, step: Step): Pick<DutyProgress, 'next_try_at'> {
  if (step.do !== 'later') return {}
  return { next_try_at: rfc3339(options.clock.now() + laterMs(options, step)) }
}

/** How long a duty waits that is tried again later. */
export function laterMs({ authority, retryMs }: Pick<TryOptions, 'authority' | 'retryMs'>, { isDay }: Later): number {
  return isDay ? authority.timing.checkAgainMs : retryMs
}

/** The facts of a refused act and its account are kept: with others it is sent again. */
function settled(
  act: DutyAct,
  print: string | undefined,
  { state, reason }: Step & { do: 'settle' },
): Pick<DutyProgress, 'state' | 'reason' | 'about' | 'account'> {
  if (state !== 'refused') return { state, reason }
  return { state, reason, about: factsOf(act), ...(print !== undefined && { account: print }) }
}

/** Journals a change of state that the answer to a question made; a failed question changes nothing. */
async function changed(
  options: TryOptions,
  { task, act }: AutomaticDuty,
  before: DutyProgress | undefined,
  asked: AuthorityAnswer,
  step: Step,
): Promise<void> {
  const { journal, clock } = options
  const { mode } = options.authority
  const progress = progressAfter(options, act, before, asked, step)
  if (progress === undefined) return
  await journal.record((view) => {
    if (isFulfilled(view, task.id, mode)) return []
    const { op, body } = progressSet(view, task, mode, progress)
    const note = step.do === 'confirm' && asked.status !== undefined ? act.note?.(asked.status) : undefined
    const words = note === undefined ? {} : { message: note }
    const facts = { mode, by: 'asked' as const, rc: [...asked.rc], status: asked.status?.word ?? null, ...words }
    const following = followingEvents(view, task, mode, progress, rfc3339(clock.now()))
    return [{ kind: 'duty.changed', op, body: { ...body, facts } }, ...following]
  })
}

function progressAfter(
  options: TryOptions,
  act: DutyAct,
  before: DutyProgress | undefined,
  asked: AuthorityAnswer,
  step: Step,
): DutyProgress | undefined {
  const kept = keptOf(before)
  if (step.do === 'confirm') return confirmedProgress(before, step.by, options.clock.now(), options.authority.relay)
  if (step.do === 'settle')
    return {
      ...settled(act, options.print, step),
      ...wordsOf(asked.message, before?.message),
      ...kept,
    }
  // The refused request had no effect: it is sent again later.
  if (step.do === 'later' && before?.state === 'sent' && before.reason !== undefined)
    return { ...kept, state: 'queued', attempts: Math.max(0, kept.attempts - 1), ...nextTry(options, step) }
  return undefined
}

/** The words of the last answer, else those of the one before it. */
function wordsOf(message: string, before: string | undefined): Pick<DutyProgress, 'message'> {
  const words = message === '' ? before : message
  return words === undefined ? {} : { message: words }
}

/**
 * How many milliseconds ago the last of the tasks that come before this duty was confirmed; 0 if none was. After a clock
 * that was set back the step counts as that time.
 */
function confirmedAgo({ journal: { view }, clock, authority: { mode } }: TryOptions, { after }: DutyAct): number {
  const ages = after.flatMap((id) => {
    const byPerson = view.eventsOf(confirmationOf(id))[0]?.at
    const ms = parseRfc3339(progressOf(view, id, mode)?.confirmed_at ?? byPerson ?? '')
    return ms === undefined ? [] : [Math.abs(clock.now() - ms)]
  })
  return ages.length === 0 ? 0 : Math.min(...ages)
}
