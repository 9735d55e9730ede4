import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseRfc3339, rfc3339 } from '../../clock.ts'
import { syncDirectory } from '../../durable-file.ts'
import type { ClosingDocument, MerchantDocument } from '../../journal/documents.ts'
import { closingModel } from '../../receipts/closing.ts'
import { ReceiptRenderer } from '../../receipts/renderer.ts'
import type { PackagedClosing } from '../../regimes/kassensichv/dsfinvk/check/closings.ts'
import { closingsIn } from '../../regimes/kassensichv/dsfinvk/check/closings.ts'
import type { AuditPart } from './report.ts'

/** A Z report on paper for each closing of a package: its own sums, nothing counted anew. */
export async function writeClosingReports(file: string, folder: string): Promise<AuditPart> {
  const name = `z-berichte${basename(file, '.zip').slice('dsfinvk'.length)}`
  const place = join(folder, name)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const renderer = new ReceiptRenderer()
  let count = 0
  for await (const closing of closingsIn(file)) {
    const { body } = renderer.render(modelOf(closing), 'pdf', { paper: 'a4' })
    const number = String(closing.number).padStart(6, '0')
    await writeFile(join(place, `${closing.registerId}-Z${number}.pdf`), body, { mode: 0o600, flush: true })
    count++
  }
  await syncDirectory(place)
  return { name, valid: true, summary: `${count} Z-Berichte`, findings: [] }
}

function modelOf(closing: PackagedClosing): ReturnType<typeof closingModel> {
  const { company, location, registerId, number, vat, payments, businessCases } = closing
  const identity = { country_code: 'DEU' as const, tax_number: company.taxNumber, vat_id: company.vatId }
  const totals = { vat, payments, business_cases: businessCases }
  const packaged: ClosingDocument = {
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
  }
  const facts = { regime: 'KassenSichV' as const, fiscalized_at: null, tse_serial: null }
  return closingModel(
    {
      closing: packaged,
      // The closing is a report: it names no unit.
      isUncertified: () => false,
      merchant: { legal_name: company.name, address: addressOf(company), fiscal_identities: [identity] },
      location: { name: location.name, address: addressOf(location) },
      register: { name: registerId, fiscalization: { ...facts, client_id: closing.registerSerial } },
    },
    'de',
  )
}

function addressOf({ street, postalCode, city, country }: PackagedClosing['location']): MerchantDocument['address'] {
  return { line1: street, postal_code: postalCode, city, country_code: country }
}
