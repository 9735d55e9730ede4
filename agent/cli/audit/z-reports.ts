import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { syncDirectory } from '../../../base/durable-file.ts'
import { counted } from '../../../base/text.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import type { AuditClosings, AuditedClosing, TakenBackIn } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import { labelsOf } from '../../texts/receipts.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notWritten } from './audit-part.ts'
import type { ClosingHeads } from './closing-heads.ts'
import { headsIn } from './closing-heads.ts'
import { writtenIn } from './compared.ts'

/** The laws whose packages contain closings. */
const CLOSINGS = LAWS.flatMap(({ audit }) => audit?.closings ?? [])

/** Both undefined if the journal could not be read. */
type ClosingFacts = { readonly heads: ClosingHeads | undefined; readonly takenBack: TakenBackIn | undefined }

/**
 * Adds the Z reports of each package after its part. `journal`: the exported journal, which has the heads for them if
 * they are not known.
 */
export async function withClosingReports(
  folder: string,
  parts: readonly AuditPart[],
  journal: string,
  { heads: known, takenBack }: ClosingFacts,
): Promise<AuditPart[]> {
  const packages = new Map(
    CLOSINGS.flatMap((closings) => writtenIn(parts, folder, closings.files).map((name) => [name, closings])),
  )
  if (packages.size === 0) return [...parts]
  const heads = known ?? (await headsIn(journal))
  const all: AuditPart[] = []
  for (const part of parts) {
    all.push(part)
    const closings = packages.get(part.name)
    if (closings === undefined) continue
    packages.delete(part.name)
    all.push(await reportsOf(closings, join(folder, part.name), folder, { heads, takenBack }))
  }
  return all
}

async function reportsOf(
  { read }: AuditClosings,
  file: string,
  folder: string,
  { heads, takenBack }: { heads: ClosingHeads; takenBack: TakenBackIn | undefined },
): Promise<AuditPart> {
  try {
    return await writeClosingReports(await read(file, takenBack), file, folder, heads)
  } catch (error) {
    return notWritten(reportsNameOf(file), error)
  }
}

function reportsNameOf(file: string): string {
  return `z-berichte${basename(file, '.zip').slice('dsfinvk'.length)}`
}

/** Writes a Z report as PDF for each closing of a package. */
async function writeClosingReports(
  closings: AsyncIterable<AuditedClosing>,
  file: string,
  folder: string,
  heads: ClosingHeads,
): Promise<AuditPart> {
  const name = reportsNameOf(file)
  const place = join(folder, name)
  await mkdir(place, { recursive: true, mode: 0o700 })
  // Loaded for the first closing: only some laws have packages of them.
  const [{ Fonts }, { renderPdf }] = await Promise.all([
    import('../../receipts/fonts.ts'),
    import('../../receipts/pdf.ts'),
  ])
  const fonts = new Fonts()
  let count = 0
  for await (const closing of closings) {
    const head = heads.of(closing.registerId, closing.number)
    fonts.tidy()
    const body = renderPdf(withHead(closing.model, head), 'a4', 'picture', fonts)
    const number = String(closing.number).padStart(6, '0')
    await writeFile(join(place, `${closing.registerId}-Z${number}.pdf`), body, { mode: 0o600, flush: true })
    count++
  }
  await syncDirectory(place)
  return auditPart('sound', name, counted(count, 'Z-Bericht', 'Z-Berichte'))
}

function withHead(model: ReceiptModel, head: string | undefined): ReceiptModel {
  if (head === undefined) return model
  const row = { label: labelsOf(model.language)('journal_head'), value: head }
  return { ...model, header: [...model.header, row] }
}
