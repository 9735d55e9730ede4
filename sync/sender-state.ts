import type { Probe } from './evidence.ts'
import type { Halt } from './source.ts'
import type { AnswerOf, Outgoing } from './target.ts'

/** The number of sends of one batch after which the receiver's head replaces the missing acknowledgement. */
const SENDS_MOST = 3
const REFUSALS_MOST = 3

/** The batch with an unknown outcome: the same bytes are sent again. */
type Unsettled = { readonly batch: Outgoing; readonly sends: number }

/**
 * The facts since the start that outlive an exchange. `past`: the target has had this chain (`known`), or it has not,
 * and was unreachable or asked to wait (`hindered`). `refusals`: of the next events, one after the other.
 */
type Contact = {
  readonly past: 'unmet' | 'hindered' | 'known'
  readonly isRegistered: boolean
  readonly refusals: number
}

/**
 * The next step of a sender. `asking`: for the target's position. `probing`: sends an event only to learn the target's
 * event there. `ready`: makes a batch, or waits. `sending`: sends a batch until its outcome is known. `halted`: a person
 * must look.
 */
export type SenderState =
  | { readonly at: 'asking'; readonly contact: Contact; readonly unsettled: Unsettled | undefined }
  | {
      readonly at: 'probing'
      readonly contact: Contact
      readonly probe: Probe
      readonly unsettled: Unsettled | undefined
    }
  | { readonly at: 'ready'; readonly contact: Contact }
  | { readonly at: 'sending'; readonly contact: Contact; readonly unsettled: Unsettled }
  | { readonly at: 'halted'; readonly halt: Halt }
  | { readonly at: 'ended'; readonly as: 'complete' | 'forgotten' }

type StateAt<At extends SenderState['at']> = Extract<SenderState, { at: At }>
/** The states in which a sender runs. */
export type RunningState = Exclude<SenderState, StateAt<'halted' | 'ended'>>

export type Happening =
  | { readonly kind: 'registered' }
  /**
   * The target's position shows its head as ours (`agreement`), with all of the batch on its way (`arrival`), before
   * the cursor (`loss`), or as one of another history.
   */
  | { readonly kind: 'position'; readonly shows: 'agreement' | 'arrival' | 'loss' | Probe }
  | { readonly kind: 'sent'; readonly batch: Outgoing }
  | { readonly kind: 'acknowledged' }
  /** The target asks for other events than it was sent, as its position would show. */
  | { readonly kind: 'gap'; readonly shows: 'loss' | Probe }
  | { readonly kind: 'refused'; readonly verdict: Verdict }
  /** The target has the last event of an ended epoch, and more. */
  | { readonly kind: 'surpassed' }
  /** Each answer that brings nothing further, before it is acted upon. */
  | { readonly kind: 'hindered' }
  | { readonly kind: 'busy' }
  /** No answer, one that contradicts itself or the journal, or an error of our own. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'halted'; readonly halt: Halt }
  | { readonly kind: 'ended'; readonly as: 'complete' | 'forgotten' }

/** The next step after the refusal of a batch: the same events, fewer of them, or a halt at the only one. */
type Verdict = 'again' | 'fewer' | 'halt'

/**
 * Why a sender no longer runs: all of an ended epoch is acknowledged; a person must look; the target lost the chain
 * after it had it; it was closed.
 */
export type Outcome = 'complete' | 'halted' | 'forgotten' | 'closed'

export const UNMET: RunningState = {
  at: 'asking',
  contact: { past: 'unmet', isRegistered: false, refusals: 0 },
  unsettled: undefined,
}

/** The state after a happening; throws an Error for one that cannot follow. */
export function senderAfter(state: SenderState, happening: Happening): SenderState {
  const next = isRunning(state) ? stateFrom(state, happening) : stateAfterEnd(state, happening)
  if (next === undefined) throw new Error(`"${happening.kind}" cannot follow while the sender is ${state.at}`)
  return next
}

export function isRunning(state: SenderState): state is RunningState {
  return state.at !== 'halted' && state.at !== 'ended'
}

/** Why a sender in that state has stopped. */
export function outcomeOf(state: SenderState): Outcome {
  switch (state.at) {
    case 'halted':
      return 'halted'
    case 'ended':
      return state.as
    default:
      return 'closed'
  }
}

/** True if nothing is on its way, or if a head equal to ours proves that nothing of it is missing there. */
export function hasArrived(state: SenderState, headSeq: number): boolean {
  const unsettled = unsettledIn(state)
  return unsettled === undefined || (unsettled.sends >= SENDS_MOST && headSeq >= unsettled.batch.last)
}

/** True if the target has had this chain since the start. */
export function isKnown(state: SenderState): boolean {
  return isRunning(state) && state.contact.past === 'known'
}

/**
 * Events are read from disk and verified again each time, halved after three refusals, never skipped; too many bytes are
 * halved at once.
 */
export function verdictOn(
  { refusals }: Contact,
  count: number,
  kind: AnswerOf<'refused' | 'too_large'>['kind'],
): Verdict {
  const isLast = refusals + 1 >= REFUSALS_MOST
  if (count === 1) return isLast ? 'halt' : 'again'
  return isLast || kind === 'too_large' ? 'fewer' : 'again'
}

function stateFrom(state: RunningState, happening: Happening): SenderState | undefined {
  switch (happening.kind) {
    case 'hindered':
      return state.contact.past === 'unmet' ? { ...state, contact: { ...state.contact, past: 'hindered' } } : state
    case 'unclear':
      return { at: 'asking', contact: state.contact, unsettled: unsettledIn(state) }
    case 'busy':
      return state.at === 'asking' ? { ...state, unsettled: undefined } : ready(state.contact)
    case 'halted':
      return { at: 'halted', halt: happening.halt }
    default:
      return stateAfterExchange(state, happening)
  }
}

type Exchange = Exclude<Happening, { kind: 'hindered' | 'unclear' | 'busy' | 'halted' }>

function stateAfterExchange(state: RunningState, happening: Exchange): SenderState | undefined {
  switch (state.at) {
    case 'asking':
      return stateAfterQuestion(state, happening)
    case 'ready':
      // A journal without a key cannot sign its head: it asks for the position instead.
      return stateFromReady(state, happening) ?? stateAfterQuestion(state, happening)
    case 'sending':
      return stateAfterBatch(state, happening)
    case 'probing':
      return happening.kind === 'surpassed' ? ready(state.contact) : undefined
    default:
      return state satisfies never
  }
}

function stateAfterQuestion(state: StateAt<'asking' | 'ready'>, happening: Exchange): SenderState | undefined {
  const { contact } = state
  switch (happening.kind) {
    case 'registered': {
      const registered = { ...contact, isRegistered: true }
      // A target that reports no chain before its first event receives that event; whatever it has, it then reports.
      return contact.isRegistered
        ? connected(registered, unsettledIn(state))
        : { at: 'asking', contact: registered, unsettled: unsettledIn(state) }
    }
    case 'position':
      return positionShows({ ...contact, past: 'known' }, unsettledIn(state), happening.shows)
    case 'ended':
      return happening.as === 'forgotten' ? { at: 'ended', as: 'forgotten' } : undefined
    default:
      return undefined
  }
}

function positionShows(
  contact: Contact,
  unsettled: Unsettled | undefined,
  shows: Extract<Happening, { kind: 'position' }>['shows'],
): SenderState {
  switch (shows) {
    case 'agreement':
      return connected(contact, unsettled)
    case 'arrival':
    case 'loss':
      return ready(contact)
    default:
      return { at: 'probing', contact, probe: shows, unsettled }
  }
}

function stateFromReady({ contact }: StateAt<'ready'>, happening: Exchange): SenderState | undefined {
  if (happening.kind === 'sent') return { at: 'sending', contact, unsettled: { batch: happening.batch, sends: 1 } }
  if (happening.kind === 'gap') return afterGap(contact, happening.shows)
  return happening.kind === 'ended' ? { at: 'ended', as: happening.as } : undefined
}

function stateAfterBatch(state: StateAt<'sending'>, happening: Exchange): SenderState | undefined {
  const { contact, unsettled } = state
  switch (happening.kind) {
    case 'sent':
      return { ...state, unsettled: { ...unsettled, sends: unsettled.sends + 1 } }
    case 'acknowledged':
      return ready({ ...contact, refusals: 0 })
    case 'refused':
      return ready({ ...contact, refusals: happening.verdict === 'fewer' ? 0 : contact.refusals + 1 })
    case 'gap':
      return afterGap(contact, happening.shows)
    default:
      return undefined
  }
}

/** A halt is replaced only by what is known of it; an error on the way out changes nothing. */
function stateAfterEnd(state: StateAt<'halted' | 'ended'>, happening: Happening): SenderState | undefined {
  if (happening.kind === 'unclear') return state
  return state.at === 'halted' && happening.kind === 'halted' ? { at: 'halted', halt: happening.halt } : undefined
}

function afterGap(contact: Contact, shows: 'loss' | Probe): SenderState {
  return shows === 'loss' ? ready(contact) : { at: 'probing', contact, probe: shows, unsettled: undefined }
}

function ready(contact: Contact): SenderState {
  return { at: 'ready', contact }
}

function connected(contact: Contact, unsettled: Unsettled | undefined): SenderState {
  return unsettled === undefined ? ready(contact) : { at: 'sending', contact, unsettled }
}

function unsettledIn(state: SenderState): Unsettled | undefined {
  return 'unsettled' in state ? state.unsettled : undefined
}
