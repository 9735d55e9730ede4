import { toCents } from '../../base/money.ts'
import type { ClosingRates, RegisterBons } from './register-bons.ts'
import type { Row } from './rows.ts'
import { closingKey, rowsOf } from './rows.ts'
import { isRateOfLaw, mayBeNewer, OWN_KEYS, ZERO_KEYS } from './vat.ts'

type Report = (code: 'package_rate_differs', facts: Readonly<Record<string, string | number>>) => void

/** A key that another rate has already is the next one, and so on. */
const SHIFT_MAX = 100
const SIMPLE_RATE = /^\d{1,4},\d\d$/

/**
 * Compares vat.csv with the rates that each closing recorded, and keys of the company with the rates of its bons. Without
 * recorded rates, a newer one of a key in use must be that of a bon: nothing but the journal knows either.
 */
export async function compareRates(
  path: string,
  registers: ReadonlyMap<string, RegisterBons>,
  report: Report,
): Promise<void> {
  const unproven = new Map<string, Row>()
  for await (const row of rowsOf(path, 'vat')) {
    const z = Number(row['Z_NR'])
    const rates = registers.get(row['Z_KASSE_ID'] ?? '')?.closings.find((closing) => closing.z === z)?.rates
    const judged = rates === undefined ? 'same' : judge(row, rates)
    if (judged === 'unproven') unproven.set(keyOf(row), row)
    else if (judged !== 'same') reportRow(row, judged.recorded, report)
  }
  if (unproven.size === 0) return
  for await (const row of rowsOf(path, 'businesscases')) {
    const found = unproven.get(keyOf(row))
    if (found !== undefined) reportRow(found, [], report)
    unproven.delete(keyOf(row))
  }
}

function keyOf(row: Row): string {
  return `${closingKey(row)} ${row['UST_SCHLUESSEL']}`
}

function judge(
  row: Row,
  { recorded, sold, own }: ClosingRates,
): 'same' | 'unproven' | { readonly recorded: readonly number[] } {
  const [key, rate] = [Number(row['UST_SCHLUESSEL']), rateIn(row)]
  if (key >= OWN_KEYS) {
    if (ZERO_KEYS.includes(key)) return 'same'
    const isFormer = isShifted(key, OWN_KEYS + rate) && (sold.has(rate) || isRateOfLaw(rate))
    if (isFormer || own.some((one) => one.rate === rate && isShifted(key, one.key))) return 'same'
    return { recorded: own.filter((one) => isShifted(key, one.key)).map((one) => one.rate) }
  }
  const inForce = recorded?.get(key)
  if (inForce !== undefined) return inForce === rate ? 'same' : { recorded: [inForce] }
  // The check of the package compares the others with the law.
  const isNewer = mayBeNewer(key, rate, (row['Z_ERSTELLUNG'] ?? '').slice(0, 10))
  return isNewer && !sold.has(rate) ? 'unproven' : 'same'
}

function isShifted(key: number, from: number): boolean {
  return key >= from && key < from + SHIFT_MAX
}

function reportRow(row: Row, recorded: readonly number[], report: Report): void {
  report('package_rate_differs', {
    ...{ register: row['Z_KASSE_ID'] ?? '', z: row['Z_NR'] ?? '', key: row['UST_SCHLUESSEL'] ?? '' },
    ...{ rate: percent(rateIn(row)), recorded: recorded.length === 0 ? '–' : recorded.map(percent).join(', ') },
  })
}

/** Hundredths of a percent; NaN for any other text. */
function rateIn(row: Row): number {
  const cell = row['UST_SATZ'] ?? ''
  return SIMPLE_RATE.test(cell) ? Number(toCents(cell.replace(',', '.'))) : Number.NaN
}

function percent(rate: number): string {
  return `${rate / 100} %`
}
