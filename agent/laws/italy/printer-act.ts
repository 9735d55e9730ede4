import type { RtBaseline, RtDeduction } from '../../../drivers/ports/rt-printer.ts'
import type { ReturnedBeyondSale, VoucherBeyondSale } from '../../contract/hint.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { Act, FoundDocuments } from '../../journal/events.ts'
import type { ClosingTotals, TakenBack } from '../closing-reports.ts'
import type { Done, Outcome } from '../law.ts'
import type { ActWords } from '../law-words.ts'
import type { StoredDocument } from './document-json.ts'

/** An act of this law on a printer, as an intent stores it: its members are frozen. */
export type PrinterAct = IdentifyAct | ReadAct | PrintAct | CloseAct

type Common = {
  device: string
  /** Serial number of the till. */
  client: string
  /** It may be done when the printer is back: a slip of a shift. */
  later?: boolean
}
export type IdentifyAct = Common & { name: 'identify'; reads: true }
/**
 * `totals`: before a closing, whose sums are recorded; `journal`: before one that no register requested. `since`:
 * closings of the printer that the register knows.
 */
export type ReadAct = Common & { name: 'read'; reads: true; totals?: boolean | 'journal'; since?: number }
/** `document` as {@link documentOf} reads it. */
export type PrintAct = Common & { name: 'print'; document: StoredDocument; baseline: RtBaseline }
export type CloseAct = Common & { name: 'close'; baseline: RtBaseline }

/** Result of identifying: closures made so far, and whether the printer is registered with the tax office. */
export type Identified = { serial: string; z: number; in_service: boolean }
/** Documents of one period that were printed without an operation. */
export type FoundSpan = Pick<FoundDocuments, 'z' | 'from' | 'to' | 'documents'>
/**
 * `found`: documents printed without an operation since the journal's last record of the printer. `closed`: periods
 * that ended since the register's last act.
 */
export type Read = {
  baseline: RtBaseline
  totals?: ReadTotals
  found?: readonly FoundSpan[]
  closed?: readonly RecordedClosing[]
}
/** Cents of a period, none negative: from the printer, if it reports them. */
export type PrinterSums = { sales: number; returns: number; voids: number }
/** Cents that were deducted from the sales of a period, by reason; a reason without one is absent. */
export type Deducted = { readonly [Reason in RtDeduction['reason']]?: number }
/** `documents`: the printer's count; missing if the sums are those of the journal's documents. */
export type ReadTotals = { documents?: number } & Partial<PrinterSums> & JournalSums & OfEarlierVersions & Findings
/** From the documents in the journal: no printer reports them. */
export type JournalSums = { vat: VatSum[] } & Pick<ClosingTotals, 'payments'> & {
    deducted?: Deducted
    taken_back?: TakenBack
  }
type OfEarlierVersions = Pick<ClosingTotals, 'cancelled_lines'>
/** Findings about a period: documents without an operation, sales and vouchers that were used beyond themselves. */
type Findings = {
  unknown?: UnknownDocuments
  returned?: readonly ReturnedBeyondSale[]
  vouchers?: readonly VoucherBeyondSale[]
  entries?: readonly UnreportedEntries[]
}
/** Entries of a day in the emergency register that no report and no earlier Z has. */
export type UnreportedEntries = { readonly date: string; readonly amount: string }
/** Documents of a printer without an operation; the amount is null if the printer does not report it. */
export type UnknownDocuments = { documents: string[]; documents_count: number; amount: string | null }
/** A period according to the journal. `closing`: as another register of the printer has recorded it. */
export type PeriodSums = JournalSums & PrinterSums & Findings & { z: number; closing?: RecordedClosing }
/** A Z with sums, as a register has recorded it or records it now. */
export type RecordedClosing = Pick<DocumentOf<'closing'>['shown'], 'totals' | 'hints'> & { readonly z: number }
type VatSum = { name: string; rate?: string; department?: string; amount: string; tax_amount: string }
/** `printed_at`, `closed_at`: the printer's clock. `pending_files`: not yet sent to the tax office. */
export type Printed = {
  kind: string
  serial: string
  z: number
  number: number
  document_number: string
  certain: boolean
  printed_at?: string
  pending_files?: number
  /** Numbers of sales that a power loss made of this return, and that were annulled before it. */
  annulled?: readonly string[]
  /** Documents printed before it without an operation, since the journal's last record of the printer. */
  found?: readonly FoundSpan[]
  /** The printer could not report it: a person read the paper. */
  by_hand?: boolean
}
export type Closed = { z: number; closed_at?: string; pending_files?: number }

type PrinterResults = { identify: Identified; read: Read; print: Printed; close: Closed }
export type PrinterOutcome = Outcome<PrinterResults>
export type PrinterDone = Done<PrinterResults>

/** An act of this law. */
export function printerActOf(act: Act): PrinterAct {
  return act as PrinterAct
}

const COMMON = { device: true, client: true, later: true, name: true } as const

export const ACTS: ActWords<PrinterAct> = {
  identify: { ...COMMON, reads: true },
  read: { ...COMMON, reads: true, totals: true, since: true },
  print: { ...COMMON, document: true, baseline: true },
  close: { ...COMMON, baseline: true },
}
