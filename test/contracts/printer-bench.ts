import type { RtPrinter, RtSale } from '../../drivers/ports/rt-printer.ts'

/** The device's own record, without the driver's help. */
export type PrintedFact = {
  kind: 'sale' | 'return' | 'void'
  documentNumber: string
  totalCents: number
  text: string
  /** The customer's, by the printer's own command: a text on the paper is not in the file for the tax office. */
  taxCode: string | undefined
}

/** A printer in service at the beginning of a period, with its driver, not yet opened. */
export type PrinterBench = {
  printer: RtPrinter
  /** Another driver over the same printer, as after a restart of the agent; the first one is closed. */
  reopen(): Promise<RtPrinter>
  /** The printer's own record. */
  printed(): readonly PrintedFact[]
  /** Keys in a sale at the panel. */
  keyInSale(cents: number): void
  /** `NAME[=ARG]@ACT[#WHICH]`. */
  inject(fault: string): void
  destroy(): Promise<void>
}

export type PrinterCapabilities = {
  /** The device's words for the acts of a sale: beginning of the command of a line and of the one that prints. */
  lineAct: string
  closingAct: string
  voidAct: string
  closureAct: string
  /** Closures made before the test. */
  firstClosure: number
  /** The printer's own texts and totals can be read: documents are distinguished by their reference. */
  readsMemory: boolean
  /** The simulated printer has what it printed as text alone. */
  keepsTexts?: boolean
}

/** The installer's programming: the departments of the simulated printers. */
export const departments = {
  '0.22': 1,
  '0.10': 2,
  '0.05': 3,
  '0.04': 4,
  N1: 5,
  N2: 6,
  N3: 7,
  N4: 8,
  N5: 9,
  N6: 10,
}

type PaperRecord = {
  kind: PrintedFact['kind']
  z: number
  number: number
  totalCents: number
  lines: readonly string[]
  taxCode?: string | undefined
}

export function factsOf(records: readonly PaperRecord[]): readonly PrintedFact[] {
  return records.map(({ kind, z, number, totalCents, lines, taxCode }) => ({
    kind,
    documentNumber: `${String(z).padStart(4, '0')}-${String(number).padStart(4, '0')}`,
    totalCents,
    text: lines.join('\n'),
    taxCode,
  }))
}

let references = 0

export function uniqueReference(): string {
  references += 1
  return `TEST${String(references).padStart(6, '0')}`
}

/** 2 × 5.00 at 22 % and 2.50 at 10 %, by card. */
export function coffee(changes: Partial<RtSale> = {}): RtSale {
  return {
    kind: 'sale',
    reference: uniqueReference(),
    lines: [
      { vat: '0.22', unitPriceCents: 500n, quantity: '2', text: 'Caffè in grani' },
      { vat: '0.10', unitPriceCents: 250n, quantity: '1', text: 'Acqua (0,5/l)' },
    ],
    payments: [{ tender: 4, amountCents: 1250n }],
    ...changes,
  }
}
