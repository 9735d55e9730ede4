import { expect, test } from 'vitest'
import { LocationOrders } from '../../agent/journal/books/location-orders.ts'
import type { OpenPart } from '../../agent/journal/books/open-lines.ts'
import type { Wanted } from '../../agent/till/selling/open-lines.ts'
import { cancelledBy, movedBy, refuseTooManyOpen, settledBy } from '../../agent/till/selling/open-lines.ts'
import { formatAtoms } from '../../base/money.ts'
import { refusalOf } from '../register/refusal.ts'

const ONE = 100_000_000n

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

function of(sku: string, quantity: number | string, order_line_id?: string): Wanted {
  return { sku_identifier: sku, quantity, ...(order_line_id !== undefined && { order_line_id }) }
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
