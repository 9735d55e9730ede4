import type { Json } from '../../../../base/canonical.ts'
import type { LawBooks, LawFold, NotedEvent } from '../../../journal/books/law-books.ts'
import { membersIn, textIn } from '../../../journal/checked.ts'
import type { EventBody } from '../../../journal/events.ts'
import { coverageOf } from './coverage.ts'
import { OpenEmergencies } from './open-emergencies.ts'
import { PrintedAmounts } from './printed-amounts.ts'
import { PrinterMemories } from './printer-memory.ts'
import type { PrinterFindings } from './texts.ts'
import { TEXTS } from './texts.ts'

/** Compares the journal with the counters of Italian printers, and its operations with the printed documents. */
export const ITALIAN_BOOKS: LawBooks<keyof typeof TEXTS> = {
  texts: TEXTS,
  open: ({ findings }) => new ItalianBooks(findings),
}

class ItalianBooks implements LawFold {
  readonly #printers: PrinterMemories
  readonly #printed: PrintedAmounts
  readonly #emergencies = new OpenEmergencies()

  constructor(findings: PrinterFindings) {
    this.#printers = new PrinterMemories(findings)
    this.#printed = new PrintedAmounts(findings, this.#printers, this.#emergencies)
  }

  note({ seq, kind, op }: NotedEvent, body: EventBody): void {
    this.#printers.note({ seq, kind }, body)
    this.#emergencies.note(op, body)
    this.#printed.note(seq, op, body)
  }

  /** `operation end` ends an exchange of which one document can never be printed together with the other. */
  mayChangeGoods(operation: string): boolean {
    return this.#printed.isOpen(operation)
  }

  /** Each request to print or close has the printer's counters of that moment. */
  countedIn({ act }: EventBody): string | undefined {
    const baseline = membersIn(act?.['baseline'])
    return textIn(baseline?.['serial'])
  }

  coverage(): Readonly<Record<string, Json>> {
    return coverageOf(this.#printers.coverage())
  }
}
