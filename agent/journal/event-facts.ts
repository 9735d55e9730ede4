import type { Json } from '../../base/canonical.ts'
import type { DutyGround, OutageGround } from '../contract/duty-ground.ts'
import type { NumbersReason } from '../contract/merchant.ts'
import type { KeyOf } from '../contract/operation.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { EventKind } from './event-kinds.ts'
import type { MachineMarks } from './machine-marks.ts'

/** JSON that the journal does not read: an answer of one law or of a target. */
type Opaque = { readonly [member: string]: Json | undefined }

type Cause = { readonly code: string; readonly message: string }

/** Why a request failed later, as it was answered. */
type Refusal = Cause & { readonly details: Json }

/** Two times of the clock, RFC 3339. */
type ClockTimes = { readonly from: string; readonly to: string }

export type DeviceState = 'ready' | 'degraded' | 'down' | 'foreign'

/** `silent_ms`: the silence before the outage was journalled. Only a TSE has the last two members. */
type DeviceChange = {
  readonly device: string
  readonly state: DeviceState
  readonly code: string | null
  readonly message: string | null
  readonly serial: string | null
  readonly silent_ms?: number
  readonly signatures_left?: number | undefined
  readonly memory_used_percent?: number | undefined
}

/** The journal moves to another machine; `file` is the backup that it moves with. */
type Move = { readonly at: string; readonly file: string }

/** The end of the chain before an epoch; `last_known_head` base64url. */
export type Succession = {
  readonly previous_chain_id: string
  readonly last_known_seq: number
  readonly last_known_head: string
}

/**
 * How far a state that was put back is behind. `kept`: the newest event that was not lost; absent, it is the last one
 * before the epoch. `shown`: how many events (of a target) or receipts (of a TSE) there are after it, as far as was shown.
 */
type PutBack = { readonly kept?: number; readonly shown?: number }

/** A head of this journal that a target holds and this disk does not. */
export type TargetHead = {
  readonly target: string
  readonly proof: { readonly target: string; readonly seq: number; readonly head: string; readonly cp: Checkpoint }
}

/** Why an epoch began. A target is the reason for `fork` and `rollback`; `proof` is the head that it holds. */
export type Renewal =
  | { readonly reason: 'operator' | 'reopened' | 'checkpoint_key_lost' }
  | { readonly reason: 'unsigned_head'; readonly signed_to: number; readonly tables_to?: number }
  | {
      readonly reason: 'restore'
      readonly backup_created_at: string
      readonly events_filled: number
      /** `nothing_by_word`: as the technician said. */
      readonly lost: 'nothing' | 'nothing_by_word' | 'unknown'
      readonly sealed: boolean
      /** How often the same backup was restored before, as the file next to it has it. */
      readonly restored_before?: number
      /** Read from the last paper by a person: the last number of registers, by their ids. */
      readonly last_receipts?: Readonly<Record<string, number>>
      readonly last_closings?: Readonly<Record<string, number>>
    }
  | ({ readonly reason: 'fork' | 'rollback' } & TargetHead & PutBack)
  /** No target proves it: `file` is the birth time of another `journal.db`, `device` a TSE that is ahead. */
  | ({ readonly reason: 'rollback' } & ({ readonly file: string } | { readonly device: string }) &
      Partial<TargetHead> &
      PutBack)

/** The first epoch of a journal has no reason. */
export type EpochCause = Renewal | { readonly reason?: never }

/** The first event of a chain. `public_key`: raw Ed25519, base64url. */
export type Opening = {
  readonly chain_id: string
  readonly agent_id: string
  readonly epoch: number
  readonly public_key: string
  readonly machine?: MachineMarks
} & Partial<Succession> &
  EpochCause

/**
 * The anchor of a segment by a `journal.sealed` event of chain `op`: its events `first` to `last`. `head` base64url;
 * `sha256` of the file in hex; `file` in `segments/`; `cp` signs its head, so that the events alone make it again.
 */
export type Seal = {
  readonly first: number
  readonly last: number
  readonly head: string
  readonly sha256: string
  readonly file: string
  readonly cp?: Checkpoint
}

/** A backup; `seq` is its last event, counted in `chain`; `blob` is its manifest. */
type MadeBackup = {
  readonly created_at: string
  readonly name: string
  readonly chain: string
  readonly epoch: number
  readonly seq: number
  readonly head: string
  readonly events: number
  readonly bytes: number
  readonly secrets: boolean
  readonly blob: { readonly sha256: string; readonly bytes: number; readonly media_type: string }
}

/** A person dismissed these events of ended epochs for a target; `evidence`: the answers of both sides. */
type Dismissal = {
  readonly target: string
  readonly reason: string
  readonly epochs: readonly {
    readonly chain: string
    readonly epoch: number
    readonly acked_seq: number
    readonly events: number
    readonly code: string
    readonly evidence: Opaque
  }[]
}

/** An open transaction without a document, which the agent aborts; `started_ms` if the TSE returned it. */
export type OrphanTransaction = {
  readonly law: string
  readonly register_id: string
  readonly operation_id: string | null
  readonly started_ms?: number
}

/** Why it was not aborted. It has no `law` if the intent had no law and its TSE was retired. */
type AbortFailed = Partial<OrphanTransaction> &
  Partial<Cause> & { readonly kind?: 'failed'; readonly beside?: Opaque | undefined }

/** The log of a start or a finish, as the TSE returned it; `signature` base64. */
export type TseLog = { readonly log_time: string; readonly signature_counter: number; readonly signature: string }

/** A transaction that the journal lost, as its TSE returned it. */
export type AdoptedTransaction = {
  readonly transaction: number
  readonly register_id: string
  readonly client: string
  readonly serial: string
  readonly receipt_number: number | null
  readonly started: TseLog | null
  readonly finished: TseLog | null
  readonly process_type: string | null
  readonly process_data: string | null
  /** The numbers of which its paper has one, if it could not get that one back. */
  readonly paper_numbers?: { readonly from: number; readonly to: number }
  /** Its number follows the order of signatures: its paper has a later one if a receipt without one came before it. */
  readonly numbered_by?: 'signatures'
}

/**
 * Why numbers were set aside: they may be on paper, and no record of their receipts or closings is left. `lost_end`: the
 * TSE has the end of an operation that the backup has open. `rollback`: the state was put back; earlier programs wrote
 * `tse_ahead` if a TSE showed it.
 */
export type SetAsideReason = 'restore' | 'rollback' | 'tse_ahead' | 'last_receipt' | 'last_closing' | 'lost_end'

/** Numbers of a register that are never given, inclusive: of receipts (`bon`) or of closings (`z`). */
export type SetAside = {
  readonly register_id: string
  readonly kind: 'bon' | 'z'
  readonly from: number
  readonly to: number
  /** The numbers that may be on paper, if those before `from` were given again before anything showed the loss. */
  readonly lost?: { readonly from: number; readonly to: number }
  readonly why: SetAsideReason
}

/** A transaction that was open when its TSE was retired. */
type RetiredTransaction = Cause & { readonly transaction: number; readonly operation_id: string | null }

/** Open on a TSE for a client that is not a register of this agent. */
type ForeignTransaction = { readonly device: string; readonly transaction: number; readonly client: string }

/** Logs that were read back from a TSE: `file` below `archives/`, signature counters. */
export type ReadPortion = {
  readonly device: string
  readonly portion: true
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly first_counter: number
  readonly last_counter: number
  readonly logs: number
}

/**
 * An alert by its rule and its subject, which has at most one of these members; `code` is that of the warning. No
 * sentence, because words change, and no address: it is a person's.
 */
type AlertState = {
  readonly rule: string
  readonly subject: {
    readonly device?: string
    readonly target?: string
    readonly register?: string
    readonly duty?: string
    readonly about?: string
  }
  readonly severity: 'warning' | 'alarm'
  readonly since: string
  readonly code: string
}

/** A message of an alert, or of the digest of a day, by its type, and the attempt that ended it. */
type AlertDelivery = { readonly type: string; readonly channel: string; readonly attempt: number }

/** `waiting`: the recipients that the message has not reached yet, as their channel names them; no address. */
type AlertSent = AlertDelivery & { readonly waiting?: readonly string[] }

/**
 * A request to an authority, without its secrets. Its packet number follows from the seq of this event (`packetOf`). `subject`: number of the
 * certificate, Kassen-ID, or Kassen-ID and Belegnummer of a checked receipt.
 */
type DutyRequest = {
  readonly mode: 'T' | 'P'
  readonly request_id: string
  readonly packet: number
  readonly operation: string
  readonly subject: string
  /** Only of the registration of a unit. */
  readonly vda_id?: string
  /** Only of an outage or an end of use: a code of the authority. */
  readonly reason?: number
  readonly since?: string
  /** Only of the end of an outage. */
  readonly end?: string
}

/** The answer to such a request, or the reason why none could be read. */
type DutyAnswer = Pick<DutyRequest, 'mode' | 'request_id' | 'packet' | 'operation' | 'subject'> & {
  readonly rc: readonly string[] | null
  readonly message: string
  readonly lost?: string
  readonly http_status?: number
  /** The failing parts of a receipt check. */
  readonly failed?: readonly { readonly id: string; readonly message: string }[]
}

/** A change by the answer to a question, with that answer; or by a person that sends the duty. */
type DutyChange =
  | {
      readonly mode: 'T' | 'P'
      readonly by: 'asked'
      readonly rc: readonly string[]
      readonly status: string | null
      readonly message?: string
    }
  | { readonly mode: 'T' | 'P'; readonly by: 'person'; readonly ground?: DutyGround }

/**
 * An outage that a person reports, or its ground: RFC 3339 UTC in whole seconds. A later event with the same begin
 * replaces it.
 */
export type OutageReport = { readonly reason: OutageGround; readonly since: string; readonly until?: string }

/** Why an act on the memory of a TSE failed. */
type MemoryFailure = { readonly device: string; readonly code: string }

/**
 * The facts of each kind of event, stored in `facts` next to the marks; their members are frozen. `undefined`: not every
 * event of the kind has facts.
 */
export type Facts = {
  'alert.abandoned': AlertDelivery & { readonly reason: 'resolved' | 'undelivered' }
  'alert.raised': AlertState
  'alert.resolved': AlertState
  'alert.sent': AlertSent
  'backup.made': MadeBackup
  'clock.stepped': ClockTimes & { readonly by_ms: number }
  'clock.confirmed': ClockTimes & { readonly by: string }
  'closing.refused': Refusal
  'tse.adopted': {
    readonly device: string
    readonly transactions: readonly number[]
    readonly signature_counters?: { readonly from: number; readonly to: number }
    /** The unit did not return all that it had signed: it was asked for too long, or its logs were deleted. */
    readonly part?: true
  }
  'device.changed': DeviceChange
  'device.serviced': { readonly device: string; readonly act: string; readonly argument?: string }
  'duty.answered': DutyAnswer
  'duty.changed': DutyChange
  'duty.sent': DutyRequest
  'journal.moved': Move
  'journal.opened': Opening
  'journal.sealed': Seal
  /** The machine has other parts than before, or its marks were not known yet. */
  'machine.noted': { readonly machine: MachineMarks }
  'journal.state_recorded': { readonly v: 1; readonly sha256: string }
  /** Only of other tax numbers while a register is fiscalized; in a session they follow when it is closed. */
  'merchant.updated': { readonly reason: NumbersReason } | undefined
  'numbers.set_aside': SetAside
  'operation.cut_short': { readonly reason: string }
  'operation.refused': Refusal
  'outage.reported': OutageReport
  /** Another program than before writes the journal; no one older than `oldest_safe_version` may open it. */
  'program.changed': { readonly version: string; readonly schema: number; readonly oldest_safe_version: string }
  /** Without facts from a till; otherwise the part of the agent that issued the receipt. */
  'receipt.issued': { readonly by: 'display' } | undefined
  'register.decommission_refused': Refusal
  /** The unit that a register has left, and that has its client no longer. */
  'register.deregistered': { readonly device: string; readonly serial: string }
  'register.fiscalize_refused': Refusal
  'sync.dismissed': Dismissal
  /** Only tasks about the clock and about the machine have facts. */
  'duty.confirmed': (ClockTimes & { readonly by: string }) | { readonly machine: MachineMarks } | undefined
  'transaction.abort_failed': AbortFailed
  'transaction.abort_intended': OrphanTransaction
  /** The answer of the law's device is merged in. */
  'transaction.aborted': OrphanTransaction & Opaque
  'transaction.foreign_abort_intended': ForeignTransaction
  'transaction.foreign_aborted': ForeignTransaction & { readonly ended: boolean; readonly code?: string }
  /** Without facts if an operation had it: its document has them. */
  'transaction.lost': AdoptedTransaction | RetiredTransaction | undefined
  /** Without facts for a whole archive: the document of the unit has them. */
  'tse.archived': ReadPortion | undefined
  'tse.deletion_failed': MemoryFailure
  'tse.read_failed': MemoryFailure
}

/** A kind whose events have facts, or some of them. */
export type FactKind = keyof Facts
export type KindWithoutFacts = Exclude<EventKind, FactKind>

/** The part of the body that a writer of this kind must give. */
export type FactsOf<Kind extends FactKind> = undefined extends Facts[Kind]
  ? { readonly facts?: NonNullable<Facts[Kind]> }
  : { readonly facts: Facts[Kind] }

type MemberOf<Union, Member> = Union extends unknown ? (Member extends keyof Union ? Union[Member] : undefined) : never

/** The facts of a stored event. An older program may have written fewer: any member may be missing. */
export type StoredFacts<Kind extends FactKind> = {
  readonly [Member in KeyOf<NonNullable<Facts[Kind]>>]?: MemberOf<NonNullable<Facts[Kind]>, Member> | undefined
}

/** The facts of an event from a foreign file: any member may be missing or of any type. */
export type ClaimedFacts<Kind extends FactKind> = {
  readonly [Member in KeyOf<NonNullable<Facts[Kind]>>]?: unknown
}
