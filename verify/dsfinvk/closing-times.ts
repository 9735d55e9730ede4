import { parseRfc3339, rfc3339, shiftedDate } from '../../base/clock.ts'
import type { BonRows } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

/**
 * Facts about the times of a package that are not faults: a clock that ran ahead, or a business date that an older
 * program accepted (DSFinV-K §§ 4.1, 4.2). By stable code; the caller has the texts.
 */
export type NoteReport = (
  code: 'bon_outside_closing' | 'closing_out_of_order' | 'business_date_differs',
  facts: Readonly<Record<string, string | number>>,
) => void

type Closing = {
  register: string
  z: number
  created: string
  /** Z_BUCHUNGSTAG. */
  date: string
  /** Z_ERSTELLUNG of the closing before, if the package has it and it is not later. */
  previous: string | undefined
  opened: string | undefined
  isOpenedRight: boolean
  isClosedRight: boolean
}

/** Words of the agent in TSE_TA_FEHLER and BON_NOTIZ for a clock that was suspect, or had lost its time. */
const SUSPECT = 'clock_suspect'
const LOST = ' laut Beleg '

/** Reads the closings of a package, and the bons of each, in their order. */
export class ClosingTimes {
  readonly #report: NoteReport
  readonly #latest = new Map<string, { z: number; created: string }>()
  #closing: Closing | undefined

  constructor(report: NoteReport) {
    this.#report = report
  }

  begin(head: CheckedRow): void {
    const [register, created] = [head.text('Z_KASSE_ID'), head.text('Z_ERSTELLUNG')]
    const z = head.number('Z_NR')
    const before = this.#latest.get(register)
    const previous = before?.z === z - 1 ? before.created : undefined
    const isEarlier = previous !== undefined && isAfter(previous, created)
    if (isEarlier) this.#report('closing_out_of_order', { register, z, at: utc(created), previous: utc(previous) })
    this.#latest.set(register, { z, created })
    const date = head.text('Z_BUCHUNGSTAG')
    const own = { register, z, created, date, previous: isEarlier ? undefined : previous }
    this.#closing = { ...own, opened: undefined, isOpenedRight: true, isClosedRight: true }
  }

  bon({ head, lines, tse }: Pick<BonRows, 'head' | 'lines' | 'tse'>): void {
    const closing = this.#closing
    if (closing === undefined) return
    const { register, z, created, previous, opened } = closing
    const end = head.text('BON_ENDE')
    if (isAfter(end, created) || (previous !== undefined && isAfter(previous, end)))
      this.#report('bon_outside_closing', { register, z, bon: head.text('BON_ID'), at: utc(end), closed: utc(created) })
    const isSuspect = tse.some((row) => row.text('TSE_TA_FEHLER').includes(SUSPECT))
    const isRight = !isSuspect && !head.text('BON_NOTIZ').includes(LOST)
    // The last bon is that of the count or of the close.
    closing.isClosedRight = isRight
    if (opened !== undefined || lines.every((line) => line.text('GV_TYP') !== 'Anfangsbestand')) return
    closing.opened = head.text('BON_START')
    closing.isOpenedRight = isRight
  }

  end(): void {
    if (this.#closing === undefined) return
    const { register, z, created, date, opened, isOpenedRight, isClosedRight } = this.#closing
    if (date === '' || opened === undefined || !isOpenedRight || !isClosedRight) return
    const [first, last] = [shiftedDate(dayOf(opened), -1), shiftedDate(dayOf(created), 1)]
    if (date < first || date > last) this.#report('business_date_differs', { register, z, date, at: utc(created) })
  }
}

const DATE_LENGTH = 'YYYY-MM-DD'.length

/** In the zone of the package. */
function dayOf(time: string): string {
  return time.slice(0, DATE_LENGTH)
}

function utc(time: string): string {
  return rfc3339(parseRfc3339(time) ?? 0)
}

/** Times with the same offset compare as text. */
export function isAfter(a: string, b: string): boolean {
  return a.slice(19) === b.slice(19) ? a > b : (parseRfc3339(a) ?? 0) > (parseRfc3339(b) ?? 0)
}
