import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOperation } from '../../../agent/contract/operation.ts'
import { parse } from '../../../agent/contract/parse.ts'
import { receipt } from '../../../agent/contract/receipt.ts'
import { ReceiptRenderer } from '../../../agent/receipts/renderer.ts'
import { sha256 } from '../../../base/sha256.ts'
import { event } from '../../e2e/goods.ts'
import { isSignedBy, ShopKey } from './key.ts'
import { bodyOf, RuritanianShop } from './shop.ts'

const EVER = { from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }

test('a law without devices fiscalizes, sells, closes a day and exports a chain that verifies', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  const known = shop.application.registers.get(shop.mutation(), register)
  expect(known).toMatchObject({
    ...{ fiscalization_status: 'fiscalized', fiscal_device: null },
    fiscalization: { regime: 'Ruritania', tse_serial: new ShopKey(shop.config.state).publicKey },
  })
  for (const amount of ['11.50', '23.00']) {
    const sale = await shop.sell(register, amount)
    expect(sale).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
    expect(sale['fiscal_information']).toMatchObject({ payload: expect.stringContaining(amount) })
  }
  const closing = bodyOf(await shop.application.closings.create(shop.mutation(), register, { type: 'daily' }))
  expect(closing).toMatchObject({ type: 'daily', fiscal: { state: 'succeeded' } })
  expect(await chainOf(shop, register)).toEqual(['11.50', '23.00', '0.00'])
})

test('a receipt is printed in every format, with the texts of the law', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  const sale = await shop.sell(register, '11.50')
  const { signature } = sale['fiscal_information'] as { signature: string }
  const model = shop.application.operations.receipt(shop.mutation(), String(sale['id']), undefined)
  expect(receipt.parse(model)).toMatchObject({
    ...{ language: 'en', notices: ['By order of the Crown'] },
    fiscal: [{ value: signature }],
    taxes: [{ key: 'R', rate: '0.15', net: '10.00', tax: '1.50', gross: '11.50' }],
  })
  const renderer = new ReceiptRenderer()
  for (const form of ['text', 'html', 'escpos', 'pdf', 'png'] as const)
    expect((await renderer.render(model, form, {})).body.length).toBeGreaterThan(100)
  expect(String((await renderer.render(model, 'text', {})).body)).toContain(signature.slice(0, 20))
})

test('sales of a rate that the law does not have are refused', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  await expect(shop.sell(register, '10.00', '0.07')).rejects.toMatchObject({ code: 'tax_rate_not_supported' })
})

test('a receipt goes out unsigned while the key is missing, and the chain continues when it is back', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  const { file } = new ShopKey(shop.config.state)
  await shop.sell(register, '11.50')
  await rename(file, `${file}.away`)
  expect(await shop.sell(register, '23.00')).toMatchObject({
    ...{ status: 'completed', fiscal_information: null },
    fiscal: { state: 'failed', receipt_text: 'Signature missing: key away', error: { code: 'key_missing' } },
  })
  await rename(`${file}.away`, file)
  expect(await shop.sell(register, '34.50')).toMatchObject({ fiscal: { state: 'succeeded' } })
  expect(await chainOf(shop, register)).toEqual(['11.50', '34.50'])
})

test('a receipt whose signature was lost in a crash is signed at the next start, at its position in the chain', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  await shop.sell(register, '11.50')
  let isCut = false
  shop.atPoint = (point) => {
    if (point !== 'device.after-sign') return
    isCut = true
    throw new Error('the power is cut')
  }
  await expect(shop.sell(register, '23.00')).rejects.toThrow()
  expect(isCut).toBe(true)
  shop.atPoint = () => undefined
  await shop.stop()
  await shop.start()
  await shop.sell(register, '34.50')
  expect(await chainOf(shop, register)).toEqual(['11.50', '23.00', '34.50'])
})

test('a register is taken out of service', async () => {
  await using shop = await RuritanianShop.open()
  const register = await shop.register()
  const counted = event('session_cash_count', register, { counted_closing_amount: '50.00' })
  for (const input of [counted, event('session_close', register, { business_date: '2026-11-26' })])
    await shop.application.operations.create(shop.mutation(), parse(createOperation, input))
  await shop.application.registers.decommission(shop.mutation(), register, undefined)
  expect(shop.application.registers.get(shop.mutation(), register)['fiscalization_status']).toBe('decommissioned')
})

/** The amounts of the exported receipts; throws if one is not signed, or does not follow the one before it. */
async function chainOf(shop: RuritanianShop, registerId: string): Promise<string[]> {
  const path = join(shop.folder, 'ledger.csv')
  await shop.agent?.administration.exportTo('rur_ledger', { ...EVER, registerId }, path)
  const key = new ShopKey(shop.config.state).publicKey
  let last = 'first'
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  return lines.map((line) => {
    const cut = line.lastIndexOf(';')
    const [payload, signature] = [line.slice(0, cut), line.slice(cut + 1)]
    expect(isSignedBy(key, payload, signature)).toBe(true)
    const [, , , amount = '', previous] = payload.split(';')
    expect(previous).toBe(last)
    last = sha256(line).toString('hex')
    return amount
  })
}
