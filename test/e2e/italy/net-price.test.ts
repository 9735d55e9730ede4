// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import type { Register } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, wordsOf } from './shop.ts'

type Line = Parameters<typeof movement>[2][number]
/** The acts of a test at a till, and the printer's paper so far. */
type Use = (register: Register, printed: () => readonly PrintedRecord[]) => Promise<void>

const FAMILIES: readonly FamilyName[] = ['rch', 'custom', 'epson']

/** 10.00 less 2.00. */
function discounted(sign: '' | '-', title = 'Sciarpa'): Line {
  return { title, amount: `${sign}8.00`, more: { unit_price: '10.00', discounts: [{ amount: '2.00' }] } }
}

async function atPrinter(family: FamilyName, use: Use): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent()
  await use(await italianTill(bench), () => printer.documents)
}

async function sold(register: Register, lines: readonly Line[], total: string, more: Members = {}): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, lines, more))
  return register.till.complete(open, [pay('cash', total)])
}

async function back(
  register: Register,
  { id }: Operation,
  lines: readonly Line[],
  { type = 'return', paid }: { type?: 'return' | 'exchange'; paid: string },
): Promise<Operation> {
  const open = await register.till.create(movement(type, register, lines, { related_operation_id: id }))
  return register.till.complete(open, [pay('cash', paid)])
}

/** Lines and total of a document. */
function seen(document: PrintedRecord | undefined): unknown {
  const words = wordsOf(document)
  const first = words.findIndex((line) => line.startsWith('DESCRIZIONE')) + 1
  const last = words.findIndex((line) => line.startsWith('#'))
  return [document?.kind, ...words.slice(first, last < 0 ? words.length : last), document?.totalCents]
}

/** Epson prints the marker last. */
function goodsIn(document: PrintedRecord | undefined): string {
  return wordsOf(document).join('\n')
}

describe.each(FAMILIES)('%s: goods come back at the price that was paid for them', (family) => {
  test('a line with a discount comes back with it', () =>
    atPrinter(family, async (register, printed) => {
      const sale = await sold(register, [discounted('')], '8.00')
      await back(register, sale, [discounted('-')], { paid: '-8.00' })
      expect(printed().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['sale', 800],
        ['return', 800],
      ])
      expect(goodsIn(printed()[1])).toMatch(/Sciarpa 22% 8,00/)
      expect(goodsIn(printed()[1])).not.toContain('SCONTO')
    }))

  test('one of several discounted lines comes back alone, and then the other', () =>
    atPrinter(family, async (register, printed) => {
      const sale = await sold(register, [discounted(''), discounted('', 'Guanti')], '16.00')
      await back(register, sale, [discounted('-', 'Guanti')], { paid: '-8.00' })
      await back(register, sale, [discounted('-')], { paid: '-8.00' })
      expect(printed().map(({ totalCents }) => totalCents)).toEqual([1600, 800, 800])
    }))

  test('an exchange takes a discounted line back at its net price', () =>
    atPrinter(family, async (register, printed) => {
      const sale = await sold(register, [discounted('')], '8.00')
      const lines = [discounted('-'), { title: 'Cappello', amount: '15.00' }]
      await back(register, sale, lines, { type: 'exchange', paid: '7.00' })
      expect(printed().map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
        ['sale', 800],
        ['return', 800],
        ['sale', 1500],
      ])
    }))

  test('returned goods after a cart discount have that as the discount of the line', () =>
    atPrinter(family, async (register, printed) => {
      const line = (sign: '' | '-', more: Members): Line => ({ title: 'Sciarpa', amount: `${sign}9.00`, more })
      const cart = { cart_level_discounts: [{ description: 'Saldi', amount: '1.00' }] }
      const sale = await sold(register, [line('', { unit_price: '10.00' })], '9.00', cart)
      const discounts = [{ description: 'Saldi', amount: '1.00' }]
      await back(register, sale, [line('-', { unit_price: '10.00', discounts })], { paid: '-9.00' })
      expect(printed().map(({ totalCents }) => totalCents)).toEqual([900, 900])
    }))

  test('a net price that is not a unit price is one piece of the whole, with the count in its text', () =>
    atPrinter(family, async (register, printed) => {
      const pair = (sign: '' | '-'): Line => ({
        ...{ title: 'SCIARPA', amount: `${sign}25.00` },
        more: { quantity: 2, unit_price: '15.00', discounts: [{ amount: '5.00' }] },
      })
      const sale = await sold(register, [pair('')], '25.00')
      await back(register, sale, [pair('-')], { paid: '-25.00' })
      expect(goodsIn(printed()[1])).toMatch(/2 x SCIARPA 22% 25,00/)
      expect(printed()[1]?.totalCents).toBe(2500)
    }))

  test('a net price that was sent is printed with its quantity', () =>
    atPrinter(family, async (register, printed) => {
      const pair = (sign: '' | '-'): Line => ({
        ...{ title: 'Calze', amount: `${sign}8.00` },
        more: { quantity: 2, unit_price: '4.00' },
      })
      const sale = await sold(register, [pair('')], '8.00')
      await back(register, sale, [pair('-')], { paid: '-8.00' })
      expect(goodsIn(printed()[1])).toMatch(/Calze 22% 8,00\nn\.2 \* 4,00/)
    }))
})

describe.each(FAMILIES)('%s: a line keeps the price that was sent', (family) => {
  test('half a cent of a discount is rounded in the discount', () =>
    atPrinter(family, async (register, printed) => {
      const line = { title: 'Tisana', amount: '8.46', more: { unit_price: '8.90', discounts: [{ amount: '0.445' }] } }
      await sold(register, [line], '8.46')
      expect(seen(printed()[0])).toEqual(expect.arrayContaining(['Tisana 22% 8,90', 'SCONTO 22% -0,44', 846]))
    }))

  test('the same with two pieces, and with a discount of the cart', () =>
    atPrinter(family, async (register, printed) => {
      const half = [{ description: 'Soci', amount: '0.445' }]
      const lines = [
        { title: 'Tisana', amount: '16.36', more: { quantity: 2, unit_price: '8.90', discounts: half } },
        { title: 'Miele', amount: '9.00', more: { unit_price: '10.00' } },
      ]
      const cart = { cart_level_discounts: [{ description: 'Saldi', amount: '2.00' }] }
      await sold(register, lines, '25.36', cart)
      const words = seen(printed()[0])
      expect(words).toEqual(expect.arrayContaining(['Tisana 22% 17,80', 'n.2 * 8,90', 'Soci + Saldi 22% -1,44', 2536]))
      expect(words).toEqual(expect.arrayContaining(['Miele 22% 10,00', 'Saldi 22% -1,00']))
    }))

  test('prices that are sent after the discount of the cart still show it', () =>
    atPrinter(family, async (register, printed) => {
      const lines = [{ title: 'Miele', amount: '9.00', more: { unit_price: '9.00' } }]
      const cart = { cart_level_discounts: [{ description: 'Saldi', amount: '1.00' }] }
      await sold(register, lines, '9.00', cart)
      expect(seen(printed()[0])).toEqual(expect.arrayContaining(['Miele 22% 10,00', 'Saldi 22% -1,00', 900]))
    }))
})
