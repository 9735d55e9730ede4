import type { AmendOperation } from '../contract/amendment.ts'
import type { ChangeData, ChangeKind } from '../contract/change.ts'
import type { CreateClosing } from '../contract/closing.ts'
import type { CreateDrawerOpening } from '../contract/drawer-opening.ts'
import type { CreateExport } from '../contract/export.ts'
import type { IssueOperation } from '../contract/issued.ts'
import type { KeyedKind } from '../contract/key-ids.ts'
import type { CreateLocation, UpdateLocation } from '../contract/location.ts'
import type { CreateMerchant, UpdateMerchant } from '../contract/merchant.ts'
import type { CompleteOperation, CreateOperation, VoidOperation } from '../contract/operation.ts'
import type { CreatePaymentTerminal, UpdatePaymentTerminal } from '../contract/payment-terminals.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { CreateRegister, DecommissionRegister, FiscalizeRegister, UpdateRegister } from '../contract/register.ts'
import type { VatRateQuery } from '../contract/vat-rates.ts'
import type { SignedLink } from './exports/download-links.ts'
import type { ExportFile } from './exports/exports.ts'
import type { dutyReads } from './reading/duty-pages.ts'
import type { Read, Reads } from './reading/reads.ts'
import type { Access, Answer, Caller, Idempotency, Mutation, Page, PageQuery, Resource } from './requests.ts'

/** A resource that changed. `seq` is missing for a change that is not journalled: it cannot be requested again. */
export type Change = { kind: ChangeKind; data: ChangeData; seq: number | undefined }

type Changes<Create> = (mutation: Mutation, input: Create) => Promise<Answer>
type ChangesOne<Update> = (mutation: Mutation, input: Update, id: string) => Promise<Answer>

/**
 * The interface between the HTTP layer, which parses, authenticates and answers, and the agent, which decides. The
 * reads of a resource are those of reading/reads.ts.
 */
export type Application = {
  /** The caller of a key; undefined for an unknown, revoked or wrong key. Takes the same time in each case. */
  authenticate(kind: 'platform' | 'register', key: string): Caller | undefined
  /** False for a text that was never a key: truncated or mistyped. Anyone can compute this, so it may be reported. */
  isWholeKey(text: string): boolean
  /**
   * Merchant of a request: from the header, the register, the only active one, or the one named by the organization. Throws
   * `not_found` (merchant), `forbidden`.
   */
  merchantFor(caller: Caller, header: string | undefined, organization: string | undefined): string | undefined
  /**
   * The merchant whose keys a request without a merchant uses: the first one ever, so that a repeated request finds its
   * answer after further merchants were created.
   */
  eldestMerchant(): string | undefined
  /**
   * The stored answer of an idempotency key. Waits for a running request of the same key, up to the deadline. Throws
   * `idempotency_key_conflict` and `idempotency_key_in_use`.
   */
  answerOfKey(idempotency: Idempotency, arrivedNs?: bigint): Promise<Answer | undefined>
  /**
   * The resource of that kind that the request with this Idempotency-Key made: a key of the caller, else of a platform
   * key. Undefined for an unknown key, and for a resource that the caller may not see.
   */
  idOfKey(access: Access, kind: KeyedKind, key: string): string | undefined
  merchants: Reads['merchants'] & { create: Changes<CreateMerchant>; update: ChangesOne<UpdateMerchant> }
  locations: Reads['locations'] & { create: Changes<CreateLocation>; update: ChangesOne<UpdateLocation> }
  registers: Reads['registers'] & {
    create: Changes<CreateRegister>
    update: ChangesOne<UpdateRegister>
    fiscalize: ChangesOne<FiscalizeRegister>
    decommission: ChangesOne<DecommissionRegister>
  }
  paymentTerminals: {
    create: Changes<CreatePaymentTerminal>
    update: ChangesOne<UpdatePaymentTerminal>
    get: Read
    list(access: Access, query: PageQuery): Page<Resource>
  }
  operations: Reads['operations'] & {
    create: Changes<CreateOperation>
    amend: ChangesOne<AmendOperation>
    complete: ChangesOne<CompleteOperation>
    void: ChangesOne<VoidOperation>
    issue: ChangesOne<IssueOperation>
    /** The rates and codes of a register on a day. */
    vatRates(access: Access, query: VatRateQuery): Page<Resource>
    /** The calculation of its amounts. */
    explain: Read
    /** Receipt model of a finished operation in that language; by default the language of the shop's country. */
    receipt(access: Access, id: string, language: ReceiptModel['language'] | undefined): ReceiptModel
  }
  sessions: Reads['sessions']
  duties: ReturnType<typeof dutyReads>
  drawerOpenings: Reads['drawerOpenings'] & { create: Changes<CreateDrawerOpening> }
  closings: Reads['closings'] & {
    /** `registerId` of the closing's register. */
    create: ChangesOne<CreateClosing>
  }
  exports: {
    create: Changes<CreateExport>
    get: Read
    /** The finished file of a signed, unexpired link; undefined for every other link. */
    linkedFile(id: string, link: SignedLink): ExportFile | undefined
    /**
     * The file of an export that the caller may see; a pending one is waited for, up to 10 s or until `gone`. Throws
     * `not_found`, `shutting_down`.
     */
    file(access: Access, id: string, gone: AbortSignal): Promise<ExportFile>
  }
  /** Changes that the caller may see, read from the journal, so that they can be requested again after any pause. */
  changes: {
    /** The newest event. */
    head(): number
    /** The position of an event for clients that reconnect: after a restored backup its number may be reused. */
    placeOf(seq: number): string
    /** The event at a position; undefined if it is not in this journal's history. */
    seqOf(place: string): number | undefined
    /** The changes by the events after `seq`, at most `limit` of them; `upTo` is the last event read. */
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
    /** Calls when there may be more; with the change if it is not journalled. Returns a function that unsubscribes. */
    onChange(listener: (unjournalled?: Change) => void): () => void
  }
  /** A customer's display, by the token in its address; undefined for every other token. */
  display: {
    /** The names of the shop. */
    page(token: string): { shop: string; place: string } | undefined
    /** JSON of the newest receipt of the register, or of nothing. From memory. */
    now(token: string): { body: string; etag: string } | undefined
    /** The display has the answer with that tag. */
    fetched(token: string, etag: string): void
  }
  /** Events after `after`, as the `ev` lines of a journal export. */
  journal(after: number, limit: number): Page<Resource>
  devices(): readonly Resource[]
  /** Each sync target and its progress. */
  sync(): readonly Resource[]
  /** A summary of the shop, limited to what the caller may see. */
  overview(access: Access): Resource
  /** All counters and measurements, in the text format of Prometheus. */
  metrics(): string
  /** `ready` if the journal is writable and the start-up reconciliation is complete. */
  readiness(): {
    ready: boolean
    state: 'starting' | 'ready' | 'degraded' | 'stopping' | 'no_storage'
    details: Resource
    /** With the detail of each case: for holders of a key and for the technician. */
    warnings: readonly Resource[]
  }
}
