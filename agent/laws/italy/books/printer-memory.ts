import { membersIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import type { Renewal } from '../../../journal/event-facts.ts'
import type { ChainMembers, EventBody, FoundDocuments } from '../../../journal/events.ts'
import { factsOf } from '../../../journal/events.ts'
import type { Printed, PrintState } from './print-state.ts'
import { printStateIn } from './print-state.ts'
import type { RequestedDocument } from './printed-goods.ts'
import { printedGoods } from './printed-goods.ts'
import type { Asked, Baseline, PrinterCoverage } from './printer.ts'
import { Printer } from './printer.ts'
import type { ClosingTotals, DocumentKind, PeriodTotals, Place, PricedDocument } from './printer-period.ts'
import { spanText } from './printer-period.ts'
import type { PrinterFindings } from './texts.ts'

type Noted = { readonly seq: number; readonly kind: string }
type Found = FoundDocuments['documents'][number]
type PlaceFacts = Place & { readonly serial: string; readonly day: string; readonly until: string }

/** Reasons of an epoch after which a printer has more than the journal. */
const SET_BACK: ReadonlySet<unknown> = new Set<Renewal['reason']>(['restore', 'rollback', 'fork'])
const NUMBER = /^(\d{4})-(\d{4})$/
const REFERENCE_LENGTH = 12

/**
 * Compares the journal's records of each Italian printer with the printer's own counters, which every intent contains
 * (`baseline`): numbers of documents and closings have no holes, and closings match the printed documents. It keeps one
 * entry a closing, and an amount a document of the periods whose closing may still be reported.
 */
export class PrinterMemories {
  readonly #printers = new Map<string, Printer>()
  readonly #devices = new Map<string, string>()
  readonly #registers = new Map<string, string>()
  readonly #asked = new Map<number, Asked>()
  /** References of documents that were requested and, according to the journal, not printed. */
  readonly #unprinted = new Set<string>()
  /** References of operations that are entered in the emergency register. */
  readonly #entered = new Set<string>()
  readonly #findings: PrinterFindings

  constructor(findings: PrinterFindings) {
    this.#findings = findings
    findings.atEnd((report) => {
      for (const printer of this.#printers.values()) printer.report(report)
    })
  }

  note({ seq, kind }: Noted, body: EventBody): void {
    const { act, ref, enrolled, chain, found } = body
    const parts = partsOf(body)
    const { shown, law } = parts
    if (SET_BACK.has(factsOf({ kind, body }, 'journal.opened')?.reason))
      for (const each of this.#printers.values()) each.begin()
    if (typeof enrolled?.serial === 'string') this.#enrol(enrolled.device, enrolled.serial)
    if (chain !== undefined) this.#follow(chain.register, chain.state)
    const state = printStateIn(law)
    const { baseline, totals } = state
    if (baseline !== undefined) this.#printer(baseline.serial).baseline(seq, baseline)
    if (act !== undefined) this.#noteRequest(seq, act)
    const documents = documentsIn(parts, state.printed)
    this.#print(seq, documents, ref)
    this.#misprint(seq, documents[0]?.rt_serial_number, state.annulled)
    if (typeof totals?.documents === 'number' && baseline !== undefined)
      this.#printer(baseline.serial)
        .period(baseline.z + 1)
        .close(seq, totals as PeriodTotals)
    if (Array.isArray(shown['z_numbers'])) this.#close(seq, parts, state)
    if (found !== undefined) this.#found(seq, found)
  }

  /** The operation is in the emergency register: a person said that it was not printed. */
  entered(operation: string): void {
    const reference = operation.slice(-REFERENCE_LENGTH)
    if (this.#unprinted.has(reference)) this.#entered.add(reference)
  }

  coverage(): PrinterCoverage[] {
    return [...this.#printers.values()].map((printer) => printer.coverage())
  }

  /** The amount of a document in a period that is not settled yet. */
  pricedAt(serial: string, place: Place): PricedDocument | undefined {
    return this.#printers.get(serial)?.pricedAt(place)
  }

  #printer(serial: string): Printer {
    const printer = this.#printers.get(serial) ?? new Printer(serial)
    this.#printers.set(serial, printer)
    return printer
  }

  /** No journal of this shop contains the documents that it printed before it belonged to the device. */
  #enrol(device: string, serial: string): void {
    const isOther = this.#devices.get(device) !== serial
    this.#devices.set(device, serial)
    if (isOther) this.#printers.get(serial)?.begin()
  }

  /** A register that moves to a printer does not report earlier closings. */
  #follow(register: string, { serial, z }: ChainMembers): void {
    if (typeof serial !== 'string' || this.#registers.get(register) === serial) return
    this.#registers.set(register, serial)
    this.#printer(serial).passOver(Number(z))
  }

  #noteRequest(seq: number, act: NonNullable<EventBody['act']>): void {
    const baseline = act['baseline'] as Baseline | undefined
    if (baseline === undefined) return
    this.#printer(baseline.serial).baseline(seq, baseline)
    const document = act['document'] as (RequestedDocument & Omit<Asked, 'goods'>) | undefined
    if (act.name !== 'print' || document === undefined) return
    const { reference, kind, original } = document
    const goods = kind === 'sale' || kind === 'return' ? printedGoods(document) : undefined
    this.#asked.set(seq, { reference, kind, original, goods })
  }

  #print(seq: number, documents: readonly Printed[], ref: number | undefined): void {
    const asked = ref === undefined ? undefined : this.#asked.get(ref)
    if (ref !== undefined) this.#asked.delete(ref)
    let isPrinted = false
    for (const { rt_serial_number: serial, document_number: name, document_type: type } of documents) {
      const [place, kind] = [placeOf(name), type as DocumentKind]
      if (place === undefined || !this.#printer(serial).recorded(seq, place)) continue
      isPrinted = true
      if (asked?.kind === kind) this.#printer(serial).priced(place, kind, asked)
      else this.#printer(serial).period(place.z).printed(kind, undefined)
    }
    if (asked?.reference !== undefined && !isPrinted) this.#unprinted.add(asked.reference)
  }

  /** Sales that were printed instead of a return. Their annulment reports their amounts. */
  #misprint(seq: number, serial: string | undefined, annulled: PrintState['annulled']): void {
    if (serial === undefined) return
    for (const place of annulled.map((name) => placeOf(String(name))))
      if (place !== undefined) this.#printer(serial).printed(seq, place)
  }

  #close(seq: number, { shown }: StoredParts, { isOfPrinter }: PrintState): void {
    const { regime: law, rt_serial_number: serial } = membersIn(shown['fiscal_information']) ?? {}
    if (law !== 'RT' || typeof serial !== 'string') return
    const printer = this.#printer(serial)
    for (const z of shown['z_numbers'] as number[]) {
      printer.closed(seq, z, isOfPrinter)
      if (shown['totals'] != null) printer.period(z).closedWith(seq, shown['totals'] as ClosingTotals)
    }
  }

  #found(seq: number, { serial, z, from, to, operation, documents }: FoundDocuments): void {
    const printer = this.#printer(serial)
    const period = printer.period(z)
    if (!(from >= 1)) throw new RangeError('no numbers of a printer')
    printer.found(seq, { z, from, to })
    const isOwn = ({ reference }: Found): boolean =>
      reference !== null && (reference === operation?.slice(-REFERENCE_LENGTH) || this.#unprinted.has(reference))
    // A return that a power loss turned into a sale is annulled at once.
    let annulments = documents.filter((each) => each.kind === 'sale' && isOwn(each)).length
    for (let number = from; number <= to; number++) {
      const read = documents.find((each) => each.number === number)
      const isAnnulment = read?.kind === 'void' && annulments-- > 0
      if (read !== undefined) period.fromMemory(number, read.kind, read.total_amount)
      printer.printed(seq, { z, number })
      if (read?.reference != null && this.#entered.has(read.reference))
        this.#findings.add('rt_entry_printed', seq, { serial, document: spanText(z, number, number) })
      if (!period.isExempt(number) && !isAnnulment && (read === undefined || !isOwn(read)))
        this.#report(seq, { serial, z, number, day: period.day, until: period.until }, read)
    }
  }

  /**
   * A document that was keyed in at the printer is a note. One with a reference as an agent prints it is the shop's own
   * and missing in the journal.
   */
  #report(seq: number, place: PlaceFacts, read: Found | undefined): void {
    const { serial, z, number } = place
    const document = spanText(z, number, number)
    if (read === undefined) {
      // With these facts the document can be read from the printer's memory.
      const asked = { ...place, from: number, to: number }
      this.#findings.add('rt_document_unread', seq, { ...asked, document })
    } else if (read.reference === null)
      this.#findings.add('rt_document_by_hand', seq, { serial, document, sum: read.total_amount ?? '?' })
    else {
      const named = `${document} (REF ${read.reference})`
      this.#findings.add('rt_document_unknown', seq, { serial, document: named })
    }
  }
}

/** The fiscal ones. */
function documentsIn({ shown }: StoredParts, printed: readonly Printed[]): Printed[] {
  const facts = shown['fiscal_information'] as (Printed & { regime?: string; documents?: Printed[] }) | null | undefined
  const final = facts?.regime === 'RT' ? (facts.documents ?? [facts]) : []
  return [...printed, ...final].filter(({ document_type: type }) => type !== 'non_fiscal')
}

function placeOf(name: string): Place | undefined {
  const [, z, number] = NUMBER.exec(name)?.map(Number) ?? []
  return z === undefined || number === undefined ? undefined : { z, number }
}
