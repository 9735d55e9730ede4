import { isPossibleDate } from '../../base/business-dates.ts'
import { parseRfc3339, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import type { BonRows } from './closing-context.ts'
import type { CheckedRow } from './row.ts'

/**
 * Reports facts by stable code; the caller has the texts. All are notes but the rate: a clock that ran ahead, or a business date
 * that an older program accepted, is not a fault (DSFinV-K §§ 4.1, 4.2).
 */
export type NoteReport = (
  code:
    | 'bon_outside_closing'
    | 'closing_out_of_order'
    | 'business_date_differs'
    | 'bon_time_differs'
    | 'tse_rate_implausible'
    | 'vat_rate_newer'
    | 'closing_cash_differs',
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
/** BON_NAME of a bon that has the time of the till. */
const DRAWER_OPENING = 'Kassenladenöffnung'
/** A unit's clock may be a minute wrong before it must be set (drivers/unit-time.ts); times of a unit have no fraction. */
const APART_MS = 62_000
/** Some units count only minutes. */
const MINUTE_MS = 60_000
const IN_MINUTES = /T\d\d:\d\d:00(\.0+)?[Z+-]/

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
    for (const row of tse) this.#compareTse(head, row, { register, z })
    const isRight = isRightTime(head, tse)
    // The last bon is that of the count or of the close.
    closing.isClosedRight = isRight
    if (opened !== undefined || lines.every((line) => line.text('GV_TYP') !== 'Anfangsbestand')) return
    closing.opened = head.text('BON_START')
    closing.isOpenedRight = isRight
  }

  /** The transaction lies within the bon: a start that failed is repeated, and the end of a void may come later. */
  #compareTse(head: CheckedRow, tse: CheckedRow, of: { register: string; z: number }): void {
    const [began, ended] = [tse.text('TSE_TA_START'), tse.text('TSE_TA_ENDE')]
    if (ended === '' || head.text('BON_NAME') === DRAWER_OPENING) return
    const [start, end] = [head.text('BON_START'), head.text('BON_ENDE')]
    const [startMs, endMs] = [msOf(start), msOf(end)]
    const [beganMs, endedMs] = [msOf(began), msOf(ended)]
    const apartMs = [began, ended].every((time) => IN_MINUTES.test(time)) ? APART_MS + MINUTE_MS : APART_MS
    const isLate = head.text('BON_TYP') !== 'AVBelegabbruch' && endedMs - endMs >= apartMs
    if (startMs - beganMs < apartMs && startMs - endedMs < apartMs && !isLate) return
    const times = { start: utc(start), end: utc(end), began: utc(began), ended: utc(ended) }
    this.#report('bon_time_differs', { ...of, bon: head.text('BON_ID'), ...times })
  }

  end(): void {
    if (this.#closing === undefined) return
    const { register, z, created, date, opened, isOpenedRight, isClosedRight } = this.#closing
    if (date === '' || opened === undefined || !isOpenedRight || !isClosedRight) return
    if (isPossibleDate(date, { opened, closed: created }, SHOP_ZONE)) return
    this.#report('business_date_differs', { register, z, date, at: utc(created) })
  }
}

/** False for a bon whose times are of a clock that was suspect, or had lost its time. */
export function isRightTime(head: CheckedRow, tse: readonly CheckedRow[]): boolean {
  const isSuspect = tse.some((row) => row.text('TSE_TA_FEHLER').includes(SUSPECT))
  return !isSuspect && !head.text('BON_NOTIZ').includes(LOST)
}

function utc(time: string): string {
  return rfc3339(msOf(time))
}

function msOf(time: string): number {
  return parseRfc3339(time) ?? 0
}

/** Times with the same offset compare as text. */
export function isAfter(a: string, b: string): boolean {
  return a.slice(19) === b.slice(19) ? a > b : msOf(a) > msOf(b)
}
