import type { DocumentOf } from '../../journal/documents/document.ts'
import { isRefused } from '../../journal/progress.ts'
import type { View } from '../../journal/projections/view.ts'

/** Start-, Jahres- and Schlussbelege: the receipts that require an action outside the register. */
const BINDING = new Set(['start', 'annual', 'final'])
/** Closings that are read before other work gets its turn. */
const PORTION = 100

/** `isOver` for one that nothing changes any longer. */
type Binding = { closing: DocumentOf<'closing'>; isOver: boolean }

/**
 * The closings of registers that a person has to report, check or keep, in the order of their requests. Each closing is
 * read once: a register with a daily Nullbeleg has thousands of them, and its tasks are checked every minute.
 */
export class BindingClosings {
  readonly #view: Pick<View, 'resources' | 'closing' | 'progress'>
  readonly #byRegister = new Map<string, Binding[]>()
  #upTo = 0

  constructor(view: Pick<View, 'resources' | 'closing' | 'progress'>) {
    this.#view = view
  }

  /** Reads the new ones of all registers; undefined after each portion. */
  *read(): Generator<undefined> {
    for (let rows = this.#next(); rows.length > 0; rows = this.#next()) {
      for (const { id, seq, register } of rows) {
        const closing = this.#view.closing(id)
        if (closing !== undefined && register !== null && BINDING.has(closing.shown.type)) this.#add(register, closing)
        this.#upTo = seq
      }
      yield undefined
    }
  }

  /** The closings of a register that {@link read} has read and that were not refused. */
  of(register: string): readonly DocumentOf<'closing'>[] {
    const bindings = (this.#byRegister.get(register) ?? []).flatMap((binding) => this.#present(binding))
    this.#byRegister.set(register, bindings)
    return bindings.map(({ closing }) => closing)
  }

  #next(): ReturnType<View['resources']> {
    return this.#view.resources('closing', {}, this.#upTo, PORTION)
  }

  #add(register: string, closing: DocumentOf<'closing'>): void {
    const known = this.#byRegister.get(register) ?? []
    known.push({ closing, isOver: false })
    this.#byRegister.set(register, known)
  }

  /** A refused one binds nothing. */
  #present(binding: Binding): Binding[] {
    if (binding.isOver) return [binding]
    const { id } = binding.closing
    if (isRefused(this.#view.progress(id))) return []
    const closing = this.#view.closing(id) ?? binding.closing
    return [{ closing, isOver: closing.shown.fiscal.state !== 'pending' }]
  }
}
