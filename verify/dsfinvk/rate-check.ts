import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { isCancelled } from './cancelled-lines.ts'
import type { BonRows, ClosingContext } from './closing-context.ts'
import type { NoteReport } from './closing-times.ts'
import { isRightTime } from './closing-times.ts'
import type { CheckedRow } from './row.ts'
import { isPlausible, mayBeNewer, OWN_KEYS } from './vat.ts'

type Span = { startMs: number; endMs: number }

/** Business cases that settle an earlier one: they have its key, which may be a former one (DSFinV-K Anhang C). */
const SETTLING = new Set(['Anzahlungsaufloesung', 'Forderungsaufloesung', 'EinzweckgutscheinEinloesung'])

/**
 * Compares the rate of each line that goes out with the rates of its time: a TSE signs the gross by kind, and rates of
 * different times share one. The times are those of the transaction, not the day of the closing, by which the key is
 * chosen. Goods that come back may have a former rate. The fact `counter` is absent for a bon that no TSE signed.
 */
export class RateCheck {
  /** Rates that were not in force, one for each bon and rate. */
  implausible = 0
  readonly #report: NoteReport

  constructor(report: NoteReport) {
    this.#report = report
  }

  bon(rows: BonRows, { registerId: register, number: z, createdAt, rates }: ClosingContext): void {
    const { head, lines, linesVat } = rows
    if (head.text('BON_STORNO') === '1') return
    const [tse] = rows.tse
    const span = spanOf(head, tse)
    if (span === undefined) return
    const exempt = new Set(lines.filter(isExempt).map((line) => line.text('POS_ZEILE')))
    const date = createdAt.slice(0, 10)
    const wrong = new Set<number>()
    for (const row of linesVat) {
      const key = row.number('UST_SCHLUESSEL')
      const rate = key < OWN_KEYS ? rates.get(key) : undefined
      if (rate === undefined || row.units('POS_BRUTTO') <= 0n || exempt.has(row.text('POS_ZEILE'))) continue
      // The master data have a note about it.
      if (!mayBeNewer(key, rate, date) && !isPlausible(rate, span.startMs, span.endMs)) wrong.add(rate)
    }
    const isSigned = tse !== undefined && tse.text('TSE_TA_SIG') !== ''
    const signature = isSigned ? { counter: tse.number('TSE_TA_SIGZ') } : {}
    const of = { register, z, bon: head.text('BON_ID'), at: rfc3339(span.endMs), ...signature }
    for (const rate of wrong) this.#report('tse_rate_implausible', { ...of, rate: `${rate / 100} %` })
    this.implausible += wrong.size
  }
}

function isExempt(line: CheckedRow): boolean {
  return isCancelled(line) || SETTLING.has(line.text('GV_TYP'))
}

/** The signed times, else those of the bon if its clock was right. */
function spanOf(head: CheckedRow, tse: CheckedRow | undefined): Span | undefined {
  const ended = tse === undefined ? undefined : parseRfc3339(tse.text('TSE_TA_ENDE'))
  if (ended === undefined && !isRightTime(head, tse === undefined ? [] : [tse])) return undefined
  const began = tse === undefined ? undefined : parseRfc3339(tse.text('TSE_TA_START'))
  const startMs = began ?? parseRfc3339(head.text('BON_START'))
  const endMs = ended ?? parseRfc3339(head.text('BON_ENDE'))
  if (startMs === undefined || endMs === undefined) return undefined
  // The clock of the unit may have been set back in between.
  return { startMs: Math.min(startMs, endMs), endMs: Math.max(startMs, endMs) }
}
