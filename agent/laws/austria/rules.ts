import type { KeyObject } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import type { Payment } from '../../contract/payment.ts'
import type { ErrorCode } from '../../errors.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { RecordedDocument, SoldDocument } from '../../journal/documents/document.ts'
import { isGoods, isOperation, isSold } from '../../journal/documents/document.ts'
import { isSessionEventKind } from '../../journal/documents/kind.ts'
import type { Act } from '../../journal/events.ts'
import { isOnAccount } from '../../register/on-account.ts'
import { requireVatId } from '../buyer-vat-id.ts'
import type { ClosingReports } from '../closing-reports.ts'
import type { ActRequest, Conclusion, DueReceipts, Goal, LawChange, LawRules, Moment, ReceiptClosings } from '../law.ts'
import { decommissioned, fiscalized } from '../registration.ts'
import type { CardActs } from './acts.ts'
import { amountsOf, areZero, noAmounts } from './amounts.ts'
import type { CardAct, CardOutcome } from './card-act.ts'
import { cardActOf } from './card-act.ts'
import { certificateHolder } from './certificate.ts'
import type { PlannedReceipt, ReceiptRequest, UnitName } from './chain.ts'
import { follows, mayGoOutUnsigned, nextReceipt, seal } from './chain.ts'
import type { ChainState } from './chain-state.ts'
import { chainMembers, chainOfMembers, newChain } from './chain-state.ts'
import { closingsOf, dueReceiptsOf } from './closings.ts'
import {
  closingMembers,
  concludeUnsigned,
  endedInOutage,
  leftOutInOutage,
  signedMembers,
  specialDocument,
  startedBy,
} from './conclusion.ts'
import { FACTS } from './facts.ts'
import { parsePayload } from './machine-code.ts'
import { MEMBERS } from './members.ts'
import { mustBeReported, outageNotice, unsignedReceipts } from './outage.ts'
import type { RefusalCode } from './refusal.ts'
import { AustrianRefusal } from './refusal.ts'
import type { ReceiptKind } from './special-receipts.ts'
import { dueReceipts } from './special-receipts.ts'
import { localStamp } from './stamp.ts'
import { stateMembers, stateOf } from './state.ts'
import { fieldOf, paysFor, zeroRateCodes } from './vat.ts'

export type AustrianRulesOptions = {
  /** 32 bytes, made before the first fiscalize and encrypted for the life of the register. */
  aesKeyOf: (register: string) => KeyObject
  holdsKey: (register: string) => boolean
  /** The last receipts of its chain may be missing, because the state was put back. */
  isPutBack: (register: string) => boolean
  /** A register's unit and its substitutes, in the order in which they are tried. */
  unitsOf: (device: string) => readonly string[]
  /** Undefined while it is down. */
  usableSinceMs: (device: string) => number | undefined
  /** True for a unit that has just fallen silent and is awaited. */
  isAwaited: (device: string) => boolean
  /** Trust provider and serial of a unit, also while it is down; undefined if it was never seen. */
  unitNameOf: (device: string) => UnitName | undefined
  acts: CardActs
  reports: ClosingReports
  clock: Clock
}

/** The error for the client after a refusal of the chain; any other refusal is a fault of the agent. */
const errorOf: Partial<Record<RefusalCode, ErrorCode>> = {
  already_started: 'fiscalization_conflict',
  not_started: 'register_not_fiscalized',
  chain_ended: 'register_decommissioned',
  clock_went_back: 'fiscal_device_unavailable',
  clock_not_set: 'fiscal_device_unavailable',
  turnover_overflow: 'unprocessable_entity',
  rate_unknown: 'tax_rate_not_supported',
}

const WITH_UID: ReadonlySet<string> = new Set(['intra_community', 'reverse_charge'])

/** A receipt to be made: the document's own, or a special one due before it. */
type Wanted = { kind: ReceiptKind; period: string; isOwn: boolean }

/**
 * Austria: §§ 131b, 132a BAO, RKSV. Each sale is one receipt, signed at completion and chained to the previous one.
 * Special receipts that are due come first, in acts of the same request. While no unit signs, selling continues with
 * the marker, and receipts that must be signed wait. A receipt that was planned and not concluded is signed again with
 * the same payload by the unit that it names: the first signature was not published.
 */
export class AustrianRules implements LawRules {
  readonly facts = FACTS
  readonly members = MEMBERS
  readonly zeroRateCodes = zeroRateCodes
  readonly outage = { sells: true, notice: outageNotice, mustReport: mustBeReported }
  readonly ownerIn = certificateHolder
  readonly order = 'register'
  readonly register = { hasKeys: true }
  readonly dueReceipts: DueReceipts
  readonly closings: ReceiptClosings
  readonly #options: AustrianRulesOptions

  constructor(options: AustrianRulesOptions) {
    this.#options = options
    this.dueReceipts = dueReceiptsOf(options.clock, options.holdsKey)
    this.closings = closingsOf(options.clock, options.reports)
  }

  unsignedReceipts(view: Parameters<NonNullable<LawRules['unsignedReceipts']>>[0], unit: string): readonly number[] {
    return unsignedReceipts(view, (device) => this.#options.unitsOf(device).includes(unit), this.#options.clock.now())
  }

  knowsRate(rate: string, code: string | undefined, date: string, isReturn: boolean): boolean {
    const field = fieldOf(rate, date, isReturn)
    return field !== undefined && (code === undefined || (field === 'zero' && zeroRateCodes.includes(code)))
  }

  checkGoods(request: Parameters<LawRules['checkGoods']>[0]): void {
    const { line_items: lines, customer } = request
    const index = lines.findIndex((line) => line.taxes.length !== 1)
    if (index >= 0)
      throw new FiskalError('unprocessable_entity', `Line ${index} must carry exactly one tax entry.`, {
        line_index: index,
      })
    if (lines.some(({ taxes: [tax] }) => WITH_UID.has(tax?.code ?? ''))) this.checkBuyer(lines, customer)
  }

  /** The invoice over either has the UID of its buyer (Art. 11 BMR, § 11 Abs. 1a UStG). */
  checkBuyer(...[lines, buyer]: Parameters<NonNullable<LawRules['checkBuyer']>>): void {
    requireVatId(WITH_UID, lines, buyer)
  }

  /** The paid part would be a Barumsatz, to be split over the rates of the goods. */
  checkOnAccount(payments: readonly Payment[]): void {
    if (payments.every(isOnAccount)) return
    throw unprocessable(
      'A part of it is on account: complete it on account, and record what is paid as a receivable.',
      '/payments',
    )
  }

  voucherPays(...[sold, used, soldAt]: Parameters<NonNullable<LawRules['voucherPays']>>): boolean {
    return paysFor(sold.rate, used.rate, localDate(parseRfc3339(soldAt) ?? 0, FACTS.timeZone))
  }

  /**
   * Movements of the drawer are not a Barumsatz, nor are operations voided before payment, or paid only by transfer, by the
   * internet or later (§ 131b Abs. 1 Z 3 BAO): only DEP131 has them.
   */
  records(document: RecordedDocument, goal: Goal): boolean {
    if (goal === 'voided' || isSessionEventKind(document.kind)) return false
    if (isOperation(document) && document.shown.source === 'ONLINE') return false
    return !isSold(document) || !(isPaidElsewhere(document) || (goal === 'completed' && takesNothingBack(document)))
  }

  next(document: RecordedDocument, moment: Moment): CardAct | undefined {
    if (moment.goal === 'open' || isFinished(document, moment.goal)) return undefined
    const { unitsOf, unitNameOf, usableSinceMs, isAwaited, holdsKey } = this.#options
    if (moment.goal === 'decommissioned' && !holdsKey(moment.registerId)) return endWithoutKey(moment)
    const { tried = [] } = stateOf(document)
    const named = unitsOf(moment.device).filter((unit) => unitNameOf(unit) !== undefined)
    const usable = named.filter((candidate) => usableSinceMs(candidate) !== undefined)
    // A unit that can sign is preferred to one that is awaited.
    const untried = [...usable, ...named.filter(isAwaited)].filter((candidate) => !tried.includes(candidate))
    const [unit] = untried
    const more = untried.filter((candidate) => candidate !== unit && usable.includes(candidate))
    // The clock is read once: due receipts and the time in the code belong to the same month.
    const nowMs = this.#options.clock.now()
    const wanted = this.#wanted(document, moment, unit !== undefined, nowMs)
    // No unit can be asked: the act only determines the name in the code.
    const device = unit ?? named[0] ?? moment.device
    const name = unitNameOf(device)
    return {
      name: unit === undefined ? 'mark' : 'sign',
      device,
      client: moment.clientId,
      kind: wanted.kind,
      period: wanted.period,
      more: more.length > 0,
      id: wanted.isOwn && !isRegisterGoal(moment.goal) ? '' : moment.newId('cls'),
      is_own: wanted.isOwn,
      payload: name === undefined ? '' : this.#payload(document, wanted, name, moment, nowMs),
      ...(wanted.kind === 'collective' && this.#back(usable, moment, nowMs)),
    }
  }

  perform(act: Act, request?: ActRequest): Promise<CardOutcome> {
    const asked = cardActOf(act)
    if (asked.name === 'sign') return this.#options.acts.perform(asked, request)
    return Promise.resolve({ kind: 'failed', code: 'unavailable', message: 'No signature unit signed.' })
  }

  /** A unit keeps no record of its signatures, and one that is not in the journal was not used: it is made again. */
  askOutcome(): Promise<CardOutcome> {
    return Promise.resolve({ kind: 'absent' })
  }

  conclude(document: RecordedDocument, intended: Act, outcome: CardOutcome, moment: Moment): Conclusion {
    const act = cardActOf(intended)
    const { kind, period, payload } = act
    if (act.key_lost === true) return { set: decommissioned(moment.at) }
    // It is planned again: its signature is on no paper.
    if (payload !== '' && !follows(chainBefore(moment), payload)) return {}
    const units = this.#options.unitsOf(moment.device)
    const isOut = units.every((unit) => this.#options.usableSinceMs(unit) === undefined)
    const instead = outcome.kind === 'done' ? undefined : insteadOfMarker(document, act, outcome, { moment, isOut })
    if (instead !== undefined) return instead
    const before = chainBefore(moment)
    const planned: PlannedReceipt = { kind, period, payload }
    const receipt = seal(before, planned, signatureIn(outcome))
    const chain = chainMembers(receipt.state)
    if (act.id === '') {
      const asked = stateOf(document).receipt !== undefined ? closingMembers(act, receipt, before) : {}
      const set = { ...asked, ...signedMembers(kind, receipt) }
      const refused = outcome.kind === 'failed' && { refused: { code: outcome.code, message: outcome.message } }
      return { set, law: stateMembers({ jws: receipt.jws, ...refused }), chain }
    }
    const documents = [specialDocument(act, receipt, before, moment)]
    if (kind === 'final') return { set: decommissioned(moment.at), chain, documents }
    if (kind !== 'start') return { set: {}, chain, documents }
    const { serial } = receipt.code
    const enrolled = { device: act.device, serial }
    const set = fiscalized(startedBy(document).shown, serial, moment.at)
    return { set, law: stateMembers({ tried: null }), chain, documents, enrolled }
  }

  whenUnknown(): 'wait' {
    return 'wait'
  }

  pending(): LawChange {
    return { set: { fiscal: { state: 'pending' } } }
  }

  /** The first receipt to make: one that is due, if a unit can sign it, otherwise the document's own. */
  #wanted(document: RecordedDocument, moment: Moment, canSign: boolean, nowMs: number): Wanted {
    const kind = kindOf(document, moment.goal)
    const own: Wanted = { kind, period: stateOf(document).receipt?.period ?? '', isOwn: true }
    if (!canSign || stateOf(document).receipt?.is_last === true) return own
    const [due] = dueReceipts(chainBefore(moment), localStamp(nowMs))
    if (due === undefined) return own
    const period = due.kind === 'collective' ? '' : due.period
    return due.kind === own.kind && period === own.period ? own : { kind: due.kind, period, isOwn: false }
  }

  /**
   * When the first unit became available after the last receipt of the outage. Undefined if it was available all the
   * time, but too busy.
   */
  #back(usable: readonly string[], moment: Moment, nowMs: number): Pick<CardAct, 'back_at'> {
    const { outage } = chainBefore(moment)
    if (outage === undefined) return {}
    const times = usable.map((unit) => localStamp(this.#options.usableSinceMs(unit) ?? nowMs))
    const [first] = times.filter((time) => time >= outage.lastStamp && time <= localStamp(nowMs)).sort()
    return first === undefined ? {} : { back_at: first }
  }

  #payload(document: RecordedDocument, wanted: Wanted, unit: UnitName, moment: Moment, nowMs: number): string {
    const { aesKeyOf, isPutBack } = this.#options
    if (isPutBack(moment.registerId)) throw chainPutBack(moment.registerId)
    try {
      const amounts = wanted.isOwn && isGoods(document) ? amountsOf(document.shown) : noAmounts
      const ends = moment.goal === 'decommissioned' || stateOf(document).receipt?.is_last === true
      const request: ReceiptRequest = { kind: wanted.kind, period: wanted.period, ends, amounts }
      return nextReceipt(chainBefore(moment), request, unit, nowMs, aesKeyOf(moment.registerId)).payload
    } catch (error) {
      throw error instanceof AustrianRefusal ? asFiskalError(error, moment.registerId) : error
    }
  }
}

/** A register that can record nothing more is ended anyway, as permanently failed (§ 17 RKSV). */
function endWithoutKey({ device, clientId: client }: Moment): CardAct {
  const none = { period: '', id: '', payload: '' }
  return { name: 'mark', device, client, kind: 'final', more: false, is_own: true, key_lost: true, ...none }
}

/**
 * The conclusion of an act that no unit signed; undefined if its receipt is issued with the marker. `isOut`: all units
 * are down.
 */
function insteadOfMarker(
  document: RecordedDocument,
  act: CardAct,
  outcome: CardOutcome,
  { moment, isOut }: { moment: Moment; isOut: boolean },
): Conclusion | undefined {
  const { kind, payload, device } = act
  // A due receipt waits if no unit is left to try.
  if (act.more || !act.is_own) return { law: stateMembers({ tried: [...(stateOf(document).tried ?? []), device] }) }
  if (moment.goal === 'decommissioned' && isOut) return endedInOutage(moment)
  if (payload !== '' && mayGoOutUnsigned(kind, parsePayload(payload).amounts)) return undefined
  return payload !== '' && kind === 'standard' ? leftOutInOutage() : concludeUnsigned(document, kind, outcome, moment)
}

/** Undefined if no unit signed. */
function signatureIn(outcome: CardOutcome): Uint8Array | undefined {
  return outcome.kind === 'done' ? Buffer.from(outcome.result.signature, 'base64') : undefined
}

/** The serial number under which the register is fiscalized is its Kassen-ID. */
function chainBefore({ chain, clientId }: Moment): ChainState {
  return chain === undefined ? newChain(clientId) : chainOfMembers(chain)
}

/** The types that are owed and, if nothing of them is paid at the till, are not a Barumsatz. */
const OWED: readonly SoldDocument['kind'][] = ['sale', 'deposit', 'deposit_capture']

/** False for what is paid by transfer, by the internet (Erlass 2.4.14), or later. A link that is paid at the counter is `card`. */
const AT_THE_TILL: Readonly<Record<Payment['method'], boolean>> = {
  cash: true,
  card: true,
  mobile: true,
  online: false,
  digital_wallet: true,
  bank_transfer: false,
  gift_card: true,
  voucher: true,
  on_account: false,
  store_credit: true,
  other: true,
  rounding: true,
}

/**
 * True for owed goods or a deposit of which nothing is paid at the till, and for their return in the same way: the counter
 * never included them. Empties without the receipt of their sale are like a sale of them. Training is signed in every case; a
 * return of a Barumsatz reduces the counter, however it is paid.
 */
function isPaidElsewhere(document: SoldDocument): boolean {
  const { kind, shown, own } = document
  const { training, payments = [] } = shown
  const isOwed = OWED.includes(kind) || (kind === 'return' && (own.original_unrecorded || hasNoOriginal(document)))
  if (!isOwed || training === true) return false
  const paid = payments.filter(({ status }) => own.counted_statuses.includes(status))
  return paid.length > 0 && paid.every(({ method }) => !AT_THE_TILL[method])
}

function hasNoOriginal({ shown }: SoldDocument): boolean {
  return !('related_operation_id' in shown || 'external_related_operation' in shown)
}

/** A return over 0,00 of goods that the counter does not include does not change it. */
function takesNothingBack({ kind, shown, own }: SoldDocument): boolean {
  return kind === 'return' && own.original_unrecorded && shown.training !== true && areZero(amountsOf(shown))
}

function isRegisterGoal(goal: Goal): boolean {
  return goal === 'fiscalized' || goal === 'decommissioned'
}

function isFinished(document: RecordedDocument, goal: Goal): boolean {
  if (document.kind === 'register') return document.shown.fiscalization_status === goal
  if (document.shown.fiscal?.state === 'not_required') return true
  return document.kind !== 'drawer_opening' && document.shown.fiscal_information != null
}

function kindOf(document: RecordedDocument, goal: Goal): ReceiptKind {
  if (goal === 'fiscalized') return 'start'
  if (goal === 'decommissioned') return 'final'
  const { receipt } = stateOf(document)
  if (receipt !== undefined) return receipt.kind
  // Training first: a practised void is training, too.
  if (isGoods(document) && document.shown.training === true) return 'training'
  return document.kind === 'void' ? 'void' : 'standard'
}

/** A chain continues only from its last receipt, which is unknown. */
function chainPutBack(register: string): FiskalError {
  return new FiskalError(
    'fiscal_device_unavailable',
    'The state of this agent was put back: receipts of the chain may be missing. The technician restores the rest with --tail, confirms the duty (fiskal-edge duty list) if nothing is missing, or ends the register.',
    { register_id: register, reason: 'chain_put_back' },
  )
}

function asFiskalError(refusal: AustrianRefusal, register: string): FiskalError {
  const code = errorOf[refusal.code] ?? 'internal_error'
  return new FiskalError(code, refusal.message, { register_id: register, reason: refusal.code })
}
