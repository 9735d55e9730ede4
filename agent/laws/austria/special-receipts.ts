import type { ChainState } from './chain-state.ts'
import type { Facts } from './shapes.ts'
import { daysAfter } from './stamp.ts'

/** `document_type` of the API. All but standard, void and training are zero receipts. */
export type ReceiptKind = Facts['document_type']

/** A special receipt due before the next sale. `period` is `YYYY-MM` of a month, `YYYY` of a year. */
export type DueReceipt = { kind: 'collective' } | DueClosing
type DueClosing = { kind: 'monthly' | 'annual'; period: string }

const CHECK_WITHIN_DAYS = 7

type OpenPeriods = { openMonths: readonly string[]; openYears: readonly string[] }

/**
 * The special receipts due at the time of `stamp`, in their order: first the Sammelbeleg that ends an outage (§ 17
 * RKSV), then the Monatsbelege of past months (§ 8 Abs. 2). The one that ends a year is its Jahresbeleg (Abs. 3), even
 * if the last receipts of the year were made before December. They wait while no unit signs.
 */
export function dueReceipts(state: ChainState, stamp: string): DueReceipt[] {
  if (state.number === 0 || state.ended) return []
  const month = stamp.slice(0, 7)
  const year = stamp.slice(0, 4)
  const collective: DueReceipt[] = state.outage ? [{ kind: 'collective' }] : []
  const years = state.openYears.filter((open) => open < year)
  // A Jahresbeleg closes all months of its year: only months before its last one need their own.
  const months = state.openMonths.filter(
    (open) => open < month && !(years.includes(open.slice(0, 4)) && open === lastMonth(state, open.slice(0, 4))),
  )
  const closings: DueReceipt[] = [
    ...months.map((period) => ({ kind: 'monthly' as const, period })),
    ...years.map((period) => ({ kind: 'annual' as const, period })),
  ]
  return [...collective, ...closings.sort(byEnd)]
}

/**
 * The closing made on demand: the last one of past months, which includes those before it; otherwise that of the month
 * of `stamp` if it has receipts. A year is closed in its December, whenever its last receipt was made. A shop whose season
 * ends before may close it earlier (Erlass 4.5.7), unless a past year is still due.
 */
export function closingOnDemand(state: ChainState, stamp: string, isAnnual: boolean): DueClosing | undefined {
  const due = dueReceipts(state, stamp).filter((one): one is DueClosing => one.kind !== 'collective')
  const early = closingOf(stamp)
  if (!isAnnual) return due.at(-1) ?? (state.openMonths.includes(stamp.slice(0, 7)) ? early : undefined)
  const ofYear: DueClosing = { kind: 'annual', period: stamp.slice(0, 4) }
  const [open] = state.openYears.includes(ofYear.period) ? [ofYear] : []
  const past = due.findLast(({ kind }) => kind === 'annual')
  return early.kind === 'annual' ? (open ?? past) : (past ?? open)
}

/** The closing that ends the month of `stamp` before it is over: in December the Jahresbeleg. */
export function closingOf(stamp: string): DueClosing {
  const period = stamp.slice(0, 7)
  return period.endsWith('-12') ? { kind: 'annual', period: stamp.slice(0, 4) } : { kind: 'monthly', period }
}

/**
 * Calendar date until which the Jahresbeleg of that year must be checked with FinanzOnline: 15 February, and a week for
 * one made later, on `madeOn`.
 */
export function yearlyCheckUntil(year: string, madeOn?: string): string {
  const until = `${Number(year) + 1}-02-15`
  return madeOn === undefined || madeOn <= until ? until : daysAfter(madeOn, CHECK_WITHIN_DAYS)
}

/** The open periods after a receipt. Closings and the Sammelbeleg open none: alone they need no Monatsbeleg. */
export function periodsAfter(open: OpenPeriods, kind: ReceiptKind, period: string, stamp: string): OpenPeriods {
  if (kind === 'final') return { openMonths: [], openYears: [] }
  if (kind === 'collective') return open
  if (kind === 'monthly') return { ...open, openMonths: open.openMonths.filter((month) => month > period) }
  if (kind === 'annual')
    return {
      openMonths: open.openMonths.filter((month) => month.slice(0, 4) > period),
      openYears: open.openYears.filter((year) => year > period),
    }
  return {
    openMonths: [...new Set([...open.openMonths, stamp.slice(0, 7)])],
    openYears: [...new Set([...open.openYears, stamp.slice(0, 4)])],
  }
}

function lastMonth(state: ChainState, year: string): string | undefined {
  return state.openMonths.filter((month) => month.startsWith(year)).at(-1)
}

/** By the end of the period: a year ends with its December, after its other months. */
function byEnd(left: DueReceipt, right: DueReceipt): number {
  const [a, b] = [endOf(left), endOf(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

function endOf(due: DueReceipt): string {
  if (due.kind === 'collective') return ''
  return due.period.length === 4 ? `${due.period}-12` : due.period
}
