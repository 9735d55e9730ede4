import type { AuthorityRequest, AuthoritySubject, ReceiptCheck, SubjectStatus } from '../../drivers/ports/authority.ts'
import type { DutyGround, OutageGround } from '../contract/duty-ground.ts'
import type { Facts } from '../journal/event-facts.ts'
import type { NewEvent } from '../journal/events.ts'
import type { DutyKind } from './duty-kind.ts'
import type { Instruction } from './instruction.ts'

/** The meaning of a status for an act: its goal, permission to send it, or a state that a person must look at. */
export type Judgement = 'goal' | 'send' | 'other_state'

/** The merchant whose account sends: the numbers that may name it; or none yet, or several from which a person chooses. */
export type DutyMerchant = readonly string[] | 'none' | 'several'

/** `later`: something that comes before it is not visible yet. */
export type CodeMeaning = 'later' | 'already_ended' | 'contradicting'

export type RequestRecord = Pick<Facts['duty.sent'], 'subject' | 'vda_id' | 'reason' | 'since' | 'end'>

/** How an authority's client does a task. It has functions, so it is never a member of a task that is listed. */
export type DutyAct<Request extends AuthorityRequest = AuthorityRequest> = {
  readonly merchant: DutyMerchant
  /** Its acts follow each other, in the order of the list. */
  readonly about: AuthoritySubject
  /** Undefined for the check of a Jahresbeleg: it may be repeated, and no question is asked before it. */
  readonly subject: AuthoritySubject | undefined
  readonly operation: Request['operation']
  /** Ids of tasks that must be confirmed before it. */
  readonly after: readonly string[]
  /** More of them, unless the first one is refused: it then never passes, and the act is the way out. */
  readonly afterUnlessRefused?: readonly [string, ...string[]]
  /** False for a unit that is not certified, in production. */
  readonly isCertified: boolean
  /** Not sent in a trial either: its code names another provider than a trial registers. */
  readonly needsCertified?: true
  /** It cannot be taken back, and the agent only infers it: nothing is asked or sent before a person sends it. */
  readonly needsWord?: true
  /** The grounds from which a person may choose when it is sent; empty: none. */
  readonly grounds: readonly DutyGround[]
  /** The facts in its request, without a secret. A refused one is sent again when they have changed. */
  readonly facts: readonly string[]
  /** Made when it is sent: it may have a secret. Undefined if that secret is lost. */
  request(ground?: DutyGround): Request | undefined
  /** The subject and the fields of a request as the journal keeps them: no secret is in them. */
  recorded(request: Request): RequestRecord
  judge(status: SubjectStatus): Judgement
  /** The meanings of its codes for another state than the goal; any other one is a refusal. */
  readonly codes: Readonly<Record<string, CodeMeaning>>
  /** A check of a receipt: its answer is the result. */
  readonly isCheck?: true
  /** Words for a goal whose time at the office is another one. */
  note?(status: SubjectStatus): string | undefined
  /** The remedy for a faulty receipt, by the parts of the check that failed. */
  whenFaulty?(failed: ReceiptCheck['failed']): string | undefined
}

/** An outage as a person reports it: times in RFC 3339. */
export type AskedOutage = {
  readonly reason: OutageGround
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** The events of such a report, none if it was made before, and the ids of the duties whose requests it makes. */
export type ReportedOutage = { readonly events: readonly NewEvent[]; readonly duties: readonly string[] }

/** A legal task for a person, not for the agent. */
export type Task = DutyKind & {
  /** Always the same for the same task, e.g. `startbeleg-check-reg_…`. */
  readonly id: string
  readonly title: string
  /** Due date, a calendar date of the law's time zone. */
  readonly due: string
  /** The steps, one sentence each. */
  readonly instructions: readonly Instruction[]
  readonly location_id?: string
  readonly register_id?: string
  readonly device_id?: string
  /** The last closing is checked with it, in place of those before: their transmission is that of the task. */
  readonly closing_ids?: readonly string[]
  /** The first day on which it can be done, a calendar date. */
  readonly not_before?: string
  /** Why it cannot be confirmed yet. */
  readonly unfinished?: string
  /** Confirming the task confirms that the clock is right. */
  readonly clock?: 'right'
  /** The facts of the event that confirms it. */
  readonly facts?: NonNullable<Facts['duty.confirmed']>
}

/** A task, and the act of a client that does it. */
export type Duty = { readonly task: Task; readonly act?: DutyAct | undefined }
