import type { Json } from '../../../base/canonical.ts'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import type { ForeignCashState } from '../../contract/foreign-cash.ts'
import type { Overview } from '../../contract/overview.ts'
import type { Register } from '../../contract/register.ts'
import { isHeldError } from '../../journal/disk/storage-error.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { registerIdOf, registerIds } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import type { Application } from '../application.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access } from '../requests.ts'
import { sessionNow } from './reads.ts'

export type OverviewOptions = Pick<TillParts, 'journal' | 'clock' | 'devices' | 'laws' | 'receiptLaws'> & {
  version: string
  startedAtMs: number
  /** The units that can sign for a register of that device, the device itself first. */
  unitsOf: (device: string) => readonly string[]
  readiness: Application['readiness']
  /** Reasons why registers cannot record anything, whatever the state of their units. */
  registerTroubles: () => readonly { code: string; registers: readonly string[] }[]
  /** True if nothing new is accepted because the journal is damaged. */
  isDamaged: () => boolean
  /** Parts that the caller may see and that other resources contain in the same form. */
  around: () => { devices: Json; sync: Json }
  /** Duties to authorities, for a technician; reads no list of them. */
  authorities?: () => Json
  /** Backup, tasks, disk and certificates, for a technician. */
  upkeep?: () => Json
  /** The open alerts, and the channels for messages. */
  alerts: () => Json
  /** Receipts of the last 24 hours that no device signed. */
  unsignedOf?: (register: string) => { readonly count: number; readonly sinceMs: number } | undefined
}

type Around = ReturnType<OverviewOptions['around']> & {
  warnings: Json
  alerts: Json
  authorities?: Json
  upkeep?: Json
}

/** The contract's type with those parts in their own form. */
type Look = Omit<Overview, keyof Around> & Around
type Selling = Pick<Overview, 'selling' | 'reason'>
type RegisterOverview = Overview['registers'][number]
type DocumentOverview = Overview['documents'][number]

const REGISTERS_MAX = 200
const DOCUMENTS_SHOWN = 12
/** A running act counts as unreconciled only after this time. */
const RECONCILING_AFTER_MS = 5_000
const MARKS = { yes: 2, outage: 1, no: 0 } as const

/** A summary for one look. Reads a bounded number of rows and decides nothing. */
export function overviewOf(options: OverviewOptions, { caller, merchantId }: Access): Look {
  const { journal, clock, version, startedAtMs } = options
  const { view } = journal
  const own = caller.kind === 'register' ? caller.registerId : undefined
  // All warnings are computed for it: once for the overview, not for each register.
  const { ready, state, warnings, details } = options.readiness()
  const agent = sellingOfAgent(options, ready, state)
  const reconciling = reconcilingByRegister(view, clock.now())
  const troubles = options.registerTroubles()
  const overviewOfOne = (id: string) => {
    const code = troubles.find(({ registers }) => registers.includes(id))?.code
    const most = agent.selling === 'no' || code === undefined ? agent : sellingIn(code)
    return registerOverview(options, most, id, reconciling.get(id) ?? 0)
  }
  const ids = own === undefined ? registerIds(view, merchantId) : [own]
  const registers = firstOf(ids, overviewOfOne, REGISTERS_MAX + 1)
  const documents = newestDocuments(options, { merchant: merchantId, register: own })
  return {
    at: rfc3339(clock.now()),
    version,
    started_at: rfc3339(startedAtMs),
    state,
    ...bestOf(registers, agent),
    ...(details['certified'] === false && { certified: false as const }),
    head_seq: journal.headSeq,
    registers: registers.slice(0, REGISTERS_MAX),
    more_registers: registers.length > REGISTERS_MAX,
    documents,
    ...options.around(),
    warnings: [...warnings],
    alerts: options.alerts(),
    ...(own === undefined && options.authorities !== undefined && { authorities: options.authorities() }),
    ...(own === undefined && options.upkeep !== undefined && { upkeep: options.upkeep() }),
  }
}

function firstOf<T>(ids: Iterable<string>, make: (id: string) => T | undefined, count: number): T[] {
  const items: T[] = []
  for (const id of ids) {
    const one = make(id)
    if (one !== undefined) items.push(one)
    if (items.length === count) break
  }
  return items
}

function registerOverview(
  options: OverviewOptions,
  agent: Selling,
  id: string,
  reconciling: number,
): RegisterOverview | undefined {
  const { view } = options.journal
  const register = view.register(id)?.shown
  if (register === undefined || register.fiscalization_status === 'decommissioned') return undefined
  return {
    id,
    name: register.name,
    location: view.location(register.location_id)?.shown.name ?? '',
    merchant: view.merchant(register.merchant_id)?.shown.legal_name ?? '',
    regime: register.fiscalization?.regime ?? null,
    fiscal_device: register.fiscal_device,
    ...sellingOf(options, agent, register),
    reconciling,
    session: sessionOverview(view, id),
    ...unsignedOverview(options.unsignedOf?.(id)),
  }
}

function unsignedOverview(
  unsigned: ReturnType<NonNullable<OverviewOptions['unsignedOf']>>,
): Pick<RegisterOverview, 'unsigned'> {
  return unsigned === undefined ? {} : { unsigned: { count: unsigned.count, since: rfc3339(unsigned.sinceMs) } }
}

function sessionOverview(view: View, registerId: string): RegisterOverview['session'] {
  const row = view.lastSession(registerId)
  if (row === undefined || row.state === 'closed') return null
  const { shown } = sessionNow(row)
  return {
    id: row.id,
    state: row.state === 'counted' ? 'counted' : 'open',
    opened_at: shown.opened_at,
    currency: shown.currency,
    expected_closing_amount: shown.expected_closing_amount ?? '0.00',
    ...(shown.foreign_cash && { foreign_cash: shown.foreign_cash.map(expectedForeign) }),
  }
}

function expectedForeign({ currency, expected_amount }: ForeignCashState) {
  return { currency, expected_amount }
}

function sellingOfAgent(
  { isDamaged }: OverviewOptions,
  ready: boolean,
  state: ReturnType<Application['readiness']>['state'],
): Selling {
  if (isDamaged()) return { selling: 'no', reason: 'journal_damaged' }
  if (ready || state === 'ready' || state === 'degraded') return { selling: 'yes', reason: null }
  return { selling: 'no', reason: state }
}

/** The state of a register with a trouble: it refuses everything. */
function sellingIn(code: string): Selling {
  return { selling: 'no', reason: code === 'register_key_lost' ? 'key_lost' : 'clock_behind' }
}

/** Whether a register sells now: `usable` devices, and the value of its law for an outage. */
export function sellingOf(
  options: Pick<OverviewOptions, 'laws' | 'unitsOf'> & { devices: ReadonlyMap<string, { readonly usable: boolean }> },
  ofAgent: Selling,
  register: Register,
): Selling {
  if (ofAgent.selling === 'no') return ofAgent
  const status = register.fiscalization_status
  if (status === 'not_fiscalized') return { selling: 'no', reason: status }
  if (status === 'pending' || status === 'failed') return { selling: 'no', reason: `fiscalization_${status}` }
  const { fiscal_device: device } = register
  if (device === null) return ofAgent
  const { sells, sellsNow } = lawOfRegister(options.laws, register)?.outage ?? {}
  if (sellsNow?.(register.id) === true) return { selling: 'outage', reason: 'emergency_open' }
  if (options.unitsOf(device).some((unit) => options.devices.get(unit)?.usable === true)) return ofAgent
  return { selling: sells === false ? 'no' : 'outage', reason: 'device_down' }
}

/** The overall state: a shop sells if one of its registers does. */
function bestOf(registers: readonly RegisterOverview[], agent: Selling): Selling {
  if (agent.selling === 'no') return agent
  const [best] = [...registers].sort((one, other) => MARKS[other.selling] - MARKS[one.selling])
  return best === undefined ? { selling: 'no', reason: 'no_register' } : { selling: best.selling, reason: best.reason }
}

function reconcilingByRegister(view: View, nowMs: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { seq, op } of view.openIntents()) {
    const event = view.event(seq)
    if (event === undefined || nowMs - (parseRfc3339(event.at) ?? nowMs) < RECONCILING_AFTER_MS) continue
    // The end of a transaction that no document waits for has its register in the facts.
    const register = op === '' ? (transactionFacts(view.bodyAt(seq)).register_id ?? '') : registerIdOf(view, op)
    counts.set(register, (counts.get(register) ?? 0) + 1)
  }
  return counts
}

function documentOverview(laws: readonly ReceiptLaw[], { id, kind, shown, own }: OperationDocument): DocumentOverview {
  const { fiscal_information: facts } = shown
  const law = facts ? laws.find(({ name }) => name === facts.regime) : undefined
  // A receipt that the device never signed has its number in the register's own count.
  const number = facts && law !== undefined ? law.numberOf(facts) : own.receipt_number
  return {
    id,
    merchant_id: shown.merchant_id,
    register_id: shown.register_id,
    type: kind,
    status: shown.status,
    at: shown.completed_at ?? shown.voided_at ?? shown.created_at,
    amount: amountOf(shown),
    currency: shown.currency,
    fiscal_state: shown.fiscal.state,
    signed: shown.fiscal.state === 'failed' ? false : ((facts && law?.isSigned(facts)) ?? null),
    document_number: number === undefined ? null : String(number),
    issued_as: shown.issued_as ?? null,
    has_code: law?.hasCode === true,
  }
}

/** The main amount of each type of operation. */
function amountOf(shown: OperationDocument['shown']): string | null {
  if ('total_amount' in shown) return shown.total_amount
  switch (shown.type) {
    case 'session_open':
      return shown.opening_balance_amount
    case 'session_cash_adjustment':
      return shown.cash_amount
    case 'session_cash_count':
      return shown.counted_closing_amount
    case 'session_close':
      return shown.amount_left
    case 'order_move':
      return null
    default:
      return shown satisfies never
  }
}

/** None while another program holds the journal lock: the page shows everything else, and the warning. */
function newestDocuments(
  { journal: { view }, receiptLaws }: OverviewOptions,
  of: Parameters<View['newestOperations']>[0],
): DocumentOverview[] {
  try {
    const documents = view.newestOperations(of, DOCUMENTS_SHOWN).flatMap(({ id }) => view.operation(id) ?? [])
    return documents.map((document) => documentOverview(receiptLaws, document))
  } catch (error) {
    if (!isHeldError(error)) throw error
    return []
  }
}
