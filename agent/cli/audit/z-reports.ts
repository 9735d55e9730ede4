import { createReadStream, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { syncDirectory } from '../../../base/durable-file.ts'
import { counted } from '../../../base/text.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import { headText } from '../../journal/chain.ts'
import { CLOSING_MARK, mayNumberClosing, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventBody } from '../../journal/events.ts'
import { eventsIn } from '../../journal/verify/chains.ts'
import type { AuditClosings, AuditedClosing, TakenBackIn } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import { ReceiptRenderer } from '../../receipts/renderer.ts'
import { labelsOf } from '../../texts/receipts.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, notWritten } from './audit-part.ts'
import { writtenIn } from './compared.ts'

/** The laws whose packages contain closings. */
const CLOSINGS = LAWS.flatMap(({ audit }) => audit?.closings ?? [])

/** The journal head on the receipt of each closing, by register and number. */
type Heads = ReadonlyMap<string, string>

/**
 * Adds the Z reports of each package after its part. `journal`: the exported journal, which has the heads for them;
 * `takenBack`: undefined if it could not be read.
 */
export async function withClosingReports(
  folder: string,
  parts: readonly AuditPart[],
  journal: string,
  takenBack: TakenBackIn | undefined,
): Promise<AuditPart[]> {
  const packages = new Map(
    CLOSINGS.flatMap((closings) => writtenIn(parts, folder, closings.files).map((name) => [name, closings])),
  )
  if (packages.size === 0) return [...parts]
  const heads = existsSync(journal) ? await headsIn(journal) : new Map<string, string>()
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
  { heads, takenBack }: { heads: Heads; takenBack: TakenBackIn | undefined },
): Promise<AuditPart> {
  try {
    return await writeClosingReports(await read(file, takenBack), file, folder, heads)
  } catch (error) {
    return notWritten(reportsNameOf(file), error)
  }
}

async function headsIn(journal: string): Promise<Heads> {
  const heads = new Map<string, string>()
  for await (const { seq, hash, body } of eventsIn(createReadStream(journal), CLOSING_MARK)) {
    if (!mayNumberClosing(body)) continue
    const session = sessionPartsOf(JSON.parse(body) as EventBody)
    const number = session?.own.z_number
    if (session !== undefined && number !== undefined)
      heads.set(keyOf(session.register, number), headText(seq, Buffer.from(hash, 'base64url')))
  }
  return heads
}

function keyOf(register: string, number: number): string {
  return `${register} ${number}`
}

function reportsNameOf(file: string): string {
  return `z-berichte${basename(file, '.zip').slice('dsfinvk'.length)}`
}

/** Writes a Z report as PDF for each closing of a package. */
async function writeClosingReports(
  closings: AsyncIterable<AuditedClosing>,
  file: string,
  folder: string,
  heads: Heads,
): Promise<AuditPart> {
  const name = reportsNameOf(file)
  const place = join(folder, name)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const renderer = new ReceiptRenderer()
  let count = 0
  for await (const closing of closings) {
    const head = heads.get(keyOf(closing.registerId, closing.number))
    const { body } = renderer.render(withHead(closing.model, head), 'pdf', { paper: 'a4' })
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
