import type { Fault } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

const TARGETS_MAX = 1_000_000
const RULE = '§ 12.9'

type Waiting = { row: CheckedRow; fault: Fault }
type Range = { first: number; last: number }

/**
 * The bons that references point to, and whether the package has them. All references are read beforehand. Within a register
 * they point back; a bon of another register may come later in the package, however much earlier it was made.
 */
export class References {
  readonly #found = new Map<string, boolean>()
  /** At most as many as `found`. */
  readonly #waiting: Waiting[] = []
  /** Z_ERSTELLUNG of the closings in the package, by register and number. */
  readonly #packaged = new Map<string, Map<string, string>>()
  /** By register the numbers of its bons in the package: they have no gaps. */
  readonly #bons = new Map<string, Range>()

  /** Takes a closing of the package: all of them before the first check. */
  closing(row: CheckedRow): void {
    const register = row.text('Z_KASSE_ID')
    const closings = this.#packaged.get(register) ?? new Map<string, string>()
    this.#packaged.set(register, closings.set(row.text('Z_NR'), row.text('Z_ERSTELLUNG')))
    const { first, last } = this.#bons.get(register) ?? { first: Number.POSITIVE_INFINITY, last: 0 }
    this.#bons.set(register, {
      first: Math.min(first, Number(row.text('Z_START_ID'))),
      last: Math.max(last, Number(row.text('Z_ENDE_ID'))),
    })
  }

  expect(row: CheckedRow): void {
    if (row.text('REF_TYP') !== 'Transaktion' || this.#found.size >= TARGETS_MAX) return
    this.#found.set(bonId(row), false)
  }

  seen(register: string, closing: number, head: CheckedRow): void {
    const id = idOf(register, String(closing), head.text('BON_ID'))
    if (this.#found.has(id)) this.#found.set(id, true)
  }

  check(row: CheckedRow, fault: Fault): void {
    if (row.text('REF_TYP') !== 'Transaktion') {
      checkForeign(row, fault)
      return
    }
    const [register, closing] = [row.text('REF_Z_KASSE_ID'), row.text('REF_Z_NR')]
    if (register === '' || closing === '') {
      fault(row, 'REF_Z_KASSE_ID', 'and REF_Z_NR are needed', '§ 8')
      return
    }
    const isElsewhere = register !== row.text('Z_KASSE_ID')
    if (!isElsewhere && Number(closing) > row.number('Z_NR')) {
      fault(row, 'REF_Z_NR', 'is a closing after this one', '§ 8')
      return
    }
    const created = this.#packaged.get(register)?.get(closing)
    const date = row.text('REF_DATUM')
    // Only the closing of another register may still be missing.
    if (date === '' && !isElsewhere) fault(row, 'REF_DATUM', 'is empty', '§ 8')
    // A closing that the package does not have is outside its range.
    if (created === undefined) {
      this.#checkOutside(row, fault)
      return
    }
    if (date !== '' && date !== created)
      fault(row, 'REF_DATUM', `is not Z_ERSTELLUNG of that closing, ${created}`, '§ 8')
    if (!this.#isFound(row) && isElsewhere && this.#waiting.length < TARGETS_MAX) this.#waiting.push({ row, fault })
    else this.#checkFound(row, fault)
  }

  /** Checks references to bons of later registers; all of these have been seen. */
  settle(): void {
    for (const { row, fault } of this.#waiting) this.#checkFound(row, fault)
  }

  #checkOutside(row: CheckedRow, fault: Fault): void {
    const range = this.#bons.get(row.text('REF_Z_KASSE_ID'))
    const bon = Number(row.text('REF_BON_ID'))
    if (range === undefined || !(range.first <= bon && bon <= range.last)) return
    fault(row, 'REF_Z_NR', 'is not the closing of that bon, which is in the package', RULE)
  }

  #isFound(row: CheckedRow): boolean {
    return this.#found.get(bonId(row)) === true
  }

  #checkFound(row: CheckedRow, fault: Fault): void {
    if (!this.#isFound(row)) fault(row, 'REF_BON_ID', 'is not a bon of that closing before this one', RULE)
  }
}

/** A reference to something outside these books. */
function checkForeign(row: CheckedRow, fault: Fault): void {
  if (row.text('REF_TYP') === 'ExterneSonstige' && row.text('REF_NAME') === '')
    fault(row, 'REF_NAME', 'is empty, but ExterneSonstige needs it', '§ 3')
  for (const column of ['REF_DATUM', 'REF_Z_KASSE_ID', 'REF_Z_NR'])
    if (row.text(column) !== '') fault(row, column, 'is for references to a bon alone', '§ 8')
}

/** The bon to which a reference points. */
function bonId(row: CheckedRow): string {
  return idOf(row.text('REF_Z_KASSE_ID'), row.text('REF_Z_NR'), row.text('REF_BON_ID'))
}

function idOf(register: string, closing: string, bon: string): string {
  return JSON.stringify([register, closing, bon])
}
