import { said } from '../../base/text.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { DocumentOf } from '../journal/documents/document.ts'
import { labelsOf } from '../texts/receipts.ts'
import type { ShopDocuments } from './documents.ts'
import { fiscalBlock } from './fiscal.ts'
import { merchantBlock, zoneOf } from './head.ts'
import { lawOf } from './law-of.ts'
import { printedTime } from './local-time.ts'
import { noticesOf } from './notices.ts'
import type { Certification } from './receipt-law.ts'
import { present } from './rows.ts'

type DrawerDocuments = ShopDocuments & Certification & { subject: DocumentOf<'drawer_opening'> }

/**
 * The slip of an opening of the cash drawer, by the till's own clock, with its signature if the shop has openings signed.
 * The note is internal to the shop and is not printed.
 */
export function drawerOpeningModel(documents: DrawerDocuments, language: ReceiptModel['language']): ReceiptModel {
  const { subject, register } = documents
  const { shown: opening, own } = subject
  const say = labelsOf(language)
  const { id, occurred_at: occurredAt, cashier } = opening
  const nothing = (name: 'total' | 'payable') => ({ label: say(name), value: '0.00' })
  const law = opening.fiscal == null ? undefined : lawOf(documents)
  return {
    operation_id: id,
    status: 'completed',
    language,
    copy: false,
    title: say('title_drawer_opening'),
    currency: 'EUR',
    issued_at: occurredAt,
    merchant: merchantBlock(documents, say),
    header: present([
      [say('date'), printedTime(occurredAt, zoneOf(documents), language)],
      [say('receipt_number'), own.receipt_number],
      [say('drawer_opening'), id],
      [say('register'), register.name],
      [say('operator'), said(cashier?.display_name) ?? said(cashier?.id)],
      [say('reason'), said(opening.reason)],
      [say('operation'), said(opening.operation_id)],
    ]),
    lines: [],
    total: nothing('total'),
    offsets: [],
    payable: nothing('payable'),
    taxes: [],
    payments: [],
    ...fiscalBlock(documents, law, language, say),
    notices: law === undefined ? [] : noticesOf(documents, law, say),
  }
}
