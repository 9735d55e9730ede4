import type { DrawerOpening } from '../contract/drawer-opening.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import { said } from '../text.ts'
import type { ShopDocuments } from './documents.ts'
import { merchantBlock, zoneOf } from './head.ts'
import { labelsOf } from './labels.ts'
import { printedTime } from './local-time.ts'
import { present } from './rows.ts'

type DrawerDocuments = ShopDocuments & { opening: DrawerOpening }

/**
 * The slip of an opening of the cash drawer, by the till's own clock. Nothing is sold and nothing signed; the note is
 * the shop's own and stays there.
 */
export function drawerOpeningModel(documents: DrawerDocuments, language: ReceiptModel['language']): ReceiptModel {
  const { opening, register } = documents
  const say = labelsOf(language)
  const { id, occurred_at: occurredAt, cashier } = opening
  const nothing = (name: 'total' | 'payable') => ({ label: say(name), value: '0.00' })
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
      [say('drawer_opening'), id],
      [say('register'), register.name],
      [say('operator'), said(cashier?.display_name) ?? said(cashier?.id)],
      [say('reason'), said(opening.reason)],
      [say('operation'), said(opening.operation_id)],
    ]),
    lines: [],
    total: nothing('total'),
    gift_cards: [],
    payable: nothing('payable'),
    taxes: [],
    payments: [],
    fiscal: [],
    qr: null,
    notices: [],
  }
}
