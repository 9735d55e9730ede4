// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Bench, Register } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, sell, wordsOf } from './shop.ts'

const WAY_OUT = 'Choose another payment, or'

type Use = (till: { register: Register; bench: Bench; printed: () => readonly PrintedRecord[] }) => Promise<void>

async function atPrinter(use: Use, tenders: Members = {}, family: FamilyName = 'rch'): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent({ rt: { tenders } })
  await use({ register: await italianTill(bench, '0.00'), bench, printed: () => printer.documents })
}

async function openSale({ till, id }: Register, amount: string) {
  return till.create(movement('sale', { id }, [{ title: 'Visita', amount }]))
}

async function paid(register: Register, amount: string, payments: readonly Members[]): Promise<void> {
  await register.till.complete(await openSale(register, amount), payments)
}

async function paymentsOf({ id, till }: Register): Promise<unknown> {
  const closing = await till.post(`/v1/registers/${id}/closings`, {})
  return (closing['totals'] as { payments: unknown }).payments
}

const CLASSES = [
  ...['CONTANTI', 'NON RISCOSSO BENI', 'ASSEGNI', 'CARTE ELETTRONICHE', 'TICKETS', 'NON RISCOSSO SERVIZI'],
  ...['NON RISCOSSO FATTURE', 'NON RISCOSSO DCR SSN', 'SCONTO A PAGARE', 'BUONI MULTIUSO', 'BUONI CELIACHIA'],
]

/** Sums of the classes on the paper of the sales, change taken off the cash. */
function onPaper(documents: readonly PrintedRecord[]): Record<string, number> {
  const sums: Record<string, number> = {}
  const add = (name: string, cents: number) => {
    sums[name] = (sums[name] ?? 0) + cents
  }
  for (const line of documents.flatMap(wordsOf)) {
    const [, name = '', euros = '', cents = ''] = /^(.*?) (\d+),(\d\d)$/.exec(line) ?? []
    const amount = Number(euros + cents)
    if (CLASSES.includes(name)) add(name, amount)
    if (name === 'Resto') add('CONTANTI', -amount)
  }
  return sums
}

describe('a closing names the classes that were printed', () => {
  test('by the tender of the shop, never by the method of the API', () =>
    atPrinter(
      async ({ register }) => {
        await paid(register, '12.00', [pay('other', '12.00')])
        await paid(register, '30.00', [pay('bank_transfer', '30.00')])
        await paid(register, '8.00', [pay('online', '8.00')])
        await paid(register, '5.00', [pay('card', '5.00')])
        expect(await paymentsOf(register)).toEqual([
          { name: 'Assegni', amount: '30.00' },
          { name: 'Carte elettroniche', amount: '13.00' },
          { name: 'Non riscosso servizi', amount: '12.00' },
        ])
      },
      { other: 6, bank_transfer: 3 },
    ))

  test('money of an unnamed kind is electronic if the shop has it printed so', () =>
    atPrinter(
      async ({ register }) => {
        await paid(register, '12.00', [pay('other', '12.00')])
        expect(await paymentsOf(register)).toEqual([{ name: 'Carte elettroniche', amount: '12.00' }])
      },
      { other: 4 },
    ))

  test('every class has its name, and the sums are those of the paper', () =>
    atPrinter(
      async ({ register, printed }) => {
        const methods = { cash: '10.00', card: '20.00', voucher: '30.00', bank_transfer: '40.00', other: '50.00' }
        for (const [method, amount] of Object.entries(methods)) await paid(register, amount, [pay(method, amount)])
        const card = pay('gift_card', '6.00', { gift_card_id: 'gc-1' })
        await paid(register, '7.30', [card, pay('cash', '5.00'), pay('cash', '-3.70')])
        expect(await paymentsOf(register)).toEqual([
          { name: 'Buoni celiachia', amount: '50.00' },
          { name: 'Buoni multiuso', amount: '6.00' },
          { name: 'Carte elettroniche', amount: '20.00' },
          { name: 'Contanti', amount: '11.30' },
          { name: 'Non riscosso fatture', amount: '40.00' },
          { name: 'Tickets', amount: '30.00' },
        ])
        expect(onPaper(printed())).toEqual({
          ...{ CONTANTI: 1130, 'CARTE ELETTRONICHE': 2000, TICKETS: 3000, 'NON RISCOSSO FATTURE': 4000 },
          ...{ 'BUONI MULTIUSO': 600, 'BUONI CELIACHIA': 5000 },
        })
      },
      { other: 11, bank_transfer: 7 },
    ))

  test('returns, annulments and both documents of an exchange are in them', () =>
    atPrinter(
      async ({ register }) => {
        const { till, id } = register
        const sold = await sell(register, '20.00')
        const wrong = await openSale(register, '9.00')
        await till.complete(wrong, [pay('mobile', '9.00')])
        await till.create(event('void', id, { related_operation_id: wrong.id }))
        const lines = [
          { title: 'Tazza', amount: '-12.00' },
          { title: 'Teiera', amount: '15.00' },
        ]
        const open = await till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
        await till.complete(open, [pay('card', '3.00')])
        const line = { title: 'Tazza', amount: '-8.00' }
        const back = await till.create(movement('return', register, [line], { related_operation_id: sold.id }))
        await till.complete(back, [pay('store_credit', '-8.00')])
        expect(await paymentsOf(register)).toEqual([
          { name: 'Assegni', amount: '0.00' },
          { name: 'Buoni multiuso', amount: '-8.00' },
          { name: 'Carte elettroniche', amount: '3.00' },
          { name: 'Contanti', amount: '20.00' },
        ])
      },
      { mobile: 3 },
    ))

  test('a document over 0.00 is closed in cash', () =>
    atPrinter(async ({ register }) => {
      const line = { title: 'Campione', amount: '0.00', more: { unit_price: '5.00', discounts: [{ amount: '5.00' }] } }
      const open = await register.till.create(movement('sale', register, [line]))
      await register.till.complete(open, [pay('card', '0.00')])
      expect(await paymentsOf(register)).toEqual([{ name: 'Contanti', amount: '0.00' }])
    }))
})

describe('a payment that the printer cannot print is refused before anything is printed', () => {
  test('other has no tender unless the shop names one', () =>
    atPrinter(async ({ register, printed }) => {
      const open = await openSale(register, '12.00')
      const call = completion(open, [pay('cash', '2.00'), pay('other', '10.00')])
      expect(await register.till.refused(call)).toMatchObject({
        ...{ status: 422, code: 'payment_method_not_supported', fiscal_effect: 'none' },
        details: { payment_index: 1, method: 'other', tender: null },
      })
      expect(printed()).toEqual([])
      expect((await register.till.read(open.id)).status).toBe('open')
      await register.till.complete(open, [pay('cash', '12.00')])
      expect(printed()).toHaveLength(1)
    }))

  test('a transfer has no tender either, and the refusal lists the choices', () =>
    atPrinter(async ({ register, printed }) => {
      const open = await openSale(register, '12.00')
      const refused = await register.till.refused(completion(open, [pay('bank_transfer', '12.00')]))
      expect(refused).toMatchObject({
        ...{ status: 422, code: 'payment_method_not_supported', fiscal_effect: 'none' },
        details: { payment_index: 0, method: 'bank_transfer', tender: null },
      })
      expect(refused.message).toMatch(/"rt.tenders": 2 or 6 .*, 4 \(electronic\), 7 \(an invoice follows\)/)
      expect(printed()).toEqual([])
    }))

  test.each<FamilyName>(['rch', 'custom', 'epson'])(
    '%s: tickets give no change, and with cash the cash does',
    (family) =>
      atPrinter(
        async ({ register, printed }) => {
          const open = await openSale(register, '12.00')
          const change = [pay('voucher', '16.00'), pay('cash', '-4.00')]
          expect(await register.till.refused(completion(open, change))).toMatchObject({
            ...{ status: 422, code: 'unprocessable_entity', fiscal_effect: 'none' },
            details: { pointer: '/payments' },
          })
          expect(printed()).toEqual([])
          await register.till.complete(open, [pay('cash', '10.00'), pay('cash', '-2.00'), pay('voucher', '4.00')])
          expect(onPaper(printed())).toEqual({ TICKETS: 400, CONTANTI: 800 })
        },
        {},
        family,
      ),
  )

  test('a failed or voided payment is not a payment, and training prints none', () =>
    atPrinter(async ({ register }) => {
      const open = await openSale(register, '12.00')
      await register.till.complete(open, [pay('other', '12.00', { status: 'failed' }), pay('cash', '12.00')])
      const training = movement('sale', register, [{ title: 'Visita', amount: '5.00' }], { training: true })
      await register.till.complete(await register.till.create(training), [pay('other', '5.00')])
    }))

  test('a Custom printer has no multi-use vouchers unless its profile names the preset', () =>
    atPrinter(
      async ({ register, printed }) => {
        const open = await openSale(register, '12.00')
        const call = completion(open, [pay('gift_card', '12.00', { gift_card_id: 'gc-1' })])
        expect(await register.till.refused(call)).toMatchObject({
          ...{ status: 422, code: 'payment_method_not_supported', fiscal_effect: 'none' },
          details: { payment_index: 0, method: 'gift_card', tender: 10 },
          message: expect.stringContaining(WAY_OUT),
        })
        expect(printed()).toEqual([])
        await register.till.complete(open, [pay('cash', '12.00')])
        const lines = [{ title: 'Tazza', amount: '-12.00' }]
        const body = movement('return', register, lines, { related_operation_id: open.id })
        const back = await register.till.create(body)
        const onVoucher = pay('store_credit', '-12.00', { tender: 'buono_multiuso' })
        expect(await register.till.refused(completion(back, [onVoucher]))).toMatchObject({
          ...{ status: 422, code: 'payment_method_not_supported', message: expect.stringContaining(WAY_OUT) },
        })
        await register.till.complete(back, [pay('cash', '-12.00')])
        expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'return'])
      },
      {},
      'custom',
    ))

  test('a number without a payment at the printer is invalid', () =>
    atPrinter(
      async ({ register }) => {
        const call = completion(await openSale(register, '12.00'), [pay('mobile', '12.00')])
        expect(await register.till.refused(call)).toMatchObject({
          code: 'payment_method_not_supported',
          details: { payment_index: 0, method: 'mobile', tender: 12 },
        })
      },
      { mobile: 12 },
    ))

  test('an exchange prints no return before its sale can be paid', () =>
    atPrinter(async ({ register, printed }) => {
      const sold = await sell(register, '20.00')
      const lines = [
        { title: 'Tazza', amount: '-20.00' },
        { title: 'Teiera', amount: '35.00' },
      ]
      const body = movement('exchange', register, lines, { related_operation_id: sold.id })
      const open = await register.till.create(body)
      expect(await register.till.refused(completion(open, [pay('other', '15.00')]))).toMatchObject({
        code: 'payment_method_not_supported',
        fiscal_effect: 'none',
      })
      expect(printed().map(({ kind }) => kind)).toEqual(['sale'])
    }))
})
