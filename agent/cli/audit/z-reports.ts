import { createReadStream, existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { syncDirectory } from '../../../base/durable-file.ts'
import { counted } from '../../../base/text.ts'
import type { Merchant } from '../../contract/merchant.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import { headText } from '../../journal/chain.ts'
import { newDocument } from '../../journal/documents/document.ts'
import { mayNumberClosing, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventBody } from '../../journal/events.ts'
import { eventsIn } from '../../journal/verify/chains.ts'
import type { PackagedClosing } from '../../laws/germany/dsfinvk/check/closings.ts'
import { closingsIn } from '../../laws/germany/dsfinvk/check/closings.ts'
import { RECEIPT } from '../../laws/germany/receipt.ts'
import { closingModel } from '../../receipts/closing.ts'
import { labelsOf } from '../../receipts/labels.ts'
import { ReceiptRenderer } from '../../receipts/renderer.ts'
import { packagesIn } from './compared.ts'
import type { AuditPart } from './report.ts'
import { notWritten } from './report.ts'

/** By register and number of the closing: the journal head that the slip of the close has too. */
type Heads = ReadonlyMap<string, string>

/** Each package is followed by its Z reports; `journal` is the file that the heads on them are from. */
export async function withClosingReports(
  folder: string,
  parts: readonly AuditPart[],
  journal: string,
): Promise<AuditPart[]> {
  const packages = new Set(packagesIn(parts, folder))
  if (packages.size === 0) return [...parts]
  const heads = existsSync(journal) ? await headsIn(journal) : new Map<string, string>()
  const all: AuditPart[] = []
  for (const part of parts) {
    all.push(part)
    if (packages.delete(part.name)) all.push(await reportsOf(join(folder, part.name), folder, heads))
  }
  return all
}

async function reportsOf(file: string, folder: string, heads: Heads): Promise<AuditPart> {
  try {
    return await writeClosingReports(file, folder, heads)
  } catch (error) {
    return notWritten(reportsNameOf(file), error)
  }
}

async function headsIn(journal: string): Promise<Heads> {
  const heads = new Map<string, string>()
  for await (const { seq, hash, body } of eventsIn(createReadStream(journal))) {
    if (!mayNumberClosing(body)) continue
    const session = sessionPartsOf(JSON.parse(body) as EventBody)
    const number = session?.own.zNumber
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

/** A Z report on paper for each closing of a package: its own sums, nothing counted anew. */
async function writeClosingReports(file: string, folder: string, heads: Heads): Promise<AuditPart> {
  const name = reportsNameOf(file)
  const place = join(folder, name)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const renderer = new ReceiptRenderer()
  let count = 0
  for await (const closing of closingsIn(file)) {
    const head = heads.get(keyOf(closing.registerId, closing.number))
    const { body } = renderer.render(withHead(modelOf(closing), head), 'pdf', { paper: 'a4' })
    const number = String(closing.number).padStart(6, '0')
    await writeFile(join(place, `${closing.registerId}-Z${number}.pdf`), body, { mode: 0o600, flush: true })
    count++
  }
  await syncDirectory(place)
  return { name, valid: true, summary: counted(count, 'Z-Bericht', 'Z-Berichte'), findings: [] }
}

function withHead(model: ReceiptModel, head: string | undefined): ReceiptModel {
  if (head === undefined) return model
  const row = { label: labelsOf(model.language)('journal_head'), value: head }
  return { ...model, header: [...model.header, row] }
}

function modelOf(closing: PackagedClosing): ReceiptModel {
  const { company, location, registerId, number, vat, payments, businessCases } = closing
  const identity = { country_code: 'DEU' as const, tax_number: company.taxNumber, vat_id: company.vatId }
  const totals = { vat, payments, business_cases: businessCases }
  const subject = newDocument('closing', {
    set: {
      id: `Z ${number}, Bon ${closing.firstBon} bis ${closing.lastBon}`,
      merchant_id: '',
      register_id: registerId,
      type: 'daily',
      business_date: closing.businessDate,
      document_number: null,
      z_numbers: [number],
      totals,
      fiscal: { state: 'not_required' },
      fiscal_information: null,
      created_at: rfc3339(parseRfc3339(closing.createdAt) ?? 0),
    },
  })
  const facts = { regime: 'KassenSichV' as const, fiscalized_at: null, tse_serial: null }
  return closingModel(
    {
      subject,
      // The closing is a report: it names no unit.
      isUncertified: () => false,
      laws: [RECEIPT],
      merchant: { legal_name: company.name, address: addressOf(company), fiscal_identities: [identity] },
      location: { name: location.name, address: addressOf(location) },
      register: { name: registerId, fiscalization: { ...facts, client_id: closing.registerSerial } },
    },
    'de',
  )
}

function addressOf({ street, postalCode, city, country }: PackagedClosing['location']): Merchant['address'] {
  return { line1: street, postal_code: postalCode, city, country_code: country }
}
