import type { RtBaseline } from '../../../drivers/ports/fiscal-printer.ts'
import type { Act, FoundDocuments, Members } from '../../journal/events.ts'
import type { ClosingTotals } from '../law.ts'

/** What this law has a printer do, as an intent holds it: its members are frozen. */
export type PrinterAct = IdentifyAct | ReadAct | PrintAct | CloseAct

type Common = {
  device: string
  /** Serial number of the till. */
  client: string
  /** It may be done when the printer is back: a slip of a shift. */
  later?: boolean
}
export type IdentifyAct = Common & { name: 'identify'; reads: true }
/** `totals`: before a closing that a register asked for, whose sums are told. */
export type ReadAct = Common & { name: 'read'; reads: true; totals?: boolean }
/** `document` as {@link documentOf} reads it. */
export type PrintAct = Common & { name: 'print'; document: Members; baseline: RtBaseline }
export type CloseAct = Common & { name: 'close'; baseline: RtBaseline }

/** What the printer answered. Closures made so far, and whether it is registered with the tax office. */
export type Identified = { serial: string; z: number; in_service: boolean }
/** Of one period, what a printer printed that no operation asked for. */
export type FoundSpan = Pick<FoundDocuments, 'z' | 'from' | 'to' | 'documents'>
/** `found`: what it printed since the journal knew of it, and no operation asked for. */
export type Read = { baseline: RtBaseline; totals?: ReadTotals; found?: readonly FoundSpan[] }
/** By the printer, in cents, where it tells them; and by the journal. */
export type ReadTotals = { documents?: number; sales?: number; returns?: number; voids?: number } & PeriodSums
export type PeriodSums = { vat: VatSum[]; payments: ClosingTotals['payments'] }
type VatSum = { name: string; rate?: string; amount: string; tax_amount: string }
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
  /** Printed before it, since the journal knew of the printer, and asked for by no operation. */
  found?: readonly FoundSpan[]
  /** The printer could not tell: a person saw the paper. */
  by_hand?: boolean
}
export type Closed = { z: number; closed_at?: string; pending_files?: number }

/** This law made it. */
export function printerActOf(act: Act): PrinterAct {
  return act as PrinterAct
}
