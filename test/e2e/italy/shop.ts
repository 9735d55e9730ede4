import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Facts, PrintedDocument } from '../../../agent/laws/italy/shapes.ts'
import { isEntry, isOurs } from '../../../agent/laws/italy/shapes.ts'
import type { MemoryRecord, PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { untilFiscalized } from '../fiscalized.ts'
import { event, pay } from '../goods.ts'

const ADDRESS = { line1: 'Via Garibaldi 12', city: 'Torino', postal_code: '10122', country_code: 'ITA' }
export const MERCHANT = {
  legal_name: 'Panificio Aurora S.r.l.',
  country_code: 'ITA',
  address: ADDRESS,
  fiscal_identities: [
    {
      country_code: 'ITA',
      tax_number: '12345678903',
      vat_number: '12345678903',
      fisconline_user: 'RSSMRA80A01H501U',
      fisconline_password: 'Segreta-1',
      fisconline_pin: '1234567890',
      legal_entity_type: 'COMPANY',
    },
  ],
}
export const LOCATION = { name: 'Torino Centro', address: ADDRESS, timezone: 'Europe/Rome' }

/** Short ones: a simulated printer replies at once, but another process forwards its bytes, which a busy machine delays. */
export const FAST_LINE = { ackMs: 1000, replyMs: 1000, printMs: 1000, longMs: 1500, gapMs: 500 }

/** One simulated RCH printer, embedded, with a pseudo-terminal. */
export const ONE_PRINTER = {
  devices: [{ id: 'rt-1', driver: 'rt-simulator', timeouts: FAST_LINE }],
}

export type Receipt = Facts & PrintedDocument

/** Merchant and location in Italy. */
export async function italianShop(bench: Bench): Promise<string> {
  await bench.office.post('/v1/merchants', MERCHANT)
  return String((await bench.office.post('/v1/locations', LOCATION))['id'])
}

/** A register at the printer, with an open session. */
export async function italianTill(bench: Bench, float = '50.00', locationId?: string): Promise<Register> {
  const { office } = bench
  const location = locationId ?? (await italianShop(bench))
  const created = await office.post('/v1/registers', { location_id: location, name: 'Cassa 1' })
  const id = String(created['id'])
  const done = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const till = bench.client({ 'X-Register-Api-Key': key })
  await untilFiscalized(office, done)
  await till.create(event('session_open', id, { opening_balance_amount: float }))
  return { id, clientId, key, till }
}

/** A register at one of several printers, in session. */
export async function tillAt(bench: Bench, device: string, location: string): Promise<Register> {
  const newRegister = await bench.office.post('/v1/registers', {
    location_id: location,
    name: 'Cassa',
    fiscal_device: device,
  })
  const id = String(newRegister['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const { client_id: clientId } = done['fiscalization'] as { client_id: string }
  const key = String(done['register_api_key'])
  const till = bench.client({ 'X-Register-Api-Key': key })
  await untilFiscalized(bench.office, done)
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  return { id, clientId, key, till }
}

type Line = { title: string; amount: string; rate?: string; code?: string; more?: Members }

function cents(amount: string): number {
  return Math.round(Number(amount) * 100)
}

function euros(value: number): string {
  return (value / 100).toFixed(2).replace('-0.00', '0.00')
}

/** A goods movement with Italian VAT; a rate of 22 % by default. */
export function movement(
  type: 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture',
  { id }: Pick<Register, 'id'>,
  lines: readonly Line[],
  more: Members & { tip_amount?: string } = {},
): Members {
  const tip = cents(more.tip_amount ?? '0.00')
  const taxes = lines.map(({ amount, rate = '0.22', code }) => {
    const exact = (cents(amount) * Number(rate)) / (1 + Number(rate))
    const tax = Math.sign(exact) * Math.round(Math.abs(exact))
    return {
      tax,
      entry: {
        name: 'IVA',
        rate: code === undefined ? rate : '0',
        tax_amount: euros(code === undefined ? tax : 0),
        ...(code !== undefined && { code }),
      },
    }
  })
  const tax = taxes.reduce((sum, { entry }) => sum + cents(entry.tax_amount), 0)
  const total = lines.reduce((sum, { amount }) => sum + cents(amount), tip)
  return {
    type,
    source: 'POS',
    register_id: id,
    currency: 'EUR',
    pretax_amount: euros(total - tax - tip),
    tax_amount: euros(tax),
    tip_amount: '0.00',
    total_amount: euros(total),
    line_items: lines.map(({ title, amount, more: other }, index) => ({
      sku_identifier: `sku-${index}`,
      title,
      quantity: 1,
      unit_price: amount,
      total_amount: amount,
      taxes: [taxes[index]?.entry],
      ...other,
    })),
    ...more,
  }
}

/** A sale of one line at 22 %, paid in cash. */
export async function sell(register: Register, amount: string, more: Members = {}): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount }], more))
  return register.till.complete(open, [pay('cash', amount)])
}

/** A movement that is completed with its exact payment. */
export async function traded(
  { till, ...register }: Register,
  kind: Parameters<typeof movement>[0],
  lines: Parameters<typeof movement>[2],
  more: Members & { tip_amount?: string } = {},
): Promise<Operation> {
  const body = movement(kind, register, lines, more)
  return till.complete(await till.create(body), [pay('cash', String(body['total_amount']))])
}

/** The printer's Z. */
export function closed({ id, till }: Register): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

/** The printer's report; fails if nothing was printed. */
export function receiptOf(done: Pick<Operation, 'fiscal_information' | 'fiscal'>): Receipt {
  const facts = done.fiscal_information
  if (!isOurs(facts) || isEntry(facts)) throw new Error(`nothing printed: ${JSON.stringify(done.fiscal)}`)
  return facts as Receipt
}

/** Lines of a document without their columns. */
export function wordsOf(printed: PrintedRecord | undefined): string[] {
  return (printed?.lines ?? []).map((line) => line.trim().replaceAll(/ +/g, ' '))
}

/** Everything that the simulated printer put on paper, written by it alone. */
export async function paper(bench: Bench, device = 'rt-1'): Promise<readonly MemoryRecord[]> {
  const text = await readFile(join(bench.config.state, 'devices', device, 'memory.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as MemoryRecord)
}

export async function documents(bench: Bench): Promise<readonly PrintedRecord[]> {
  return (await paper(bench)).filter((record) => record.type === 'document')
}
