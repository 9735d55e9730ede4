import type { AuthorityAnswer, AuthorityTiming } from '../../drivers/ports/authority.ts'
import type { ConfirmedBy, DutyProgress } from '../journal/documents/records.ts'
import type { DutyAct } from '../laws/duty.ts'

/** `isDay`: not before the time of `checkAgainMs`. */
export type Later = { readonly do: 'later'; readonly isDay: boolean }

/** The next step of a duty. `pause` and `credentials` concern its whole account. */
export type Step =
  | { readonly do: 'confirm'; readonly by: ConfirmedBy }
  | { readonly do: 'send' }
  | { readonly do: 'wait'; readonly forMs: number }
  | Later
  | { readonly do: 'pause' | 'credentials' }
  | { readonly do: 'settle'; readonly state: 'refused' | 'unclear'; readonly reason: string }

/** Requests that were accepted or lost, and never became visible. */
const TRIES_MAX = 3
/** The reason of a failed check. */
const FAULTY = 'receipt_faulty'

/** How long ago, in milliseconds: the last request, and the confirmation of the last of those that come before it. */
export type Ages = { readonly sentMs: number; readonly confirmedMs: number }

/**
 * After the question that begins each try. A request that may have had its effect is never sent again before it had the
 * time to become visible.
 */
export function afterQuestion(
  act: DutyAct,
  before: DutyProgress | undefined,
  answer: AuthorityAnswer,
  timing: AuthorityTiming,
  { sentMs, confirmedMs }: Ages,
): Step {
  if (answer.status === undefined) return ofClass(answer)
  const judgement = act.judge(answer.status)
  if (judgement === 'goal') return { do: 'confirm', by: isOurs(before) ? 'authority' : 'found' }
  if (judgement === 'other_state') return { do: 'settle', state: 'unclear', reason: 'other_state' }
  if (before?.state !== 'sent') return { do: 'send' }
  if (before.reason !== undefined) return ofStateCode(act, before.reason, confirmedMs < timing.visibleMs)
  if (sentMs < timing.visibleMs) return { do: 'wait', forMs: timing.askMs }
  if (before.attempts >= TRIES_MAX) return { do: 'settle', state: 'unclear', reason: 'no_effect' }
  return { do: 'send' }
}

/** False for a receipt that had passed before we sent it: our check of it failed. */
function isOurs(before: DutyProgress | undefined): boolean {
  return (before?.attempts ?? 0) > 0 && before?.reason !== FAULTY
}

/** A code of another state is never believed alone: now the status is known, and it is not the goal. */
function ofStateCode({ codes }: DutyAct, code: string, mayBecomeVisible: boolean): Step {
  const meaning = codes[code]
  if (meaning === 'later' && mayBecomeVisible) return { do: 'later', isDay: false }
  if (meaning === 'already_ended') return { do: 'settle', state: 'unclear', reason: meaning }
  return { do: 'settle', state: meaning === 'contradicting' ? 'unclear' : 'refused', reason: code }
}

/**
 * After the answer to a request. `wait` for 0 ms: the status is asked at once, after the failed check of a receipt too: one
 * that has passed does not pass again.
 */
export function afterAnswer(act: DutyAct, answer: AuthorityAnswer): Step {
  if (isFailedCheck(act, answer)) return { do: 'wait', forMs: 0 }
  if (answer.class === 'done') return act.isCheck ? { do: 'confirm', by: 'authority' } : { do: 'wait', forMs: 0 }
  if (answer.class === 'state' && act.isCheck !== true) return { do: 'wait', forMs: 0 }
  return ofClass(answer)
}

/** True for the failed check of a receipt whose state the office shows. */
export function isFailedCheck({ isCheck, subject }: DutyAct, { reason }: AuthorityAnswer): boolean {
  return isCheck === true && subject !== undefined && reason === FAULTY
}

function ofClass(answer: AuthorityAnswer): Step {
  const code = answer.reason ?? answer.rc[0] ?? 'unknown_code'
  switch (answer.class) {
    case 'pause':
    case 'credentials':
      return { do: answer.class }
    case 'later':
    case 'later_day':
      return { do: 'later', isDay: answer.class === 'later_day' }
    case 'refused':
    case 'state':
      return { do: 'settle', state: 'refused', reason: code }
    case 'done':
    case 'unclear':
      return { do: 'settle', state: 'unclear', reason: code }
  }
}
