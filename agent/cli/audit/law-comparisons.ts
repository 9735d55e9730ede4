import { join } from 'node:path'
import type { AuditComparison } from '../../laws/audit-rules.ts'
import type { AuditPart } from './audit-part.ts'
import { comparison, notCompared } from './audit-part.ts'
import { writtenIn } from './compared.ts'
import type { RecordedReceipts } from './recorded-receipts.ts'
import { COMPARISONS, JOURNAL } from './wanted.ts'

/** Compares files with the journal by the rules of their laws. `madeAt`: the time before the first file was written. */
export async function comparedByLaw(
  folder: string,
  parts: readonly AuditPart[],
  recorded: RecordedReceipts | undefined,
  madeAt: string,
): Promise<AuditPart[]> {
  if (recorded === undefined) return []
  const compared: AuditPart[] = []
  for (const one of COMPARISONS) compared.push(...(await comparedWith(one, folder, parts, recorded, madeAt)))
  return compared
}

async function comparedWith(
  { name, law, missing, compare }: AuditComparison & { law: string },
  folder: string,
  parts: readonly AuditPart[],
  { absentLaws }: RecordedReceipts,
  madeAt: string,
): Promise<AuditPart[]> {
  if (compare === undefined) return []
  const isSound = (file: string): boolean => parts.every((part) => part.valid || part.name !== file)
  const names = missing === undefined ? [] : writtenIn(parts, folder, missing.files)
  const files = names.map((file) => ({ file: join(folder, file), isSound: isSound(file) }))
  // The journal would be read again, and most shops have one law.
  if (files.length === 0 && absentLaws.has(law)) return []
  try {
    const compared = await compare(join(folder, JOURNAL), files, madeAt)
    if (compared === undefined) return []
    return [comparison(name, compared.findings, compared.same, { uncovered: compared.uncovered })]
  } catch (error) {
    return [notCompared(name, error, 'de')]
  }
}
