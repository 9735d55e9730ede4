// @module-tag heavy
import { createPublicKey, verify } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { checkConfig } from '../../../agent/config/config.ts'
import { keysOf } from '../../../base/settings/law-settings.ts'
import { sha256 } from '../../../base/sha256.ts'
import { BUILT_IN_LAWS } from '../../built-in-laws.ts'
import type { Bench } from '../../e2e/bench.ts'
import { completion } from '../../e2e/client.ts'
import { event, goods, pay } from '../../e2e/goods.ts'
import { today } from '../../today.ts'
import { RURITANIA } from './entry.ts'
import { ShopKey } from './key.ts'
import { factsIn } from './shapes.ts'
import { ruritanianBench, ruritanianTill, sell } from './shop.ts'

test('a law without devices fiscalizes, sells, closes a day and exports a chain that verifies', async () => {
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  expect(await bench.office.get(`/v1/registers/${register.id}`)).toMatchObject({
    ...{ fiscalization_status: 'fiscalized', fiscal_device: null },
    fiscalization: { regime: 'Ruritania', tse_serial: keyOf(bench).publicKey },
  })
  for (const amount of ['11.50', '23.00']) {
    const sale = await sell(register, amount)
    expect(sale).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    expect(sale.fiscal_information).toMatchObject({ payload: expect.stringContaining(amount) })
  }
  const closing = await register.till.post(`/v1/registers/${register.id}/closings`, { type: 'daily' })
  expect(closing).toMatchObject({ type: 'daily', fiscal: { state: 'succeeded' } })
  expect(await chainOf(bench)).toEqual(['11.50', '23.00', '0.00'])
})

test('a receipt is printed in every format, with the texts of the law', async () => {
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  const { id, fiscal_information: information } = await sell(register, '11.50')
  if (information === null) throw new Error('the sale is not signed')
  const { signature } = factsIn(information)
  const path = `/v1/operations/${id}/receipt`
  expect(await register.till.get(path)).toMatchObject({
    ...{ language: 'en', notices: ['By order of the Crown'] },
    fiscal: [{ value: signature }],
    taxes: [{ key: 'R', rate: '0.15', net: '10.00', tax: '1.50', gross: '11.50' }],
  })
  for (const format of ['html', 'escpos', 'pdf', 'png']) {
    const printed = await register.till.call({ path: `${path}?format=${format}` })
    expect([printed.status, printed.text.length > 100], format).toEqual([200, true])
  }
  expect((await register.till.call({ path: `${path}?format=text` })).text).toContain(signature.slice(0, 20))
})

test('the OpenAPI document describes the shapes of the law together with those of the built-in laws', async () => {
  await using bench = await ruritanianBench()
  const document = await bench.client({}).call({ path: '/openapi-json' })
  const { schemas } = (JSON.parse(document.text) as { components: { schemas: Record<string, object> } }).components
  const { FiscalInformationRuritania: own, FiscalInformation: information, CreateExportDto: request } = schemas
  expect(own).toMatchObject({ required: ['regime', 'payload', 'signature'] })
  const of = (name: string) => ({ $ref: `#/components/schemas/FiscalInformation${name}` })
  const names = [...BUILT_IN_LAWS.map(({ name }) => name), 'Ruritania']
  expect(information).toMatchObject({ oneOf: names.map(of) })
  const types = [...BUILT_IN_LAWS.flatMap(({ shapes }) => shapes.exports), 'rur_ledger', 'journal']
  expect(request).toMatchObject({ properties: { type: { enum: types } } })
})

test('an overview names the law, and the numbers of its receipts', async () => {
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  const { id } = await sell(register, '11.50')
  const overview = await bench.office.get('/v1/overview')
  expect(overview).toMatchObject({
    registers: [{ id: register.id, regime: 'Ruritania', selling: 'yes', fiscal_device: null }],
  })
  expect(overview).toMatchObject({
    documents: expect.arrayContaining([expect.objectContaining({ id, document_number: '1', has_code: true })]),
  })
})

test('sales of a rate that the law does not have are refused', async () => {
  await using bench = await ruritanianBench()
  const { id, till } = await ruritanianTill(bench)
  const body = goods('sale', id, [['10.00', '0.07']])
  expect(await till.refused({ path: '/v1/operations', body, key: 'sale-1' })).toMatchObject({
    code: 'tax_rate_not_supported',
  })
})

test('an explanation is refused with the names of the laws that have one', async () => {
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  const { id } = await sell(register, '11.50')
  expect(await register.till.refused({ path: `/v1/operations/${id}/explain` })).toMatchObject({
    code: 'unprocessable_entity',
    message: 'Only operations of a German register can be explained.',
  })
})

test('a receipt goes out unsigned while the key is missing, and the chain continues when it is back', async () => {
  await using bench = await ruritanianBench()
  const register = await ruritanianTill(bench)
  const { file } = keyOf(bench)
  await sell(register, '11.50')
  await rename(file, `${file}.away`)
  expect(await sell(register, '23.00')).toMatchObject({
    ...{ status: 'completed', fiscal_information: null },
    fiscal: { state: 'failed', receipt_text: 'Signature missing: key away', error: { code: 'key_missing' } },
  })
  await rename(`${file}.away`, file)
  expect(await sell(register, '34.50')).toMatchObject({ fiscal: { state: 'succeeded' } })
  expect(await chainOf(bench)).toEqual(['11.50', '34.50'])
})

test('the configuration has the key of the law, checks it and names it in the words of all keys', async () => {
  await using bench = await ruritanianBench({ config: { devices: [], ruritania: { unsigned: 'The key is away' } } })
  const register = await ruritanianTill(bench)
  const { file } = keyOf(bench)
  await rename(file, `${file}.away`)
  expect(await sell(register, '23.00')).toMatchObject({ fiscal: { receipt_text: 'The key is away' } })
  const refused = (more: object) =>
    checkConfig('agent.json', { version: 1, state: 's', listen: {}, devices: [], ...more }, '/', keysOf([RURITANIA]))
  expect(() => refused({ ruritania: { unsined: '' } })).toThrow(
    'ruritania.unsined: unknown key, the nearest known one is "unsigned"',
  )
  expect(() => refused({ devices: [{ id: 'ruritania-key', driver: 'tse-simulator' }] })).toThrow(
    'devices[0].id: the name of the key of Ruritania',
  )
})

test('a receipt whose signature was lost in a crash is signed at the next start, at its position in the chain', async () => {
  let atPoint = (_point: string): void => undefined
  await using bench = await ruritanianBench({ atPoint: (point) => atPoint(point) })
  const register = await ruritanianTill(bench)
  await sell(register, '11.50')
  let isCut = false
  atPoint = (point) => {
    if (point !== 'device.after-sign') return
    isCut = true
    throw new Error('the power is cut')
  }
  const open = await register.till.create(goods('sale', register.id, [['23.00', '0.15']]))
  expect((await register.till.call(completion(open, [pay('cash', '23.00')]))).status).toBe(500)
  expect(isCut).toBe(true)
  atPoint = () => undefined
  await bench.restart()
  await sell(register, '34.50')
  expect(await chainOf(bench)).toEqual(['11.50', '23.00', '34.50'])
})

test('a register is taken out of service', async () => {
  await using bench = await ruritanianBench()
  const { id, till } = await ruritanianTill(bench)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  expect(await bench.office.get(`/v1/registers/${id}`)).toMatchObject({ fiscalization_status: 'decommissioned' })
})

function isSignedBy(publicKey: string, payload: string, signature: string): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(payload), key, Buffer.from(signature, 'base64'))
}

function keyOf(bench: Bench): ShopKey {
  return new ShopKey(bench.config.state)
}

/** The amounts of the exported receipts; throws if one is not signed, or does not follow the one before it. */
async function chainOf(bench: Bench): Promise<string[]> {
  const text = Buffer.from(await bench.exported('rur_ledger')).toString('utf8')
  const key = keyOf(bench).publicKey
  let last = 'first'
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const cut = line.lastIndexOf(';')
      const [payload, signature] = [line.slice(0, cut), line.slice(cut + 1)]
      expect(isSignedBy(key, payload, signature)).toBe(true)
      const [, , , amount = '', previous] = payload.split(';')
      expect(previous).toBe(last)
      last = sha256(line).toString('hex')
      return amount
    })
}
