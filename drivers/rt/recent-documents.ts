import type { RtBaseline, RtDocument, RtPrinted } from '../ports/rt-printer.ts'
import { isSlip } from './slip.ts'
import type { RtCounters } from './unit.ts'

const RECENT_MAX = 1000

/** Documents that this process printed: only those of others must be searched in the printer's memory. */
export class RecentDocuments {
  readonly #names = new Map<string, string>()

  note(document: RtDocument, { serial, z, number }: RtPrinted): void {
    if (isSlip(document)) return
    if (this.#names.size >= RECENT_MAX) this.#names.clear()
    this.#names.set(`${serial} ${z}-${number}`, nameOf(document))
  }

  /** True if every document since the baseline was printed by this process and is a different one. */
  exclude(document: RtDocument, baseline: RtBaseline, now: RtCounters): boolean {
    if (now.z !== baseline.z || now.number < baseline.number) return false
    for (let number = baseline.number + 1; number <= now.number; number += 1) {
      const name = this.#names.get(`${baseline.serial} ${now.z + 1}-${number}`)
      if (name === undefined || name === nameOf(document)) return false
    }
    return true
  }
}

function nameOf(document: RtDocument): string {
  if (document.kind === 'void') return `void ${document.original.z}-${document.original.number}`
  return document.kind === 'sale' || document.kind === 'return' ? `${document.kind} ${document.reference}` : ''
}
