import type { Clock } from '../../base/clock.ts'
import { dayOf, romeTime } from '../rt/civil-time.ts'
import { four } from '../rt/document-number.ts'
import type { PrintedRecord, SimulatedMemory, SimulatedOriginal } from '../rt/simulated-memory.ts'
import { PERIOD_MAX_MS } from '../rt/simulated-memory.ts'
import { leftOf, originalAt, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { linesOf, printDocument } from '../rt/simulated-paper.ts'
import { printAgain, printReport } from '../rt/simulated-printouts.ts'
import type { Named, OpenReceipt } from './simulator-elements.ts'
import { enterTaxCode, isPaid, namedIn, newReceipt, REFUSED } from './simulator-elements.ts'

/** `in-service`, or a state in which the printer prints documents that are worthless. */
export type ServiceState = 'in-service' | 'training' | 'out-of-service' | 'pre-service'

/** Properties of a firmware that no public text fixes. */
export type EpsonQuirks = {
  /** The element that a VOID wants before `endFiscalReceipt`: none, or a bare `printRecTotal`. */
  voidEnd?: 'end' | 'total'
  /** The only form in which it takes a return on other evidence; default both. */
  evidence?: 'letters' | 'zeros'
  /** Commands of directIO that it does not know. */
  lacks?: readonly string[]
  /** Not an RT printer. */
  isNoRt?: boolean
  /** A duplicate wants it just before it, in the same file. */
  duplicatePassword?: string
}

/** A void waits for its end; a return for its beginning. */
type Pending = { word: Named['word']; original: SimulatedOriginal; hasTotal: boolean }

type PrinterOptions = { memory: SimulatedMemory; clock: Clock; quirks: EpsonQuirks }

export const JOURNAL_END = ''
const NO_SERIAL = '0'.repeat(11)
const LETTERS: readonly string[] = ['POS', 'VR', 'ND']

/**
 * The printer of the service. Elements are executed one by one: after a refusal the document stays open, over
 * requests too, until it is ended, reset or loses its power.
 */
export class SimulatedEpsonPrinter {
  readonly #memory: SimulatedMemory
  readonly #clock: Clock
  readonly #quirks: EpsonQuirks
  #open: OpenReceipt | undefined
  #slip: string[] | undefined
  #pending: Pending | undefined
  #password: string | undefined
  /** The lines of the journal that are still to be read. */
  #journal: string[] = []
  serial = ''
  hasPaper = true
  state: ServiceState = 'in-service'

  constructor({ memory, clock, quirks }: PrinterOptions) {
    this.#memory = memory
    this.#clock = clock
    this.#quirks = quirks
  }

  /** Printer, journal, drawer, document and mode. */
  get fpStatus(): string {
    return `${this.hasPaper ? 0 : 3}01${this.#documentState()}0`
  }

  #documentState(): number {
    if (this.#slip) return 2
    if (this.#pending) return 0
    if (!this.#open) return 1
    if (isPaid(this.#open.document)) return 7
    return this.#open.document.payments.length > 0 ? 3 : 0
  }

  get isOpen(): boolean {
    return this.#documentState() !== 1
  }

  get wantsClosure(): boolean {
    return this.#memory.isOpenSince(this.now(-PERIOD_MAX_MS))
  }

  /** Ends the open document; its number goes to the next document. */
  reset(): void {
    this.#open = undefined
    this.#slip = undefined
    this.#pending = undefined
  }

  losePower(): void {
    this.reset()
    this.#memory.append({ type: 'restore' })
  }

  /** A receipt that another program began and left. */
  leaveOpen(): void {
    if (this.isOpen) return
    this.#open = newReceipt('sale')
    this.#open.document.addLine(1, 100, 1000, 'REPARTO 1')
  }

  keyInSale(cents: number): void {
    if (this.isOpen) return
    const receipt = newReceipt('sale')
    receipt.document.addLine(1, cents, 1000, 'REPARTO 1')
    receipt.document.pay(1, undefined)
    this.#complete(receipt)
  }

  closeDay(): void {
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.now(), documents: number })
  }

  get open(): OpenReceipt | undefined {
    return this.#open
  }

  beginReceipt(): number | undefined {
    if (this.#open || this.#slip) return REFUSED.notNow
    if (this.wantsClosure) return REFUSED.sequence
    if (this.#pending?.word === 'VOID') return REFUSED.sequence
    const { original } = this.#pending ?? {}
    this.#pending = undefined
    this.#open = original ? newReceipt('return', original) : newReceipt('sale')
    return undefined
  }

  /** `printRecMessage` of type 4. */
  nameOriginal(message: string): number | undefined {
    if (this.isOpen) return REFUSED.notNow
    if (this.wantsClosure) return REFUSED.sequence
    const named = namedIn(message)
    if (!named) return REFUSED.value
    const original = this.#originalOf(named)
    if (original === undefined) return REFUSED.value
    const unfit = this.#unfitStatus(named.word, original)
    if (unfit === undefined) this.#pending = { word: named.word, original, hasTotal: false }
    return unfit
  }

  /** Goods that come back are at most what is left of the original. */
  isWithinOriginal(): boolean {
    const { original, totalCents } = this.#open?.document ?? {}
    return original === undefined || totalCents === undefined || leftOf(this.#memory, original) >= totalCents
  }

  /** A bare `printRecTotal` of a void; another one belongs to an open receipt. */
  totalOfVoid(): number | undefined {
    if (this.#pending?.word !== 'VOID' || this.#quirks.voidEnd !== 'total') return REFUSED.sequence
    this.#pending.hasTotal = true
    return undefined
  }

  endReceipt(): number | undefined {
    if (this.#pending?.word === 'VOID') {
      if (this.#quirks.voidEnd === 'total' && !this.#pending.hasTotal) return REFUSED.sequence
      this.printVoid()
      return undefined
    }
    if (!this.#open || this.#open.document.isEmpty || !isPaid(this.#open.document)) return REFUSED.sequence
    this.#complete(this.#open)
    this.#open = undefined
    return undefined
  }

  /** A file with a VOID and without its end may be printed anyway. */
  printVoid(): void {
    const { word, original } = this.#pending ?? {}
    if (word !== 'VOID' || original === undefined) return
    const { totalCents = 0, cashCents = 0 } = this.#memory.find(original.z, original.number) ?? {}
    this.#pending = undefined
    this.#print({ kind: 'void', original, totalCents, cashCents: -cashCents }, [])
  }

  printReport(): number | undefined {
    if (this.isOpen) return REFUSED.notNow
    printReport(this.#memory, this.now())
    return undefined
  }

  printDuplicate(): number | undefined {
    const given = this.#password
    this.#password = undefined
    if (this.isOpen) return REFUSED.notNow
    const { duplicatePassword: wanted = given } = this.#quirks
    if (given !== wanted) return REFUSED.notNow
    return printAgain(this.#memory, this.now(), 'duplicate') ? undefined : REFUSED.sequence
  }

  beginSlip(): number | undefined {
    if (this.isOpen) return REFUSED.notNow
    this.#slip = []
    return undefined
  }

  printLine(text: string): number | undefined {
    if (!this.#slip) return REFUSED.sequence
    this.#slip.push(text)
    return undefined
  }

  endSlip(): number | undefined {
    if (!this.#slip) return REFUSED.sequence
    this.#appendSlip(this.#slip)
    this.#slip = undefined
    return undefined
  }

  /** The data of the answer, or the status of the refusal. */
  directIo(command: string, data: string): string | number {
    if (this.#quirks.lacks?.includes(command) === true) return REFUSED.unknown
    switch (command) {
      case '1060':
      case '1061':
        return (this.#open ? enterTaxCode(this.#open, command, data) : REFUSED.sequence) ?? data
      case '3217':
        return `01${this.serial.slice(5)}${this.serial.slice(3, 5)}${this.serial.slice(0, 2)}`
      case '1138':
        return this.#quirks.isNoRt === true ? REFUSED.unknown : this.#rtState()
      case '2052':
        return data === '' ? `${'0'.repeat(14)}${four(this.#memory.z)}` : REFUSED.value
      case '1387':
        return this.#lastDocument()
      case '3100':
        return this.#journalLine(data)
      case '4038':
        if (!/^02.{100}$/.test(data)) return REFUSED.value
        this.#password = data.slice(2).trimEnd()
        return data.slice(0, 2)
      case '9205':
        return this.#possibility(data)
      default:
        return REFUSED.unknown
    }
  }

  /** `01` DDMMYY FROM(4) TO(4), then 0 for the first line of these documents, 1 for the next one: from character 16 on. */
  #journalLine(data: string): string | number {
    const [, asked = '', day, first, last, next] = /^(01(\d{6})(\d{4})(\d{4}))([01])$/.exec(data) ?? []
    if (next === undefined) return REFUSED.value
    const isAsked = ({ at, number }: PrintedRecord): boolean =>
      dayOf(at) === day && number >= Number(first) && number <= Number(last)
    if (next === '0') this.#journal = this.#memory.documents().filter(isAsked).flatMap(linesOf)
    const line = this.#journal.shift()
    return line === undefined ? JOURNAL_END : asked + line
  }

  /** The elements of status type 1; undefined for a printer that is not an RT. */
  rtElements(): readonly (readonly [string, string])[] | undefined {
    if (this.#quirks.isNoRt === true) return undefined
    const [main, sub] = this.#rtStates()
    return [
      ['rtType', this.serial.charAt(2)],
      ['rtMainStatus', main],
      ['rtSubStatus', sub],
      ['rtDailyOpen', this.#memory.number > 0 ? '1' : '0'],
      ['rtNoWorkingPeriod', this.wantsClosure ? '1' : '0'],
      ['rtFileToSend', '0'],
      ['rtOldFileToSend', '0'],
      ['rtFileRejected', '0'],
      ['rtExpiryCD', '311230'],
      ['rtExpiryCA', '311230'],
      ['rtTrainingMode', this.state === 'training' ? '1' : '0'],
      ['rtUpgradeResult', '0'],
    ]
  }

  /** Main and sub-state: in service, or activated and not yet in service. */
  #rtStates(): readonly [main: string, sub: string] {
    return this.state === 'pre-service' ? ['01', '08'] : ['02', '00']
  }

  /** The same by place; training at 38, out of service at 44. */
  #rtState(): string {
    const [main, sub] = this.#rtStates()
    const head = `01${this.serial.charAt(2)}${main}${sub}${this.#memory.number > 0 ? 1 : 0}${this.wantsClosure ? 1 : 0}`
    const files = '0'.repeat(12)
    const training = this.state === 'training' ? 1 : 0
    return `${head}${files}31123031123000250${training}00000${this.state === 'out-of-service' ? 1 : 0}00`
  }

  #lastDocument(): string {
    const { at, totalCents, z, number, isFiscal } = this.last()
    const nine = (cents: number) => String(cents).padStart(9, '0')
    const time = at.slice(11).replaceAll(':', '')
    const day = `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}`
    const flag = isFiscal ? 1 : 0
    return `01${nine(totalCents)}${nine(0)}${day}${time}${four(z)}${four(number)}${this.serial}${'0'.repeat(9)}${flag}`
  }

  /** Slips count too: the flag after the record distinguishes them from documents. */
  last(): { at: string; totalCents: number; z: number; number: number; isFiscal: boolean } {
    const last = this.#memory.records().findLast(({ type }) => type === 'document' || type === 'slip')
    if (last?.type === 'document') return { ...last, isFiscal: true }
    if (last?.type !== 'slip') return { at: '2026-01-01T00:00:00', totalCents: 0, z: 0, number: 0, isFiscal: true }
    return { at: last.at, totalCents: 0, z: this.#memory.z + 1, number: last.number, isFiscal: false }
  }

  /** 0 and 1: possible. */
  #possibility(data: string): string | number {
    const match = /^([12])([0-9A-Z]{11})(\d\d)(\d\d)(\d{4})(\d{4})(\d{4})$/.exec(data)
    if (!match) return REFUSED.value
    const [, kind, serial, day, month, year, number, z] = match
    const named = { z: Number(z), number: Number(number), date: `${year}-${month}-${day}` }
    const original = originalAt(this.serial, { ...named, ...(serial !== undefined && { serial }) })
    return this.#unfitStatus(kind === '1' ? 'REFUND' : 'VOID', original) === undefined ? '0' : '2'
  }

  #originalOf({ word, z, number, date, serial }: Named): SimulatedOriginal | undefined {
    const isLetters = LETTERS.includes(serial)
    if (z > 0 || number > 0) return isLetters ? undefined : originalAt(this.serial, { z, number, date, serial })
    const form = isLetters ? 'letters' : serial === NO_SERIAL ? 'zeros' : undefined
    const isTaken = form !== undefined && (this.#quirks.evidence ?? form) === form
    return word === 'REFUND' && isTaken ? { z, number, date, evidence: serial } : undefined
  }

  /** Not found, already voided or returned, or of another kind. */
  #unfitStatus(word: Named['word'], original: SimulatedOriginal): number | undefined {
    const isVoid = word === 'VOID'
    const unfit = isVoid ? unfitForVoid(this.#memory, original) : unfitForReturn(this.#memory, original)
    if (unfit === undefined) return undefined
    const { z, number } = original
    if (unfit === 'EG0021') return this.#memory.against(z, number).some(({ kind }) => kind === 'void') ? 39 : 40
    const record = original.serial === undefined ? this.#memory.find(z, number) : undefined
    if (record === undefined || record.kind === 'sale') return 12
    return isVoid ? 41 : 42
  }

  #complete({ document, trailing }: OpenReceipt): void {
    document.texts.push(...trailing.values())
    const { kind, original, totalCents, cashCents, taxCode } = document
    this.#print({ kind, original, totalCents, cashCents, taxCode }, document.body())
  }

  /** Out of service, before it or in training the printer prints paper that is not a document. */
  #print(
    document: Pick<PrintedRecord, 'kind' | 'original' | 'totalCents' | 'cashCents' | 'taxCode'>,
    body: readonly string[],
  ): void {
    if (this.state === 'in-service') printDocument(this.#memory, { ...document, at: this.now() }, body, this.serial)
    else this.#appendSlip(['NON FISCALE', ...body])
  }

  #appendSlip(lines: readonly string[]): void {
    this.#memory.append({ type: 'slip', number: this.#memory.nonFiscal + 1, at: this.now(), lines, cashCents: 0 })
  }

  now(offsetMs = 0): string {
    return romeTime(this.#clock.now() + offsetMs)
  }
}
