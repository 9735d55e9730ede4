import type { Merchant } from '../contract/merchant.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Say } from '../texts/receipts.ts'
import type { DraftLine } from './goods-draft.ts'
import { addressLines } from './head.ts'
import { present } from './rows.ts'
import type { TaxGroup } from './taxes.ts'

type TaxRows = (turnover: readonly { group: TaxGroup; value: string }[]) => ReceiptModel['taxes']

/** The principals in whose name lines were sold, as the merchant had them then, with the gross of their lines by tax. */
export function agencyBlocks(
  { agencies = [] }: Partial<Merchant>,
  lines: readonly DraftLine[],
  taxRows: TaxRows,
  say: Say,
): Pick<ReceiptModel, 'agencies'> {
  const used = new Set(lines.flatMap(({ agency_id: id }) => id ?? []))
  if (used.size === 0) return {}
  const blocks = [...used].map((id) => {
    const agency = agencies.find((one) => one.id === id)
    const turnover = lines.flatMap(({ agency_id, group, value }) =>
      agency_id === id && group !== null ? [{ group, value }] : [],
    )
    return {
      id,
      label: say('in_the_name_of'),
      value: agency?.name ?? `${say('agency')} ${id}`,
      address: addressLines(agency?.address),
      identifiers: present([
        [say('tax_number'), agency?.tax_number],
        [say('vat_id'), agency?.vat_id],
      ]),
      taxes: taxRows(turnover).map(({ key, label, gross }) => ({ key, label, gross })),
    }
  })
  return { agencies: blocks }
}
