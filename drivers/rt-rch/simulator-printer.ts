import type { Clock } from '../../base/clock.ts'
import { romeTime } from '../rt/civil-time.ts'
import { soundConditions } from '../rt/simulated-conditions.ts'
import { euros, OpenDocument } from '../rt/simulated-document.ts'
import type { PrintedRecord, SimulatedMemory, SimulatedOriginal } from '../rt/simulated-memory.ts'
import { PERIOD_MAX_MS } from '../rt/simulated-memory.ts'
import { leftOf, originalAt, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { printDocument } from '../rt/simulated-paper.ts'
import { printAgain, printReport } from '../rt/simulated-printouts.ts'
import { formatOutcome } from './reply.ts'
import type { DumpForms } from './simulator-dump.ts'
import { textOf } from './simulator-dump.ts'
import type { ClockForm } from './simulator-enquiries.ts'
import { enquire, PENDING_MAX } from './simulator-enquiries.ts'
import { cancelLastEntry, enterAdjustment, enterGoods, enterText } from './simulator-entries.ts'
import type { EvidenceForm, Parameters } from './simulator-grammar.ts'
import { evidenceOf, keyOf, parseCommand, referenceOf } from './simulator-grammar.ts'
import { Refusal, refuse } from './simulator-refusal.ts'

export type PrinterQuirks = DumpForms & {
  /** Status 04 until `=c`. */
  fidelity?: boolean
  clock?: ClockForm
  /** Sends its files in key Z alone. */
  sendsInZ?: boolean
  /** The only form in which it takes a return on other evidence; default both. */
  evidence?: EvidenceForm
}

/** The printer's answer: the data of a frame, after a text of the memory if there is one. */
export type Answer = { data: string; text?: string }

/** A printer of the RCH family without its line: commands in, outcomes out. Completed documents are in the memory. */
export class SimulatedRchPrinter {
  readonly #memory: SimulatedMemory
  readonly #clock: Clock
  readonly #serial: string
  readonly #quirks: PrinterQuirks
  #key = 'R'
  #error = '0000'
  #open: OpenDocument | undefined
  #slip: string[] | undefined
  #ahead: OpenDocument = new OpenDocument('sale')
  #waitsForEnd = false
  #justPrinted = false
  /** A closing payment that ran out of paper. */
  #suspended: OpenDocument | undefined
  readonly conditions = soundConditions()
  /** Makes the paper end while the next closing payment prints. */
  paperEndsAtClosing = false

  constructor(options: { memory: SimulatedMemory; clock: Clock; serial: string; quirks: PrinterQuirks }) {
    this.#memory = options.memory
    this.#clock = options.clock
    this.#serial = options.serial
    this.#quirks = options.quirks
  }

  /** Drops the open document, key and error; keeps completed documents. */
  losePower(): void {
    this.#key = 'R'
    this.#error = '0000'
    this.#open = undefined
    this.#slip = undefined
    this.#suspended = undefined
    this.#waitsForEnd = false
    this.#justPrinted = false
    this.#ahead = new OpenDocument('sale')
    this.#memory.append({ type: 'restore' })
  }

  /** Loads paper; a suspended document is completed or lost. */
  loadPaper(suspended: 'resume' | 'lose'): boolean {
    this.conditions.paper = true
    const document = this.#suspended
    this.#suspended = undefined
    if (!document) return true
    this.#open = undefined
    if (suspended === 'resume') this.#complete(document)
    return suspended === 'resume'
  }

  /** A sale keyed in at the panel, within the limits of a cashier. */
  keyInSale(cents: number): void {
    if (this.status() !== '00') return
    const document = new OpenDocument('sale')
    document.addLine(1, cents, 1000, 'REPARTO 1')
    document.pay(1, undefined)
    this.#complete(document)
  }

  execute(command: string): Answer {
    if (/[^\x20-\x7f]/.test(command)) return this.#outcome('EG0002')
    const enquiry = /^<<\/\?(.+)$/.exec(command)?.[1]
    if (enquiry !== undefined) return { data: this.#enquire(enquiry) }
    try {
      const text = this.#perform(command)
      return { ...this.#outcome('ON0000'), ...(text !== undefined && { text }) }
    } catch (error) {
      if (error instanceof Refusal) return this.#outcome(error.code)
      throw error
    }
  }

  /** A closing payment waits for paper. */
  get isSuspended(): boolean {
    return this.#suspended !== undefined
  }

  /** The text of the memory, if the command asks for one. All that follows throws Refusal. */
  #perform(command: string): string | undefined {
    const { code, digits, parameters } = parseCommand(command)
    if (code !== 'T') this.#justPrinted = this.#justPrinted && (code === 'c' || code === 'x')
    if (code === 'C') return this.#control(digits, parameters)
    if (/^[%V]/.test(code)) this.#adjust(code, parameters)
    else if (code === 'R') this.#line(Number(digits), parameters)
    else if (code === 'T') this.#pay(Number(digits), parameters)
    else this.#service(code, parameters)
    return undefined
  }

  #service(code: string, parameters: Parameters): void {
    switch (code) {
      case 'K':
        this.#error = '0000'
        if (!this.#open && !this.#slip) this.#ahead = new OpenDocument('sale')
        break
      case 'S':
        if (!this.#open) throw new Refusal('EG0005')
        this.#open.subtotal()
        break
      case 'a':
        cancelLastEntry(this.#open)
        break
      case '"':
        this.#text(parameters)
        break
      case 'c':
      case 'x':
        if (this.#open || this.#slip) throw new Refusal('EG0005')
        this.#waitsForEnd = false
        break
      default:
        this.#document(code, parameters)
    }
  }

  #document(code: string, parameters: Parameters): void {
    switch (code) {
      case 'k':
        if (parameters['&'] === undefined) this.#abort()
        else this.#void(parameters)
        break
      case 'r':
        this.#openReturn(parameters)
        break
      case 'o':
        this.#openSlip()
        break
      case 'e':
      case 'p':
        this.#moveCash(code, Number(parameters['$'] ?? 0))
        break
      default:
        // Display, operator and paper feed have no effect here.
        if (!'DOf'.includes(code)) throw new Refusal('EG0003')
    }
  }

  #control(digits: string, parameters: Parameters): string | undefined {
    if (digits === '453' && /^[12]$/.test(parameters['$'] ?? '')) this.#printAgain(parameters['$'] === '1')
    else if (/^45[1235]$/.test(digits)) return this.#readMemory(digits, parameters)
    else if (/^[0-5]$/.test(digits)) this.#turnKey(keyOf(digits))
    else if (digits === '10') this.#report()
    else if (digits === '422') this.#transmit()
    else if (digits !== '86') throw new Refusal('EG0003')
    return undefined
  }

  #transmit(): void {
    if (this.#quirks.sendsInZ === true && this.#key !== 'Z') throw new Refusal('EG0004')
    this.conditions.pendingFiles = 0
  }

  #turnKey(key: string): void {
    if (this.status() !== '00' && key !== this.#key) throw new Refusal('EG0005')
    this.#key = key
  }

  #report(): void {
    this.#demandIdle('XZ')
    if (this.#key === 'Z') this.closeDay()
    else printReport(this.#memory, this.#now())
  }

  /** A duplicate in key Z or P, a document without prices in REG. */
  #printAgain(isDuplicate: boolean): void {
    this.#demandIdle(isDuplicate ? 'ZP' : 'R')
    if (!printAgain(this.#memory, this.#now(), isDuplicate ? 'duplicate' : 'gift')) throw new Refusal('EG0020')
  }

  #demandIdle(keys: string): void {
    if (!keys.includes(this.#key)) throw new Refusal('EG0004')
    if (this.status() !== '00') throw new Refusal('EG0005')
    this.#demandPaper()
  }

  /** On command, or automatically at midnight. */
  closeDay(): void {
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.#now(), documents: number })
  }

  #readMemory(kind: string, parameters: Parameters): string {
    if (this.#key !== 'Z' && this.#key !== 'P') throw new Refusal('EG0004')
    const dump = { memory: this.#memory, serial: this.#serial, forms: this.#quirks }
    const text = textOf(dump, kind, parameters)
    if (text === undefined) throw new Refusal('EG0020')
    return text
  }

  #line(department: number, parameters: Parameters): void {
    if (!this.#open) this.#demandOpening()
    this.#demandPaper()
    if (this.#open?.payments.length) throw new Refusal('EG0005')
    const document = this.#open ?? new OpenDocument('sale')
    enterGoods(document, department, parameters)
    if (document.original && leftOf(this.#memory, document.original) < document.totalCents) {
      document.cancelLast()
      throw new Refusal('EG0022')
    }
    if (!this.#open) this.#takeAhead(document)
    this.#open = document
  }

  #adjust(code: string, parameters: Parameters): void {
    const document = this.#open
    if (!document || document.payments.length > 0) throw new Refusal('EG0005')
    enterAdjustment(document, code, parameters)
  }

  #text(parameters: Parameters): void {
    if (this.#slip) {
      this.#demandPaper()
      this.#slip.push(parameters['('] ?? '')
      return
    }
    // After closing and before `=K` the text is printed on the paper tail only.
    if (!this.#justPrinted) enterText(this.#open ?? this.#ahead, parameters)
  }

  #pay(number: number, parameters: Parameters): void {
    const document = this.#open
    if (!document) {
      if (this.#justPrinted) return
      throw new Refusal('EG0005')
    }
    this.#demandPaper()
    const cents = parameters['$'] === undefined ? undefined : Number(parameters['$'])
    const paid = document.pay(number, cents)
    if (paid === 'ES0001') throw new Refusal(paid)
    if (paid === 'open') return
    if (this.paperEndsAtClosing) {
      this.paperEndsAtClosing = false
      this.conditions.paper = false
      this.#suspended = document
      throw new Refusal('EP0040')
    }
    this.#open = undefined
    this.#complete(document)
    this.#waitsForEnd = this.#quirks.fidelity === true
  }

  #abort(): void {
    if (!this.#open && !this.#slip) throw new Refusal('EG0005')
    this.#demandPaper()
    this.#open = undefined
    this.#slip = undefined
  }

  #openReturn(parameters: Parameters): void {
    this.#demandOpening()
    this.#demandPaper()
    const original = evidenceOf(parameters, this.#serial, this.#quirks.evidence) ?? this.#referenceIn(parameters)
    refuse(unfitForReturn(this.#memory, original))
    if (parameters['*'] === '1') return
    this.#open = this.#takeAhead(new OpenDocument('return', original))
  }

  #void(parameters: Parameters): void {
    this.#demandOpening()
    this.#demandPaper()
    const original = this.#referenceIn(parameters)
    const record = this.#memory.find(original.z, original.number)
    const unfit = unfitForVoid(this.#memory, original)
    if (!record || unfit) throw new Refusal(unfit ?? 'EG0020')
    if (parameters['*'] === '1') return
    const { totalCents, cashCents } = record
    const body = ['TOTALE COMPLESSIVO'.padEnd(34) + euros(totalCents).padStart(14)]
    this.#print({ kind: 'void', original, totalCents, cashCents: -cashCents }, body)
  }

  #referenceIn(parameters: Parameters): SimulatedOriginal {
    const named = referenceOf(parameters)
    if (!named) throw new Refusal('EG0002')
    const { '(': serial = this.#serial } = parameters
    return originalAt(this.#serial, { ...named, serial })
  }

  #openSlip(): void {
    const slip = this.#slip
    if (this.#open || this.#key !== 'R') throw new Refusal(this.#open ? 'EG0005' : 'EG0004')
    this.#demandPaper()
    this.#slip = slip ? undefined : []
    if (slip) this.#appendSlip(slip, 0)
  }

  #moveCash(code: 'e' | 'p', cents: number): void {
    this.#demandIdle('R')
    if (cents <= 0 || (code === 'p' && cents > this.#memory.drawerCents)) throw new Refusal('ES0001')
    const words = code === 'e' ? 'FONDO CASSA' : 'PRELIEVO'
    this.#appendSlip([`${words} ${euros(cents)}`], code === 'e' ? cents : -cents)
  }

  #appendSlip(lines: readonly string[], cashCents: number): void {
    this.#memory.append({ type: 'slip', number: this.#memory.nonFiscal + 1, at: this.#now(), lines, cashCents })
  }

  #takeAhead(document: OpenDocument): OpenDocument {
    document.texts.push(...this.#ahead.texts)
    document.lottery = this.#ahead.lottery
    document.taxCode = this.#ahead.taxCode
    this.#ahead = new OpenDocument('sale')
    return document
  }

  #complete(document: OpenDocument): void {
    const { kind, original, totalCents, cashCents, taxCode } = document
    this.#print({ kind, original, totalCents, cashCents, taxCode }, document.body())
    this.#justPrinted = true
  }

  #print(
    document: Pick<PrintedRecord, 'kind' | 'original' | 'totalCents' | 'cashCents' | 'taxCode'>,
    body: readonly string[],
  ): void {
    if (this.conditions.simulation) this.#appendSlip(['SIMULAZIONE - NON FISCALE', ...body], 0)
    else printDocument(this.#memory, { ...document, at: this.#now() }, body, this.#serial)
  }

  #demandOpening(): void {
    const { pendingFiles, memoryFull, inService } = this.conditions
    if (this.#key !== 'R') throw new Refusal('EG0004')
    if (this.status() !== '00') throw new Refusal('EG0005')
    if (this.#memory.isOpenSince(this.#now(-PERIOD_MAX_MS))) throw new Refusal('ES0030')
    if (pendingFiles >= PENDING_MAX) throw new Refusal('ES0031')
    if (memoryFull) throw new Refusal('ES0032')
    if (!inService) throw new Refusal('ES0033')
    const last = this.#memory.documents().at(-1)
    if (last && last.at > this.#now()) throw new Refusal('ES0034')
  }

  #demandPaper(): void {
    if (!this.conditions.paper) throw new Refusal('EP0040')
    if (!this.conditions.coverClosed) throw new Refusal('ES0041')
  }

  #enquire(enquiry: string): string {
    const answer = enquire(enquiry, {
      ...this.conditions,
      memory: this.#memory,
      now: this.#now(),
      state: `${this.#error}${this.status()}${this.#key}E`,
      serial: this.#serial,
      openCents: this.#open?.totalCents ?? 0,
      clock: this.#quirks.clock ?? 'slashes',
    })
    return answer ?? this.#outcome('EG0003').data
  }

  /** As in the outcomes. */
  status(): string {
    if (this.#waitsForEnd) return '04'
    if (this.#slip) return '03'
    if (!this.#open) return '00'
    return this.#open.payments.length > 0 ? '02' : '01'
  }

  #now(laterMs = 0): string {
    return romeTime(this.#clock.now() + this.conditions.clockOffsetMs + laterMs)
  }

  #outcome(code: string): Answer {
    if (code.startsWith('E')) this.#error = code.slice(2)
    return { data: formatOutcome(code, this.status()) }
  }
}
