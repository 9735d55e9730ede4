import type { RtBaseline } from '../../../drivers/ports/fiscal-printer.ts'
import type { Payment } from '../../contract/goods.ts'
import type { LawDocument } from '../../journal/documents.ts'
import type { Members } from '../../journal/events.ts'
import type { ReadTotals } from './printer-act.ts'
import type { PrintedDocument } from './shapes.ts'

/** How far a document has come: {@link PrintState} in state.ts. */
export type PrintStateMembers = {
  baseline?: RtBaseline
  printed?: readonly PrintedDocument[]
  closure?: 'due' | 'made'
  paid_out?: readonly Payment[]
}

/** How a closure came about: asked for at a register, before a sale that needed it, at the printer, or as the last one. */
export type ClosureCause = 'asked' | 'due' | 'printer' | 'final'

/** A document with this law's own members; what a printer prints of it is an `RtDocument`. */
export type JournalledDocument = LawDocument & {
  $rt?: PrintStateMembers | null
  /** A closing that was asked for, and the totals that were read before it. */
  $closing?: boolean
  $totals?: ReadTotals
  /** Why a closing was made. */
  $cause?: ClosureCause
}

export function journalledDocument(document: Members): JournalledDocument {
  return document as JournalledDocument
}
