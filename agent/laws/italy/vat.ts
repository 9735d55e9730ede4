import { toAtoms } from '../../../base/money.ts'
import { lineRules } from '../../register/line-types.ts'

/** The parts of a line that determine its department: one tax entry, and its type. */
export type TaxedLine = {
  readonly type?: string | undefined
  readonly taxes: readonly { readonly rate: string; readonly code?: string | undefined }[]
}

/** Rates of art. 16 D.P.R. 633/1972 and the first day of each. */
const RATES: readonly { atoms: bigint; name: string; since: string }[] = [
  { atoms: 22_000_000n, name: '0.22', since: '2013-10-01' },
  { atoms: 10_000_000n, name: '0.10', since: '1995-02-24' },
  { atoms: 5_000_000n, name: '0.05', since: '2016-01-01' },
  { atoms: 4_000_000n, name: '0.04', since: '1989-01-01' },
]
/** The reason why no rate is stated: the classes of natura, which may have subclasses, and ventilazione. */
export const ZERO_RATE_CODES: readonly string[] = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'VI']
/** Natura of a line without VAT (N1 escluso … N6 altro), and ventilazione: the rate is not stated at the till. */
const UNTAXED = /^(N[1-6](\.\d)?|VI)$/

/** True if a document of that calendar date may carry the rate with that code. */
export function knowsRate(rate: string, code: string | undefined, date: string): boolean {
  const atoms = toAtoms(rate)
  if (atoms === 0n) return code !== undefined && UNTAXED.test(code)
  return code === undefined && RATES.some((listed) => listed.atoms === atoms && listed.since <= date)
}

/** The key of `departments` for a line: a rate such as `0.22`, or a natura; undefined without such a department. */
export function departmentOf(
  { type, taxes }: TaxedLine,
  departments: Readonly<Record<string, number>>,
  giftCards: string,
): string | undefined {
  const { rate, code } = taxes[0] ?? { rate: '0' }
  const atoms = toAtoms(rate)
  if (atoms !== 0n) return Object.keys(departments).find((key) => /^\d/.test(key) && toAtoms(key) === atoms)
  const wanted = code ?? (lineRules(type).isTurnover ? '' : giftCards)
  // A subclass of a natura may use the department of its class.
  return [wanted, wanted.slice(0, 2)].find((key) => key !== '' && Object.hasOwn(departments, key))
}

/** The same for a rate or natura from the configuration. */
export function departmentKeyed(key: string, departments: Readonly<Record<string, number>>): string | undefined {
  return departmentOf({ taxes: [/^\d/.test(key) ? { rate: key } : { rate: '0', code: key }] }, departments, '')
}
