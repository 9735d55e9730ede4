// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { smoke } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Bench, Register } from '../bench.ts'
import type { Call, Members, Operation } from '../client.ts'
import { amending, completion, voiding } from '../client.ts'
import { event, goodsOf, pay } from '../goods.ts'
import { answered, KilledShop } from './killed-shop.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { italianTill, movement, sell } from './shop.ts'

type Lines = Parameters<typeof movement>[2]
/** Both have two documents: the cup comes back by a reso, and a sale has what is given. */
type Kind = 'exchange' | 'sale'

const CUP = { title: 'Tazza', amount: '-20.00' }
/** In a sale without the document of its sale: empties. */
const EMPTY_CUP = { ...CUP, code: 'N1', more: { type: 'container_deposit' } }
const SPOON = { title: 'Cucchiaio', amount: '5.00' }
const POT = { title: 'Teiera', amount: '119.00' }
/** The printer refuses the goods of the second document until the faults are cleared. */
const SECOND_REFUSED: Readonly<Record<FamilyName, string>> = {
  rch: 'error=ES0001@=R#2-99',
  custom: 'error=ERR05@3301#2-99',
  epson: 'error@printerFiscalReceipt#2-99',
}

type Shop = {
  kind: Kind
  /** The request for these lines. */
  swap: (lines: Lines) => Members
  bench: Bench
  printer: PrinterBeside<SimulatedPrinter>
  register: Register
  sold: Operation
  open: Operation
  call: Call
}

function swapping(kind: Kind, register: Pick<Register, 'id'>, soldId: string): (lines: Lines) => Members {
  if (kind === 'exchange') return (lines) => movement(kind, register, lines, { related_operation_id: soldId })
  return (lines) =>
    movement(
      kind,
      register,
      lines.map((line) => (line === CUP ? EMPTY_CUP : line)),
    )
}

/**
 * A cup of 20.00 was sold in cash. Its exchange begins with the cup and a pot; the completion brings a spoon instead of
 * the pot, its reso is printed, and the sale is refused.
 */
async function halfPrinted(family: FamilyName, kind: Kind, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await printerOf(family)
  await using bench = await printer.agent({ deadlineMs: 2000 })
  const register = await italianTill(bench, '50.00')
  const sold = await sell(register, '20.00')
  const swap = swapping(kind, register, sold.id)
  const open = await register.till.create(swap([CUP, POT]))
  const call = completion(open, [pay('cash', '-15.00')], goodsOf(swap([CUP, SPOON])))
  printer.simulator.inject(SECOND_REFUSED[family])
  const refused = await register.till.refused(call)
  expect(refused).toMatchObject({ fiscal_effect: 'recorded', message: expect.stringContaining(`of the ${kind} is`) })
  await use({ kind, swap, bench, printer, register, sold, open, call })
}

async function verified({ bench }: Shop): Promise<void> {
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
}

function kinds({ printer }: Shop): readonly (string | number)[][] {
  return printer.documents.map(({ kind, totalCents }) => [kind, totalCents])
}

const HALF = { status: 'open', resource_version: 1, total_amount: '-15.00' }
const ON_PAPER = { line_items: [{ title: 'Tazza' }, { title: 'Cucchiaio', total_amount: '5.00' }] }
const TAKEN = { cancelled_line_items: [{ title: 'Teiera', quantity: '1', total_amount: '119.00' }] }
const RECORDED = { status: 409, code: 'operation_invalid_state', fiscal_effect: 'recorded' }

const KINDS: readonly Kind[] = ['exchange', 'sale']
const BOTH = (['rch', 'custom', 'epson'] as const).flatMap((family) => KINDS.map((kind) => [family, kind] as const))

describe.each<readonly [FamilyName, Kind]>(BOTH)(
  '%s: an operation of which the reso alone is printed: %s',
  (family, kind) => {
    test('shows the goods of the paper, and the same completion prints the rest', () =>
      halfPrinted(family, kind, async (shop) => {
        const { register, open, call, printer } = shop
        expect(await register.till.read(open.id)).toMatchObject({ ...HALF, ...ON_PAPER, ...TAKEN })
        printer.simulator.clearFaults()
        const done = await register.till.call(call)
        expect(done.json, done.text).toMatchObject({
          status: 'completed',
          resource_version: 2,
          ...ON_PAPER,
          ...TAKEN,
        })
        expect((done.json['cancelled_line_items'] as unknown[]).length).toBe(1)
        expect(kinds(shop)).toEqual([
          ['sale', 2000],
          ['return', 2000],
          ['sale', 500],
        ])
        await verified(shop)
      }))

    test('takes neither an amendment nor a completion with other goods', () =>
      halfPrinted(family, kind, async (shop) => {
        const { register, open, swap, printer } = shop
        printer.simulator.clearFaults()
        const other = swap([CUP, POT])
        const amended = await register.till.refused(amending(open, goodsOf(other)))
        expect(amended).toMatchObject({ ...RECORDED, details: { operation_id: open.id, status: 'open' } })
        expect(amended.message).toContain(`fiskal-edge operation end ${open.id}`)
        const same = swap([CUP, SPOON])
        expect(await register.till.refused(amending(open, goodsOf(same)))).toMatchObject(RECORDED)
        const otherwise = completion(open, [pay('cash', '99.00')], goodsOf(other))
        expect(await register.till.refused(otherwise)).toMatchObject(RECORDED)
        const one = completion(open, [pay('cash', '-20.00')], goodsOf(swap([CUP])))
        expect(await register.till.refused(one)).toMatchObject(RECORDED)
        expect(await register.till.refused(voiding(open))).toMatchObject({
          ...{
            code: 'operation_invalid_state',
            message: expect.stringContaining(`The return of ${kind} ${open.id}`),
          },
        })
        expect(await register.till.read(open.id)).toMatchObject({ ...HALF, ...ON_PAPER, ...TAKEN })
        expect(printer.documents).toHaveLength(2)
        await register.till.complete(open, [pay('cash', '-15.00')])
        expect(kinds(shop).at(-1)).toEqual(['sale', 500])
        await verified(shop)
      }))
  },
)

test.each(KINDS)(
  'operation end leaves the reso that the completion has printed: lines, amounts, payments and closing: %s',
  (kind) =>
    halfPrinted('rch', kind, async (shop) => {
      const { bench, register, open } = shop
      await bench.agent.administration.endOperation(open.id, 'Stampante senza reparto')
      expect(await register.till.read(open.id)).toMatchObject({
        ...{ type: kind, status: 'completed', total_amount: '-20.00', ...TAKEN },
        line_items: [{ title: 'Tazza', total_amount: '-20.00' }],
        hints: [{ code: `${kind}_ended_with_return` }],
        payments: [{ method: 'cash', amount: '-20.00' }],
      })
      const count = event('session_cash_count', register.id, { counted_closing_amount: '50.00' })
      expect(await register.till.create(count)).toMatchObject({ closing_cashcount_diff: '0.00' })
      const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
      expect(closing['totals']).toMatchObject({ cancelled_lines: { count: 1, amount: '119.00' } })
      await verified(shop)
    }),
)

test.each(KINDS)(
  'a completion that is refused before its first document leaves the goods of before: %s',
  async (kind) => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent({ deadlineMs: 2000 })
    const register = await italianTill(bench, '50.00')
    const sold = await sell(register, '20.00')
    const swap = swapping(kind, register, sold.id)
    const open = await register.till.create(swap([CUP, POT]))
    printer.simulator.inject('error=ES0001@=R#1-99')
    const call = completion(open, [pay('cash', '-15.00')], goodsOf(swap([CUP, SPOON])))
    expect((await register.till.refused(call)).fiscal_effect).toBe('none')
    const shown = await register.till.read(open.id)
    expect(shown).toMatchObject({
      status: 'open',
      total_amount: '99.00',
      line_items: [{ title: 'Tazza' }, { title: 'Teiera' }],
    })
    expect(shown).not.toHaveProperty('cancelled_line_items')
    printer.simulator.clearFaults()
    const amended = await register.till.amend(open, goodsOf(swap([CUP, SPOON])))
    expect(amended).toMatchObject({ total_amount: '-15.00', resource_version: 2, ...TAKEN })
  },
)

const BEYOND: Readonly<Record<FamilyName, string>> = { rch: '1000000.00', custom: '10000000.00', epson: '10000000.00' }

test.each(BOTH)(
  '%s: goods of a completion that the printer cannot print are refused before its first document: %s',
  async (family, kind) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent({ deadlineMs: 2000 })
    const register = await italianTill(bench, '50.00')
    const sold = await sell(register, '20.00')
    const swap = swapping(kind, register, sold.id)
    const open = await register.till.create(swap([CUP, SPOON]))
    const ring = swap([CUP, { title: 'Anello', amount: BEYOND[family] }])
    const call = completion(open, [pay('card', String(ring['total_amount']))], goodsOf(ring))
    expect(await register.till.refused(call)).toMatchObject({ status: 422, fiscal_effect: 'none' })
    expect(printer.documents).toHaveLength(1)
    expect(await register.till.read(open.id)).toMatchObject({ ...HALF, ...ON_PAPER })
    await register.till.complete(open, [pay('cash', '-15.00')])
    expect(printer.documents.map(({ kind }) => kind)).toEqual(['sale', 'return', 'sale'])
  },
)

/** The line breaks with the first goods of the second document, before it is done. */
const BROKEN_BEFORE_SECOND: Readonly<Record<FamilyName, string>> = {
  rch: 'unplugged-before=60000@=R#2',
  custom: 'unplugged-before=60000@3301#2',
  epson: 'unplugged-before=60000@printerFiscalReceipt#2',
}

test.each(BOTH)(
  '%s: a daemon that is killed between the two documents prints the goods of its completion, each once: %s',
  smoke(),
  async (family, kind) => {
    await using printer = await printerOf(family)
    const shop = await KilledShop.open(printer)
    const { office } = shop
    const sold = await office.create(movement('sale', shop, [{ title: 'Tazza', amount: '20.00' }]))
    await office.complete(sold, [pay('cash', '20.00')])
    const swap = swapping(kind, shop, sold.id)
    const open = await office.create(swap([CUP, POT]))
    printer.simulator.inject(BROKEN_BEFORE_SECOND[family])
    const call = completion(open, [pay('cash', '-15.00')], goodsOf(swap([CUP, SPOON])))
    const isHalfPrinted = async () => printer.documents.length === 2 && (await shop.intents(open.id)) === 2
    expect(await shop.killedDuring(call, printer, isHalfPrinted)).not.toBe(200)
    const done = await answered(office, call)
    expect(done.json, done.text).toMatchObject({ status: 'completed', resource_version: 2, ...ON_PAPER, ...TAKEN })
    expect(printer.documents.map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
      ['sale', 2000],
      ['return', 2000],
      ['sale', 500],
    ])
    expect(await office.get(`/v1/registers/${shop.id}/session`)).toMatchObject({ expected_closing_amount: '55.00' })
    await shop.kill()
    expect(await shop.verify()).toMatchObject({ valid: true, codes: [] })
  },
)
