import { isCodiceFiscale, isPartitaIva } from '../../base/tax-codes.ts'
import { euros, OpenDocument } from '../rt/simulated-document.ts'
import type { SimulatedMemory, SimulatedOriginal } from '../rt/simulated-memory.ts'
import { leftOf, originalAt, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { printDocument } from '../rt/simulated-paper.ts'
import type { LineFields, OriginalFields } from './simulator-fields.ts'
import {
  isoDay,
  lineFields,
  nine,
  originalFields,
  paymentFields,
  pitchedText,
  REFUSED_AMOUNT,
  REFUSED_SEQUENCE,
  REFUSED_VALUE,
  sizedText,
} from './simulator-fields.ts'
import type { CustomSwitches } from './simulator-generation.ts'
import { isLater } from './simulator-generation.ts'

/** Number of the factory payment table for each preset payment. */
const tenders: Readonly<Record<string, number>> = {
  '01': 1,
  '02': 3,
  '03': 4,
  '05': 5,
  '07': 2,
  '08': 4,
  '50': 6,
  '51': 7,
  '52': 8,
  '53': 9,
}
/** RATE(4) and EXEMPT(1) of each department. */
const rates = ['22000', '10000', '05000', '04000', ...Array.from({ length: 6 }, () => '00001')]
const REFUSED_CHANGE = 'ERR46'
const REFUSED_DEPARTMENT = 'ERR118'
const REFUSED_TENDER = 'ERR102'

type Surroundings = {
  memory: SimulatedMemory
  serial: string
  switches: CustomSwitches
  now: () => string
  /** Why no document may begin. */
  obstacle: () => string | undefined
}

/** The document that is open in the printer: sale, return or void, until it is ejected. */
export class SimulatedCustomDocument {
  readonly #memory: SimulatedMemory
  readonly #serial: string
  readonly #switches: CustomSwitches
  readonly #now: () => string
  readonly #obstacle: () => string | undefined
  #open: OpenDocument | undefined
  #paid = false
  /** Aborted, but not yet closed. */
  #cancelled = false
  /** Closed, but not yet ejected. */
  #isClosed = false
  #voiding: SimulatedOriginal | 'unknown' | 'printed' | undefined
  #hasAdvance = false
  #lottery: string | undefined
  #hasPrinted = false

  constructor({ memory, serial, switches, now, obstacle }: Surroundings) {
    this.#memory = memory
    this.#serial = serial
    this.#switches = switches
    this.#now = now
    this.#obstacle = obstacle
  }

  get open(): OpenDocument | undefined {
    return this.#open
  }

  get isIdle(): boolean {
    return !this.#open && !this.#voiding && !this.#isClosed
  }

  /** As in 1012, without a slip. */
  get step(): string {
    if (this.#isClosed) return '5'
    if (this.#voiding) return '1'
    if (!this.#open) return this.#hasPrinted ? '7' : '0'
    if (this.#paid) return '3'
    return this.#open.payments.length > 0 ? '2' : '1'
  }

  losePower(): void {
    this.#reset()
    this.#isClosed = false
    this.#hasPrinted = false
    this.#lottery = undefined
  }

  keyInSale(cents: number): void {
    const document = new OpenDocument('sale')
    document.addLine(1, cents, 1000, 'REPARTO 1')
    document.pay(1, undefined)
    this.#complete(document)
  }

  /** Undefined if it is not a command of a document. */
  execute(command: string, data: string): string | undefined {
    switch (command) {
      case '3301':
        return this.#line(data)
      case '3002':
        return this.#text(data)
      case '3007':
        return this.#pay(data)
      case '3010':
        return this.#enterTaxCode(data)
      case '3011':
        return this.#close()
      case '3013':
        return this.#eject()
      case '3019':
        return this.#enterLottery(data)
      case '7101':
        return this.#refer(data)
      case '7114':
        return this.#openOnEvidence(data)
      default:
        return undefined
    }
  }

  #line(data: string): string {
    const fields = lineFields(data)
    if ('refused' in fields) return fields.refused
    if (fields.type === '8') return this.#cancel()
    const opening = this.#open ? undefined : this.#obstacle()
    if (opening) return opening
    if (!this.#takesLines()) return REFUSED_SEQUENCE
    const document = this.#open ?? new OpenDocument('sale')
    const isGoods = fields.type === '1'
    if (this.#hasAdvance && isGoods) return REFUSED_SEQUENCE
    const refused = applyLine(document, fields, departmentAt(fields.vat, this.#switches))
    if (refused) return refused
    if (document.original && leftOf(this.#memory, document.original) < document.totalCents) {
      document.cancelLast()
      return REFUSED_AMOUNT
    }
    this.#hasAdvance ||= fields.type === 'F'
    if (!this.#open) document.lottery = this.#lottery
    this.#lottery = undefined
    this.#open = document
    return ''
  }

  #text(data: string): string {
    const sized = pitchedText(data, 32)
    if ('refused' in sized) return sized.refused
    if (!this.#open || !this.#takesLines()) return REFUSED_SEQUENCE
    this.#open.texts.push(sized.text.replace(/^#/, ''))
    return ''
  }

  /** B LEN(2) CODE: the later generations leave out a code with a wrong check digit, without an error. */
  #enterTaxCode(data: string): string {
    const sized = data.startsWith('B') ? sizedText(data.slice(1), 16) : { refused: REFUSED_VALUE }
    if ('refused' in sized) return sized.refused
    if (!this.#open || !this.#takesLines()) return REFUSED_SEQUENCE
    if (isPartitaIva(sized.text) || isCodiceFiscale(sized.text)) this.#open.taxCode = sized.text
    else if (!isLater(this.#switches)) return REFUSED_VALUE
    return ''
  }

  /** Before the first line of a sale; a length of 0 takes the code back. */
  #enterLottery(data: string): string {
    if (this.#switches.generation === 5 || !this.isIdle) return REFUSED_SEQUENCE
    if (data !== '00' && !/^08[A-Z0-9]{8}$/.test(data)) return REFUSED_VALUE
    this.#lottery = data === '00' ? undefined : data.slice(2)
    return ''
  }

  #pay(data: string): string {
    const fields = paymentFields(data)
    if ('refused' in fields) return fields.refused
    const { code, count, amount } = fields
    const tender = tenders[code]
    if (tender === undefined) return REFUSED_TENDER
    if (count > 0 && tender !== 5) return REFUSED_VALUE
    const document = this.#open
    if (!document || document.isEmpty || this.#cancelled) return REFUSED_SEQUENCE
    if (this.#paid) return this.#payMore(document, tender, amount)
    const isMore = amount > document.totalCents - document.paidCents
    if (isMore && tender === 5) return REFUSED_CHANGE
    const paid = document.pay(tender, amount === 0 ? undefined : amount)
    if (paid === 'ES0001') return isMore ? REFUSED_CHANGE : REFUSED_AMOUNT
    this.#paid = paid === 'done'
    const rest = document.totalCents - document.paidCents
    return `${this.#paid ? '-' : '+'}${nine(Math.abs(rest))}`
  }

  /** The later generations take one payment more after the last, and print it as change. */
  #payMore(document: OpenDocument, tender: number, cents: number): string {
    if (!isLater(this.#switches) || document.paidCents > document.totalCents) return REFUSED_SEQUENCE
    document.payments.push({ tender, cents })
    return `-${nine(document.paidCents - document.totalCents)}`
  }

  /** A paid document gets its number; an aborted one is ended. */
  #close(): string {
    const document = this.#open
    if (this.#voiding === 'printed') return this.#closed()
    if (!document || !(this.#paid || this.#cancelled)) return REFUSED_SEQUENCE
    if (this.#cancelled) this.#abort(document)
    else this.#complete(document)
    return this.#closed()
  }

  #closed(): string {
    this.#reset()
    this.#isClosed = true
    return ''
  }

  #eject(): string {
    if (!this.#isClosed) return REFUSED_SEQUENCE
    this.#isClosed = false
    return ''
  }

  /** The earlier generations end the document automatically. */
  #cancel(): string {
    if (this.#voiding) {
      this.#reset()
      return ''
    }
    if (!this.#open || this.#cancelled) return REFUSED_SEQUENCE
    this.#cancelled = true
    if (isLater(this.#switches)) return ''
    this.#close()
    this.#isClosed = false
    return ''
  }

  /** OPER 9 asks, 8 opens, also for an unknown document; 1 prints the void that was opened, as a whole. */
  #refer(data: string): string {
    if (data === '0') return this.#endReference()
    const fields = originalFields(data)
    if ('refused' in fields) return fields.refused
    const named = originalAt(this.#serial, originalNamed(fields))
    const flag = this.#flagOf(fields.type, named)
    if (fields.oper === '9') return flag
    if (fields.oper === '1' && fields.type === 'A') return this.#printVoid(named)
    if (fields.oper !== '8') return REFUSED_VALUE
    const refused = this.#obstacle()
    if (refused) return refused
    if (flag === '2') return flag
    if (fields.type === 'A') this.#voiding = flag === '1' ? named : 'unknown'
    else {
      this.#open = new OpenDocument('return', named)
      this.#open.lottery = fields.lottery
    }
    return flag
  }

  /** 1 possible, 0 unknown, 2 not permitted. Documents of other printers are unknown. */
  #flagOf(type: string, named: SimulatedOriginal): string {
    if (named.serial !== undefined) return '0'
    const unfit = type === 'R' ? unfitForReturn(this.#memory, named) : unfitForVoid(this.#memory, named)
    return unfit === undefined ? '1' : unfit === 'EG0020' ? '0' : '2'
  }

  #endReference(): string {
    if (this.#open && !(this.#open.isEmpty && this.#open.kind === 'return')) return REFUSED_SEQUENCE
    this.#reset()
    return '1'
  }

  #printVoid(named: SimulatedOriginal): string {
    const opened = this.#voiding
    if (opened === undefined || opened === 'printed') return REFUSED_SEQUENCE
    const record = this.#memory.find(named.z, named.number)
    if (opened === 'unknown' || opened.z !== named.z || opened.number !== named.number || !record) return '0'
    const { totalCents, cashCents } = record
    const document = { kind: 'void', original: named, totalCents, cashCents: -cashCents, at: this.#now() } as const
    const total = 'TOTALE COMPLESSIVO'.padEnd(34) + euros(totalCents).padStart(14)
    this.#hasPrinted = true
    printDocument(this.#memory, document, [total], this.#serial)
    if (this.#switches.endsVoids) this.#voiding = 'printed'
    else this.#closed()
    return '1'
  }

  /** R LEN(2) `POS`, `VR` or `ND` DDMMYY; 0 takes it back. */
  #openOnEvidence(data: string): string {
    if (data === '0') return this.#endReference()
    const [, length, evidence, day = ''] = /^R(\d\d)(POS|VR|ND)(\d{6})$/.exec(data) ?? []
    if (evidence === undefined || Number(length) !== evidence.length) return REFUSED_VALUE
    const refused = this.#obstacle()
    if (refused) return refused
    this.#open = new OpenDocument('return', { z: 0, number: 0, date: isoDay(day), evidence })
    return ''
  }

  #complete(document: OpenDocument): void {
    const { kind, original, totalCents, cashCents, taxCode } = document
    this.#hasPrinted = true
    const head = { kind, original, totalCents, cashCents, at: this.#now(), ...(taxCode !== undefined && { taxCode }) }
    printDocument(this.#memory, head, document.body(), this.#serial)
  }

  #abort(document: OpenDocument): void {
    const { z, number } = this.#memory
    const lines = [...document.body(), 'TRANSAZIONE ANNULLATA']
    const numbered = this.#switches.numbersAborted && { number: number + 1 }
    this.#memory.append({ type: 'aborted', z: z + 1, at: this.#now(), lines, ...numbered })
  }

  #reset(): void {
    this.#open = undefined
    this.#paid = false
    this.#cancelled = false
    this.#voiding = undefined
    this.#hasAdvance = false
  }

  #takesLines(): boolean {
    return !this.#voiding && !this.#cancelled && !this.#isClosed && !this.#open?.payments.length
  }
}

/**
 * VAT 00 is that of the department, and then 2, 3 and G act on the line just before. Any other value is an index of the
 * VAT table: that of the goods, of an advance, or of the subtotal that is changed.
 */
function applyLine(document: OpenDocument, fields: LineFields, rated: number) {
  const { type, thousandths, department, text, amount, vat } = fields
  if (vat > rates.length) return REFUSED_VALUE
  const applied = (refused: string | undefined, code: string) => (refused === undefined ? undefined : code)
  switch (type) {
    case '1':
      return applied(document.addLine(vat === 0 ? department : rated, amount, thousandths, text), REFUSED_DEPARTMENT)
    case '2':
      if (vat > 0) return applied(document.addLine(rated, amount, 1000, text), REFUSED_AMOUNT)
      return applied(
        document.adjust(() => amount, text),
        REFUSED_AMOUNT,
      )
    case '3':
      if (vat > 0) return applied(document.deduct(rated, amount, text), REFUSED_AMOUNT)
      return applied(
        document.adjust(() => -amount, text),
        REFUSED_AMOUNT,
      )
    case 'G':
      if (vat > 0) return REFUSED_VALUE
      return applied(
        document.adjust(() => -amount, text || 'OMAGGIO'),
        REFUSED_AMOUNT,
      )
    case 'F':
      return vat === 0 ? REFUSED_VALUE : applied(document.deduct(rated, amount, text || 'ACCONTO'), REFUSED_AMOUNT)
    default:
      return REFUSED_VALUE
  }
}

function originalNamed({ z, number, date, serial }: OriginalFields): SimulatedOriginal {
  return { z, number, date, ...(serial !== undefined && { serial }) }
}

/** The department of the rate at an index of the VAT table. */
function departmentAt(index: number, { ownRates }: CustomSwitches): number {
  return ownRates && (index === 3 || index === 4) ? 7 - index : index
}

/** INDEX(2) → INDEX, RATE(4), EXEMPT(1). */
export function vatRow(data: string, switches: CustomSwitches): string {
  const row = /^\d\d$/.test(data) ? rates[departmentAt(Number(data), switches) - 1] : undefined
  return row === undefined ? REFUSED_VALUE : `${data}${row}`
}
