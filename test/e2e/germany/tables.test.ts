// @module-tag heavy
import { expect, test } from 'vitest'
import { audited } from '../../cli/audited.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion, processData, signed } from '../client.ts'
import { event, goods, order, pay } from '../goods.ts'
import { closing } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'
import type { Line } from './tavern.ts'
import { billed, billOf, COFFEE, CUP, coffees, cups, GROUPS, lineOf, openLines, ordered, tavern } from './tavern.ts'

test('a bill settles the oldest orders of its table at any register; the list shows the rest', async () => {
  await using bench = await Bench.open()
  const { bar, terrace, locationId } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(2), coffees(1))
  const second = await ordered(terrace, 'Tisch 7', cups(1))
  await ordered(bar, 'Tisch 9', cups('0.5'))
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 2', 'Tisch 7 coffee 1', 'Tisch 7 cup 1', 'Tisch 9 cup 0.5'])
  expect(await openLines(bench.office, `?location_id=${locationId}&limit=1`)).toHaveLength(3)
  const [group] = await terrace.till.list(`${GROUPS}?allocation_group=Tisch%207&register_id=${terrace.id}`)
  expect(group).toMatchObject({
    allocation_group: 'Tisch 7',
    location_id: locationId,
    first_order_at: first.fiscal.start_event?.signed_at,
    order_ids: [first.id, second.id],
    total_amount: '14.96',
  })
  const [line] = (group?.['open_lines'] ?? []) as Members[]
  expect(line).toEqual({
    order_id: first.id,
    order_line_id: lineOf(first, 0),
    register_id: bar.id,
    sku_identifier: 'cup',
    title: 'Eisbecher "Himbeere"',
    quantity: '2',
    unit_price: '3.99',
    total_amount: '7.98',
    taxes: [{ name: 'USt 0.19', rate: '0.19', tax_amount: '1.27' }],
  })
  const bill = await billed(terrace, 'Tisch 7', cups('2.5'), ['9.00', '0.19', { sku_identifier: 'wine', quantity: 1 }])
  expect(bill).toMatchObject({
    settled_order_lines: [
      { order_id: first.id, order_line_id: lineOf(first, 0), quantity: '2', allocation_group: 'Tisch 7' },
      { order_id: second.id, order_line_id: lineOf(second, 0), quantity: '0.5', allocation_group: 'Tisch 7' },
    ],
    first_order_at: first.fiscal.start_event?.signed_at,
  })
  expect(await openLines(bar.till)).toEqual(['Tisch 7 coffee 1', 'Tisch 7 cup 0.5', 'Tisch 9 cup 0.5'])
  const receipt = await terrace.till.get(`/v1/operations/${bill.id}/receipt`)
  expect(receipt['header']).toContainEqual({
    label: 'Erste Bestellung',
    value: first.fiscal.start_event?.signed_at,
  })
  const voided = await terrace.till.create(event('void', terrace.id, { related_operation_id: bill.id }))
  expect(voided).toMatchObject({ type: 'void', status: 'completed' })
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 2', 'Tisch 7 coffee 1', 'Tisch 7 cup 1', 'Tisch 9 cup 0.5'])
  expect((await billed(bar, 'Tisch 7', cups(1))).id).toBeDefined()
  expect(await openLines(bar.till, '?allocation_group=Tisch%207')).toEqual([
    'Tisch 7 cup 1',
    'Tisch 7 coffee 1',
    'Tisch 7 cup 1',
  ])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('no order cancels and no named line settles more than is open, at its begin or completion', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(1))
  const beyond = { code: 'order_quantity_exceeded', fiscal_effect: 'none' }
  const create = (body: Members) => bar.till.refused({ path: '/v1/operations', body })
  expect(await create(order(bar.id, [cups(-2)]))).toMatchObject({
    ...beyond,
    details: { left: '1', wanted: '2', sku_identifier: 'cup', pointer: '/line_items/0' },
  })
  const named = (quantity: number) => cups(quantity, { order_line_id: lineOf(first, 0) })
  expect(await create(billOf(bar, 'Tisch 1', named(2)))).toMatchObject(beyond)
  for (const body of [
    order(bar.id, [named(1)]),
    billOf(bar, 'Tisch 7', cups(2), named(-1)),
    goods('sale', bar.id, [named(1)]),
    goods('return', bar.id, [['-3.99', '0.19', { order_line_id: lineOf(first, 0) }]]),
  ])
    expect(await create(body)).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'none' })
  const cancelling = await bar.till.create(order(bar.id, [cups(-1)]))
  const billing = await terrace.till.create(billOf(terrace, 'Tisch 1', named(1)))
  await terrace.till.complete(billing, [pay('cash', '3.99')])
  expect(await bar.till.refused(completion(cancelling, []))).toMatchObject(beyond)
  expect(await bar.till.read(cancelling.id)).toMatchObject({ status: 'open' })
  await bar.till.void(cancelling)
  const late = await ordered(bar, 'Tisch 7', cups(1))
  const byTwo = [bar, terrace].map((register) => register.till.create(billOf(register, 'Tisch 7', cups(1))))
  const bills = await Promise.all(byTwo)
  const done = await Promise.all([
    bar.till.complete(bills[0] as Operation, [pay('cash', '3.99')]),
    terrace.till.complete(bills[1] as Operation, [pay('cash', '3.99')]),
  ])
  const settled = done.map((bill) => (bill as { settled_order_lines?: Members[] }).settled_order_lines)
  expect(settled.flat()).toMatchObject([{ order_id: late.id, quantity: '1' }])
  expect(settled.filter((lines) => lines?.length === 0)).toHaveLength(1)
  expect(await openLines(bar.till)).toEqual([])
})

test('practice, a voided bill and a sale without a table leave the open lines as they are', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await ordered(bar, 'Tisch 7', cups(1))
  const practised = order(bar.id, [cups(5), cups(-9)], { training: true })
  await bar.till.complete(await bar.till.create(practised), [])
  const practisedBill = await bar.till.create(
    goods('sale', bar.id, [cups(1)], { training: true, allocation_group: 'Tisch 7' }),
  )
  await bar.till.complete(practisedBill, [pay('cash', '3.99')])
  await bar.till.void(await bar.till.create(billOf(bar, 'Tisch 7', cups(1))))
  const sale = await bar.till.create(goods('sale', bar.id, [cups(1)]))
  expect(await bar.till.complete(sale, [pay('cash', '3.99')])).not.toHaveProperty('settled_order_lines')
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 1'])
})

test('a register sees the tables of its location alone, and none of another merchant', async () => {
  await using bench = await Bench.open()
  const { bar, locationId } = await tavern(bench)
  const other = await bench.shop()
  await ordered(bar, 'Tisch 7', cups(1))
  expect(await openLines(bench.office.forMerchant(other.merchantId))).toEqual([])
  for (const [client, query, code] of [
    [bar.till, `?location_id=${other.locationId}`, 'not_found'],
    [bench.office.forMerchant(other.merchantId), `?location_id=${locationId}`, 'not_found'],
    [bench.office.forMerchant(other.merchantId), `?register_id=${bar.id}`, 'not_found'],
    [bar.till, '?cursor=eA', 'invalid_request'],
    [bar.till, '?allocation_group=%20', 'invalid_request'],
  ] as const)
    expect(await client.refused({ path: `${GROUPS}${query}` })).toMatchObject({ code })
})

test('tables outlive count, close, Z and register; their bill refers to the other one', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(2), coffees(1))
  await ordered(bar, 'Tisch 9', coffees(1))
  const count = await bar.till.create(event('session_cash_count', bar.id, { counted_closing_amount: '50.00' }))
  expect(count).toMatchObject({ open_allocation_groups: 2 })
  await bar.till.create(closing(bar, '0.00'))
  await bench.office.post(`/v1/registers/${bar.id}/decommission`, {}, 200)
  await bench.restart()
  expect(await openLines(terrace.till)).toEqual(['Tisch 7 cup 2', 'Tisch 7 coffee 1', 'Tisch 9 coffee 1'])
  const bill = await billed(terrace, 'Tisch 9', cups(1, { order_line_id: lineOf(first, 0) }), coffees(1))
  expect(processData(bill)).toBe('Beleg^6.98_0.00_0.00_0.00_0.00^6.98:Bar')
  await billed(terrace, 'Tisch 7', cups(1), coffees(1))
  const last = await terrace.till.create(event('session_cash_count', terrace.id, { counted_closing_amount: '63.96' }))
  expect(last).not.toHaveProperty('open_allocation_groups')
  await terrace.till.create(closing(terrace, '0.00'))
  await inDirectory(async (directory) => {
    const { report: checked, rowsOf } = await exportedPackage(bench)
    expect(checked).toMatchObject({ valid: true, findings: [] })
    const rows = (name: string) => rowsOf(name, bill)
    expect(rows('allocation_groups.csv').map((row) => row['ABRECHNUNGSKREIS'])).toEqual(['Tisch 9', 'Tisch 7'])
    expect(rows('references.csv')).toMatchObject([
      { REF_TYP: 'Transaktion', POS_ZEILE: '', REF_Z_KASSE_ID: expect.any(String), REF_Z_NR: '1' },
      { REF_TYP: 'Transaktion', POS_ZEILE: '', REF_Z_NR: '1' },
    ])
    const { code, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
  })
})

function moveOf({ id }: Register, from: string, to: string, more: Members = {}): Members {
  return event('order_move', id, { from_allocation_group: from, allocation_group: to, ...more })
}

test('tables are moved, merged and split, signed, and billed where they are now', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(2), coffees(1))
  await ordered(bar, 'Tisch 7', cups(-1))
  const moved = await terrace.till.create(moveOf(terrace, 'Tisch 7', 'Tisch "12"'))
  expect(processData(moved)).toBe(
    'Umbuchung;"Tisch 7";"Tisch ""12"""\r1;"Eisbecher ""Himbeere""";3.99\r1;"Eiskaffee";2.99',
  )
  expect(signed(moved)).toMatchObject({
    document_type: 'AVSonstige',
    end_event: { process_type: 'SonstigerVorgang' },
  })
  const shown = (index: number, sku: string, price: string) => ({
    order_id: first.id,
    order_line_id: lineOf(first, index),
    sku_identifier: sku,
    title: index === 0 ? CUP.title : COFFEE.title,
    quantity: '1',
    unit_price: price,
    total_amount: price,
  })
  expect(moved).toMatchObject({
    type: 'order_move',
    status: 'completed',
    moved_lines: [shown(0, 'cup', '3.99'), shown(1, 'coffee', '2.99')],
  })
  expect(await openLines(bar.till)).toEqual(['Tisch "12" cup 1', 'Tisch "12" coffee 1'])
  await ordered(bar, 'Tisch 9', cups(3))
  await bar.till.create(
    moveOf(bar, 'Tisch 9', 'Tisch "12"', { line_items: [{ sku_identifier: 'cup', quantity: '1.5' }] }),
  )
  expect(await openLines(bar.till)).toEqual([
    'Tisch "12" cup 1',
    'Tisch "12" coffee 1',
    'Tisch "12" cup 1.5',
    'Tisch 9 cup 1.5',
  ])
  const bill = await billed(bar, 'Tisch "12"', cups(1), coffees(1))
  expect(bill).toMatchObject({
    settled_order_lines: [
      { order_line_id: lineOf(first, 0), allocation_group: 'Tisch 7' },
      { order_line_id: lineOf(first, 1), allocation_group: 'Tisch 7' },
    ],
  })
  const { text } = await terrace.till.call({ path: `/v1/operations/${moved.id}/receipt?format=text` })
  for (const words of [/Umbuchung/, /Kein Kassenbeleg/i, /Von:? +Tisch 7/, /Nach:? +Tisch "12"/, /Eiskaffee/])
    expect(text).toMatch(words)
  await bar.till.create(event('void', bar.id, { related_operation_id: bill.id }))
  expect(await openLines(bar.till, `?allocation_group=${encodeURIComponent('Tisch "12"')}`)).toEqual([
    'Tisch "12" cup 1',
    'Tisch "12" coffee 1',
    'Tisch "12" cup 1.5',
  ])
  for (const register of [bar, terrace]) {
    await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '50.00' }))
    await register.till.create(closing(register, '0.00'))
  }
  await inDirectory(async (directory) => {
    const { report: checked, bonOf, rowsOf } = await exportedPackage(bench)
    expect(checked).toMatchObject({ valid: true, findings: [] })
    expect(bonOf(moved)).toMatchObject({ BON_TYP: 'AVSonstige', BON_NAME: 'Umbuchung', UMS_BRUTTO: '0,00' })
    const rows = (name: string) => rowsOf(name, moved)
    expect(rows('allocation_groups.csv').map((row) => row['ABRECHNUNGSKREIS'])).toEqual(['Tisch 7', 'Tisch 12'])
    expect(rows('references.csv')).toMatchObject([{ REF_TYP: 'Transaktion', POS_ZEILE: '' }])
    expect(rows('datapayment.csv')).toMatchObject([{ ZAHLART_TYP: 'Keine', BASISWAEH_BETRAG: '0,00' }])
    expect([rows('lines.csv'), rows('transactions_vat.csv')]).toEqual([[], []])
    const { code, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
  })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('a move of nothing, to the same table, or of more than is open is refused, and one too long is cut', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const long = Array.from(
    { length: 40 },
    (_, index): Line => ['2.99', '0.19', { ...COFFEE, title: `${index} ${'x'.repeat(40)}` }],
  )
  const first = await ordered(bar, 'Tisch 7', ...long)
  const only = (line: Members) => ({ line_items: [line] })
  for (const [body, code, pointer] of [
    [moveOf(bar, 'Tisch 8', 'Tisch 7'), 'order_quantity_exceeded', '/from_allocation_group'],
    [moveOf(bar, 'Tisch 7', 'Tisch 7'), 'unprocessable_entity', '/allocation_group'],
    [moveOf(bar, 'Tisch 7', 'Tisch 8', { line_items: [] }), 'unprocessable_entity', '/line_items'],
    [
      moveOf(bar, 'Tisch 7', 'Tisch 8', only({ sku_identifier: 'coffee', quantity: 0 })),
      'unprocessable_entity',
      '/line_items/0/quantity',
    ],
    [
      moveOf(bar, 'Tisch 7', 'Tisch 8', only({ order_line_id: lineOf(first, 0), quantity: 2 })),
      'order_quantity_exceeded',
      '/line_items/0',
    ],
  ] as const)
    expect(await bar.till.refused({ path: '/v1/operations', body })).toMatchObject({
      code,
      details: { pointer },
      fiscal_effect: 'none',
    })
  expect(
    await bar.till.refused({
      path: '/v1/operations',
      body: moveOf(bar, 'Tisch 7', 'Tisch 8', only({ quantity: 1 })),
    }),
  ).toMatchObject({ code: 'invalid_request' })
  const moved = await bar.till.create(moveOf(bar, 'Tisch 7', 'Tisch 8'))
  const lines = processData(moved).split('\r')
  expect(processData(moved).length).toBeLessThanOrEqual(1000)
  expect(lines.at(-1)).toBe(`+${40 - (lines.length - 2)}`)
  expect(await openLines(bar.till)).toHaveLength(40)
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('of two bills and a move for one line, while the TSE signs, each line ends in one place', async () => {
  await using bench = await Bench.open()
  const { bar, terrace } = await tavern(bench)
  for (let round = 0; round < 8; round++) {
    const [from, to] = [`Tisch ${round}`, `Tisch ${round} neu`]
    const only = await ordered(bar, from, cups(1))
    const named = cups(1, { order_line_id: lineOf(only, 0) })
    const [first, second] = [
      await bar.till.create(billOf(bar, from, round % 2 === 0 ? cups(1) : named)),
      await terrace.till.create(billOf(terrace, from, cups(1))),
    ]
    const answers = await Promise.all([
      bar.till.call(completion(first, [pay('cash', '3.99')])),
      terrace.till.call(completion(second, [pay('cash', '3.99')])),
      terrace.till.call({ path: '/v1/operations', body: moveOf(terrace, from, to) }),
    ])
    const settled = answers.flatMap(({ json }) => (json['settled_order_lines'] ?? []) as Members[])
    const left = await openLines(bar.till)
    // Once, whoever came first: a bill has it, or it is open at one of the tables.
    expect([settled.length + left.length, ...settled.map((line) => line['order_line_id'])]).toEqual(
      settled.length === 1 ? [1, lineOf(only, 0)] : [1],
    )
    for (const { json, status } of answers.filter(({ status }) => status >= 400)) {
      expect({ status, code: json['code'] }).toEqual({ status: 422, code: 'order_quantity_exceeded' })
    }
    for (const open of left) {
      const group = open.split(' cup ')[0] ?? ''
      await billed(bar, group, cups(1))
    }
    if (answers[0]?.status === 422) await bar.till.void(first)
  }
  expect(await openLines(bar.till)).toEqual([])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('in an outage a table is billed unsigned, with the time of the till as its first order', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  await bench.fault('unplugged@*')
  const first = await ordered(bar, 'Tisch 7', cups(2))
  const bill = await billed(bar, 'Tisch 7', cups(1))
  expect(bill).toMatchObject({
    fiscal: { state: 'failed' },
    fiscal_information: null,
    settled_order_lines: [{ order_line_id: lineOf(first, 0), quantity: '1' }],
    first_order_at: (first as Members)['created_at'],
  })
  const { text } = await bar.till.call({ path: `/v1/operations/${bill.id}/receipt.txt` })
  expect(text).toContain('Erste Bestellung')
  const moved = await bar.till.create(moveOf(bar, 'Tisch 7', 'Tisch 9'))
  expect(moved).toMatchObject({ status: 'completed', fiscal: { state: 'failed' } })
  expect(await openLines(bar.till)).toEqual(['Tisch 9 cup 1'])
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const signedBill = await billed(bar, 'Tisch 9', cups(1))
  expect(processData(signedBill)).toBe('Beleg^3.99_0.00_0.00_0.00_0.00^3.99:Bar')
  expect(signedBill).toMatchObject({ first_order_at: (first as Members)['created_at'] })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('tables and an open bill outlive a TSE that is lost; its successor signs the rest', async () => {
  await using bench = await Bench.open()
  const { bar } = await tavern(bench)
  const first = await ordered(bar, 'Tisch 7', cups(2), coffees(1))
  const open = await bar.till.create(billOf(bar, 'Tisch 7', cups(1)))
  await bench.loseTse()
  await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
  await bench.untilDevice('ready')
  const bill = await bar.till.complete(open, [pay('cash', '3.99')])
  expect(bill).toMatchObject({
    fiscal: { state: 'failed' },
    settled_order_lines: [{ order_line_id: lineOf(first, 0), quantity: '1' }],
    first_order_at: first.fiscal.start_event?.signed_at,
  })
  expect(await openLines(bar.till)).toEqual(['Tisch 7 cup 1', 'Tisch 7 coffee 1'])
  const moved = await bar.till.create(moveOf(bar, 'Tisch 7', 'Tisch 9'))
  expect(signed(moved).tss_serial_number).not.toBe(signed(first).tss_serial_number)
  const rest = await billed(bar, 'Tisch 9', cups(1), coffees(1))
  expect(rest).toMatchObject({ fiscal: { state: 'succeeded' }, first_order_at: first.fiscal.start_event?.signed_at })
  expect(await openLines(bar.till)).toEqual([])
  await bar.till.create(event('session_cash_count', bar.id, { counted_closing_amount: '60.97' }))
  await bar.till.create(closing(bar, '0.00'))
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})
