import { join } from 'node:path'
import type { Dep7MatchReport } from '../../laws/austria/dep7-match.ts'
import { matchDep7s } from '../../laws/austria/verify-together.ts'
import { hasBooks, writtenIn } from './compared.ts'
import { comparison, notCompared } from './comparison.ts'
import { counted } from './note-words.ts'
import type { AuditPart } from './report.ts'
import { DEP7_AND_JOURNAL } from './report.ts'
import { JOURNAL } from './wanted.ts'

/** A card signs what it is given, and counts nothing. */
const SIGNED_AGAIN =
  'Dass keine Belegkette mit der Signatureinheit neu signiert wurde: Das zeigen nur ältere Kopien des DEP7 (§ 7 Abs. 3 RKSV) mit fiskal-edge verify ALT.json NEU.json, oder ein Sync-Ziel.'

function dep7sIn(parts: readonly AuditPart[], folder: string): string[] {
  return writtenIn(parts, folder, '.json').filter((name) => name.startsWith('dep7-'))
}

/**
 * What the DEP7s hold beside what the journal has, in both directions: every receipt of the journal is in one of them, signed
 * with the key that the journal enrolled. Nothing where there is no Austrian receipt. `madeAt`: when the first DEP7 was begun.
 */
export async function dep7Parts(folder: string, parts: readonly AuditPart[], madeAt: string): Promise<AuditPart[]> {
  if (!hasBooks(parts)) return []
  const name = DEP7_AND_JOURNAL
  const isSound = (file: string): boolean => parts.every((part) => part.valid || part.name !== file)
  const files = dep7sIn(parts, folder).map((file) => ({ file: join(folder, file), isSound: isSound(file) }))
  try {
    const { findings, ...report } = await matchDep7s(join(folder, JOURNAL), files, { isEverything: true, madeAt })
    if (files.length === 0 && findings.length === 0) return []
    const uncovered = [...uncoveredBy(report), SIGNED_AGAIN]
    return [comparison(name, findings, summaryOf(report), { uncovered })]
  } catch (error) {
    return [notCompared(name, error)]
  }
}

function summaryOf({ matched, signatures, outages }: Dep7MatchReport): string {
  const unsigned = outages === 0 ? '' : `, ${counted(outages, 'Beleg', 'Belege')} im Ausfall ohne Signatur`
  return `${counted(matched, 'Beleg steht', 'Belege stehen')} so im DEP7 und im Journal, ${counted(signatures, 'Signatur', 'Signaturen')} der aufgezeichneten Signatureinheiten${unsigned}`
}

function uncoveredBy({ younger, outages }: Dep7MatchReport): string[] {
  const later =
    younger === 0 ? [] : [`${counted(younger, 'Beleg, der jünger ist', 'Belege, die jünger sind')} als das DEP7.`]
  const unsigned =
    outages === 0 ? [] : [`${counted(outages, 'Beleg', 'Belege')} im Ausfall der Signatureinheit: ohne Signatur.`]
  return [...later, ...unsigned]
}
