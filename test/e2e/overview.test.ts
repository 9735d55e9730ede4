// @module-tag heavy
import { expect, test } from 'vitest'
import type * as z from 'zod'
import { overview } from '../../agent/contract/overview.ts'
import { CONTRACT } from '../contract.ts'
import { qrInHtml } from '../receipts/decode.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Client } from './client.ts'
import { completion, signed } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { PrinterBeside } from './italy/printer-beside.ts'
import { italianTill, movement } from './italy/shop.ts'

type Overview = z.output<typeof overview>

async function look(client: Client): Promise<Overview> {
  return CONTRACT.of(overview).parse(await client.get('/v1/overview'))
}

test('a shop without a register is reported as that, and a ready one shows the expected cash', async () => {
  await using bench = await Bench.open()
  expect(await look(bench.office)).toMatchObject({ selling: 'no', reason: 'no_register', registers: [], documents: [] })
  const { locationId } = await bench.shop()
  const newRegister = await bench.office.post('/v1/registers', { location_id: locationId, name: 'Kasse' })
  expect(await look(bench.office)).toMatchObject({ selling: 'no', reason: 'not_fiscalized' })
  const { id, till } = await bench.register(locationId)
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  const open = await till.create(goods('sale', id, [['9.00', '0.07']]))
  const seen = await look(bench.office)
  expect(seen).toMatchObject({ state: 'ready', selling: 'yes', reason: null, warnings: [] })
  expect(seen.registers.find((register) => register.id === id)).toMatchObject({
    merchant: 'Bäckerei Muster GmbH',
    regime: 'KassenSichV',
    selling: 'yes',
    reconciling: 0,
    session: { state: 'open', expected_closing_amount: '54.50' },
  })
  expect(seen.registers.find((register) => register.id === newRegister['id'])).toMatchObject({
    reason: 'not_fiscalized',
  })
  expect(
    seen.documents.map(({ type, status, amount, has_code, signed }) => [type, status, amount, has_code, signed]),
  ).toEqual([
    ['sale', 'open', '9.00', false, null],
    ['sale', 'completed', '4.50', true, true],
    ['session_open', 'completed', '50.00', true, true],
  ])
  expect(seen.documents[0]?.id).toBe(open.id)
})

test("a register's key sees its own register and its sales", async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const own = await bench.register(locationId)
  const other = await bench.register(locationId)
  for (const { id, till } of [own, other])
    await till.create(event('session_open', id, { opening_balance_amount: '5.00' }))
  const seen = await look(own.till)
  expect(seen.registers.map(({ id }) => id)).toEqual([own.id])
  expect(seen.documents.map(({ register_id: register }) => register)).toEqual([own.id])
})

test.each([
  ['Germany', {}, (bench: Bench) => bench.till(), 'tse-1', '0.07'],
  ['Austria', { config: ONE_CARD }, (bench: Bench) => austrianTill(bench), 'card-1', '0.10'],
] as const)('without the device %s sells on, unsigned', async (_name, options, tillOf, device, rate) => {
  await using bench = await Bench.open(options)
  const { id, till } = await tillOf(bench)
  expect((await look(bench.office)).selling).toBe('yes')
  await bench.faultAt(device, 'unplugged@*')
  const sale = await till.create(goods('sale', id, [['11.00', rate]]))
  await till.call(completion(sale, [pay('cash', '11.00')]))
  await bench.untilDevice('down')
  const seen = await look(bench.office)
  expect(seen).toMatchObject({ state: 'degraded', selling: 'outage', reason: 'device_down' })
  // Austria's receipt of an outage is recorded, and no unit signed it.
  expect(seen.documents[0]).toMatchObject({ id: sale.id, signed: false })
  expect(seen.registers[0]?.unsigned?.count).toBe(1)
  expect(seen.warnings[0]).toMatchObject({ severity: 'alarm', device, remedy: expect.stringMatching(/Check .+\./) })
})

test('without the printer Italy does not sell', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  const paid = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '2.50' }]))
  await register.till.complete(paid, [pay('cash', '2.50')])
  const ready = await look(bench.office)
  expect(ready.selling).toBe('yes')
  // A printer signs no receipt.
  expect(ready.documents[0]).toMatchObject({ fiscal_state: 'succeeded', signed: null })
  await printer.unplug()
  const sale = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
  await register.till.refused(completion(sale, [pay('cash', '12.50')]))
  await bench.untilDevice('down')
  expect(await look(bench.office)).toMatchObject({ state: 'degraded', selling: 'no', reason: 'device_down' })
})

test('every key sees the faults and their remedies, but not the detail of the case', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  await bench.fault('unplugged@*')
  await till.create(goods('sale', id, [['4.50', '0.07']]))
  await bench.untilDevice('down')
  const open = (await (await fetch(new URL('/readyz', bench.url))).json()) as { warnings: Overview['warnings'] }
  const { warnings } = await look(bench.office)
  expect(warnings[0]?.detail).toBeDefined()
  expect(open.warnings).toEqual(warnings.map(({ detail, ...warning }) => warning))
})

test('an act with an unknown outcome is shown until it is reconciled', async () => {
  await using bench = await Bench.open({ config: { deadlineMs: 1000 } })
  const { id, till } = await bench.till()
  await bench.fault('lost-answer@finish#1', 'unplugged@recall')
  const sale = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await till.complete(sale, [pay('cash', '4.50')])
  await bench.until(async () => (await look(bench.office)).registers[0]?.reconciling === 1)
  await bench.fault('clear')
  await bench.until(async () => (await look(bench.office)).registers[0]?.reconciling === 0)
})

test('so is the end of an orphaned transaction, at its register', async () => {
  await using bench = await Bench.open({ config: { deadlineMs: 1000 } })
  const { id, till } = await bench.till()
  const sale = await till.create(goods('sale', id, [['4.50', '0.07']]))
  await bench.fault('unplugged@*')
  await till.void(sale)
  await bench.fault('clear', 'lost-answer@finish#1')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.abort_intended'))
  await bench.fault('unplugged@*')
  await bench.until(async () => (await look(bench.office)).registers[0]?.reconciling === 1)
  await bench.fault('clear')
  await bench.until(async () => (await look(bench.office)).registers[0]?.reconciling === 0)
})

test('the code of a receipt comes as a picture that reads as the signed text; a missing code is reported', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sale = await till.create(goods('sale', id, [['4.50', '0.07']]))
  const path = `/v1/operations/${sale.id}/code`
  expect((await till.refused({ path })).code).toBe('operation_invalid_state')
  const done = await till.complete(sale, [pay('cash', '4.50')])
  const picture = await till.call({ path })
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
  expect(qrInHtml(picture.text.replace(' xmlns="http://www.w3.org/2000/svg"', ''))).toBe(
    signed(done).verification.qr_data,
  )
  await bench.fault('unplugged@*')
  const dark = await till.complete(await till.create(goods('sale', id, [['2.00', '0.07']])), [pay('cash', '2.00')])
  const refused = await till.refused({ path: `/v1/operations/${dark.id}/code` })
  expect(refused).toMatchObject({ code: 'not_found', details: { resource: 'code' } })
})
