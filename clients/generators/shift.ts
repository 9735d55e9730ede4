import type { Client, Key } from './calls.ts'
import type {
  CreateLineItemDto,
  CreateMerchantDto,
  CreatePaymentDto,
  CreateReturnOperationDto,
  CreateSaleOperationDto,
  ErrorDto,
  FiscalState,
  LineItem,
  Operation,
  Payment,
  Receipt,
  SaleOperation,
} from './names.ts'

/** Opens a client with a key. */
export type Open = (key: Key) => Client

type Shop = { readonly office: Client; readonly till: Client; readonly registerId: string }

const POLL_MS = 100
const ADDRESS = { line1: 'Hauptstraße 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' } as const
const BUNS: CreateLineItemDto = {
  sku_identifier: 'bun',
  title: 'Brötchen',
  quantity: 10,
  unit_price: '0.45',
  total_amount: '4.50',
  taxes: [{ name: 'USt 7 %', rate: '0.07', tax_amount: '0.29' }],
}
const CAKE: CreateLineItemDto = {
  sku_identifier: 'cake',
  title: 'Käsekuchen',
  quantity: '1.5',
  unit_price: '2.00',
  total_amount: '2.50',
  discounts: [{ description: 'Vom Vortag', amount: '0.50' }],
  taxes: [{ name: 'USt 7 %', rate: '0.07', tax_amount: '0.16' }],
}

/** One shift of a German shop, from its merchant to the file of the export. Throws at the first unexpected answer. */
export async function playShift(open: Open, platform: string, number: number): Promise<void> {
  const { office, till, registerId } = await openShop(open, platform, number)
  await till.create('open', {
    type: 'session_open',
    register_id: registerId,
    currency: 'EUR',
    opening_balance_amount: '50.00',
  })
  const sale = await sell(till, registerId)
  await voidSale(till, registerId)
  await returnBuns(till, registerId, sale)
  await endShift(till, registerId)
  await readBack(till, registerId, sale)
  await exportBooks(office, registerId)
}

async function openShop(open: Open, platform: string, number: number): Promise<Shop> {
  const german: CreateMerchantDto = {
    legal_name: `Bäckerei ${number}`,
    country_code: 'DEU',
    address: ADDRESS,
    fiscal_identities: [{ country_code: 'DEU', tax_number: `27/123/4567${number}`, vat_id: `DE12345678${number}` }],
  }
  const merchant = await open({ platform }).createMerchant(german)
  equal(merchant.status, 'active', 'the status of the merchant')
  const office = open({ platform, merchant: merchant.id })
  const location = await office.createLocation({ name: 'Filiale Mitte', timezone: 'Europe/Berlin', address: ADDRESS })
  const { id: registerId } = await office.createRegister({ location_id: location.id, name: 'Kasse 1' })
  const { register_api_key: register } = await office.fiscalize(registerId, {})
  if (register === undefined) throw new Error('a new register has no key')
  return { office, till: open({ register }), registerId }
}

function saleOf(registerId: string): CreateSaleOperationDto {
  return {
    type: 'sale',
    source: 'POS',
    register_id: registerId,
    currency: 'EUR',
    pretax_amount: '6.55',
    tax_amount: '0.45',
    tip_amount: '0.00',
    total_amount: '7.00',
    line_items: [BUNS, CAKE],
  }
}

function cash(payment_id: string, amount: string): CreatePaymentDto {
  return { payment_id, method: 'cash', status: 'captured', amount, currency: 'EUR' }
}

async function sell(till: Client, registerId: string): Promise<SaleOperation> {
  const open = await till.create('sale', saleOf(registerId))
  equal(open.status, 'open', 'the status of the sale')
  const completion = { payments: [cash('p-1', '10.00'), cash('p-2', '-3.00')] }
  const refusal: ErrorDto = await till.refusedCompletion(open.id, open.resource_version + 1, 'early', completion)
  equal(refusal.code, 'precondition_failed', 'the code of the refusal')
  const sale = await till.complete(open, 'complete', completion)
  const again = await till.complete(open, 'complete', completion)
  equal(JSON.stringify(again), JSON.stringify(sale), 'the answer to a repeated key')
  // Narrowed by the discriminator: only goods have lines.
  if (sale.type !== 'sale') throw new Error(`a sale is answered as ${sale.type}`)
  const lines: readonly LineItem[] = sale.line_items
  equal(lines[1]?.discounts?.[0]?.amount, '0.50', 'the discount of the second line')
  const payments: readonly Payment[] = sale.payments ?? []
  equal(payments.map(({ amount }) => amount).join(' '), '10.00 -3.00', 'the payments')
  const fiscal: FiscalState = sale.fiscal
  equal(fiscal.state, 'succeeded', 'the fiscal state')
  const facts = sale.fiscal_information
  if (facts?.regime !== 'KassenSichV') throw new Error('a sale without the facts of its law')
  equal(facts.end_event.process_type, 'Kassenbeleg-V1', 'the process of the TSE')
  equal(facts.verification.qr_data.startsWith('V0;'), true, 'the code of the receipt')
  return sale
}

async function voidSale(till: Client, registerId: string): Promise<void> {
  const begun = await till.create('abandoned', saleOf(registerId))
  const open = await till.amend(begun, 'without-cake', {
    pretax_amount: '4.21',
    tax_amount: '0.29',
    tip_amount: '0.00',
    total_amount: '4.50',
    line_items: [BUNS],
  })
  equal(open.resource_version, 2, 'the version of the amended sale')
  if (open.type !== 'sale') throw new Error(`a sale is answered as ${open.type}`)
  equal(open.cancelled_line_items?.[0]?.sku_identifier, 'cake', 'the line that was taken away')
  const cancelled = await till.cancel(open, 'cancel', { reason: 'customer_abandoned_checkout' })
  equal(cancelled.status, 'voided', 'the status of the abandoned sale')
}

async function returnBuns(till: Client, registerId: string, sale: SaleOperation): Promise<void> {
  const buns: CreateLineItemDto = {
    ...BUNS,
    quantity: -10,
    total_amount: '-4.50',
    taxes: [{ name: 'USt 7 %', rate: '0.07', tax_amount: '-0.29' }],
  }
  const goods: CreateReturnOperationDto = {
    type: 'return',
    source: 'POS',
    register_id: registerId,
    currency: 'EUR',
    pretax_amount: '-4.21',
    tax_amount: '-0.29',
    tip_amount: '0.00',
    total_amount: '-4.50',
    line_items: [buns],
    related_operation_id: sale.id,
  }
  const done = await till.complete(await till.create('return', goods), 'pay-back', { payments: [cash('p-3', '-4.50')] })
  equal(done.type === 'return' && done.related_operation_id, sale.id, 'the original of the return')
}

async function endShift(till: Client, registerId: string): Promise<void> {
  const common = { register_id: registerId, currency: 'EUR' } as const
  await till.create('drop', { ...common, type: 'session_cash_adjustment', cash_amount: '-20.00', note: 'Tresor' })
  const opening = await till.drawerOpened({ occurred_at: new Date().toISOString(), reason: 'Wechselgeld' })
  equal(opening.register_id, registerId, 'the register of the opening')
  const counted: Operation = await till.create('count', {
    ...common,
    type: 'session_cash_count',
    counted_closing_amount: '32.50',
  })
  equal(counted.type, 'session_cash_count', 'the type of the count')
  const closed = await till.create('close', {
    ...common,
    type: 'session_close',
    business_date: new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(new Date()),
    closing_adjustment_amount: null,
  })
  equal(closed.status, 'completed', 'the status of the close')
}

async function readBack(till: Client, registerId: string, sale: SaleOperation): Promise<void> {
  const page = await till.list({ register_id: registerId, type: 'sale', limit: 1 })
  equal(page.data.length, 1, 'the rows of a page')
  equal(typeof page.next_cursor, 'string', 'the cursor of a page that is followed by another')
  const receipt: Receipt = await till.receipt(sale.id)
  equal(receipt.total.value, '7.00', 'the total of the receipt')
  equal((await till.receiptText(sale.id)).includes('Käsekuchen'), true, 'the text of the receipt')
  equal(beginOf(await till.receiptPdf(sale.id)), '%PDF', 'the PDF')
}

async function exportBooks(office: Client, registerId: string): Promise<void> {
  const closing = await office.close(registerId, { type: 'daily' })
  equal(closing.z_numbers.length, 1, 'the sessions of the closing')
  const range = { from: '2020-01-01T00:00:00Z', to: '2099-12-31T23:59:59Z' }
  let job = await office.createExport({ type: 'dsfinvk', ...range })
  while (job.status === 'pending') {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    job = await office.readExport(job.id)
  }
  equal(beginOf(await office.exportFile(job.id)), 'PK\x03\x04', 'the file of the export')
}

function beginOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.slice(0, 4))
}

function equal(found: unknown, expected: unknown, name: string): void {
  if (found !== expected) throw new Error(`${name}: ${String(expected)} was expected, ${String(found)} was answered`)
}
