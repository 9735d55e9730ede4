import { parseArgs } from 'node:util'
import type { ReceiptForm } from '../../agent/contract/receipt.ts'
import { newDocument } from '../../agent/journal/documents/document.ts'
import type { Members } from '../../agent/journal/events.ts'
import { loadLaws } from '../../agent/laws/laws.ts'
import { shopDocuments } from '../../agent/receipts/documents.ts'
import { Drawing } from '../../agent/receipts/drawing.ts'
import { receiptModel } from '../../agent/receipts/model.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import { stayAlive, systemClock } from '../../base/clock.ts'
import type { Row } from './report.ts'
import { limitRow, printHeads, printRows } from './report.ts'
import { distributionOf, timesOf, timesOfSync } from './statistics.ts'

/**
 * `node scripts/bench/receipts.ts [--runs 200]`: measures a receipt in every form, for a signed sale of five lines on a TSE with a
 * 384-bit key (the largest QR code). Exits 1 if a target is missed.
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '200' } } })
const RUNS = Number(values.runs)
const WARM_UP_RUNS = Math.floor(RUNS / 10)
const FORMS: readonly (readonly [name: string, ReceiptForm, query: object, limitMs: number | undefined])[] = [
  ['text, 42 columns', 'text', {}, 3],
  ['ESC/POS, 42 columns', 'escpos', {}, 3],
  ['HTML', 'html', {}, undefined],
  ['PDF, 80 mm', 'pdf', { paper: '80mm' }, 50],
  ['PDF, A4', 'pdf', { paper: 'a4' }, 50],
  ['PNG, 576 dots', 'png', {}, undefined],
]

const address = { line1: 'Hauptstraße 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
const signature = Buffer.alloc(96, 0x5a).toString('base64')
const publicKey = Buffer.alloc(97, 0xa5).toString('base64')
const SERIAL = 'bf1b13c1cf8a6f7958c190201daf9e18b850cf2cdc0885078d48868f625955e3'
const CLIENT = 'EDGE-000123'
const STARTED = '2026-03-02T07:14:00.000Z'
const FINISHED = '2026-03-02T07:14:41.000Z'
const PROCESS_DATA = 'Beleg^0.00_22.50_0.00_0.00_0.00^22.50:Bar'

const operation: Members = {
  id: 'op_01JNB8V6W7E0S5T4R3Q2P1M0N9',
  type: 'sale',
  status: 'completed',
  currency: 'EUR',
  completed_at: '2026-03-02T07:14:41.120Z',
  total_amount: '22.50',
  tip_amount: '0.00',
  line_items: Array.from({ length: 5 }, (_, index) => ({
    sku_identifier: `SKU-${index}`,
    title: `Roggenmischbrot Nr. ${index}`,
    quantity: 1,
    unit_price: '4.50',
    total_amount: '4.50',
    taxes: [{ name: 'USt', rate: '0.07', tax_amount: '0.29' }],
  })),
  payments: [{ payment_id: 'p-1', method: 'cash', status: 'captured', amount: '22.50', currency: 'EUR' }],
  fiscal: { state: 'succeeded' },
  fiscal_information: {
    regime: 'KassenSichV',
    receipt_number: '2',
    transaction_number: 13,
    signature_algorithm: 'ecdsa-plain-SHA384',
    time_format: 'unixTime',
    tss_serial_number: SERIAL,
    pos_client_serial_number: CLIENT,
    start_event: { signed_at: STARTED },
    end_event: { signed_at: FINISHED, transaction_counter: 44131, signature, public_key: publicKey },
    verification: {
      qr_data: `V0;${CLIENT};Kassenbeleg-V1;${PROCESS_DATA};13;44131;${STARTED};${FINISHED};ecdsa-plain-SHA384;unixTime;${signature};${publicKey}`,
    },
  },
}
const shop = shopDocuments({
  merchant: { legal_name: 'Bäckerei Muster GmbH', country_code: 'DEU', address },
  location: { name: 'Filiale Mitte', address },
  register: { name: 'Kasse 1', fiscalization: { regime: 'KassenSichV', client_id: CLIENT, tse_serial: SERIAL } },
})
const documents = {
  ...shop,
  laws: (await loadLaws()).map((law) => law.receipt),
  isUncertified: () => true,
  subject: newDocument('sale', { set: operation as never }),
}

const renderer = new ReceiptRenderer()
const rows: Row[] = []
for (const [name, form, query, limitMs] of FORMS) {
  // With the model: a request pays for both.
  const act = () => {
    renderer.render(receiptModel(documents, 'de', false), form, query)
  }
  const [first = Number.NaN] = timesOfSync(1, act)
  timesOfSync(WARM_UP_RUNS, act)
  const { p50, p99 } = distributionOf(timesOfSync(RUNS, act))
  const row = (what: string, measured: number): Row => ({ section: 'receipts', what, measured, unit: 'ms' })
  rows.push(row(`${name}, the first`, first))
  const middle = row(`${name}, p50`, p50)
  rows.push(limitMs === undefined ? middle : limitRow(middle, limitMs, 'at most'), row(`${name}, p99`, p99))
}
const drawing = new Drawing(systemClock)
const rest = stayAlive()
const drawn = await timesOf(RUNS, async () => {
  await drawing.draw(receiptModel(documents, 'de', false), 'pdf', { paper: '80mm' }, 'bench')
})
drawing.close()
rest()
const [firstDrawn = Number.NaN, ...laterDrawn] = drawn
const SECTION = 'receipts drawn by a separate process, as a till gets them'
rows.push({ section: SECTION, what: 'PDF, 80 mm, the first: the process starts', measured: firstDrawn, unit: 'ms' })
const { p50, p99 } = distributionOf(laterDrawn.slice(WARM_UP_RUNS))
rows.push(limitRow({ section: SECTION, what: 'PDF, 80 mm, p50', measured: p50, unit: 'ms' }, 50, 'at most'))
rows.push({ section: SECTION, what: 'PDF, 80 mm, p99', measured: p99, unit: 'ms' })
printHeads()
printRows(rows)
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0
