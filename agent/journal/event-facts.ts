import type { Json } from '../../base/canonical.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { EventKind } from './event-kinds.ts'

/** JSON of which the journal knows no more: what one law or a target answered. */
type Opaque = { readonly [member: string]: Json | undefined }

/** What an event of a request may tell whatever its kind is: the header OpenFiskal-Organization, as it came. */
export type Origin = { readonly organization: string }

type Cause = { readonly code: string; readonly message: string }

/** Why a request failed after all, as it was answered. */
type Refusal = Cause & { readonly details: Json }

/** Of a step of the clock, or of a word for it: RFC 3339. */
type ClockTimes = { readonly from: string; readonly to: string }

/** `silent_ms`: how long it had been silent when its outage was journalled. The last two are of a TSE. */
type DeviceState = {
  readonly device: string
  readonly state: 'ready' | 'degraded' | 'down' | 'foreign'
  readonly code: string | null
  readonly message: string | null
  readonly serial: string | null
  readonly silent_ms?: number
  readonly signatures_left?: number | undefined
  readonly memory_used_percent?: number | undefined
}

/** Who ends and begins: `file` is the backup that another machine goes on from. */
type Move = { readonly at: string; readonly file: string }

/** Where the chain before an epoch ended (W-1); `lastKnownHead` base64url. */
export type Succession = {
  readonly previousChainId: string
  readonly lastKnownSeq: number
  readonly lastKnownHead: string
}

/** Why an epoch began; the code of a target's halt is `fork` or `rollback`, and its proof the head that it holds. */
export type Renewal =
  | { readonly reason: 'operator' | 'reopened' | 'checkpoint key lost' }
  | { readonly reason: 'unsigned_head'; readonly signed_to: number; readonly tables_to?: number }
  | {
      readonly reason: 'restore'
      readonly backup_made_at: string
      readonly events_filled: number
      readonly lost: string
      readonly sealed: boolean
    }
  | {
      readonly reason: string
      readonly target: string
      readonly proof: {
        readonly target: string
        readonly seq: number
        readonly head: string
        readonly cp: Checkpoint
      }
    }

/** The first epoch of a journal began for no reason. */
export type EpochCause = Renewal | { readonly reason?: never }

/** The first event of a chain. `publicKey`: raw Ed25519, base64url. */
export type Opening = {
  readonly chainId: string
  readonly agentId: string
  readonly epoch: number
  readonly publicKey: string
} & Partial<Succession> &
  EpochCause

/**
 * What a `journal.sealed` event of chain `op` anchors: its events `first` to `last`. `head` base64url; `sha256` of the file
 * in hex; `file` in `segments/`; `cp` signs its head, so that the events alone make it again.
 */
export type Seal = {
  readonly first: number
  readonly last: number
  readonly head: string
  readonly sha256: string
  readonly file: string
  readonly cp?: Checkpoint
}

/** Names a backup, with its last event in the numbers of `chain`; `blob` is its manifest. */
type MadeBackup = {
  readonly made_at: string
  readonly name: string
  readonly chain: string
  readonly epoch: number
  readonly seq: number
  readonly head: string
  readonly events: number
  readonly bytes: number
  readonly secrets: boolean
  readonly blob: { readonly sha256: string; readonly bytes: number; readonly mediaType: string }
}

/** Events of ended epochs that a target will never have, as a person has decided; `evidence`: what both sides said. */
type SetAside = {
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

/** A transaction that no document waits for, which the agent ends; `started_ms` as far as the TSE told it. */
export type StrayTransaction = {
  readonly law: string
  readonly register_id: string
  readonly operation_id: string | null
  readonly started_ms?: number
}

/** Why it was not ended. Without `law` it was retired with its TSE, and the intent told nothing of it. */
type AbortFailed = Partial<StrayTransaction> &
  Partial<Cause> & { readonly kind?: 'failed'; readonly beside?: Opaque | undefined }

/** What a TSE told of a start or a finish; `signature` base64. */
export type ToldLog = { readonly log_time: string; readonly signature_counter: number; readonly signature: string }

/** A transaction that the journal had lost, as its TSE told it. */
export type AdoptedTransaction = {
  readonly transaction: number
  readonly register_id: string
  readonly client: string
  readonly serial: string
  readonly receipt_number: number | null
  readonly started: ToldLog | null
  readonly finished: ToldLog | null
  readonly process_type: string | null
  readonly process_data: string | null
}

/** One that was open on a TSE when that was retired. */
type RetiredTransaction = Cause & { readonly transaction: number; readonly operation_id: string | null }

/** Open on a TSE for a client that is no register of this agent. */
type ForeignTransaction = { readonly device: string; readonly transaction: number; readonly client: string }

/** Logs that were read back from a TSE: `file` below `archives/`, the counters are of signatures. */
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

/** What an act on a TSE's memory failed of. */
type MemoryFailure = { readonly device: string; readonly code: string }

/**
 * What an event tells beside its marks, by its kind: it stands in `note`, and its members are frozen. `undefined` among them:
 * not each event of the kind tells something.
 */
export type Facts = {
  'backup.made': MadeBackup
  'clock.stepped': ClockTimes & { readonly by_ms: number }
  'clock.vouched': ClockTimes & { readonly by: string }
  'closing.refused': Refusal
  'device.adopted': {
    readonly device: string
    readonly transactions: readonly number[]
    readonly signature_counters?: { readonly from: number; readonly to: number }
  }
  'device.degraded': DeviceState
  'device.down': DeviceState
  'device.foreign': DeviceState
  'device.ready': DeviceState
  'device.serviced': { readonly device: string; readonly act: string; readonly argument?: string }
  'journal.moved': Move
  'journal.opened': Opening
  'journal.sealed': Seal
  'journal.state_recorded': { readonly v: 1; readonly sha256: string }
  'operation.ended': { readonly reason: string }
  'operation.refused': Refusal
  'register.refused': Refusal
  'sync.set_aside': SetAside
  /** Of the clock alone: who vouched for it. */
  'task.confirmed': (ClockTimes & { readonly by: string }) | undefined
  'transaction.abort_failed': AbortFailed
  'transaction.abort_intended': StrayTransaction
  /** With what the law tells of its end. */
  'transaction.aborted': StrayTransaction & Opaque
  'transaction.foreign_end_intended': ForeignTransaction
  'transaction.foreign_ended': ForeignTransaction & { readonly ended: boolean; readonly code?: string }
  /** Of an operation it tells nothing: its document does. */
  'transaction.lost': AdoptedTransaction | RetiredTransaction | undefined
  /** Of a whole archive it tells nothing: the unit's document does. */
  'tse.archived': ReadPortion | undefined
  'tse.deletion_failed': MemoryFailure
  'tse.unreadable': MemoryFailure
}

/** A kind of which each event tells something, or some do. */
export type FactKind = keyof Facts
export type KindWithoutFacts = Exclude<EventKind, FactKind>

/** How the facts of a kind stand in the body of an event that is written. */
export type FactsOf<Kind extends FactKind> = undefined extends Facts[Kind]
  ? { readonly note?: NonNullable<Facts[Kind]> }
  : { readonly note: Facts[Kind] }

type MembersOf<Union> = Union extends unknown ? keyof Union : never
type MemberOf<Union, Member> = Union extends unknown ? (Member extends keyof Union ? Union[Member] : undefined) : never

/** The facts of a stored event: an older program may have told less, so that each member may be missing. */
export type Told<Kind extends FactKind> = {
  readonly [Member in MembersOf<NonNullable<Facts[Kind]>>]?: MemberOf<NonNullable<Facts[Kind]>, Member> | undefined
}

/** The facts of an event that anybody may have written: each member may be anything. */
export type Claimed<Kind extends FactKind> = {
  readonly [Member in MembersOf<NonNullable<Facts[Kind]>>]?: unknown
}
