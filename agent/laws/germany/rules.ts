import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { centsMoved } from '../../../base/money.ts'
import type { TseIdentity, TseRecall } from '../../../drivers/ports/tse.ts'
import { buildQr } from '../../../drivers/tr03151/qr.ts'
import type { Hint } from '../../contract/hint.ts'
import type { Trouble } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, OperationDocument, RecordedDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/document.ts'
import type { Act } from '../../journal/events.ts'
import { requireVatId } from '../buyer-vat-id.ts'
import type { ClosingBooks } from '../closing-reports.ts'
import type {
  ActRequest,
  Conclusion,
  Goal,
  LawChange,
  LawRules,
  Moment,
  Orphans,
  Outcome,
  RecoveredBon,
} from '../law.ts'
import type { OutcomeOf } from '../outcome-of.ts'
import { outcomeOf } from '../outcome-of.ts'
import { decommissioned, fiscalized, notFiscalized } from '../registration.ts'
import type { VatRules } from '../vat-rules.ts'
import type { TseActs } from './acts.ts'
import { firstAfterDeletion, joinsArchives } from './after-deletion.ts'
import { openingData } from './drawer-opening.ts'
import { slipHints } from './empties-slips.ts'
import { CLOCK_TEXT, FACTS } from './facts.ts'
import { foreignRateTask } from './foreign-rate-task.ts'
import type { LostContent } from './lost-content.ts'
import { foreignIn, isCashOnly, lostContent } from './lost-content.ts'
import { MEMBERS } from './members.ts'
import { ORDER_MOVE } from './order-move.ts'
import { BESTELLUNG, refuseLongOrder } from './order-text.ts'
import { ABBRUCH, KASSENBELEG, processDataOf, processTypeOf, SONSTIGER_VORGANG } from './process-data.ts'
import type { BegunTransaction } from './state.ts'
import { stateMembers, stateOf } from './state.ts'
import type { ClientAct, FinishAct, Finished, StartAct, TseAct, TseOutcome } from './tse-act.ts'
import { tseActOf } from './tse-act.ts'
import type { VatRates } from './vat.ts'
import { vatRules } from './vat-rules.ts'
import { INTRA_COMMUNITY } from './zero-rates.ts'

type Register = DocumentOf<'register'>
/** A document that is signed. */
type Signable = Exclude<RecordedDocument, Register>
type Of<Name extends TseAct['name']> = OutcomeOf<TseOutcome, Name>

/** A decommissioning that fails with one of these may succeed later: the till gets `fiscal_device_unavailable`. */
const MAY_SUCCEED_LATER = new Set([
  'unavailable',
  'timeout',
  'garbled',
  'busy',
  'foreign',
  'retired',
  'tse_ahead',
  'tse_rolled_back',
  'clock_suspect',
])

const LOST_ORDER =
  'An order that only the TSE still had names neither VAT nor table: it is in the books, and its lines are open nowhere. Send what is still to be billed as an order again.'

const LOST_MOVE =
  'A move of orders that only the TSE still had is in the books and moves nothing: send it again if the orders should be at the other table.'

const WITH_VAT_ID: ReadonlySet<string> = new Set([INTRA_COMMUNITY])

/** The finish does not belong to the receipt; the transaction is over in the TSE. */
const ENDED = new Set(['finished_otherwise', 'signed_wrongly'])

/**
 * Germany: § 146a AO, KassenSichV. Each business event is one TSE transaction, started when it begins and finished with
 * its amounts, or as AVBelegabbruch if it is voided. While the TSE is down, selling continues and the receipt carries
 * the outage text; a bon whose finish failed is never signed later.
 */
export class GermanRules implements LawRules {
  readonly facts = FACTS
  readonly outage = { sells: true }
  readonly order = 'any'
  readonly members = MEMBERS
  readonly earlyTask = foreignRateTask
  readonly zeroRateCodes: readonly string[]
  readonly vat: VatRules
  readonly register = { hasClients: true }
  readonly orphans: Orphans
  readonly closingBooks: ClosingBooks | undefined
  readonly #acts: TseActs
  readonly #rates: VatRates
  readonly #isRetired: (serial: string) => boolean

  /** `isRetired`: true for a TSE that was taken out of use, by its serial number. */
  constructor(acts: TseActs, books: ClosingBooks | undefined, rates: VatRates, isRetired: (serial: string) => boolean) {
    this.#acts = acts
    this.#rates = rates
    this.zeroRateCodes = rates.zeroRateCodes
    this.vat = vatRules(rates)
    this.#isRetired = isRetired
    this.orphans = {
      abort: abortAct,
      recovered: (recall, identity) => recovered(acts, recall, identity),
      firstAfterDeletion,
      joinsArchives,
      lost,
    }
    this.closingBooks = books
  }

  knowsRate(rate: string, code: string | undefined, date: string, isReturn: boolean): boolean {
    return this.#rates.knows(rate, code, date, isReturn)
  }

  checkGoods(request: Parameters<LawRules['checkGoods']>[0]): void {
    const index = request.line_items.findIndex((line) => line.taxes.length !== 1)
    if (index >= 0) {
      const message = `Line ${index} must carry exactly one tax entry: German law knows one rate a line.`
      throw new FiskalError('unprocessable_entity', message, { line_index: index })
    }
    if (request.type === 'order') refuseLongOrder(request)
    const { line_items: lines, customer } = request
    if (lines.some(({ taxes: [tax] }) => tax?.code === INTRA_COMMUNITY)) this.checkBuyer(lines, customer)
  }

  hintsAtEnd(...[view, goods]: Parameters<NonNullable<LawRules['hintsAtEnd']>>): Hint[] {
    return slipHints(view, goods)
  }

  /** The receipt of a supply to another member state names the VAT number of its buyer (§ 14a (3) UStG). */
  checkBuyer(...[lines, buyer]: Parameters<NonNullable<LawRules['checkBuyer']>>): void {
    requireVatId(WITH_VAT_ID, lines, buyer)
  }

  records(document: RecordedDocument): boolean {
    if (document.kind === 'session_close' && !movesCash(document)) return false
    return !isOperation(document) || document.shown.source !== 'ONLINE'
  }

  next(document: RecordedDocument, moment: Moment): TseAct | undefined {
    if (document.kind !== 'register') return nextSigningAct(document, moment)
    return this.settled(document, moment) === undefined ? nextClientAct(document, moment) : undefined
  }

  /** A retired TSE is not asked to deregister a client: one that is stolen or unplugged never answers. */
  settled(document: RecordedDocument, { goal, at }: Moment): Conclusion | undefined {
    const isLost = goal === 'decommissioned' && document.kind === 'register' && this.#hasLostItsTse(document)
    return isLost ? { set: decommissioned(at) } : undefined
  }

  #hasLostItsTse({ shown: { fiscalization_status: status, fiscalization } }: Register): boolean {
    const serial = fiscalization?.tse_serial ?? undefined
    return status === 'fiscalized' && serial !== undefined && this.#isRetired(serial)
  }

  perform(act: Act, request?: ActRequest): Promise<TseOutcome> {
    return this.#acts.perform(tseActOf(act), request)
  }

  askOutcome(act: Act): Promise<TseOutcome> {
    return this.#acts.askOutcome(tseActOf(act))
  }

  conclude(document: RecordedDocument, intended: Act, outcome: TseOutcome, moment: Moment): Conclusion {
    const act = tseActOf(intended)
    if (document.kind === 'register') {
      if (act.name === 'register_client' || act.name === 'deregister_client')
        return concludeClient(document, act, outcomeOf(outcome, act.name), moment)
    } else if (act.name === 'start')
      return storedFor(document, concludeStart(document, act, outcomeOf(outcome, act.name), moment))
    else if (act.name === 'finish')
      return storedFor(document, concludeFinish(document, act, outcomeOf(outcome, act.name), moment))
    throw new TypeError(`${act.name} is not an act of a ${document.kind}`)
  }

  /** A bon that was issued as an outage is never signed later (AEAO to § 146a). */
  whenUnknown(): 'answer' {
    return 'answer'
  }

  pending(document: RecordedDocument): LawChange {
    const fiscal = { ...startEvent(document), state: 'pending', receipt_text: FACTS.outageText }
    return { set: { fiscal }, ...(document.kind === 'drawer_opening' && { law: stateMembers({ fiscal }) }) }
  }
}

/** Finishes a transaction that no document waits for: none may stay open (TR-03153-1 §9.4). */
function abortAct(device: string, client: string, transaction: number): FinishAct {
  return { device, name: 'finish', client, transaction, process_type: KASSENBELEG, process_data: ABBRUCH }
}

/** An open operation is completed without a signature, and never signed. */
function lost(document: OperationDocument, failure: Trouble, at: string): LawChange {
  const set = { ...outage(document, failure, at), updated_at: at }
  return { set, law: stateMembers({ isUnsigned: true }) }
}

/** Its row in the books needs its start and a valid signature: without them every package would be refused. */
async function recovered(acts: TseActs, recall: TseRecall, identity: TseIdentity): Promise<RecoveredBon | undefined> {
  const { start, finish } = recall
  if (start === undefined || finish === undefined) return undefined
  const content = lostContent(finish.processType, Buffer.from(finish.processData).toString('utf8'))
  if (content === undefined || !(await acts.holds(recall.clientId, finish, identity))) return undefined
  return {
    cash: Number(content.cash),
    ...foreignIn(content),
    isMaybeCount: isCashOnly(content),
    ...noteOn(content),
  }
}

/** Foreign cash that a close takes out is signed, too. */
function movesCash({ shown, own }: DocumentOf<'session_close'>): boolean {
  return centsMoved(shown.closing_adjustment_amount) !== 0n || own.foreign !== undefined
}

/** For the person who adopts it. */
function noteOn(content: LostContent): { note?: string } {
  if (content.type === 'AVBestellung') return { note: LOST_ORDER }
  return content.type === 'AVSonstige' && content.name === ORDER_MOVE ? { note: LOST_MOVE } : {}
}

/** Each sale has two: their members, as in {@link concludeStart}, have the order in which they are written. */
function nextSigningAct(document: Signable, { goal, device, clientId, isAnswered }: Moment): TseAct | undefined {
  const { transaction: begun, signed, isUnsigned } = stateOf(document)
  if (isUnsigned) return undefined
  if (begun === undefined) {
    // Voided while its start was unknown, and nothing had begun: there is nothing to abort.
    if (goal === 'voided' && isAnswered) return undefined
    return { client: clientId, device, name: 'start' }
  }
  if (goal === 'open' || signed !== undefined) return undefined
  const { device: at, client, transaction } = begun
  return { client, device: at, name: 'finish', ...textToSign(document, goal), transaction }
}

function textToSign(document: Signable, goal: Goal): { process_type: string; process_data: string } {
  if (document.kind === 'drawer_opening')
    return { process_data: openingData(document), process_type: SONSTIGER_VORGANG }
  if (document.kind === 'closing') throw new TypeError('a German closing is a report: it is not signed')
  if (goal === 'voided') return { process_data: ABBRUCH, process_type: KASSENBELEG }
  return { process_data: processDataOf(document), process_type: processTypeOf(document) }
}

/** A drawer opening has no `fiscal_information`: its `fiscal` has both. The books read the state. */
function storedFor(document: Signable, conclusion: Conclusion): Conclusion {
  if (document.kind !== 'drawer_opening') return conclusion
  const { fiscal, fiscal_information: information, ...set } = conclusion.set ?? {}
  const both = fiscal !== undefined && { fiscal: { ...(fiscal as object), ...(information as object) } }
  const law = { ...conclusion.law, ...stateMembers({ fiscal, signed: information }) }
  return { ...conclusion, set: { ...set, ...both }, law }
}

function nextClientAct({ shown }: Register, { goal, device, clientId }: Moment): ClientAct | undefined {
  if (shown.fiscalization_status === goal) return undefined
  return { device, name: goal === 'fiscalized' ? 'register_client' : 'deregister_client', client: clientId }
}

function startEvent(document: RecordedDocument): { start_event?: { signed_at: string } } {
  const { transaction } = stateOf(document)
  return transaction === undefined ? {} : { start_event: { signed_at: transaction.started_at } }
}

function causeOf(outcome: Outcome): Trouble {
  return outcome.kind === 'failed' ? outcome : { code: 'unavailable', message: 'The TSE did nothing.' }
}

function outage(document: RecordedDocument, { code, message }: Trouble, at: string) {
  return {
    fiscal: {
      ...startEvent(document),
      state: 'failed',
      receipt_text: code === 'clock_suspect' ? `${FACTS.outageText}\n${CLOCK_TEXT}` : FACTS.outageText,
      error: { code, message, occurred_at: at },
    },
  }
}

function concludeStart(document: Signable, act: StartAct, outcome: Of<'start'>, moment: Moment): Conclusion {
  if (outcome.kind !== 'done') {
    return { set: outage(document, causeOf(outcome), moment.at), verdict: 'stop' }
  }
  const { transaction, time_ms: timeMs, serial } = outcome.result
  const startedAt = rfc3339(timeMs)
  const begun = { client: act.client, device: act.device, serial, started_at: startedAt, transaction }
  return {
    set: { fiscal: { start_event: { signed_at: startedAt }, state: 'pending' } },
    law: stateMembers({ transaction: begun }),
    transaction: { device: act.device, number: transaction, state: 'open' },
  }
}

function concludeFinish(document: Signable, act: FinishAct, outcome: Of<'finish'>, moment: Moment): Conclusion {
  if (outcome.kind !== 'done') {
    const conclusion: Conclusion = { set: outage(document, causeOf(outcome), moment.at), verdict: 'stop' }
    if (outcome.kind === 'failed' && ENDED.has(outcome.code)) {
      return { ...conclusion, transaction: { device: act.device, number: act.transaction, state: 'closed' } }
    }
    return conclusion
  }
  return {
    set: {
      fiscal: { ...startEvent(document), state: 'succeeded' },
      fiscal_information: fiscalInformation(document, act, outcome.result, moment),
    },
    transaction: { device: act.device, number: act.transaction, state: 'closed' },
  }
}

function fiscalInformation(document: Signable, act: FinishAct, result: Finished, moment: Moment) {
  const { started_at: startedAt } = stateOf(document).transaction as BegunTransaction
  const { client } = act
  const { serial } = result
  const qr = buildQr({
    clientId: client,
    processType: act.process_type,
    processData: act.process_data,
    transaction: act.transaction,
    signatureCounter: result.counter,
    startMs: parseRfc3339(startedAt) ?? 0,
    finishMs: result.time_ms,
    algorithm: result.algorithm,
    timeFormat: result.time_format,
    signature: Buffer.from(result.signature, 'base64'),
    publicKey: Buffer.from(result.public_key, 'base64'),
  })
  // In the order in which it is written.
  return {
    document_number: String(act.transaction),
    document_type: vorgangstyp(act),
    end_event: {
      process_data: act.process_data,
      process_type: act.process_type,
      public_key: result.public_key,
      signature: result.signature,
      signed_at: rfc3339(result.time_ms),
      transaction_counter: result.counter,
    },
    pos_client_serial_number: client,
    receipt_number: String(moment.receiptNumber),
    regime: 'KassenSichV',
    signature_algorithm: result.algorithm,
    start_event: { signed_at: startedAt },
    time_format: result.time_format,
    transaction_number: act.transaction,
    tss_serial_number: serial,
    verification: { pos_client_serial_number: client, qr_data: qr, tss_serial_number: serial },
  }
}

/** Everything that is neither a Kassenbeleg nor an order is an AVSonstige here (DSFinV-K Anhang B). */
function vorgangstyp({ process_type: processType, process_data: data }: FinishAct): string {
  if (processType === BESTELLUNG) return 'AVBestellung'
  return processType === KASSENBELEG ? data.slice(0, data.indexOf('^')) : 'AVSonstige'
}

function concludeClient(
  register: Register,
  act: ClientAct,
  outcome: Of<ClientAct['name']>,
  moment: Moment,
): Conclusion {
  if (outcome.kind !== 'done') {
    const { code, message } = causeOf(outcome)
    if (moment.goal === 'fiscalized')
      return { set: notFiscalized(register.shown, { code, message }, moment.at), verdict: 'stop' }
    const stays = `The client stays registered: ${message}`
    const details = { reason: code }
    const verdict = MAY_SUCCEED_LATER.has(code)
      ? { code: 'fiscal_device_unavailable' as const, message: `${stays} ${retireFirst(act.device)}`, details }
      : { code: 'decommission_conflict' as const, message: stays, details }
    return { set: { updated_at: moment.at }, verdict }
  }
  if (act.name === 'deregister_client') return { set: decommissioned(moment.at) }
  const { serial } = outcome.result
  return { set: fiscalized(register.shown, serial, moment.at), enrolled: { device: act.device, serial } }
}

function retireFirst(device: string): string {
  return `If the TSE will not answer again, take it out of use (fiskal-edge device retire ${device} --reason TEXT) and decommission the register then.`
}
