import { expect, test } from 'vitest'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { RECEIPT_PAPERS } from '../../agent/contract/receipt.ts'
import type { Members } from '../../agent/journal/events.ts'
import { ReceiptRenderer } from '../../agent/receipts/renderer.ts'
import { heavy } from '../tags.ts'
import { readPdf } from './decode.ts'
import { austrianSale, italianSale, romanShop, vienneseShop } from './laws.ts'
import { completed, line, modelOf, pay, sessionEvent, shop, TSE_SERIAL } from './shop.ts'

const renderer = new ReceiptRenderer()

function bytesOf(model: ReceiptModel, form: 'pdf' | 'html' | 'png' | 'escpos' | 'text', query = {}) {
  return Buffer.from(renderer.render(model, form, query).body)
}
const bread = { total_amount: '5.00', line_items: [line('Brot', '5.00', '0.07')] }

function sale(tse = {}): Members {
  return completed('sale', bread, [pay('cash', '5.00')], tse)
}

function ofTrial(operation: Members, language: ReceiptModel['language'] = 'de', documents = shop): ReceiptModel {
  return modelOf(operation, language, false, documents, TSE_SERIAL)
}

test('a receipt states first, in its language, that the unit which signed it is not certified', () => {
  expect(ofTrial(sale()).notices).toEqual(['NICHT ZERTIFIZIERT'])
  expect(ofTrial(sale(), 'en').notices).toEqual(['NOT CERTIFIED'])
  expect(ofTrial(sale(), 'it').notices).toEqual(['NON CERTIFICATO (NOT CERTIFIED)'])
  expect(modelOf(sale(), 'de', true, shop, TSE_SERIAL).notices).toEqual(['KOPIE', 'NICHT ZERTIFIZIERT'])
})

test('a receipt of a certified unit has no mark, for any present unit of its register', () => {
  const moved = {
    ...shop,
    register: { ...shop.register, fiscalization: { ...FISCALIZED, tse_serial: '77'.repeat(32) } },
  }
  expect(modelOf(sale(), 'de', false, moved, '77'.repeat(32)).notices).toEqual([])
  expect(modelOf(sale(), 'de', false, moved, TSE_SERIAL).notices).toEqual(['NICHT ZERTIFIZIERT'])
})

const FISCALIZED = shop.register.fiscalization

test('a receipt without a signature has the mark of the unit that it names, a slip that names none has no mark', () => {
  expect(ofTrial(sale({ start: 'failed' })).notices).toEqual(['NICHT ZERTIFIZIERT', 'TSE ausgefallen'])
  const close = { closing_adjustment_amount: '0.00', amount_left: '50.00' }
  expect(ofTrial(sessionEvent('session_close', close)).notices).toEqual([])
})

test('an Austrian receipt has the mark of the unit in its code; a printer document has no mark', () => {
  expect(modelOf(austrianSale(), 'de', false, vienneseShop, '2a91f3c4').notices).toEqual(['NICHT ZERTIFIZIERT'])
  expect(modelOf(austrianSale(), 'de', false, vienneseShop, '2a91f3c5').notices).toEqual([])
  expect(modelOf(italianSale(), 'en', false, romanShop, '72IV6000001').notices).not.toContain('NOT CERTIFIED')
})

test('every form of a receipt shows the mark', heavy(), async () => {
  const model = ofTrial(sale())
  for (const paper of RECEIPT_PAPERS)
    expect((await readPdf(bytesOf(model, 'pdf', { paper }))).text).toContain('NICHTZERTIFIZIERT')
  for (const form of ['html', 'escpos', 'text'] as const)
    expect(bytesOf(model, form).toString('latin1')).toContain('NICHT ZERTIFIZIERT')
  expect(bytesOf(model, 'png').equals(bytesOf(modelOf(sale()), 'png'))).toBe(false)
  await expect(bytesOf(model, 'text').toString()).toMatchFileSnapshot('golden/uncertified.txt')
})
