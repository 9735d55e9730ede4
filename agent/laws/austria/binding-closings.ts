import type { DocumentOf } from '../../journal/documents/document.ts'
import { isRefused } from '../../journal/progress.ts'
import type { View } from '../../journal/projections/view.ts'

/** Start-, Jahres- and Schlussbelege: the receipts that require an action outside the register. */
const BINDING = new Set(['start', 'annual', 'final'])
const ROWS_READ = 1000

type Known = { upTo: number; closings: DocumentOf<'closing'>[] }

/**
 * The closings of registers that a person has to report, check or keep, in the order of their requests. Each closing is
 * read once: a register with a daily Nullbeleg has thousands of them, and its tasks are checked every minute.
 */
export class BindingClosings {
  readonly #view: Pick<View, 'resources' | 'closing' | 'progress'>
  readonly #known = new Map<string, Known>()

  constructor(view: Pick<View, 'resources' | 'closing' | 'progress'>) {
    this.#view = view
  }

  of(register: string): readonly DocumentOf<'closing'>[] {
    const settled = this.#known.get(register) ?? { upTo: 0, closings: [] }
    this.#known.set(register, settled)
    const unsettled: DocumentOf<'closing'>[] = []
    let isFirst = true
    for (const [seq, closing] of this.#after(register, settled.upTo)) {
      const isNone = isRefused(this.#view.progress(closing.id))
      isFirst &&= isNone || closing.shown.fiscal.state !== 'pending'
      if (isFirst) settled.upTo = seq
      if (!BINDING.has(closing.shown.type) || isNone) continue
      if (isFirst) settled.closings.push(closing)
      else unsettled.push(closing)
    }
    return [...settled.closings, ...unsettled]
  }

  *#after(register: string, seq: number): Generator<[number, DocumentOf<'closing'>]> {
    for (let rows = this.#rows(register, seq); rows.length > 0; rows = this.#rows(register, rows.at(-1)?.seq ?? 0)) {
      for (const row of rows) {
        const closing = this.#view.closing(row.id)
        if (closing !== undefined) yield [row.seq, closing]
      }
    }
  }

  #rows(register: string, seq: number): ReturnType<View['resources']> {
    return this.#view.resources('closing', { register }, seq, ROWS_READ)
  }
}
