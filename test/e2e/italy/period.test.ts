// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Bench, Register } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { NONE } from '../closing-sums.ts'
import { event, goodsOf, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianShop, italianTill, movement, sell } from './shop.ts'

type Sums = { payments: readonly Members[]; vat: readonly Members[]; business_cases: readonly Members[] }

async function closed({ id, till }: Register): Promise<Sums> {
  const closing = await till.post(`/v1/registers/${id}/closings`, {})
  return closing['totals'] as unknown as Sums
}

async function withPrinter(use: (bench: Bench, printer: PrinterBeside, register: Register) => Promise<void>) {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  await use(bench, printer, await italianTill(bench, '0.00'))
}

function cash(amount: string): Members[] {
  return [{ name: 'Contanti', amount }]
}

function at22(amount: string, tax: string): Members[] {
  return [{ name: 'IVA 22 %', rate: '0.22', amount, tax_amount: tax }]
}

describe('the totals of a closing are those of the paper', () => {
  test('a payment that failed or was voided does not count', () =>
    withPrinter(async (_, __, register) => {
      const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.20' }]))
      const failed = [pay('card', '12.20', { status: 'failed' }), pay('card', '5.00', { status: 'voided' })]
      await register.till.complete(open, [...failed, pay('cash', '12.20')])
      expect(await closed(register)).toMatchObject({ payments: cash('12.20'), vat: at22('12.20', '2.20') })
    }))

  test('an annullo, a reso, a line taken away and a training are in the Z with number and sum, once', () =>
    withPrinter(async (_, __, register) => {
      const { id, till } = register
      const sold = await sell(register, '12.20')
      await till.create(event('void', id, { related_operation_id: sold.id }))
      const other = await sell(register, '6.10')
      const back = movement('return', register, [{ title: 'Pane', amount: '-6.10' }], {
        related_operation_id: other.id,
      })
      await till.complete(await till.create(back), [pay('cash', '-6.10')])
      const torta = { title: 'Torta', amount: '9.00' }
      const open = await till.create(movement('sale', register, [{ title: 'Pane', amount: '1.22' }, torta]))
      await till.amend(open, goodsOf(movement('sale', register, [{ title: 'Pane', amount: '1.22' }])))
      await till.call({ ...completion(open, [pay('cash', '1.22')]), ifMatch: 2 })
      const training = await till.create(movement('sale', register, [torta], { training: true }))
      await till.complete(training, [pay('cash', '9.00')])
      expect(await closed(register)).toMatchObject({
        reversals: { count: 1, amount: '-12.20' },
        returns: { count: 1, amount: '-6.10' },
        cancelled_lines: { count: 1, amount: '9.00' },
        training: { count: 1, amount: '9.00' },
      })
      expect(await closed(register)).toMatchObject({ reversals: NONE, returns: NONE, training: NONE })
    }))

  test('a tip is in the period in which it was printed', () =>
    withPrinter(async (_, __, register) => {
      const line = { title: 'Cena', amount: '12.20' }
      const open = await register.till.create(movement('sale', register, [line], { tip_amount: '3.00' }))
      await register.till.complete(open, [pay('cash', '15.20')])
      const { payments, vat } = await closed(register)
      expect(payments).toEqual(cash('15.20'))
      expect(vat).toEqual([...at22('12.20', '2.20'), { name: 'N1', amount: '3.00', tax_amount: '0.00' }])
    }))

  test('a sale that was open while the printer closed its day automatically belongs to the next one', () =>
    withPrinter(async (_, printer, register) => {
      await sell(register, '1.00')
      const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.20' }]))
      printer.simulator.closeByItself()
      await sell(register, '1.22')
      await register.till.complete(open, [pay('cash', '12.20')])
      expect(await closed(register)).toEqual({
        vat: at22('13.42', '2.42'),
        payments: cash('13.42'),
        business_cases: [
          { name: 'Vendite', amount: '13.42' },
          { name: 'Resi', amount: '0.00' },
          { name: 'Annulli', amount: '0.00' },
        ],
        ...{ reversals: NONE, returns: NONE, cancelled_lines: NONE, training: NONE },
      })
    }))

  test('an answer lost on a bad line is asked for again: after the closure it cannot be read', () =>
    withPrinter(async (_, printer, register) => {
      await sell(register, '12.50')
      printer.simulator.inject('lost-answer@<</?1#1-3')
      expect((await closed(register)).business_cases).toContainEqual({ name: 'Vendite', amount: '12.50' })
    }))

  test('a sale with a due closing before it belongs to the next one', () =>
    withPrinter(async (_, printer, register) => {
      await sell(register, '1.00')
      printer.simulator.inject('error=ES0030@=R')
      await sell(register, '12.20')
      expect(await closed(register)).toMatchObject({ vat: at22('12.20', '2.20'), payments: cash('12.20') })
    }))

  test('all registers of a printer are in it, and each sale once', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const location = await italianShop(bench)
    const [one, two] = [await italianTill(bench, '0.00', location), await italianTill(bench, '0.00', location)]
    await sell(one, '1.22')
    await sell(two, '2.44')
    expect(await closed(two)).toMatchObject({ payments: cash('3.66'), vat: at22('3.66', '0.66') })
    await sell(two, '4.88')
    await sell(one, '12.20')
    expect(await closed(one)).toMatchObject({ payments: cash('17.08'), vat: at22('17.08', '3.08') })
  })

  test('if the printer closed its day between the documents of an exchange only the sale belongs to the next one', () =>
    withPrinter(async (_, printer, register) => {
      const sold = await sell(register, '12.20')
      await closed(register)
      const lines = [
        { title: 'Torta', amount: '-12.20' },
        { title: 'Torta grande', amount: '24.40' },
      ]
      const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
      printer.simulator.inject('error=ES0001@=R#2')
      const call = completion(open, [pay('card', '12.20')])
      expect(await register.till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
      printer.simulator.closeByItself()
      expect((await register.till.call(call)).status).toBe(200)
      expect(await closed(register)).toMatchObject({
        vat: at22('24.40', '4.40'),
        payments: [{ name: 'Carte elettroniche', amount: '12.20' }, ...cash('12.20')],
        business_cases: [{ amount: '24.40' }, { amount: '0.00' }, { amount: '0.00' }],
      })
    }))

  test('if it closed its day between the documents of a sale, each line belongs to the day of its document', () =>
    withPrinter(async (_, printer, register) => {
      const cake = (quantity: number) => {
        const more = { sku_identifier: 'torta', unit_price: '24.40', quantity }
        return { title: 'Torta', amount: (24.4 * quantity).toFixed(2), more }
      }
      const empties = { title: 'Vuoti', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
      const open = await register.till.create(movement('sale', register, [cake(2), empties, cake(-1)]))
      printer.simulator.inject('error=ES0001@=R#2')
      const call = completion(open, [pay('card', '21.90')])
      expect(await register.till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
      printer.simulator.closeByItself()
      expect((await register.till.call(call)).status).toBe(200)
      // STORNO is negative, and on the sale.
      expect(await closed(register)).toMatchObject({
        vat: at22('24.40', '4.40'),
        payments: [{ name: 'Carte elettroniche', amount: '21.90' }, ...cash('2.50')],
        business_cases: expect.arrayContaining([
          { name: 'Vendite', amount: '24.40' },
          { name: 'Resi', amount: '0.00' },
        ]),
      })
    }))

  test('if the printer closed its day between two resi of a return only the second belongs to the next one', () =>
    withPrinter(async (_, printer, register) => {
      const { till } = register
      const deposit = (amount: string) => ({ title: 'Acconto', amount, more: { type: 'deposit' } })
      const paid = await till.create(movement('deposit', register, [deposit('12.20')]))
      await till.complete(paid, [pay('cash', '12.20')])
      const lines = [{ title: 'Torta', amount: '24.40' }, deposit('-12.20')]
      const capture = await till.create(movement('deposit_capture', register, lines, { related_operation_id: paid.id }))
      await till.complete(capture, [pay('cash', '12.20')])
      expect(await closed(register)).toMatchObject({ payments: cash('24.40'), vat: at22('24.40', '4.40') })
      const back = movement('return', register, [{ title: 'Torta', amount: '-18.30' }], {
        related_operation_id: capture.id,
      })
      const open = await till.create(back)
      printer.simulator.inject('error=ES0001@=R#2')
      const call = completion(open, [pay('cash', '-18.30')])
      expect(await till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
      printer.simulator.closeByItself()
      expect((await till.call(call)).status).toBe(200)
      expect(await closed(register)).toMatchObject({
        vat: at22('-6.10', '-1.10'),
        payments: cash('-6.10'),
        business_cases: [{ amount: '0.00' }, { amount: '-6.10' }, { amount: '0.00' }],
      })
    }))
})

test('a closing that a printer does not make is refused as that, also while an operation is open', () =>
  withPrinter(async (_, __, register) => {
    const path = `/v1/registers/${register.id}/closings`
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '1.00' }]))
    for (const type of ['shift', 'monthly', 'annual', 'zero']) {
      const refused = await register.till.refused({ path, body: { type } })
      expect([refused.status, refused.code]).toEqual([422, 'unprocessable_entity'])
    }
    expect((await register.till.refused({ path, body: {} })).code).toBe('open_operations')
    await register.till.void(open)
    expect(await register.till.post(path, { type: 'daily' })).toMatchObject({ type: 'daily' })
  }))
