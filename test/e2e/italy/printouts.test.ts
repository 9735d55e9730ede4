// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from '../austria/shop.ts'
import { Bench } from '../bench.ts'
import type { Answer, Client, Members } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { printerOf } from './printer-beside.ts'
import {
  closed,
  italianShop,
  italianTill,
  movement,
  ONE_PRINTER,
  paper,
  receiptOf,
  sell,
  tillAt,
  traded,
} from './shop.ts'
import type { Trade } from './trade.ts'
import { atPrinter, FAMILIES } from './trade.ts'

const TYPES = ['x_report', 'drawer', 'last_document', 'gift_receipt'] as const
type Type = (typeof TYPES)[number]

/** Families whose published commands have a copy without prices. */
const HAS_GIFT = new Set(['rch', 'custom'])

/** A fault of the command with which each family prints its X report, or a duplicate. */
const COMMANDS = {
  rch: { x_report: '=C10', last_document: '=C453/$1' },
  custom: { x_report: '2003', last_document: '4007' },
  epson: { x_report: 'printXReport', last_document: 'printDuplicateReceipt' },
} as const

function printed({ till, id }: { till: Client; id: string }, type: Type): Promise<Answer> {
  return till.call({ path: `/v1/registers/${id}/printouts`, body: { type } })
}

function printouts({ records }: Trade): readonly string[] {
  return records().flatMap((record) => (record.type === 'printout' ? [record.lines.join('\n')] : []))
}

describe.each(FAMILIES)('%s: a printout', (family) => {
  test('is an X report with the sums that the next closing has, and is not journalled', () =>
    atPrinter(family, async (trade) => {
      const { register, bench } = trade
      await sell(register, '12.20')
      const head = bench.head()
      const { status, json } = await printed(register, 'x_report')
      expect([status, json['type'], json['register_id']]).toEqual([201, 'x_report', register.id])
      expect(bench.requestedSince(head)).toEqual([])
      expect(printouts(trade)).toEqual([expect.stringContaining('12,20')])
      expect(json['totals']).toEqual((await closed(register))['totals'])
      expect(await trade.findings()).toEqual([])
    }))

  test('is a duplicate of the last document, or has no prices', () =>
    atPrinter(family, async (trade) => {
      const { register } = trade
      await sell(register, '5.00')
      const { status, json } = await printed(register, 'last_document')
      expect([status, json['totals']]).toEqual([201, undefined])
      expect(printouts(trade)).toEqual([expect.stringContaining('5,00')])
      const gift = await printed(register, 'gift_receipt')
      expect(gift.json).toMatchObject(
        HAS_GIFT.has(family)
          ? { type: 'gift_receipt' }
          : { code: 'printout_not_supported', fiscal_effect: 'none', message: expect.stringContaining('rt-epson') },
      )
      if (HAS_GIFT.has(family)) expect(printouts(trade)[1]).not.toContain('5,00')
    }))

  test('copies only the document of the register that asks, which the answer names', () =>
    atPrinter(family, async (trade) => {
      const { register, bench } = trade
      const [shop] = (await bench.office.list('/v1/locations')) as readonly Members[]
      const other = await tillAt(bench, 'rt-1', String(shop?.['id']))
      const own = receiptOf(await sell(register, '3.10'))
      // A slip follows it: one family then reports the slip as its last document.
      await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '-20.00' }))
      expect((await printed(register, 'last_document')).json['document_number']).toBe(own.document_number)
      const foreign = await sell(other, '47.00')
      const { document_number: number } = receiptOf(foreign)
      const before = printouts(trade).length
      const types = HAS_GIFT.has(family) ? (['last_document', 'gift_receipt'] as const) : (['last_document'] as const)
      for (const type of types) {
        const { status, json } = await printed(register, type)
        expect([type, status, json]).toMatchObject([
          ...[type, 422],
          {
            ...{ code: 'last_document_foreign', fiscal_effect: 'none', message: expect.stringContaining(number) },
            details: { document_number: number, operation_id: foreign.id, pointer: '/type' },
          },
        ])
      }
      expect(printouts(trade)).toHaveLength(before)
      expect((await printed(other, 'last_document')).json['document_number']).toBe(number)
    }))

  test('of a period without a document is refused', () =>
    atPrinter(family, async ({ register }) => {
      const refusal = await printed(register, 'last_document')
      expect([refusal.status, refusal.json]).toMatchObject([
        422,
        { code: 'printout_not_supported', fiscal_effect: 'none' },
      ])
    }))

  test('opens the drawer after it was logged', () =>
    atPrinter(family, async ({ register }) => {
      expect((await printed(register, 'drawer')).status).toBe(201)
      expect(await register.till.list('/v1/cash-drawer-openings')).toMatchObject([
        { register_id: register.id, reason: 'printout', operation_id: null, fiscal: null },
      ])
    }))

  test.each(['x_report', 'last_document'] as const)(
    'of type %s whose reply is lost is 503 without effect, and the next sale is printed once',
    { tags: ['heavy'] },
    (type) =>
      atPrinter(family, async (trade) => {
        const { register, inject, documents } = trade
        await sell(register, '1.00')
        for (const fault of ['lost-answer', 'power-cut=60']) {
          inject(`${fault}@${COMMANDS[family][type]}`)
          const { status, json } = await printed(register, type)
          expect([fault, status, json['fiscal_effect']]).toEqual([fault, 503, 'none'])
          await sellWhenBack(trade)
        }
        expect(documents()).toHaveLength(3)
        expect(await trade.findings()).toEqual([])
      }),
  )
})

/** The till repeats what a printer refuses that is not back yet. */
async function sellWhenBack({ register }: Trade): Promise<void> {
  const { till } = register
  const open = await till.create(movement('sale', register, [{ title: 'Caffè', amount: '1.00' }]))
  const call = completion(open, [pay('cash', '1.00')])
  await expect.poll(async () => (await till.call(call)).status).toBe(200)
}

test('a gift receipt is one of a sale: after a reso and an annullo it is refused, and the copy is made', () =>
  atPrinter('rch', async (trade) => {
    const { register } = trade
    const { id: sold } = await sell(register, '18.00')
    const reso = await traded(register, 'return', [{ title: 'Caffè', amount: '-18.00' }], {
      related_operation_id: sold,
    })
    const { status, json } = await printed(register, 'gift_receipt')
    const { document_number: number } = receiptOf(reso)
    expect([status, json]).toMatchObject([422, { code: 'printout_not_supported', fiscal_effect: 'none' }])
    expect(json['message']).toContain(number)
    expect((await printed(register, 'last_document')).json).toMatchObject({ document_number: number })
    await sell(register, '2.00')
    expect((await printed(register, 'gift_receipt')).status).toBe(201)
  }))

test('a document that was keyed in at the printer belongs to no register', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  await sell(register, '6.00')
  printer.simulator.keyInSale(730)
  expect((await printed(register, 'last_document')).json).toMatchObject({
    ...{ code: 'last_document_foreign', details: { document_number: '0142-0002', operation_id: null } },
  })
})

test('printouts come one after another with the sale and the Z of the same moment', { tags: ['heavy'] }, () =>
  atPrinter('rch', async (trade) => {
    const { register, documents } = trade
    await sell(register, '1.00')
    const withSale = [sell(register, '2.00'), printed(register, 'last_document'), printed(register, 'x_report')]
    await Promise.all(withSale)
    const [, ...answers] = await Promise.all([
      closed(register),
      printed(register, 'x_report'),
      printed(register, 'x_report'),
    ])
    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    expect(documents()).toHaveLength(2)
    expect(printouts(trade)).toHaveLength(4)
    expect(await trade.findings()).toEqual([])
  }),
)

test.each(['paper-out', 'cover-open'])(
  'a printer with %s prints nothing between two documents',
  { tags: ['heavy'] },
  (fault) =>
    atPrinter('rch', async (trade) => {
      const { register, inject } = trade
      await sell(register, '1.00')
      inject(`${fault}=1000@*`)
      for (const type of ['x_report', 'last_document', 'gift_receipt'] as const) {
        const { status, json } = await printed(register, type)
        expect([type, status, json['fiscal_effect']]).toEqual([type, 503, 'none'])
      }
      expect(printouts(trade)).toEqual([])
      await sellWhenBack(trade)
    }),
)

test('a busy printer prints a copy once when it is free', { tags: ['heavy'] }, () =>
  atPrinter('rch', async (trade) => {
    await sell(trade.register, '1.00')
    trade.inject('busy@=C453/$1')
    expect((await printed(trade.register, 'last_document')).status).toBe(201)
    expect(printouts(trade)).toHaveLength(1)
  }),
)

test('a printer that is down prints nothing, and the next one is asked again', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  await printer.unplug()
  for (const type of TYPES) {
    const { status, json } = await printed(register, type)
    expect([type, status, json['code'], json['fiscal_effect']]).toEqual([
      type,
      503,
      'fiscal_device_unavailable',
      'none',
    ])
  }
})

test('the key of another register, and one of a register that is not fiscalized, print nothing', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const location = await italianShop(bench)
  const own = await italianTill(bench, '50.00', location)
  const other = await tillAt(bench, 'rt-1', location)
  expect((await printed({ till: other.till, id: own.id }, 'x_report')).json).toMatchObject({ code: 'not_found' })
  const { id } = await bench.office.post('/v1/registers', { location_id: location, name: 'Cassa 3' })
  expect((await printed({ till: bench.office, id: String(id) }, 'x_report')).json).toMatchObject({
    code: 'register_not_fiscalized',
    fiscal_effect: 'none',
  })
  expect((await paper(bench)).filter(({ type }) => type === 'printout')).toEqual([])
})

const OTHERS: readonly (readonly [string, Members, (bench: Bench) => Promise<{ till: Client; id: string }>])[] = [
  ['Austria', ONE_CARD, austrianTill],
  ['Germany', {}, (bench) => bench.till()],
]

test.each(OTHERS)('a register in %s has no printouts', async (_name, config, open) => {
  await using bench = await Bench.open({ config })
  const register = await open(bench)
  for (const type of TYPES) {
    expect((await printed(register, type)).json).toMatchObject({
      ...{ code: 'not_supported_by_law', fiscal_effect: 'none', details: { member: 'printouts' } },
    })
  }
  expect(await register.till.list('/v1/cash-drawer-openings')).toEqual([])
})

test('an unknown type and a further member are refused with their place', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const { till, id } = await italianTill(bench)
  const path = `/v1/registers/${id}/printouts`
  expect(await till.refused({ path, body: { type: 'z_report' } })).toMatchObject({
    ...{ code: 'invalid_request', details: { errors: [{ pointer: '/type' }] } },
  })
  expect((await till.refused({ path, body: { type: 'drawer', copies: 2 } })).code).toBe('invalid_request')
})
