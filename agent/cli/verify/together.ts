import { describeFailure } from '../../failure.ts'
import { describeBooks } from '../../journal/books/findings.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { LAWS } from '../../laws/laws.ts'
import type { Given, Together, Verdict } from '../../laws/verify-rules.ts'

/** One verdict of each law on files that belong together. Empty if nothing is compared. */
export async function verifyTogether(verdicts: readonly Verdict[], given: Given): Promise<Verdict[]> {
  const about = { file: 'together', kind: 'together', uncertified: [] } as const
  try {
    const compared = await comparisons(verdicts, given)
    if (compared.length === 0) return []
    const codes = compared.flatMap(({ found }) => found)
    const valid = codes.every(({ level }) => level === 'note')
    const summary = compared.flatMap(({ summaries }) => summaries).join('; ')
    return [
      { ...about, valid, summary, findings: codes.map((finding) => describeBooks(finding, 'en', LAW_BOOKS)), codes },
    ]
  } catch (error) {
    return [{ ...about, valid: false, summary: describeFailure(error), findings: [] }]
  }
}

async function comparisons(verdicts: readonly Verdict[], given: Given): Promise<Together[]> {
  const journals = verdicts.filter(({ kind }) => kind === 'journal')
  const [journal] = journals.length === 1 ? journals : []
  const compared: Together[] = []
  for (const { verify } of LAWS) compared.push(...((await verify?.compare(verdicts, journal, given)) ?? []))
  return compared.filter(({ summaries }) => summaries.length > 0)
}
