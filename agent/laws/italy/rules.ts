import type { RtDocument, RtOriginal } from '../../../drivers/ports/rt-printer.ts'
import { FiskalError } from '../../errors.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/document.ts'
import type { Act } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import type { ClosingReports } from '../closing-reports.ts'
import type {
  ActRequest,
  Conclusion,
  DueReceipts,
  Goal,
  LawChange,
  LawRules,
  Moment,
  OutageRules,
  ReceiptClosings,
  Refusal,
  RegisterRules,
  ReversalRules,
} from '../law.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Printouts } from '../printouts.ts'
import type { TerminalRules } from '../terminal-rules.ts'
import type { PrinterActs } from './acts.ts'
import { closeDone, ended, identifyDone, notDone, printDone, readDone } from './conclusion.ts'
import { customerOf, returnCustomerOf } from './customer.ts'
import { checkDepartments } from './departments.ts'
import { documentJson } from './document-json.ts'
import type { PrinterEmergency } from './emergency.ts'
import { openEmergency } from './emergency.ts'
import { endedWith } from './ended.ts'
import { entered, isEntered, planEntry, waitsForPrinter } from './entries.ts'
import { FACTS } from './facts.ts'
import { halfDone, isEnded, refusePaidOtherwise, retried, returnStands, whileStanding } from './half-done.ts'
import { countsZ, earlyIdleTask } from './idle.ts'
import { closesLeftPeriod } from './left-periods.ts'
import { MEMBERS } from './members.ts'
import type { PrintedPeriod } from './open-period.ts'
import { refuseFuture } from './original.ts'
import type { PrinterAct, PrinterOutcome, Read, ReadAct } from './printer-act.ts'
import { printerActOf } from './printer-act.ts'
import { refuseMixedReceivables, settlesReceivables } from './receivables.ts'
import { AWAY, endedAway, endMembers, isShared, lastClosings, settlesEnd } from './register-end.ts'
import { planResi, refuseSeveralResi, resiOf, returnedDeposits, returnsNothing } from './resi.ts'
import { refuseOtherRates } from './returned-rates.ts'
import { romeDay } from './rome-time.ts'
import type { TakingBack } from './sides.ts'
import { isOnReso, originOfReso, refuseSecondReso } from './sides.ts'
import { cashCents, isSlip } from './slips.ts'
import type { PrinterCount } from './state.ts'
import { printOf, resting, stateMembers } from './state.ts'
import type { StepSettings } from './steps.ts'
import { documentsToVoid, originalOf, paidOutBy, stepCount, stepsOf } from './steps.ts'
import { terminalLinks } from './terminal-links.ts'
import type { Departments } from './vat.ts'
import { knowsRate, ZERO_RATE_CODES } from './vat.ts'
import { witnessedPrint } from './witness.ts'

export type ItalianRulesOptions = Omit<StepSettings, 'departments' | 'hasTender' | 'serial'> & {
  acts: PrinterActs
  printouts: Printouts
  /** Key → department of the register's printer. Undefined if the configuration has no such printer. */
  departmentsOf: (registerId: string) => Departments | undefined
  /** Matricola of the printer with which a register is enrolled. */
  serialOf: (registerId: string) => string | undefined
  /** RFC 3339. */
  now: () => string
  view: Pick<View, 'register' | 'resources' | 'enrolledSerial' | 'unit' | 'confirmedTask'>
  /** The closings of registers whose emergency is open. */
  reports: (open: PrinterEmergency) => ClosingReports
  /** The documents of a printer since its last closing, or those of these operations alone. */
  openPeriod: (serial: string, isMeant?: (operation: string) => boolean) => Promise<PrintedPeriod | undefined>
}

type Request = Parameters<LawRules['checkGoods']>[0]

/** Text on a document whose slip follows when the printer is back. */
const SLIP_FOLLOWS = 'Documento gestionale non ancora stampato'

/**
 * Italy: D.Lgs. 127/2015 art. 2. The printer (Registratore Telematico) is the fiscal memory: its document is the
 * record, and without it no operation completes. Each print has two acts: `read` queries the printer's counters, and
 * with these in its intent `print` can be reconciled after any loss. Slips of a shift are not fiscal documents: they
 * follow when the printer is back.
 */
export class ItalianRules implements LawRules {
  readonly facts = FACTS
  readonly outage: OutageRules = { sells: false, sellsNow: (register) => this.#emergencyOf(register) !== undefined }
  readonly order = 'device'
  // A printer is registered for one partita IVA, prints it on each document and cannot report it.
  readonly register: RegisterRules = {
    taxpayerOf: (identity) => String(identity['vat_number']),
    openPeriod: (register) => this.#openPeriod(register),
    endState: (register) => this.#endState(register),
  }
  readonly reversals: ReversalRules = {
    waitsForDevice: true,
    retried,
    ended: (document) => this.#ended(document),
  }
  readonly members = MEMBERS
  readonly zeroRateCodes = ZERO_RATE_CODES
  readonly closings: ReceiptClosings = {
    types: ['daily'],
    asked: (type) => ({ set: { type } }),
    reports: (register) => {
      const open = this.#emergencyOf(register)
      return open && this.#options.reports(open)
    },
  }
  readonly dueReceipts: DueReceipts
  readonly terminals: TerminalRules = { links: terminalLinks }
  readonly printouts: Printouts
  readonly earlyTask = earlyIdleTask
  readonly lastingTroubles = AWAY
  readonly #options: ItalianRulesOptions

  constructor(options: ItalianRulesOptions) {
    this.#options = options
    this.dueReceipts = lastClosings(options.view)
    this.printouts = options.printouts
  }

  knowsRate(rate: string, code: string | undefined, date: string): boolean {
    return knowsRate(rate, code, date)
  }

  resolve(act: Act, seen: string, plannedAt: string): PrinterOutcome | undefined {
    const printed = printerActOf(act)
    return witnessedPrint(printed, seen, plannedAt, this.#options.acts.knownPlace(printed))
  }

  checkGoods(request: Request): void {
    const { register_id: register, line_items: lines, tip_amount: tip, type, training } = request
    for (const [index, line] of lines.entries()) {
      if (line.taxes.length === 1) continue
      throw new FiskalError('unprocessable_entity', `Line ${index} must carry exactly one tax entry.`, {
        line_index: index,
      })
    }
    refuseMixedReceivables(request)
    if (typeof register !== 'string') return
    if (training === true || settlesReceivables(request)) this.#refuseInEmergency(register)
    if (training === true) return
    if (settlesReceivables(request)) {
      customerOf(request.customer)
      return
    }
    // Without a printer nothing is printed, and no department is missing.
    const departments = this.#options.departmentsOf(register)
    if (departments !== undefined) checkDepartments(lines, tip, { ...this.#options, departments })
    customerOf(request.customer)
    if (type !== 'return' && type !== 'exchange' && type !== 'sale') return
    const goods = { ...request, type }
    if (type !== 'sale' || lines.some((line) => isOnReso(line, goods))) this.#checkReso(goods, register, departments)
  }

  #checkReso(goods: TakingBack & Request, register: string, departments: Departments | undefined): void {
    this.#refuseInEmergency(register)
    refuseSecondReso(goods)
    const { external_related_operation: external, place } = originOfReso(goods)
    for (const original of this.#originalsOf(goods)) {
      if (external !== undefined) refuseFuture(original, romeDay(this.#options.now()), place)
      returnCustomerOf(goods, original, this.#options.serialOf(register))
    }
    if (departments === undefined) return
    const settings = { ...this.#options, departments }
    refuseOtherRates(goods, settings)
    if (goods.type === 'return') planResi(goods, settings)
    else refuseSeveralResi(goods, settings)
  }

  /** The documents that goods or deposits come back to. */
  #originalsOf(goods: TakingBack): ReturnType<typeof originalOf>[] {
    const deposits = takesOffDeposit(goods) ? returnedDeposits(goods) : []
    const created_at = this.#options.now()
    if (deposits.length === 0) return [originalOf({ ...originOfReso(goods), created_at }, this.#options)]
    return deposits.map((id) => originalOf({ related_operation_id: id, created_at }, this.#options))
  }

  /** A count prints nothing; an operation voided before its completion was never printed. */
  records(document: RecordedDocument, goal: Goal): boolean {
    if (isOperation(document) && document.shown.source === 'ONLINE') return false
    if (goal === 'voided') return printOf(document).printed.length > 0
    if (document.kind === 'return' && document.shown.training !== true && returnsNothing(document)) return false
    if (!isSlip(document)) return true
    // A slip is not kept until the printer is back.
    return cashCents(document) !== 0n && this.#emergencyOf(document.shown.register_id ?? '') === undefined
  }

  next(document: RecordedDocument, moment: Moment): PrinterAct | undefined {
    const { goal } = moment
    if (goal === 'open') return undefined
    if (goal === 'voided') throw returnStands(document)
    if (isEnded(document, goal) || this.#endsWithoutZ(moment)) return undefined
    const emergency = goal === 'fiscalized' ? undefined : this.#emergencyOf(moment.registerId)
    return emergency === undefined ? this.#nextAct(document, moment) : this.#planEntry(document, moment, emergency)
  }

  #nextAct(document: RecordedDocument, moment: Moment): PrinterAct | undefined {
    const { goal, device, clientId } = moment
    const common = { device, client: clientId, ...(isSlip(document) && { later: true }) }
    if (goal === 'fiscalized') return { ...common, name: 'identify', reads: true }
    const { baseline, closure } = printOf(document)
    const isClosing = document.kind === 'closing' || goal === 'decommissioned'
    if (closure === 'due' || isClosing) {
      if (baseline !== undefined) return { ...common, name: 'close', baseline }
      return { ...common, ...this.#readOf(moment), totals: closure === 'due' ? 'journal' : true }
    }
    const step = this.#nextStep(document, moment)
    if (step === undefined) return undefined
    if (baseline === undefined) return { ...common, ...this.#readOf(moment) }
    return { ...common, name: 'print', document: documentJson(step), baseline }
  }

  /** The sums of closings that were made since the register's last act are read outside of a commit. */
  #readOf({ chain, registerId }: Moment): Pick<ReadAct, 'name' | 'reads' | 'since'> {
    const { serial, z } = (chain ?? {}) as Partial<PrinterCount>
    const isKnown = z !== undefined && serial === this.#options.serialOf(registerId)
    return { name: 'read', reads: true, ...(isKnown && { since: z }) }
  }

  /**
   * The end of a register whose printer continues with another one: the next Z is not its last. And what is entered in the
   * emergency register: no act is made of it.
   */
  settled(document: RecordedDocument, moment: Moment): Conclusion | undefined {
    const { goal, registerId } = moment
    if (document.kind === 'register')
      return goal === 'decommissioned' && !isEnded(document, goal) ? ended(moment) : undefined
    if (goal !== 'completed' || !isEntered(document) || isEnded(document, goal) || !this.records(document, goal))
      return undefined
    const emergency = this.#emergencyOf(registerId)
    const { view, operationOf } = this.#options
    const planned = (): RtDocument[] => stepsOf(document, this.#settingsOf(moment))
    return emergency && entered(view, document, emergency, { operationOf, planned }, moment)
  }

  perform(act: Act, request?: ActRequest): Promise<PrinterOutcome> {
    return this.#options.acts.perform(printerActOf(act), request)
  }

  askOutcome(act: Act): Promise<PrinterOutcome> {
    return this.#options.acts.askOutcome(printerActOf(act))
  }

  conclude(document: RecordedDocument, intended: Act, outcome: PrinterOutcome, moment: Moment): Conclusion {
    const away = outcome.kind === 'failed' ? endedAway(document, outcome, moment) : undefined
    const conclusion = away ?? this.#concluded(document, intended, outcome, moment)
    const isClosed = outcome.kind === 'done' && intended.name === 'close'
    const isEmpty = outcome.kind === 'failed' && outcome.code === 'nothing_to_close'
    const { view } = this.#options
    return countsZ(view, closesLeftPeriod(view, settlesEnd(document, conclusion, isClosed || isEmpty), moment), moment)
  }

  #concluded(document: RecordedDocument, intended: Act, outcome: PrinterOutcome, moment: Moment): Conclusion {
    const act = printerActOf(intended)
    if (outcome.kind !== 'done') {
      const didNothing = { code: 'unavailable', message: 'The printer did nothing.' }
      const failed = { ...(outcome.kind === 'absent' ? didNothing : outcome), kind: 'failed' as const }
      return notDone(document, failed, moment)
    }
    switch (act.name) {
      case 'identify':
        if (document.kind !== 'register') throw new RangeError(document.kind)
        return identifyDone(document, act, outcomeOf(outcome, act.name).result, moment)
      case 'read':
        return this.#readDone(document, outcomeOf(outcome, act.name).result, moment)
      case 'close':
        return closeDone(document, act, outcomeOf(outcome, act.name).result, moment)
      case 'print':
        return printDone(document, act, outcomeOf(outcome, act.name).result, {
          steps: stepCount(document, this.#settingsOf(moment)),
          paidOut: paidOutBy(document, this.#settingsOf(moment), printOf(document).printed.length + 1),
          moment,
        })
    }
  }

  whenUnknown(document: RecordedDocument): 'answer_and_act_later' | 'wait' {
    return isSlip(document) ? 'answer_and_act_later' : 'wait'
  }

  pending(document: RecordedDocument): LawChange {
    const fiscal = { state: 'pending', ...(isSlip(document) && { receipt_text: SLIP_FOLLOWS }) }
    return { set: { fiscal } }
  }

  /** Another register continues with its printer. */
  #endsWithoutZ({ goal, registerId }: Moment): boolean {
    return goal === 'decommissioned' && this.#isShared(registerId)
  }

  /** The emergency of the printer of a register. */
  #emergencyOf(register: string): PrinterEmergency | undefined {
    const serial = this.#options.serialOf(register)
    const emergency = openEmergency(this.#options.view, serial)
    return serial === undefined || emergency === undefined ? undefined : { serial, emergency }
  }

  #refuseInEmergency(register: string): void {
    const open = this.#emergencyOf(register)
    if (open !== undefined) throw waitsForPrinter(open.emergency.id)
  }

  /** No act: the commit that completes an entry settles it. Throws for everything else, and what no printer would take. */
  #planEntry(document: RecordedDocument, moment: Moment, { emergency }: PrinterEmergency): undefined {
    if (document.kind === 'drawer_opening') return undefined
    const planned = (): RtDocument | undefined => this.#nextStep(document, moment)
    try {
      planEntry(document, emergency, { ...this.#options, planned })
    } catch (error) {
      throw error instanceof FiskalError ? whileStanding(error, halfDone(document, printOf(document))) : error
    }
    return undefined
  }

  #isShared(register: string): boolean {
    const serial = this.#options.serialOf(register)
    return serial !== undefined && isShared(this.#options.view, register, serial)
  }

  async #openPeriod(register: string): Promise<PrintedPeriod | undefined> {
    const { serialOf, operationOf, openPeriod } = this.#options
    const serial = serialOf(register)
    const isMeant = (id: string): boolean => operationOf(id)?.shown.register_id === register
    return serial === undefined ? undefined : openPeriod(serial, isMeant)
  }

  async #endState(register: string): Promise<LawChange['law']> {
    const serial = this.#options.serialOf(register)
    if (serial === undefined || this.#isShared(register)) return undefined
    const period = await this.#options.openPeriod(serial)
    return endMembers({ serial, ...(period !== undefined && { period }) })
  }

  #ended(document: RecordedDocument): ReturnType<NonNullable<ReversalRules['ended']>> {
    if (document.kind !== 'void') return endedWith(document, printOf(document).paidOut)
    const original = this.#options.operationOf(document.shown.related_operation_id)
    const settings = { ...this.#options, departments: {} }
    return endedWith(document, original && paidOutBy(original, settings, 1))
  }

  /** The resi of a return are planned with the counters of the printer, and are the same until all of them are printed. */
  #readDone(document: RecordedDocument, result: Read, moment: Moment): Conclusion {
    const done = readDone(document, result, this.#originalOf(document), moment)
    if (document.kind !== 'return' || document.shown.training === true) return done
    try {
      const resi = resiOf(document, this.#settingsOf(moment))
      return resi === undefined ? done : { ...done, law: { ...done.law, ...stateMembers({ facts: { resi } }) } }
    } catch (error) {
      if (!(error instanceof FiskalError)) throw error
      const { code, message, details } = error
      const law = stateMembers({ print: resting(printOf(document)) })
      return { ...done, law, verdict: { code, message, details: details as Refusal['details'] } }
    }
  }

  /** The document to annul; the first one if the operation has two: it is the older one. */
  #originalOf(document: RecordedDocument): RtOriginal | undefined {
    return document.kind === 'void' ? documentsToVoid(document, this.#options)[0]?.original : undefined
  }

  /**
   * The next document to print. All remaining documents are planned and checked against this printer before the first
   * byte is sent: if one of them cannot be printed, none is.
   */
  #nextStep(document: RecordedDocument, moment: Moment): RtDocument | undefined {
    if (!isOperation(document)) return undefined
    const state = printOf(document)
    const { printed, baseline } = state
    try {
      const settings = this.#settingsOf(moment)
      const steps = stepsOf(document, settings)
      if (printed.length > 0) refusePaidOtherwise(state, paidOutBy(document, settings, printed.length))
      // A slip is never refused: its shift continues without it.
      if (baseline === undefined && !isSlip(document))
        this.#options.acts.refuseUnprintable(moment.device, steps.slice(printed.length))
      return steps[printed.length]
    } catch (error) {
      throw error instanceof FiskalError ? whileStanding(error, halfDone(document, state)) : error
    }
  }

  #settingsOf({ registerId, device }: Moment): StepSettings {
    const { acts, departmentsOf, serialOf } = this.#options
    const hasTender = (tender: number): boolean => acts.hasTender(device, tender)
    return { ...this.#options, departments: departmentsOf(registerId) ?? {}, hasTender, serial: serialOf(registerId) }
  }
}
