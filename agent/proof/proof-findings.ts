import type { WithTexts } from '../journal/books/findings.ts'
import { describeBooks } from '../journal/books/findings.ts'
import { isOfJournal } from '../journal/verify/findings.ts'
import type { JournalReport } from '../journal/verify/journal.ts'
import type { ProofFinding, ProofPart } from './proof-file.ts'

/** Findings that make a journal invalid in itself, as a run remembers them. */
export function journalFindings(
  { findings, codes }: Pick<JournalReport, 'findings' | 'codes'>,
  laws: readonly WithTexts[],
): ProofFinding[] {
  const ofChain = findings
    .filter(({ part }) => part !== 'books' && part !== 'projection')
    .map((finding): ProofFinding => {
      const { part, seq, what, code = isOfJournal(finding) ? 'journal_damaged' : 'copies_damaged' } = finding
      return { part: 'journal', code, text: `${part}, seq ${seq}: ${what}` }
    })
  return [...ofChain, ...bookFindings(codes, 'journal', laws)]
}

/** The errors among them; notes do not make a run fail. */
export function bookFindings(
  codes: readonly JournalReport['codes'][number][],
  part: ProofPart,
  laws: readonly WithTexts[],
): ProofFinding[] {
  return codes.flatMap((finding) =>
    'facts' in finding && finding.level === 'error'
      ? [{ part, code: finding.code, text: describeBooks(finding, 'en', laws) }]
      : [],
  )
}
