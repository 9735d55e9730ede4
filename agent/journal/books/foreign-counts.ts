import { divideRounded, formatCents } from '../../../base/money.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'
import { centsIn, membersIn } from '../checked.ts'
import { partsOf } from '../documents/parts.ts'
import type { EventBody } from '../events.ts'
import type { RunningSession } from './state-maps.ts'

type Difference = { readonly stated: string; readonly counted: string }
type Sums = { readonly units: bigint; readonly base: bigint }

const NOTHING: Sums = { units: 0n, base: 0n }

/**
 * Compares the foreign cash that a count or a close recorded with the events of its session before; undefined if it is the
 * same, also as an earlier version counted, which booked no rate difference. Calculated a second time, on purpose:
 * ../../register/foreign-cash.ts.
 */
export function foreignDifference(body: EventBody, session: RunningSession | undefined): Difference | undefined {
  const kind = body.index?.kind
  if (session === undefined || (kind !== 'session_cash_count' && kind !== 'session_close')) return undefined
  const { shown, own } = partsOf(body)
  // A note books nothing.
  if (shown['interim'] === true) return undefined
  const recorded = rowsIn(shown['foreign_cash'])
  const before = rowsIn(session.doc.shown['foreign_cash'])
  const isCount = kind === 'session_cash_count'
  const drawer = session.foreign ?? {}
  const kept = isCount ? rowsIn(membersIn(body.session?.set)?.['foreign_cash']) : recorded
  const stated = [rowsText(recorded), rowsText(kept), sumsText(sumsIn(own.foreign ?? {}))].join('; ')
  const texts = isCount
    ? [true, false].map((booksRest) => foundText(counted(recorded, before, { held: sumsIn(drawer), booksRest })))
    : [foundText(closed(before))]
  const [expected = ''] = texts
  return texts.includes(stated) ? undefined : { stated, counted: expected }
}

/** Euro that the close of a session leaves for a currency of which nothing was counted: earlier versions did not book them. */
export function valueLeft({ session }: EventBody, running: RunningSession | undefined): string | undefined {
  if (session?.set?.['state'] !== 'closed') return undefined
  const rows = [...rowsIn(running?.doc.shown['foreign_cash'])]
  const left = rows.filter(([, row]) => row.counted === 0n && row.base !== 0n)
  return left.length === 0 ? undefined : left.map(([name, { base }]) => `${formatCents(base)} (${name})`).join(', ')
}

type Found = { readonly rows: Rows; readonly booked: ReadonlyMap<string, Sums> }

function foundText({ rows, booked }: Found): string {
  return [rowsText(rows), rowsText(rows), sumsText(booked)].join('; ')
}

type Row = { readonly expected: bigint; readonly counted: bigint; readonly diff: bigint; readonly base: bigint }
type Rows = ReadonlyMap<string, Row>

function rowsIn(list: unknown): Rows {
  const entries = Array.isArray(list) ? list.map((each) => membersIn(each) ?? {}) : []
  return new Map(
    entries.map((row) => {
      const cents = (member: string): bigint => centsIn(row[member] as never)
      const [expected, found, diff] = [cents('expected_amount'), cents('counted_amount'), cents('diff_amount')]
      return [String(row['currency']), { expected, counted: found, diff, base: cents('base_amount') }]
    }),
  )
}

function sumsIn(sums: ForeignSums): Map<string, Sums> {
  return new Map(
    Object.entries(sums).map(([currency, { units, base }]) => [currency, { units: BigInt(units), base: BigInt(base) }]),
  )
}

/**
 * The till sends the counted amounts, and the value of a currency that no payment brought; the rest is calculated.
 * `booksRest`: a value that is left without a piece of its currency is booked.
 */
function counted(
  recorded: Rows,
  before: Rows,
  { held, booksRest }: { held: ReadonlyMap<string, Sums>; booksRest: boolean },
): Found {
  const rows = new Map<string, Row>()
  const booked = new Map<string, Sums>()
  for (const currency of new Set([...held.keys(), ...recorded.keys(), ...before.keys()])) {
    const { units, base: value } = held.get(currency) ?? NOTHING
    const { counted: found = 0n, base: stated = 0n } = recorded.get(currency) ?? {}
    const diff = found - units
    const sent = found === 0n && booksRest ? 0n : stated
    const base = units === 0n ? sent : value + share(diff * value, units)
    rows.set(currency, { expected: units, counted: found, diff, base })
    const earlier = before.get(currency)
    const last = earlier === undefined ? { units, base: value } : { units: earlier.counted, base: earlier.base }
    if (found !== last.units || base !== last.base)
      booked.set(currency, { units: found - last.units, base: base - last.base })
  }
  return { rows, booked }
}

/** All that was counted leaves the drawer. */
function closed(before: Rows): Found {
  const taken = [...before].filter(([, { counted: units }]) => units !== 0n)
  const booked = taken.map(([currency, row]) => [currency, { units: -row.counted, base: -row.base }] as const)
  return { rows: before, booked: new Map(booked) }
}

function share(numerator: bigint, denominator: bigint): bigint {
  return denominator < 0n ? divideRounded(-numerator, -denominator) : divideRounded(numerator, denominator)
}

/** `CHF 20.00 → CHF 18.00 (16.74), CHF -2.00`: expected, counted, its value, difference. */
function rowsText(rows: Rows): string {
  const texts = [...rows].map(([currency, row]) => {
    const [expected, found, diff, base] = [row.expected, row.counted, row.diff, row.base].map(formatCents)
    return `${currency} ${expected} → ${currency} ${found} (${base}), ${currency} ${diff}`
  })
  return texts.sort().join(', ') || '–'
}

/** `CHF -2.00 (-1.86)` */
function sumsText(sums: ReadonlyMap<string, Sums>): string {
  const texts = [...sums].map(
    ([currency, { units, base }]) => `${currency} ${formatCents(units)} (${formatCents(base)})`,
  )
  return texts.sort().join(', ') || '–'
}
