import type { Clock } from '../../base/clock.ts'
import { deviceReport } from '../devices/report.ts'
import { FiskalError } from '../errors.ts'
import { eventLine } from '../journal/events.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'
import { wholeUnpaid } from '../register/unpaid.ts'
import type { Application } from './application.ts'
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
import type { Page, Resource } from './requests.ts'
import { amendOperation } from './selling/amendment.ts'
import { createClosing } from './selling/closings.ts'
import { completeOperation, voidOperation } from './selling/completion.ts'
import { createDrawerOpening } from './selling/drawer-openings.ts'
import { createGoods } from './selling/goods.ts'
import { issueOperation } from './selling/issued.ts'
import { createOrderMove } from './selling/order-moves.ts'
import { createVoid } from './selling/reversal.ts'
import { createSessionEvent } from './selling/session-events.ts'
import { authenticate, isWholeKey } from './set-up/keys.ts'
import type { Vault } from './set-up/merchant-secrets.ts'
import { locationCases, merchantCases } from './set-up/merchants.ts'
import { paymentTerminalCases } from './set-up/payment-terminals.ts'
import { registerCases } from './set-up/registers.ts'

export type ApplicationOptions = {
  parts: TillParts
  vault: Vault
  exports: Exports
  dutyList: DutyList
  clock: Clock
  random: (length: number) => Uint8Array
  readiness: Application['readiness']
  sync: Application['sync']
  changes: Application['changes']
  metrics: Application['metrics']
  overview: Application['overview']
  display: Application['display']
  /** When the remote sync targets had all events of an operation; undefined until then. */
  syncedAt: SyncedAt
}

/** The use cases of the sale API, in the form of the HTTP layer. */
export function applicationOf(options: ApplicationOptions): Application {
  const { parts, exports, clock } = options
  const { view } = parts.journal
  const read = reads(view, options.syncedAt)
  return {
    authenticate: (kind, key) => authenticate(view, kind, key),
    isWholeKey,
    merchantFor: merchantIn(view),
    eldestMerchant: () => view.eldestMerchant(),
    answerOfKey: (idempotency, arrivedNs) => parts.mutations.answerOfKey(idempotency, arrivedNs),
    idOfKey: (access, kind, key) => idOfKey(view, access, kind, key),
    merchants: { ...merchantCases(parts, options.vault), ...read.merchants },
    locations: { ...locationCases(parts), ...read.locations },
    registers: { ...registerCases(parts, options.random), ...read.registers },
    paymentTerminals: paymentTerminalCases(parts, read.paymentTerminals),
    operations: {
      create: createOperation(parts),
      amend: (mutation, input, id) => amendOperation(parts, mutation, id, input),
      complete: (mutation, input, id) => completeOperation(parts, mutation, id, input),
      void: (mutation, input, id) => voidOperation(parts, mutation, id, input),
      issue: (mutation, input, id) => issueOperation(parts, mutation, id, input),
      ...read.operations,
      vatRates: (access, query) => vatRatesOf(parts, access, query),
      explain: (access, id) => explanationOf(parts, access, id),
      receipt: (access, id, language) => receiptOf(parts, access, id, language),
    },
    sessions: read.sessions,
    duties: dutyReads(view, options.dutyList),
    drawerOpenings: {
      create: (mutation, input) => createDrawerOpening(parts, mutation, input),
      ...read.drawerOpenings,
    },
    closings: {
      create: (mutation, input, registerId) => createClosing(parts, mutation, registerId, input),
      ...read.closings,
    },
    exports: {
      create: (mutation, input) => exports.create(mutation, input),
      get: (access, id) => exports.get(access, id),
      linkedFile: (id, link) => exports.linkedFile(id, link),
      file: (access, id, gone) => exports.file(access, id, gone),
    },
    changes: options.changes,
    journal: (after, limit) => journalPage(options, after, limit),
    devices: () => [...parts.devices.values()].map((device) => deviceReport(device, clock.now())),
    sync: options.sync,
    metrics: options.metrics,
    overview: options.overview,
    display: options.display,
    readiness: options.readiness,
  }
}

function createOperation(parts: TillParts): Application['operations']['create'] {
  return (mutation, input) => {
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
}

function merchantIn(view: View): Application['merchantFor'] {
  return (caller, header, organization) => {
    if (caller.kind === 'register') return merchantOfRegister(view, caller.registerId, header)
    const [first, second] = view.firstMerchants()
    const named = header ?? (second === undefined ? undefined : organization)
    if (named === undefined) return second === undefined ? first : undefined
    if (view.resource(named)?.type !== 'merchant') throw notFound('merchant', named)
    return named
  }
}

function merchantOfRegister(view: View, registerId: string, header: string | undefined): string | undefined {
  const own = view.resource(registerId)?.merchant ?? undefined
  if (header === undefined || header === own) return own
  throw new FiskalError('forbidden', 'This register key belongs to another merchant.', { merchant_id: header })
}

function journalPage({ parts }: ApplicationOptions, after: number, limit: number): Page<Resource> {
  const events = parts.journal.view.portionAfter(after, limit)
  const last = events.at(-1)?.seq
  const more = last !== undefined && last < parts.journal.headSeq
  return { data: events.map(eventLine), next_cursor: more ? String(last) : null }
}
