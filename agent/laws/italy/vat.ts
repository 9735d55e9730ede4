import { toAtoms } from '../../../base/money.ts'
import { lineRules } from '../../register/line-types.ts'
import { isRate } from './books/rates.ts'

/** The parts of a line that determine its department: one tax entry, its type, and the code that it names. */
export type TaxedLine = {
  readonly type?: string | undefined
  readonly department?: string | undefined
  readonly taxes: readonly { readonly rate: string; readonly code?: string | undefined }[]
}

/** The rates of VAT and the first day of each. */
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

/** Numbers of departments by key: a rate or natura, and the code of a department if it is not the default one. */
export type Departments = Readonly<Record<string, number>>

/** The key of `departments` for a line: `0.22`, `N4`, `0.22/servizi`; undefined without such a department. */
export function departmentOf(
  { type, taxes, department }: TaxedLine,
  departments: Departments,
  giftCards: string,
): string | undefined {
  const { rate, code } = taxes[0] ?? { rate: '0' }
  if (toAtoms(rate) !== 0n) return keyFor(rate, department, departments)
  if (code !== undefined || lineRules(type).isTurnover) return keyFor(code ?? '', department, departments)
  // Without a natura the shop's configuration has the whole key.
  return department === undefined ? departmentKeyed(giftCards, departments) : undefined
}

/** The same for a key from the configuration. */
export function departmentKeyed(key: string, departments: Departments): string | undefined {
  const [kind = '', code] = key.split('/')
  return keyFor(kind, code, departments)
}

/** The codes of the departments that a line may name. */
export function departmentCodes(line: TaxedLine, departments: Departments, giftCards: string): string[] {
  return Object.keys(departments).flatMap((key) => {
    const [, code] = key.split('/')
    return code !== undefined && departmentOf({ ...line, department: code }, departments, giftCards) === key
      ? [code]
      : []
  })
}

function keyFor(kind: string, code: string | undefined, departments: Departments): string | undefined {
  const at = code === undefined ? '' : `/${code}`
  if (!isRate(kind)) {
    // A subclass of a natura may use the department of its class.
    return [kind, kind.slice(0, 2)].map((each) => `${each}${at}`).find((key) => Object.hasOwn(departments, key))
  }
  const atoms = toAtoms(kind)
  return Object.keys(departments).find((key) => {
    const [rate = '', own] = key.split('/')
    return own === code && isRate(rate) && toAtoms(rate) === atoms
  })
}
