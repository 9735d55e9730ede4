import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { syncDirectory } from '../../../base/durable-file.ts'
import { formatCents } from '../../../base/money.ts'
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
import { euros, objectionsFirst } from './note-words.ts'

/** The laws whose packages contain closings. */
const CLOSINGS = LAWS.flatMap(({ audit }) => audit?.closings ?? [])

/** Undefined if the journal could not be read. */
type ClosingFacts = {
  readonly heads: ClosingHeads | undefined
  readonly takenBack: TakenBackIn | undefined
  readonly turnoverOf: (register: string, z: number) => bigint | undefined
}
type NameOf = (register: string) => string
type Facts = ClosingFacts & { readonly heads: ClosingHeads; readonly isTrial: boolean; readonly nameOf: NameOf }

/**
 * Adds the Z reports of each package after its part. `journal`: the exported journal, which has the heads for them if
 * they are not known.
 */
export async function withClosingReports(
  folder: string,
  parts: readonly AuditPart[],
  journal: string,
  facts: ClosingFacts,
  nameOf: NameOf,
): Promise<AuditPart[]> {
  const packages = new Map(
    CLOSINGS.flatMap((closings) => writtenIn(parts, folder, closings.files).map((name) => [name, closings])),
  )
  if (packages.size === 0) return [...parts]
  const { takenBack, turnoverOf, heads = await headsIn(journal) } = facts
  const all: AuditPart[] = []
  for (const part of parts) {
    all.push(part)
    const closings = packages.get(part.name)
    if (closings === undefined) continue
    packages.delete(part.name)
    const isTrial = (part.uncertified?.length ?? 0) > 0
    all.push(
      await reportsOf(closings, join(folder, part.name), folder, { heads, takenBack, turnoverOf, isTrial, nameOf }),
    )
  }
  return all
}

async function reportsOf({ read }: AuditClosings, file: string, folder: string, facts: Facts): Promise<AuditPart> {
  try {
    return await writeClosingReports(await read(file, facts.takenBack, facts.nameOf), file, folder, facts)
  } catch (error) {
    return notWritten(reportsNameOf(file), error, 'de')
  }
}

function reportsNameOf(file: string): string {
  return `z-berichte${basename(file, '.zip').slice('dsfinvk'.length)}`
}

/** Writes a Z report as PDF for each closing of a package, and compares its turnover with that of the journal. */
async function writeClosingReports(
  closings: AsyncIterable<AuditedClosing>,
  file: string,
  folder: string,
  { heads, turnoverOf, isTrial, nameOf }: Facts,
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
  let [count, compared] = [0, 0]
  const findings: string[] = []
  const files = new Map<string, string>()
  // The id, if another register has the file of the name.
  const fileOf = (register: string): string => {
    const file = nameOf(register).replace(/[^\p{L}\p{N}_]+/gu, '-')
    if (!files.has(file)) files.set(file, register)
    return files.get(file) === register ? file : register
  }
  for await (const closing of closings) {
    const head = heads.of(closing.registerId, closing.number)
    fonts.tidy()
    const { notices, language } = closing.model
    const model = { ...closing.model, notices: isTrial ? [labelsOf(language)('trial'), ...notices] : notices }
    const body = renderPdf(withHead(model, head), 'a4', 'picture', fonts)
    const number = String(closing.number).padStart(6, '0')
    await writeFile(join(place, `${fileOf(closing.registerId)}-Z${number}.pdf`), body, { mode: 0o600, flush: true })
    count++
    const own = turnoverOf(closing.registerId, closing.number)
    if (own !== undefined) compared++
    if (own !== undefined && own !== closing.turnover) findings.push(turnoverWords(closing, own))
  }
  await syncDirectory(place)
  const reports = counted(count, 'Z-Bericht', 'Z-Berichte')
  if (findings.length > 0) return auditPart('fault', name, objectionsFirst(findings.length, reports, 'de'), findings)
  return auditPart('sound', name, compared === count ? `${reports}, mit dem Umsatz des Journals` : reports)
}

function turnoverWords({ registerId, number, turnover }: AuditedClosing, own: bigint): string {
  return `Kasse ${registerId} Z ${number}: Umsatz ${euros(formatCents(turnover))} im Paket, ${euros(formatCents(own))} im Journal.`
}

function withHead(model: ReceiptModel, head: string | undefined): ReceiptModel {
  if (head === undefined) return model
  const row = { label: labelsOf(model.language)('journal_head'), value: head }
  return { ...model, header: [...model.header, row] }
}
