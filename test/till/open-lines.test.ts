import { expect, test } from 'vitest'
import { LocationOrders } from '../../agent/journal/books/location-orders.ts'
import type { OpenPart } from '../../agent/journal/books/open-lines.ts'
import type { KindOf } from '../../agent/till/selling/line-kinds.ts'
import { kindOfLine } from '../../agent/till/selling/line-kinds.ts'
import type { Sent } from '../../agent/till/selling/open-lines.ts'
import * as openLines from '../../agent/till/selling/open-lines.ts'
import { formatAtoms } from '../../base/money.ts'
import { refusalOf } from '../register/refusal.ts'

const { movedBy, refuseTooManyOpen } = openLines
const ONE = 100_000_000n
const PRICED = { unit_price: '1.00', taxes: [{ rate: '0.19' }] }

/** The price and rate of a line, by its name: `a`, `a@7.20` or `a@7.20@0.07`. */
const kindOf: KindOf = ({ line }) => kindOfLine(pricedAs(line))

function pricedAs(name: string) {
  const [, unit_price = PRICED.unit_price, rate = '0.19'] = name.split('@')
  return { unit_price, taxes: [{ rate }] }
}

function settledBy(lines: readonly Sent[], group: string, open: LocationOrders | undefined): OpenPart[] {
  return openLines.settledBy(lines, group, open, kindOf)
}

function cancelledBy(lines: readonly Sent[], group: string, open: LocationOrders | undefined): OpenPart[] {
  return openLines.cancelledBy(lines, group, open, kindOf)
}

/** The lines of one location: `group line sku quantity`, the oldest first. */
function open(...lines: readonly string[]): LocationOrders {
  const orders = new LocationOrders()
  for (const [index, text] of lines.entries()) {
    const [group = '', line = '', sku = '', quantity = '1'] = text.split(' ')
    const units = String(BigInt(Number(quantity) * 1000) * (ONE / 1000n))
    orders.note(index + 1, {
      location: 'loc_1',
      added: [{ line, order: `op_${line}`, group, born: group, sku, quantity: units }],
    })
  }
  return orders
}

function parts(taken: readonly OpenPart[]): string[] {
  return taken.map(({ group, line, quantity }) => `${group} ${line} ${formatAtoms(quantity)}`)
}

/** A line of an article, or `eis@7.20@0.07` at another price and rate. */
function of(name: string, quantity: number | string, order_line_id?: string): Sent {
  const [sku = ''] = name.split('@')
  const named = order_line_id !== undefined && { order_line_id }
  return { sku_identifier: sku, quantity, ...pricedAs(name), ...named }
}

test('a bill settles the oldest lines of an article first, in parts, as far as there are any', () => {
  const orders = open('T7 a eis 2', 'T7 b bier 1', 'T7 c eis 1', 'T9 d eis 5')
  expect(parts(settledBy([of('eis', 1)], 'T7', orders))).toEqual(['T7 a 1'])
  expect(parts(settledBy([of('eis', '2.5')], 'T7', orders))).toEqual(['T7 a 2', 'T7 c 0.5'])
  expect(parts(settledBy([of('eis', 9), of('bier', 1)], 'T7', orders))).toEqual(['T7 a 2', 'T7 c 1', 'T7 b 1'])
  expect(parts(settledBy([of('wein', 1), of('eis', -1)], 'T7', orders))).toEqual([])
  expect(parts(settledBy([of('eis', 1), of('eis', 1)], 'T7', orders))).toEqual(['T7 a 2'])
  expect(settledBy([of('eis', 1)], 'T8', orders)).toEqual([])
  expect(settledBy([of('eis', 1)], 'T8', undefined)).toEqual([])
})

test('a bill settles the line of its rate, code and price first, then one of its rate, then any of its article', () => {
  const orders = open('T7 a@4.20@0.19 latte', 'T7 b@4.20@0.07 latte', 'T7 c@3.90@0.07 latte', 'T7 d@4.20@0.19 latte')
  const settles = (...lines: Sent[]) => parts(settledBy(lines, 'T7', orders)).toSorted()
  expect(settles(of('latte@4.20@0.07', 1))).toEqual(['T7 b@4.20@0.07 1'])
  expect(settles(of('latte@3.90@0.07', 1))).toEqual(['T7 c@3.90@0.07 1'])
  expect(settles(of('latte@5.00@0.07', 1))).toEqual(['T7 b@4.20@0.07 1'])
  expect(settles(of('latte@4.20@0.19', 1))).toEqual(['T7 a@4.20@0.19 1'])
  expect(settles(of('latte@4.20@0.07', 3))).toEqual(['T7 a@4.20@0.19 1', 'T7 b@4.20@0.07 1', 'T7 c@3.90@0.07 1'])
  // A line that has another choice leaves the nearest one to the line that has none.
  expect(settles(of('latte@9.00@0.055', 1), of('latte@4.20@0.19', 2))).toEqual([
    'T7 a@4.20@0.19 1',
    'T7 b@4.20@0.07 1',
    'T7 d@4.20@0.19 1',
  ])
  const coded = (code: string) => ({ ...of('latte', 1), taxes: [{ rate: '0', code }] })
  const byCode: KindOf = ({ line }) => kindOfLine(coded(line))
  const exempt = open('T7 exempt latte', 'T7 not_taxable latte')
  expect(parts(openLines.settledBy([coded('not_taxable')], 'T7', exempt, byCode))).toEqual(['T7 not_taxable 1'])
})

test('a bill settles what it bills: its lines that go the other way take off those of their kind', () => {
  const orders = () => open('T7 a eis 3', 'T7 b@7.20 bier 2', 'T7 c@8.40 bier 2')
  const settles = (...lines: Sent[]) => parts(settledBy(lines, 'T7', orders())).toSorted()
  expect(settles(of('eis', 3), of('eis', -1))).toEqual(['T7 a 2'])
  expect(settles(of('eis', '1.5'), of('eis', '-0.5'))).toEqual(['T7 a 1'])
  expect(settles(of('eis', 2), of('eis', -2))).toEqual([])
  expect(settles(of('bier@7.20', 2), of('bier@8.40', 2), of('bier@8.40', -1))).toEqual(['T7 b@7.20 2', 'T7 c@8.40 1'])
  // At another price, but the same rate; not at another rate.
  expect(settles(of('bier@7.20', 2), of('bier@8.40', -1))).toEqual(['T7 b@7.20 1'])
  expect(settles(of('bier@7.20', 2), of('bier@7.20@0.07', -1))).toEqual(['T7 b@7.20 2'])
  // The unnamed line gives way first.
  expect(settles(of('eis', 1, 'a'), of('eis', 2), of('eis', -1))).toEqual(['T7 a 2'])
  expect(settles(of('eis', 2, 'a'), of('eis', -1))).toEqual(['T7 a 1'])
  // Goods of an earlier sale that come back were not ordered here.
  expect(settles(of('eis', 2), { ...of('eis', -1), related_operation_id: 'op_1' })).toEqual(['T7 a 2'])
})

test('an order takes back at the price, rate and code of the order alone, and a refusal lists what is open', () => {
  const orders = open('T7 a@7.20 bier 2', 'T7 b@8.40 bier 1', 'T7 c@7.20@0.07 bier 1')
  expect(parts(cancelledBy([of('bier@7.20', -1)], 'T7', orders))).toEqual(['T7 a@7.20 1'])
  expect(parts(cancelledBy([of('bier@8.40', -1), of('bier@7.20', -2)], 'T7', orders))).toEqual([
    'T7 b@8.40 1',
    'T7 a@7.20 2',
  ])
  for (const [line, left] of [
    [of('bier@9.99', -1), '0'],
    [of('bier@8.40', -2), '1'],
    [of('bier@8.40@0.07', -1), '0'],
  ] as const) {
    const { code, details } = refusalOf(() => cancelledBy([line], 'T7', orders))
    expect([code, details]).toMatchObject([
      'order_quantity_exceeded',
      {
        left,
        open: [
          { order_line_id: 'c@7.20@0.07', quantity: '1', unit_price: '7.20', rate: '0.07' },
          { order_line_id: 'b@8.40', quantity: '1', unit_price: '8.40', rate: '0.19' },
          { order_line_id: 'a@7.20', quantity: '2', unit_price: '7.20', rate: '0.19' },
        ],
      },
    ])
  }
  // Named, too: the open sum of a table is the sum of its signed orders.
  const named = refusalOf(() => cancelledBy([of('bier@8.40', -1, 'a@7.20')], 'T7', orders))
  expect(named).toMatchObject({ code: 'order_quantity_exceeded', details: { open: [{ order_line_id: 'a@7.20' }] } })
})

test('orders are read only if a bill has a choice', () => {
  const read: string[] = []
  const reading: KindOf = (part) => {
    read.push(part.line)
    return kindOf(part)
  }
  const orders = open('T7 a eis 2', 'T7 b eis 1', 'T7 c bier 5')
  openLines.settledBy([of('eis', 3), of('bier', 1)], 'T7', orders, reading)
  expect(read).toEqual([])
  openLines.settledBy([of('eis', 1)], 'T7', orders, reading)
  expect(new Set(read)).toEqual(new Set(['a', 'b']))
})

test('a named line of a bill settles that line alone, in any group, before lines without a name', () => {
  const orders = open('T7 a eis 1', 'T7 b eis 1', 'T9 c eis 2')
  expect(parts(settledBy([of('eis', 1), of('eis', 1, 'a')], 'T7', orders))).toEqual(['T7 a 1', 'T7 b 1'])
  expect(parts(settledBy([of('eis', 1.5, 'c')], 'T7', orders))).toEqual(['T9 c 1.5'])
  const beyond = refusalOf(() => settledBy([of('eis', 1), of('eis', 3, 'c')], 'T7', orders))
  expect(beyond).toMatchObject({
    code: 'order_quantity_exceeded',
    details: { left: '2', wanted: '3', sku_identifier: 'eis', pointer: '/line_items/1' },
  })
  for (const foreign of [of('eis', 1, 'x'), of('bier', 1, 'a')])
    expect(refusalOf(() => settledBy([foreign], 'T7', orders)).details).toMatchObject({ left: '0', wanted: '1' })
  expect(refusalOf(() => settledBy([of('eis', 1, 'a')], 'T7', undefined)).code).toBe('order_quantity_exceeded')
})

test('a named line that is open in two groups is settled in the group of the bill first', () => {
  const orders = open('T7 a eis 3')
  orders.note(9, { location: 'loc_1', moved: [{ line: 'a', group: 'T7', to: 'T9', quantity: String(2n * ONE) }] })
  expect(parts(settledBy([of('eis', 2.5, 'a')], 'T9', orders))).toEqual(['T9 a 2', 'T7 a 0.5'])
  expect(parts(settledBy([of('eis', 2.5, 'a')], 'T7', orders))).toEqual(['T7 a 1', 'T9 a 1.5'])
})

test('a negative line of an order cancels the youngest of its article, or the named one, in its group', () => {
  const orders = open('T7 a eis 2', 'T7 b eis 1', 'T9 c eis 1')
  expect(parts(cancelledBy([of('eis', -2)], 'T7', orders))).toEqual(['T7 b 1', 'T7 a 1'])
  expect(parts(cancelledBy([of('eis', -1), of('eis', -1, 'b')], 'T7', orders))).toEqual(['T7 b 1', 'T7 a 1'])
  expect(parts(cancelledBy([of('eis', 5), of('eis', '-0.5')], 'T7', orders))).toEqual(['T7 b 0.5'])
  for (const [line, left] of [
    [of('eis', -4), '3'],
    [of('eis', -1, 'c'), '0'],
    [of('wein', -1), '0'],
  ] as const)
    expect(refusalOf(() => cancelledBy([line], 'T7', orders))).toMatchObject({
      code: 'order_quantity_exceeded',
      details: { left, sku_identifier: line.sku_identifier },
    })
})

test('a move takes all of a group, or what is named, and lists it by age', () => {
  const orders = open('T7 a eis 2', 'T7 b bier 1', 'T7 c eis 1')
  expect(parts(movedBy(undefined, 'T7', orders))).toEqual(['T7 a 2', 'T7 b 1', 'T7 c 1'])
  expect(parts(movedBy([of('eis', 3), { order_line_id: 'b', quantity: '0.25' }], 'T7', orders))).toEqual([
    'T7 a 2',
    'T7 b 0.25',
    'T7 c 1',
  ])
  for (const nothing of [() => movedBy(undefined, 'T8', orders), () => movedBy([of('eis', 4)], 'T7', orders)])
    expect(refusalOf(nothing).code).toBe('order_quantity_exceeded')
})

test('lines that move keep their age among those of the other group, and halves of one line meet again', () => {
  const orders = open('T7 a eis 2', 'T9 b eis 1')
  const move = (group: string, to: string, quantity: bigint) =>
    orders.note(9, { location: 'loc_1', moved: [{ line: 'a', group, to, quantity: String(quantity) }] })
  move('T7', 'T9', ONE)
  expect(orders.size).toBe(3)
  expect(parts(settledBy([of('eis', 2)], 'T9', orders))).toEqual(['T9 a 1', 'T9 b 1'])
  move('T7', 'T9', ONE)
  expect(orders.size).toBe(2)
  expect(orders.groups().map(({ group, lines }) => [group, lines.map((line) => formatAtoms(line.quantity))])).toEqual([
    ['T9', ['2', '1']],
  ])
})

test('a location has at most 5,000 open lines', () => {
  const orders = open(...Array.from({ length: 4999 }, (_, index) => `T${index % 50} l${index} eis 1`))
  expect(refuseTooManyOpen(orders, 1)).toBeUndefined()
  expect(refuseTooManyOpen(undefined, 100)).toBeUndefined()
  expect(refusalOf(() => refuseTooManyOpen(orders, 2))).toMatchObject({
    code: 'unprocessable_entity',
    details: { limit: 5000, open_lines: 4999 },
  })
})

test('what is left of a line goes with its last part if it is too little to be named', () => {
  const third = () => open('T7 a eis 1', 'T8 b eis 1')
  const settling = third()
  for (const [quantity, left] of [
    ['0.333333', '0.666667'],
    ['0.333333', '0.333334'],
    ['0.333333', undefined],
  ] as const) {
    const taken = settledBy([of('eis', quantity, 'a')], 'T7', settling)
    settling.note(9, { location: 'loc_1', taken: taken.map((part) => ({ ...part, quantity: String(part.quantity) })) })
    expect(settling.in('T7').map((line) => formatAtoms(line.quantity))).toEqual(left === undefined ? [] : [left])
  }
  expect(parts(cancelledBy([of('eis', '-0.9996')], 'T7', third()))).toEqual(['T7 a 1'])
  expect(parts(movedBy([of('eis', '0.9996')], 'T7', third()))).toEqual(['T7 a 1'])
  expect(parts(settledBy([of('eis', '0.9995')], 'T7', third()))).toEqual(['T7 a 0.9995'])
  expect(parts(settledBy([of('eis', '0.999')], 'T7', third()))).toEqual(['T7 a 0.999'])
})
