import type { Clock } from '../../base/clock.ts'
import type { ChangeData, ChangeKind } from '../contract/change.ts'
import type { KeyedKind } from '../contract/key-ids.ts'
import type { CreateOperation } from '../contract/operation.ts'
import { deviceReport } from '../devices/report.ts'
import { FiskalError } from '../errors.ts'
import { eventLine } from '../journal/events.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'
import { wholeUnpaid } from '../register/unpaid.ts'
import type { Exports } from './exports/exports.ts'
import type { TillParts } from './parts.ts'
import type { DutyList } from './reading/duty-list.ts'
import { dutyReads } from './reading/duty-pages.ts'
import { explanationOf } from './reading/explanation.ts'
import { idOfKey } from './reading/key-ids.ts'
import type { SyncedAt } from './reading/reads.ts'
import { reads } from './reading/reads.ts'
import { receiptOf } from './reading/receipts.ts'
import { vatRatesOf } from './reading/vat-rates.ts'
import type { Access, Answer, Caller, Idempotency, Mutation, Page, Resource } from './requests.ts'
import { amendOperation } from './selling/amendment.ts'
import { createClosing } from './selling/closings.ts'
import { completeOperation, voidOperation } from './selling/completion.ts'
import { createGoods } from './selling/create-goods.ts'
import { createDrawerOpening } from './selling/drawer-openings.ts'
import { issueOperation } from './selling/issued.ts'
import { createOrderMove } from './selling/order-moves.ts'
import { createPrintout } from './selling/printouts.ts'
import { createVoid } from './selling/reversal.ts'
import { createSessionEvent } from './selling/session-events.ts'
import { authenticate, isWholeKey } from './set-up/keys.ts'
import type { Vault } from './set-up/merchant-secrets.ts'
import { locationCases, merchantCases } from './set-up/merchants.ts'
import { paymentTerminalCases } from './set-up/payment-terminals.ts'
import { registerCases } from './set-up/registers.ts'

/** A resource that changed. `seq` is missing for a change that is not journalled: it cannot be requested again. */
export type Change = { kind: ChangeKind; data: ChangeData; seq: number | undefined }

/** Answers that other rooms give. */
type Given = {
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
    /** Each with the detail of its case: for holders of a key and for the technician. */
    warnings: readonly Resource[]
  }
}

export type ApplicationOptions = Given & {
  parts: TillParts
  vault: Vault
  exports: Pick<Exports, 'create' | 'get' | 'linkedFile' | 'file'>
  dutyList: DutyList
  clock: Clock
  random: (length: number) => Uint8Array
  /** When the remote sync targets had all events of an operation; undefined until then. */
  syncedAt: SyncedAt
}

/** The wall between the HTTP layer, which parses, authenticates and answers, and the agent, which decides. */
export type Application = ReturnType<typeof applicationOf>

/** The use cases of the sale API, in the form of the HTTP layer. */
export function applicationOf(options: ApplicationOptions) {
  const { parts, clock, changes, sync, metrics, overview, display, readiness } = options
  const { view } = parts.journal
  const read = reads(view, options.syncedAt)
  return {
    /** The caller of a key; undefined for an unknown, revoked or wrong key. Takes the same time in each case. */
    authenticate: (kind: 'platform' | 'register', key: string) => authenticate(view, kind, key),
    /** False for a text that was never a key: truncated or mistyped. Anyone can compute this, so it may be reported. */
    isWholeKey,
    merchantFor: merchantIn(view),
    /**
     * The merchant whose keys a request without a merchant uses: the first one ever, so that a repeated request finds its
     * answer after further merchants were created.
     */
    eldestMerchant: () => view.eldestMerchant(),
    /**
     * The stored answer of an idempotency key. Waits for a running request of the same key, up to the deadline. Throws
     * `idempotency_key_conflict` and `idempotency_key_in_use`.
     */
    answerOfKey: (idempotency: Idempotency, arrivedNs?: bigint) => parts.mutations.answerOfKey(idempotency, arrivedNs),
    /**
     * The resource of that kind that the request with this Idempotency-Key made: a key of the caller, else of a platform
     * key. Undefined for an unknown key, and for a resource that the caller may not see.
     */
    idOfKey: (access: Access, kind: KeyedKind, key: string) => idOfKey(view, access, kind, key),
    merchants: { ...merchantCases(parts, options.vault), ...read.merchants },
    locations: { ...locationCases(parts), ...read.locations },
    registers: {
      ...registerCases(parts, options.random),
      ...bound(parts, { print: createPrintout }),
      ...read.registers,
    },
    paymentTerminals: paymentTerminalCases(parts, read.paymentTerminals),
    operations: {
      ...bound(parts, {
        create: createOperation,
        amend: amendOperation,
        complete: completeOperation,
        void: voidOperation,
        issue: issueOperation,
        vatRates: vatRatesOf,
        explain: explanationOf,
        receipt: receiptOf,
      }),
      ...read.operations,
    },
    sessions: read.sessions,
    duties: dutyReads(view, options.dutyList),
    drawerOpenings: { ...bound(parts, { create: createDrawerOpening }), ...read.drawerOpenings },
    closings: { ...bound(parts, { create: createClosing }), ...read.closings },
    exports: options.exports,
    changes,
    /** Events after `after`, as the `ev` lines of a journal export. */
    journal: (after: number, limit: number) => journalPage(parts, after, limit),
    devices: (): readonly Resource[] => [...parts.devices.values()].map((device) => deviceReport(device, clock.now())),
    sync,
    metrics,
    overview,
    display,
    readiness,
  }
}

type UseCase = (parts: TillParts, ...asked: never[]) => unknown
type Bound<Case> = Case extends (parts: never, ...asked: infer Asked) => infer Result
  ? (...asked: Asked) => Result
  : never

/** Each use case with its parts. */
function bound<Cases extends Readonly<Record<string, UseCase>>>(parts: TillParts, cases: Cases) {
  const entries = Object.entries(cases).map(([name, run]) => [name, (...asked: never[]) => run(parts, ...asked)])
  return Object.fromEntries(entries) as { readonly [Name in keyof Cases]: Bound<Cases[Name]> }
}

function createOperation(parts: TillParts, mutation: Mutation, input: CreateOperation): Promise<Answer> {
  switch (input.type) {
    case 'sale':
    case 'return':
    case 'exchange':
    case 'deposit':
    case 'deposit_capture':
      return createGoods(parts, mutation, input)
    case 'order':
    case 'transfer':
    case 'employee_benefit':
      return createGoods(parts, mutation, wholeUnpaid(input))
    case 'order_move':
      return createOrderMove(parts, mutation, input)
    case 'void':
      return createVoid(parts, mutation, input)
    default:
      return createSessionEvent(parts, mutation, input)
  }
}

/**
 * Merchant of a request: from the header, the register, the only active one, or the one named by the organization. Throws
 * `not_found` (merchant), `forbidden`.
 */
function merchantIn(view: View) {
  return (caller: Caller, header: string | undefined, organization: string | undefined): string | undefined => {
    if (caller.kind === 'register') return ownMerchant(view.resource(caller.registerId)?.merchant ?? undefined, header)
    if (caller.reads !== undefined) return ownMerchant(caller.reads, header)
    const [first, second] = view.firstMerchants()
    const named = header ?? (second === undefined ? undefined : organization)
    if (named === undefined) return second === undefined ? first : undefined
    if (view.resource(named)?.type !== 'merchant') throw notFound('merchant', named)
    return named
  }
}

function ownMerchant(own: string | undefined, header: string | undefined): string | undefined {
  if (header === undefined || header === own) return own
  throw new FiskalError('forbidden', 'This key belongs to another merchant.', { merchant_id: header })
}

function journalPage(parts: TillParts, after: number, limit: number): Page<Resource> {
  const events = parts.journal.view.portionAfter(after, limit)
  const last = events.at(-1)?.seq
  const more = last !== undefined && last < parts.journal.headSeq
  return { data: events.map(eventLine), next_cursor: more ? String(last) : null }
}
