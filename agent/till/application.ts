import type { Json } from '../../base/canonical.ts'
import type { ChangeData, ChangeKind } from '../contract/change.ts'
import type { CreateClosing } from '../contract/closing.ts'
import type { CreateDrawerOpening } from '../contract/drawer-opening.ts'
import type { CreateExport } from '../contract/export.ts'
import type { CreateLocation, UpdateLocation } from '../contract/location.ts'
import type { CreateMerchant, UpdateMerchant } from '../contract/merchant.ts'
import type { CompleteOperation, CreateOperation, OperationQuery, VoidOperation } from '../contract/operation.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { CreateRegister, FiscalizeRegister, UpdateRegister } from '../contract/register.ts'
import type { Access, Answer, Caller, Idempotency, Mutation, Page, PageQuery } from './requests.ts'

/** A resource as it is answered: canonical JSON of it is the body. */
export type Resource = { readonly [member: string]: Json | undefined }

/** A resource that changed. `seq` is missing where the journal does not hold it: it cannot be asked for again. */
export type Change = { kind: ChangeKind; data: ChangeData; seq: number | undefined }

type Changes<Create> = (mutation: Mutation, input: Create) => Promise<Answer>
type ChangesOne<Update> = (mutation: Mutation, input: Update, id: string) => Promise<Answer>
/** Throws FiskalError `not_found` or `forbidden`. */
type Reads = (access: Access, id: string) => Resource
type Lists<Query> = (access: Access, query: Query) => Page<Resource>

/** What the HTTP layer needs of the agent. It parses, authenticates and answers; everything that decides is behind this. */
export type Application = {
  /** The caller of a key, or undefined: unknown, revoked, or wrong. Takes the same time for either. */
  authenticate(kind: 'platform' | 'register', key: string): Caller | undefined
  /** False for a text that was never a key: cut off, mistyped. Whoever makes one up can tell as well, so it may be said. */
  isWholeKey(text: string): boolean
  /**
   * Merchant of a request: the header's, the register's, the only one, or of several the one that the organization names.
   * Throws `not_found` (merchant), `forbidden`.
   */
  merchantFor(caller: Caller, header: string | undefined, organization: string | undefined): string | undefined
  /**
   * Whose keys a request uses that names no merchant: the one that was the only one once, so that its repetition finds its
   * answer also after others came.
   */
  eldestMerchant(): string | undefined
  /**
   * The stored answer of an idempotency key. Waits for a running request of the same key, up to the deadline.
   * Throws `idempotency_key_conflict`, `idempotency_key_in_use`, and `forbidden` where it is that of another register.
   */
  storedAnswer(idempotency: Idempotency): Promise<Answer | undefined>
  merchants: { create: Changes<CreateMerchant>; update: ChangesOne<UpdateMerchant>; get: Reads; list: Lists<PageQuery> }
  locations: { create: Changes<CreateLocation>; update: ChangesOne<UpdateLocation>; get: Reads; list: Lists<PageQuery> }
  registers: {
    create: Changes<CreateRegister>
    update: ChangesOne<UpdateRegister>
    fiscalize: ChangesOne<FiscalizeRegister>
    decommission: ChangesOne<undefined>
    get: Reads
    list: Lists<PageQuery>
    /** The register's not-closed session; throws `not_found` (session) when there is none. */
    session: Reads
  }
  operations: {
    create: Changes<CreateOperation>
    complete: ChangesOne<CompleteOperation>
    void: ChangesOne<VoidOperation>
    get: Reads
    list: Lists<PageQuery & OperationQuery>
    /** How its amounts came about. */
    explain: Reads
    /** Receipt model of a finished operation in that language; undefined is that of the shop's country. */
    receipt(access: Access, id: string, language: ReceiptModel['language'] | undefined): ReceiptModel
  }
  sessions: { get: Reads; list: Lists<PageQuery & { registerId?: string | undefined; state?: string | undefined }> }
  drawerOpenings: {
    create: Changes<CreateDrawerOpening>
    get: Reads
    list: Lists<PageQuery & { registerId?: string | undefined }>
  }
  closings: {
    /** Of the register with that id. */
    create: ChangesOne<CreateClosing>
    get: Reads
    /** Of one register. */
    list(access: Access, query: PageQuery, registerId: string): Page<Resource>
  }
  exports: {
    create: Changes<CreateExport>
    get: Reads
    /** The finished file behind a signed, unexpired link; throws `not_found`. */
    file(id: string, signature: string, expires: string): { path: string; fileName: string; mediaType: string }
  }
  /** What changed, for whoever may see it: told from the journal, so that it can be asked for again after any pause. */
  changes: {
    /** The newest event. */
    head(): number
    /** The name of an event's place for whoever comes back: after a restored backup the same number may be another event. */
    placeOf(seq: number): string
    /** The event of a place; undefined where it is none of this journal's history. */
    seqOf(place: string): number | undefined
    /** Told by the events after `seq`, of which at most `limit` are looked at; `upTo` is the last of them. */
    after(
      access: Access,
      seq: number,
      limit: number,
    ): {
      upTo: number
      changes: readonly Change[]
      /** The caller's key was revoked at `upTo`. */
      revoked: boolean
    }
    /** Calls when there may be more, with the change where it is one that the journal does not hold. Returns its removal. */
    onChange(listener: (unjournalled?: Change) => void): () => void
  }
  /** Events after `after`, as the `ev` lines of a journal export. */
  journal(after: number, limit: number): Page<Resource>
  devices(): readonly Resource[]
  /** Each target of the replay, and how far it is. */
  sync(): readonly Resource[]
  /** All that one look should tell, as the caller may see it. */
  overview(access: Access): Resource
  /** All that is counted and measured, in the text format of Prometheus. */
  metrics(): string
  /** `ready` while the journal is writable and the start-up reconciliation is through. */
  readiness(): {
    ready: boolean
    state: 'starting' | 'ready' | 'degraded' | 'stopping' | 'no_storage'
    details: Resource
    /** With the detail of each case: for holders of a key and for the technician. */
    warnings: readonly Resource[]
  }
}
