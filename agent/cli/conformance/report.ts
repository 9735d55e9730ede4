import type { TillRule, TillRuleId } from '../../contract/till-rules.ts'
import type { FaultName } from './faults.ts'
import { FAULTS, rulesOf } from './faults.ts'
import type { Evidence, Notes } from './notes.ts'
import type { Refusal, Sales } from './refusals.ts'
import type { RuleBook } from './rule-book.ts'

export type Verdict = 'kept' | 'broken' | 'not seen' | 'asked'

export type Report = {
  /** Its User-Agent. */
  readonly till: string | null
  readonly law: string
  readonly seed: number
  readonly rules: readonly {
    readonly id: TillRuleId
    readonly title: string
    readonly verdict: Verdict
    readonly evidence: readonly Evidence[]
  }[]
  readonly sales: Sales
  readonly refusals: readonly Refusal[]
  /** Never if less than half of the sales ended. */
  readonly passed: boolean
}

export type Judged = {
  readonly law: string
  readonly seed: number
  readonly till: string | undefined
  readonly book: Pick<RuleBook, 'notes' | 'baskets' | 'refusals'>
  /** All that the run was to show. */
  readonly faults: readonly FaultName[]
  /** Answers of the maker, by `--attest` or on the screen. */
  readonly said: ReadonlyMap<TillRuleId, boolean>
}

/** A rule that a person must judge is `not seen` without a person, except T-11. */
const ASKED_OF_NOBODY: readonly TillRuleId[] = ['T-11']

export function reportOf({ law, seed, till, book, faults, said }: Judged): Report {
  const rules = rulesOf(law).map((rule) => {
    const [verdict, evidence] = judged(rule, book.notes, faults, said.get(rule.id))
    return { id: rule.id, title: rule.title, verdict, evidence }
  })
  const sales = book.refusals.sales(book.baskets.all())
  const isKept = rules.every(({ id, verdict }) => verdict === 'kept' || (verdict === 'asked' && said.get(id) === true))
  const passed = isKept && !isMostlyOpen(sales)
  return { till: till ?? null, law, seed, rules, sales, refusals: book.refusals.all(), passed }
}

function isMostlyOpen({ begun, ended }: Sales): boolean {
  return ended * 2 < begun
}

export function exitCodeOf({ rules, passed }: Report): number {
  if (passed) return 0
  return rules.some(({ verdict }) => verdict === 'broken') ? 1 : 2
}

function judged(
  { id, fault }: TillRule & { readonly id: TillRuleId },
  notes: Notes,
  faults: readonly FaultName[],
  isSaid: boolean | undefined,
): readonly [Verdict, readonly Evidence[]] {
  const [broken, asked, kept] = [notes.of(id, 'broken'), notes.of(id, 'asked'), notes.of(id, 'kept')]
  if (broken.length > 0) return ['broken', broken]
  if (isSaid === false) return ['broken', asked]
  if (asked.length > 0 && (isSaid === true || ASKED_OF_NOBODY.includes(id))) return ['asked', asked]
  const shown = fault === undefined ? 1 : faults.filter((name) => FAULTS[name].rule === id).length
  if (shown > 0 && kept.length >= shown) return ['kept', kept.slice(0, shown)]
  return isSaid === true ? ['asked', []] : ['not seen', []]
}

/** That most sales did not end; a line a rule, and how many; then the refused requests. */
export function linesOf({ rules, passed, till, sales, refusals }: Report): readonly string[] {
  const { begun, ended, refused } = sales
  const left = begun - ended - refused
  const first = `${refused} of ${begun} sales were refused${left === 0 ? '' : `, ${left} were not ended`}.`
  const rows = rules.map(({ id, title, verdict, evidence: [first] }) => {
    const head = `${id.padEnd(5)} ${verdict.padEnd(9)}`
    if (first === undefined) return `${head} ${title}`
    const { at, request_id, note } = first
    return `${head} ${at.slice(11, 19)} ${request_id ?? '-'}  ${verdict === 'kept' ? title : note}`
  })
  const counts = (['kept', 'broken', 'asked', 'not seen'] as const).flatMap((verdict) => {
    const count = rules.filter((rule) => rule.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${verdict}`]
  })
  const refusedRequests = refusals.map(
    ({ code, pointer, count }) =>
      `${String(count).padStart(5)}  ${[code, ...(pointer === null ? [] : [pointer])].join(' ')}`,
  )
  return [
    ...(isMostlyOpen(sales) ? [first, ''] : []),
    ...[...rows, '', `${till ?? 'No till'}: ${counts.join(', ')}${passed ? '. Passed.' : ''}`],
    ...(refusals.length === 0 ? [] : ['', 'Refused requests:', ...refusedRequests]),
  ]
}
