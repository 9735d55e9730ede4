// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Register } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, receiptOf, sell, wordsOf } from './shop.ts'

type Use = (register: Register, printed: () => readonly PrintedRecord[]) => Promise<void>

async function atPrinter(family: FamilyName, use: Use): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use(await italianTill(bench), () => printer.documents)
}

const CUP = { title: 'Tazza', amount: '-5.00' }
/** A document that another printer has in its memory. */
const ELSEWHERE = {
  external_related_operation: {
    description: 'Altro negozio',
    external_operation_id: '0007-0012 24-11-2026 72IV6000009',
  },
}

function bodyOf(register: Register, more: Members): Members {
  return movement('return', register, [CUP], more)
}

async function giveBack(register: Register, more: Members, atCompletion: Members = {}) {
  const open = await register.till.create(bodyOf(register, more))
  return register.till.complete(open, [pay('cash', '-5.00')], atCompletion)
}

describe.each<FamilyName>(['rch', 'custom', 'epson'])('%s: the customer of a return', (family) => {
  test('is printed if the original is in the memory of another printer', () =>
    atPrinter(family, async (register, printed) => {
      const lottery = { customer: { lottery_code: 'abcd1234' } }
      const back = receiptOf(await giveBack(register, { ...ELSEWHERE, ...lottery }))
      expect(back).toMatchObject({ document_type: 'return', lottery_code: 'ABCD1234' })
      await giveBack(register, ELSEWHERE, { customer: { tax_number: 'RSSMRA80A01H501U' } })
      expect(wordsOf(printed()[0])).toContain('Codice Lotteria ABCD1234')
      expect(wordsOf(printed()[1]).join('\n')).toContain('RSSMRA80A01H501U')
    }))

  test('is refused if the original is in its own', () =>
    atPrinter(family, async (register, printed) => {
      const own = { related_operation_id: (await sell(register, '20.00')).id }
      const refusal = {
        status: 422,
        code: 'unprocessable_entity',
        fiscal_effect: 'none',
        details: { pointer: '/customer' },
      }
      for (const customer of [
        { lottery_code: 'ABCD1234' },
        { tax_number: 'RSSMRA80A01H501U' },
        { vat_id: '12345678903' },
      ]) {
        const body = bodyOf(register, { ...own, customer })
        expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
        const open = await register.till.create(bodyOf(register, own))
        const call = completion(open, [pay('cash', '-5.00')], { customer })
        expect(await register.till.refused(call)).toMatchObject(refusal)
        await register.till.void(open)
      }
      await giveBack(register, { ...own, customer: { name: 'Maria Rossi', lottery_code: ' ' } })
      expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'return'])
    }))
})

test('an external original without a matricola is one of this printer', () =>
  atPrinter('rch', async (register) => {
    const external = { external_related_operation: { description: 'x', external_operation_id: '0142-0001 24-11-2026' } }
    const body = bodyOf(register, { ...external, customer: { lottery_code: 'ABCD1234' } })
    const refused = await register.till.refused({ path: '/v1/operations', body })
    expect(refused.details).toEqual({ pointer: '/customer' })
    // The agent has not asked whether the printer has it: no document of that number is ours.
    expect(refused.message).toContain('Without a matricola the number is one of this printer')
  }))

test('an exchange names its customer on the sale, and on the reso if the original is elsewhere', () =>
  atPrinter('rch', async (register, printed) => {
    const lines = [CUP, { title: 'Teiera', amount: '15.00' }]
    const customer = { lottery_code: 'ABCD1234' }
    const sold = await sell(register, '5.00')
    for (const original of [{ related_operation_id: sold.id }, ELSEWHERE]) {
      const open = await register.till.create(movement('exchange', register, lines, { ...original, customer }))
      await register.till.complete(open, [pay('card', '10.00')])
    }
    const named = printed().map((document) => wordsOf(document).includes('Codice Lotteria ABCD1234'))
    expect(named).toEqual([false, false, true, true, true])
  }))

test('the form of a lottery code is checked at create and at completion, of sold and of returned goods', () =>
  atPrinter('rch', async (register, printed) => {
    const sold = await sell(register, '20.00')
    const refusal = { status: 422, code: 'unprocessable_entity', details: { pointer: '/customer/lottery_code' } }
    const customer = { lottery_code: 'TOO-LONG-CODE' }
    const sale = movement('sale', register, [{ title: 'Pane', amount: '5.00' }])
    for (const more of [ELSEWHERE, { related_operation_id: sold.id }]) {
      const body = bodyOf(register, { ...more, customer })
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
      const call = completion(await register.till.create(bodyOf(register, more)), [pay('cash', '-5.00')], { customer })
      expect(await register.till.refused(call)).toMatchObject(refusal)
    }
    const body = { ...sale, customer }
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
    const call = completion(await register.till.create(sale), [pay('card', '5.00')], { customer })
    expect(await register.till.refused(call)).toMatchObject(refusal)
    expect(printed()).toHaveLength(1)
  }))

describe.each<FamilyName>(['rch', 'custom', 'epson'])('%s: a return has no annullo', (family) => {
  test('its void is refused before anything is printed, and so is that of an exchange', () =>
    atPrinter(family, async (register, printed) => {
      const sold = await sell(register, '20.00')
      const back = await giveBack(register, { related_operation_id: sold.id })
      const lines = [CUP, { title: 'Teiera', amount: '15.00' }]
      const swap = movement('exchange', register, lines, { related_operation_id: sold.id })
      const swapped = await register.till.complete(await register.till.create(swap), [pay('card', '10.00')])
      for (const { id } of [back, swapped]) {
        const body = event('void', register.id, { related_operation_id: id })
        expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
          ...{ status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' },
          ...{ message: expect.stringContaining('A return has no annullo'), details: { related_operation_id: id } },
        })
      }
      expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'return', 'return', 'sale'])
    }))

  test('nor can anything of it be returned', () =>
    atPrinter(family, async (register, printed) => {
      const sold = await sell(register, '20.00')
      const back = await giveBack(register, { related_operation_id: sold.id })
      const body = bodyOf(register, { related_operation_id: back.id })
      expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
        code: 'related_operation_invalid',
        fiscal_effect: 'none',
      })
      expect(printed()).toHaveLength(2)
    }))
})
