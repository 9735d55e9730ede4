import { counted } from '../../../base/text.ts'
import type { AuditComparison } from '../audit-rules.ts'
import type { Dep7MatchReport } from './dep7-match.ts'
import { matchDep7s } from './verify-together.ts'

/** A card signs any data and has no counter. */
const SIGNED_AGAIN =
  'Dass keine Belegkette mit der Signatureinheit neu signiert wurde: Das zeigen nur ältere Kopien des DEP7 (§ 7 Abs. 3 RKSV) mit fiskal-edge verify ALT.json NEU.json, oder ein Sync-Ziel.'

/**
 * Compares DEP7s with the journal in both directions: every receipt of the journal is in one of them, signed with the
 * key that the journal enrolled.
 */
export const compareWithJournal: NonNullable<AuditComparison['compare']> = async (journal, files, madeAt) => {
  const { findings, ...report } = await matchDep7s(journal, files, { isEverything: true, madeAt })
  if (files.length === 0 && findings.length === 0) return undefined
  return { findings, same: summaryOf(report), uncovered: [...uncoveredBy(report), SIGNED_AGAIN] }
}

function summaryOf({ matched, signatures, outages }: Dep7MatchReport): string {
  const unsigned = outages === 0 ? '' : `, ${counted(outages, 'Beleg', 'Belege')} im Ausfall ohne Signatur`
  return `${counted(matched, 'Beleg stimmt', 'Belege stimmen')} im DEP7 und im Journal überein, ${counted(signatures, 'Signatur', 'Signaturen')} der aufgezeichneten Signatureinheiten${unsigned}`
}

function uncoveredBy({ younger }: Dep7MatchReport): string[] {
  if (younger === 0) return []
  return [`${counted(younger, 'Beleg, der jünger ist', 'Belege, die jünger sind')} als das DEP7.`]
}
