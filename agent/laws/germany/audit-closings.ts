import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import type { PackagedClosing } from '../../../verify/dsfinvk/closings.ts'
import { closingsIn } from '../../../verify/dsfinvk/closings.ts'
import type { Merchant } from '../../contract/merchant.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import { newDocument } from '../../journal/documents/document.ts'
import { closingModel } from '../../receipts/closing.ts'
import { turnoverIn } from '../../register/turnover.ts'
import type { AuditedClosing, TakenBackIn } from '../audit-rules.ts'
import type { TakenBack } from '../closing-reports.ts'
import { shownSums } from '../closing-reports.ts'
import { FACTS } from './facts.ts'
import { RECEIPT } from './receipt.ts'

/** The closings of a package with its own sums, and what was taken back by the events of the journal. */
export async function* closingsOf(
  file: string,
  takenBack: TakenBackIn | undefined,
  nameOf: (register: string) => string,
): AsyncGenerator<AuditedClosing> {
  for await (const closing of closingsIn(file)) {
    const { registerId, number, firstBon, lastBon } = closing
    const sums = takenBack?.(registerId, Number(firstBon), Number(lastBon))
    const cases = casesOf(closing)
    const model = modelOf(closing, cases, {
      name: nameOf(registerId),
      ...(sums && { takenBack: shownSums((each) => sums[each]) }),
    })
    yield { registerId, number, model, turnover: turnoverIn(cases, RECEIPT.turnoverCases ?? []) }
  }
}

type Cases = { name: string; amount: string; agency_id?: number }[]

function casesOf({ businessCases }: PackagedClosing): Cases {
  return businessCases.map(({ agencyId, ...named }) => ({
    ...named,
    ...(agencyId !== undefined && { agency_id: agencyId }),
  }))
}

function modelOf(
  closing: PackagedClosing,
  cases: Cases,
  { name, takenBack = {} }: { name: string; takenBack?: TakenBack },
): ReceiptModel {
  const { company, location, registerId, number, vat, payments, foreignCash } = closing
  const identity = { country_code: FACTS.country, tax_number: company.taxNumber, vat_id: company.vatId }
  const foreign = foreignCash.length > 0 && { foreign_cash: foreignCash }
  const totals = { vat, payments, business_cases: cases, ...foreign, ...takenBack }
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
  const facts = { regime: FACTS.name, fiscalized_at: null, tse_serial: null }
  return closingModel(
    {
      subject,
      // The closing is a report: it names no unit.
      isUncertified: () => false,
      laws: [RECEIPT],
      merchant: { legal_name: company.name, address: addressOf(company), fiscal_identities: [identity] },
      location: { name: location.name, address: addressOf(location) },
      register: { name, fiscalization: { ...facts, client_id: closing.registerSerial } },
    },
    'de',
  )
}

function addressOf({ street, postalCode, city, country }: PackagedClosing['location']): Merchant['address'] {
  return { line1: street, postal_code: postalCode, city, country_code: country }
}
