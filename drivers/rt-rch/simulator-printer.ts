import type { Clock } from '../ports/clock.ts'
import { romeTime } from '../rt/civil-time.ts'
import { euros, OpenDocument } from '../rt/simulated-document.ts'
import type { PrintedRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { leftOf, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { printDocument } from '../rt/simulated-paper.ts'
import { formatOutcome } from './reply.ts'
import { textOf } from './simulator-dump.ts'
import { enquire, pendingMax } from './simulator-enquiries.ts'
import type { Parameters } from './simulator-grammar.ts'
import { parseCommand, referenceOf } from './simulator-grammar.ts'

export type PrinterQuirks = {
  /** Status 04 until `=c`. */
  fidelity?: boolean
}
/** What the printer answers: the data of a frame, a text of the memory before it. */
export type Answer = { data: string; text?: string }

const keys = 'LRXZPS'

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
  /** A closing payment that found no more paper. */
  #suspended: OpenDocument | undefined
  paper = true
  coverClosed = true
  memoryState: 'ok' | 'full' = 'ok'
  inService = true
  pendingFiles = 0
  clockOffsetMs = 0
  /** What the next closing payment does: the paper ends while it prints. */
  paperEndsAtClosing = false

  constructor(options: { memory: SimulatedMemory; clock: Clock; serial: string; quirks: PrinterQuirks }) {
    this.#memory = options.memory
    this.#clock = options.clock
    this.#serial = options.serial
    this.#quirks = options.quirks
  }

  /** The open document, key and error are gone; what was completed is not. */
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

  /** Somebody loads paper; a suspended document is completed or lost. */
  loadPaper(suspended: 'resume' | 'lose'): boolean {
    this.paper = true
    const document = this.#suspended
    this.#suspended = undefined
    if (!document) return true
    this.#open = undefined
    if (suspended === 'resume') this.#complete(document)
    return suspended === 'resume'
  }

  /** A sale keyed in at the panel; no more than a cashier could do. */
  keyInSale(cents: number): void {
    if (this.status() !== '00') return
    const document = new OpenDocument('sale')
    document.addLine(1, cents, 1000, 'REPARTO 1')
    document.pay(1, undefined)
    this.#complete(document)
  }

  execute(command: string): Answer {
    const enquiry = /^<<\/\?(.+)$/.exec(command)?.[1]
    if (enquiry !== undefined) return { data: this.#enquire(enquiry) }
    const parsed = parseCommand(command)
    if (!parsed) return this.#outcome('EG0002')
    const { code, digits, parameters } = parsed
    if (code !== 'T') this.#justPrinted = this.#justPrinted && (code === 'c' || code === 'x')
    return this.#perform(code, digits, parameters)
  }

  /** A closing payment waits for paper. */
  get isSuspended(): boolean {
    return this.#suspended !== undefined
  }

  #perform(code: string, digits: string, parameters: Parameters): Answer {
    if (/^[%V]/.test(code)) return this.#adjust(code, parameters)
    switch (code) {
      case 'K':
        this.#error = '0000'
        if (!this.#open && !this.#slip) this.#ahead = new OpenDocument('sale')
        return this.#done()
      case 'C':
        return this.#control(digits, parameters)
      case 'R':
        return this.#line(Number(digits), parameters)
      case 'S':
        this.#open?.subtotal()
        return this.#open ? this.#done() : this.#outcome('EG0005')
      case 'a':
        return this.#outcome(
          (this.#open?.payments.length ? 'EG0005' : this.#open?.cancelLast()) ?? (this.#open ? 'ON0000' : 'EG0005'),
        )
      case '"':
        return this.#text(parameters)
      case 'T':
        return this.#pay(Number(digits), parameters)
      case 'c':
      case 'x':
        if (this.#open || this.#slip) return this.#outcome('EG0005')
        this.#waitsForEnd = false
        return this.#done()
      default:
        return this.#document(code, parameters)
    }
  }

  #document(code: string, parameters: Parameters): Answer {
    switch (code) {
      case 'k':
        return parameters['&'] === undefined ? this.#abort() : this.#void(parameters)
      case 'r':
        return this.#openReturn(parameters)
      case 'o':
        return this.#openSlip()
      case 'e':
      case 'p':
        return this.#moveCash(code, Number(parameters['$'] ?? 0))
      default:
        // Display, operator and paper feed have no effect here.
        return this.#outcome('DOf'.includes(code) ? 'ON0000' : 'EG0003')
    }
  }

  #control(digits: string, parameters: Parameters): Answer {
    if (/^[0-5]$/.test(digits)) {
      const key = keys.charAt(Number(digits))
      if (this.status() !== '00' && key !== this.#key) return this.#outcome('EG0005')
      this.#key = key
      return this.#done()
    }
    if (digits === '10') return this.#report()
    if (/^45[1235]$/.test(digits)) return this.#readMemory(digits, parameters)
    if (digits === '422') {
      this.pendingFiles = 0
      return this.#done()
    }
    return digits === '86' ? this.#done() : this.#outcome('EG0003')
  }

  #report(): Answer {
    if (this.#key !== 'X' && this.#key !== 'Z') return this.#outcome('EG0004')
    if (this.status() !== '00') return this.#outcome('EG0005')
    const obstacle = this.#obstacle()
    if (obstacle) return this.#outcome(obstacle)
    if (this.#key === 'Z') this.closeDay()
    return this.#done()
  }

  /** By command, or by itself at midnight. */
  closeDay(): void {
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.#now(), documents: number })
  }

  #readMemory(kind: string, parameters: Parameters): Answer {
    if (this.#key !== 'Z' && this.#key !== 'P') return this.#outcome('EG0004')
    const text = textOf(this.#memory, kind, parameters)
    return text === undefined ? this.#outcome('EG0020') : { ...this.#done(), text }
  }

  #line(department: number, parameters: Parameters): Answer {
    const opening = this.#open ? undefined : this.#checkOpening()
    if (opening ?? this.#obstacle()) return this.#outcome(opening ?? this.#obstacle() ?? '')
    if (this.#open?.payments.length) return this.#outcome('EG0005')
    const document = this.#open ?? new OpenDocument('sale')
    const price = Number(parameters['$'] ?? 0)
    const text = parameters['('] ?? ''
    const refused =
      parameters['&'] === undefined
        ? document.addLine(department, price, Math.round(Number(parameters['*'] ?? 1) * 1000), text)
        : document.deduct(department, price, text)
    if (refused) return this.#outcome(refused)
    if (document.original && leftOf(this.#memory, document.original) < document.totalCents) {
      document.cancelLast()
      return this.#outcome('EG0022')
    }
    if (!this.#open) this.#takeAhead(document)
    this.#open = document
    return this.#done()
  }

  #adjust(code: string, parameters: Parameters): Answer {
    const document = this.#open
    if (!document || document.payments.length > 0) return this.#outcome('EG0005')
    const sign = code.endsWith('+') ? 1 : -1
    const value = Number(parameters['*'] ?? parameters['$'] ?? 0)
    const cents = (base: number) => sign * (code.startsWith('V') ? value : Math.round((base * value) / 100))
    return this.#outcome(document.adjust(cents, parameters['('] ?? '') ?? 'ON0000')
  }

  #text(parameters: Parameters): Answer {
    const words = parameters['('] ?? ''
    if (this.#slip) {
      const obstacle = this.#obstacle()
      if (obstacle) return this.#outcome(obstacle)
      this.#slip.push(words)
      return this.#done()
    }
    const target = this.#open ?? this.#ahead
    // After closing and before `=K` it goes on the paper tail only.
    if (this.#justPrinted) return this.#done()
    switch (parameters['?']) {
      case 'A':
        target.texts.push(words)
        return this.#done()
      case 'L':
        if (!/^[A-Z0-9]{8}$/.test(words)) return this.#outcome('ES0001')
        target.lottery = words
        return this.#done()
      case 'C':
        if (!/^([A-Za-z0-9]{16}|\d{11})$/.test(words)) return this.#outcome('ES0001')
        target.taxCode = words
        return this.#done()
      default:
        return parameters['?'] === undefined ? this.#done() : this.#outcome('EG0002')
    }
  }

  #pay(number: number, parameters: Parameters): Answer {
    const document = this.#open
    if (!document) return this.#outcome(this.#justPrinted ? 'ON0000' : 'EG0005')
    const obstacle = this.#obstacle()
    if (obstacle) return this.#outcome(obstacle)
    const cents = parameters['$'] === undefined ? undefined : Number(parameters['$'])
    const paid = document.pay(number, cents)
    if (paid === 'ES0001') return this.#outcome(paid)
    if (paid === 'open') return this.#done()
    if (this.paperEndsAtClosing) {
      this.paperEndsAtClosing = false
      this.paper = false
      this.#suspended = document
      return this.#outcome('EP0040')
    }
    this.#open = undefined
    this.#complete(document)
    this.#waitsForEnd = this.#quirks.fidelity === true
    return this.#done()
  }

  #abort(): Answer {
    if (!this.#open && !this.#slip) return this.#outcome('EG0005')
    const obstacle = this.#obstacle()
    if (obstacle) return this.#outcome(obstacle)
    this.#open = undefined
    this.#slip = undefined
    return this.#done()
  }

  #openReturn(parameters: Parameters): Answer {
    const refused = this.#checkOpening() ?? this.#obstacle()
    if (refused) return this.#outcome(refused)
    const original = referenceOf(parameters)
    if (!original) return this.#outcome('EG0002')
    const isOwn = parameters['('] === undefined || parameters['('] === this.#serial
    const unfit = isOwn ? unfitForReturn(this.#memory, original) : undefined
    if (unfit) return this.#outcome(unfit)
    if (parameters['*'] === '1') return this.#done()
    this.#open = this.#takeAhead(new OpenDocument('return', original))
    return this.#done()
  }

  #void(parameters: Parameters): Answer {
    const refused = this.#checkOpening() ?? this.#obstacle()
    if (refused) return this.#outcome(refused)
    const original = referenceOf(parameters)
    if (!original) return this.#outcome('EG0002')
    const found = this.#memory.find(original.z, original.number)
    const unfit = unfitForVoid(this.#memory, original)
    if (!found || unfit) return this.#outcome(unfit ?? 'EG0020')
    if (parameters['*'] === '1') return this.#done()
    const { totalCents, cashCents } = found
    const body = ['TOTALE COMPLESSIVO'.padEnd(34) + euros(totalCents).padStart(14)]
    this.#print({ kind: 'void', original, totalCents, cashCents: -cashCents }, body)
    return this.#done()
  }

  #openSlip(): Answer {
    const slip = this.#slip
    if (this.#open || this.#key !== 'R') return this.#outcome(this.#open ? 'EG0005' : 'EG0004')
    const obstacle = this.#obstacle()
    if (obstacle) return this.#outcome(obstacle)
    this.#slip = slip ? undefined : []
    if (slip) this.#appendSlip(slip, 0)
    return this.#done()
  }

  #moveCash(code: 'e' | 'p', cents: number): Answer {
    if (this.status() !== '00') return this.#outcome('EG0005')
    const obstacle = this.#obstacle()
    if (obstacle) return this.#outcome(obstacle)
    if (cents <= 0 || (code === 'p' && cents > this.#memory.drawerCents)) return this.#outcome('ES0001')
    const words = code === 'e' ? 'FONDO CASSA' : 'PRELIEVO'
    this.#appendSlip([`${words} ${euros(cents)}`], code === 'e' ? cents : -cents)
    return this.#done()
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
    const { kind, original, totalCents, cashCents } = document
    this.#print({ kind, original, totalCents, cashCents }, document.body())
    this.#justPrinted = true
  }

  #print(
    document: Pick<PrintedRecord, 'kind' | 'original' | 'totalCents' | 'cashCents'>,
    body: readonly string[],
  ): void {
    printDocument(this.#memory, { ...document, at: this.#now() }, body, this.#serial)
  }

  #checkOpening(): string | undefined {
    if (this.#key !== 'R') return 'EG0004'
    if (this.status() !== '00') return 'EG0005'
    if (this.pendingFiles >= pendingMax) return 'ES0031'
    if (this.memoryState === 'full') return 'ES0032'
    if (!this.inService) return 'ES0033'
    const last = this.#memory.documents().at(-1)
    return last && last.at > this.#now() ? 'ES0034' : undefined
  }

  #obstacle(): string | undefined {
    if (!this.paper) return 'EP0040'
    return this.coverClosed ? undefined : 'ES0041'
  }

  #enquire(enquiry: string): string {
    const answer = enquire(enquiry, {
      memory: this.#memory,
      now: this.#now(),
      state: `${this.#error}${this.status()}${this.#key}E`,
      serial: this.#serial,
      openCents: this.#open?.totalCents ?? 0,
      memoryFull: this.memoryState === 'full',
      inService: this.inService,
      paper: this.paper,
      coverClosed: this.coverClosed,
      pendingFiles: this.pendingFiles,
    })
    return answer ?? this.#outcome('EG0003').data
  }

  /** As the outcomes tell it. */
  status(): string {
    if (this.#waitsForEnd) return '04'
    if (this.#slip) return '03'
    if (!this.#open) return '00'
    return this.#open.payments.length > 0 ? '02' : '01'
  }

  #now(): string {
    return romeTime(this.#clock.now() + this.clockOffsetMs)
  }

  #done(): Answer {
    return this.#outcome('ON0000')
  }

  #outcome(code: string): Answer {
    if (code.startsWith('E')) this.#error = code.slice(2)
    return { data: formatOutcome(code, this.status()) }
  }
}
