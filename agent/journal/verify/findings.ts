import { visible } from '../../../base/text.ts'

const FINDINGS_LIMIT = 100

/** A fault, with the event concerned; 0 if it concerns no single event. `code`: if the finding has one. */
export type Finding = {
  part: 'file' | 'chain' | 'checkpoint' | 'seal' | 'projection' | 'books'
  seq: number
  /** The last event of a finding that concerns several, of which `seq` is the first. */
  last?: number
  what: string
  code?: string
}

/** For programs: an `error` makes the journal invalid, a `note` does not. */
export type FindingCode = { code: string; level: 'error' | 'note'; seq: number }

const COPIES: ReadonlySet<Finding['part']> = new Set(['seal', 'projection'])

/** False for copies made from the journal, a sealed segment or a projection, and for contradictions in its events. */
export function isOfJournal({ part }: Pick<Finding, 'part'>): boolean {
  return !COPIES.has(part) && part !== 'books'
}

/** Collects findings up to their limit, and remembers the first bad event. */
export class Findings {
  readonly list: Finding[] = []
  /** Remarks that do not make the journal invalid. */
  readonly notes: Finding[] = []
  firstBadSeq: number | undefined

  get codes(): FindingCode[] {
    const coded = (level: FindingCode['level'], findings: readonly Finding[]): FindingCode[] =>
      findings.flatMap(({ code, seq }) => (code === undefined ? [] : [{ code, level, seq }]))
    return [...coded('error', this.list), ...coded('note', this.notes)]
  }

  add(part: Finding['part'], seq: number, what: string, more: Pick<Finding, 'code' | 'last'> = {}): void {
    if (isOfJournal({ part }) && seq > 0) this.firstBadSeq = Math.min(seq, this.firstBadSeq ?? seq)
    push(this.list, { part, seq, what, ...more })
  }

  note(finding: Finding): void {
    push(this.notes, finding)
  }
}

/** The sentence may hold a text of the journal, which must not end it. */
function push(findings: Finding[], finding: Finding): void {
  if (findings.length < FINDINGS_LIMIT) findings.push({ ...finding, what: visible(finding.what) })
}
