import type { RtCash, RtDocument, RtNonFiscal } from '../ports/rt-printer.ts'

/** True for a documento gestionale: it is not in the fiscal memory, and has a separate number or none. */
export function isSlip(document: RtDocument): document is RtNonFiscal | RtCash {
  return document.kind === 'non_fiscal' || document.kind === 'cash'
}
