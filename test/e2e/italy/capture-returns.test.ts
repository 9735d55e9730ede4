// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import { documents, italianTill, movement, ONE_PRINTER, receiptOf, wordsOf } from './shop.ts'

type Lines = Parameters<typeof movement>[2]
type Kind = Parameters<typeof movement>[0]

const FAMILIES: readonly FamilyName[] = ['rch', 'custom', 'epson']

function deposit(amount: string, rate?: string): Lines[number] {
  return { title: 'Acconto', amount, ...(rate !== undefined && { rate }), more: { type: 'deposit' } }
}

function chair(amount: string, rate?: string): Lines[number] {
  return { title: 'Sedia', amount, ...(rate !== undefined && { rate }) }
}

type Traded = { lines: Lines; of?: Operation; payments?: readonly Members[]; more?: Members }

function bodyOf(register: Register, kind: Kind, { lines, of, more }: Traded): Members {
  return movement(kind, register, lines, { ...(of !== undefined && { related_operation_id: of.id }), ...more })
}

async function traded(register: Register, kind: Kind, trade: Traded): Promise<Operation> {
  const body = bodyOf(register, kind, trade)
  const { payments = [pay('cash', String(body['total_amount']))] } = trade
  return register.till.complete(await register.till.create(body), payments)
}

/** Goods of 80.00 on which a deposit of 70.00 is taken off: the document comes to 10.00. */
async function capturedChair(register: Register): Promise<{ paid: Operation; captured: Operation }> {
  const paid = await traded(register, 'deposit', { lines: [deposit('70.00')] })
  const captured = await traded(register, 'deposit_capture', { lines: [chair('80.00'), deposit('-70.00')], of: paid })
  return { paid, captured }
}

async function codeOf(register: Register, body: Members): Promise<[code: string, message: string]> {
  const { code, message } = await register.till.refused({ path: '/v1/operations', body })
  return [code, message]
}

function resiIn(printed: readonly PrintedRecord[]): unknown[] {
  return printed
    .filter(({ kind }) => kind === 'return')
    .map(({ totalCents, cashCents, original }) => [totalCents, cashCents, `${original?.z}-${original?.number}`])
}

describe.each(FAMILIES)('%s', (family) => {
  test('a return of the goods alone is on the document of the capture, and for the rest on that of the deposit', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const { captured } = await capturedChair(register)
    const payments = [pay('card', '-50.00'), pay('cash', '-30.00')]
    const back = await traded(register, 'return', { lines: [chair('-80.00')], of: captured, payments })
    const [first, second, ...more] = printer.documents.filter(({ kind }) => kind === 'return')
    expect(more).toEqual([])
    // 0001 is the deposit, 0002 the capture.
    expect([first?.totalCents, first?.cashCents, first?.original?.number]).toEqual([1000, 0, 2])
    expect([second?.totalCents, second?.cashCents, second?.original?.number]).toEqual([7000, -3000, 1])
    for (const [document, amount] of [
      [first, '10,00'],
      [second, '70,00'],
    ] as const)
      expect(wordsOf(document).join('\n')).toMatch(new RegExp(`Sedia 22% ${amount}`))
    expect(receiptOf(back).documents?.map((each) => [each.document_type, each.document_number.slice(5)])).toEqual([
      ['return', '0003'],
      ['return', '0004'],
    ])
    expect(back).toMatchObject({ total_amount: '-80.00', fiscal: { state: 'succeeded' } })
    const session = await register.till.get(`/v1/registers/${register.id}/session`)
    expect(session).toMatchObject({ expected_closing_amount: '100.00' })
  })

  test('a return with the deposit is one reso of what the capture came to, and the deposit can be captured again', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const { paid, captured } = await capturedChair(register)
    const back = await traded(register, 'return', { lines: [chair('-80.00'), deposit('70.00')], of: captured })
    expect(back).toMatchObject({ total_amount: '-10.00' })
    expect(receiptOf(back)).not.toHaveProperty('documents')
    expect(resiIn(printer.documents)).toEqual([[1000, -1000, expect.stringMatching(/-2$/)]])
    const again = await traded(register, 'deposit_capture', { lines: [chair('90.00'), deposit('-70.00')], of: paid })
    await traded(register, 'return', { lines: [chair('-90.00'), deposit('70.00')], of: again })
    await traded(register, 'return', { lines: [deposit('-70.00')], of: paid })
    expect(resiIn(printer.documents).slice(1)).toEqual([
      [2000, -2000, expect.stringMatching(/-4$/)],
      [7000, -7000, expect.stringMatching(/-1$/)],
    ])
  })

  test('the deposit takes the first goods off the reso first, and a line that comes to 0 is not printed', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const paid = await traded(register, 'deposit', { lines: [deposit('70.00'), deposit('6.60', '0.10')] })
    const table = { title: 'Tavolo', amount: '50.00' }
    const bread = { title: 'Pane', amount: '9.90', rate: '0.10' }
    const taken = [deposit('-70.00'), deposit('-6.60', '0.10')]
    const captured = await traded(register, 'deposit_capture', {
      lines: [table, bread, chair('30.00'), ...taken],
      of: paid,
    })
    const goods = [{ ...table, amount: '-50.00' }, { ...bread, amount: '-9.90' }, chair('-30.00')]
    const lines = [...goods, deposit('70.00'), deposit('6.60', '0.10')]
    await traded(register, 'return', { lines, of: captured })
    const reso = wordsOf(printer.documents.at(-1))
    expect(reso.filter((line) => / (22|10)% /.test(line))).toEqual(['Pane 10% 3,30', 'Sedia 22% 10,00'])
  })

  test('goods at 0.00 have the direction of their line, and what comes back free is on a reso or on no document', async () => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    const free = (title: string, more: Members = {}): Lines[number] => ({ title, amount: '0.00', more })
    const sold = await traded(register, 'sale', { lines: [chair('20.00'), free('Omaggio')] })
    await traded(register, 'return', { lines: [chair('-20.00'), free('Omaggio')], of: sold })
    const swap = [chair('-1.00'), free('Vecchio', { quantity: -1 }), chair('2.00'), free('Nuovo')]
    const other = await traded(register, 'sale', { lines: [chair('1.00'), free('Vecchio')] })
    await traded(register, 'exchange', { lines: swap, of: other, payments: [pay('cash', '1.00')] })
    const handedOut = [
      chair('2.00'),
      free('Vecchio', { quantity: 1, unit_price: '-5.00', discounts: [{ amount: '5.00' }] }),
    ]
    await traded(register, 'exchange', { lines: handedOut, of: other, payments: [pay('cash', '2.00')] })
    const nothing = await traded(register, 'return', { lines: [free('Vecchio')], of: other })
    expect(nothing).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null, status: 'completed' })
    const texts = printer.documents.map((document) => [
      document.kind,
      ...wordsOf(document).filter((line) => /0,00$/.test(line) && line.startsWith('#')),
    ])
    expect(texts).toEqual([
      ['sale', '#Omaggio 0,00'],
      ['return', '#Omaggio 0,00'],
      ['sale', '#Vecchio 0,00'],
      ['return', '#Vecchio 0,00'],
      ['sale', '#Nuovo 0,00'],
      ['sale'],
    ])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
  })
})

test('resi go as far as their documents, by rate, in all returns of a capture together', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const paid = await traded(register, 'deposit', { lines: [deposit('40.00'), deposit('20.00', '0.10')] })
  const captured = await traded(register, 'deposit_capture', {
    lines: [chair('50.00'), chair('30.00', '0.10'), deposit('-40.00'), deposit('-20.00', '0.10')],
    of: paid,
  })
  const back = (lines: Lines) => traded(register, 'return', { lines, of: captured })
  await back([chair('-5.00')])
  // 5.00 of 22 % are left on the capture, and 10.00 of 10 %.
  await back([chair('-20.00'), chair('-12.00', '0.10')])
  await back([chair('-25.00'), chair('-18.00', '0.10')])
  const resi = (await documents(bench)).filter(({ kind }) => kind === 'return')
  expect(resi.map(({ totalCents, original }) => [totalCents, original?.number])).toEqual([
    [500, 2],
    [1500, 2],
    [1700, 1],
    [4300, 1],
  ])
  expect(wordsOf(resi[1]).filter((line) => line.startsWith('Sedia'))).toEqual(['Sedia 22% 5,00', 'Sedia 10% 10,00'])
  expect(wordsOf(resi[2]).filter((line) => line.startsWith('Sedia'))).toEqual(['Sedia 22% 15,00', 'Sedia 10% 2,00'])
  const more = bodyOf(register, 'return', { lines: [chair('-0.01', '0.10')], of: captured })
  expect(await codeOf(register, more)).toEqual([
    'related_operation_invalid',
    `The documents of ${captured.id} and of its deposit have nothing left for 0.01 at 0.10.`,
  ])
  const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
  expect(closing['totals']).toMatchObject({
    vat: [
      { rate: '0.1', amount: '0.00', tax_amount: '0.00' },
      { rate: '0.22', amount: '0.00', tax_amount: '0.00' },
    ],
    payments: [{ name: 'Contanti', amount: '0.00' }],
  })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
})

test('a part of the deposit can be valid again: the rest of the goods is on both documents', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { paid, captured } = await capturedChair(register)
  const lines = [chair('-50.00'), { title: 'Cuscino', amount: '-30.00', more: { quantity: -3, unit_price: '10.00' } }]
  const back = await traded(register, 'return', { lines: [deposit('30.00'), ...lines], of: captured })
  expect(back).toMatchObject({ total_amount: '-50.00' })
  const resi = (await documents(bench)).filter(({ kind }) => kind === 'return')
  expect(resi.map(({ totalCents, original }) => [totalCents, original?.number])).toEqual([
    [1000, 2],
    [4000, 1],
  ])
  // 30.00 of the deposit are free, and its document has as much left.
  const tooMuch = bodyOf(register, 'deposit_capture', { lines: [chair('80.00'), deposit('-30.01')], of: paid })
  expect((await codeOf(register, tooMuch))[0]).toBe('unprocessable_entity')
  await traded(register, 'return', { lines: [deposit('-30.00')], of: paid })
  const late = bodyOf(register, 'return', { lines: [chair('-70.00'), deposit('0.01')], of: captured })
  expect((await codeOf(register, late))[0]).toMatch(/unprocessable_entity|related_operation_invalid/)
})

test('goods that a deposit had paid in whole: with the deposit nothing is printed, alone they are on its document', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const paid = await traded(register, 'deposit', { lines: [deposit('70.00')] })
  const capture = { lines: [chair('70.00'), deposit('-70.00')], of: paid }
  const first = await traded(register, 'deposit_capture', capture)
  const back = await traded(register, 'return', { lines: [chair('-70.00'), deposit('70.00')], of: first })
  expect(back).toMatchObject({ fiscal: { state: 'not_required' }, fiscal_information: null })
  const second = await traded(register, 'deposit_capture', capture)
  const pieces = { ...chair('-70.00'), more: { quantity: -7, unit_price: '10.00' } }
  await traded(register, 'return', { lines: [pieces, chair('0.00')], of: second })
  expect(resiIn(await documents(bench))).toEqual([[7000, -7000, '142-1']])
  // On the document of the deposit a line is one piece with its title.
  const words = wordsOf((await documents(bench)).find(({ kind }) => kind === 'return'))
  expect(words.filter((line) => line.includes('Sedia'))).toEqual(['Sedia 22% 70,00', '#Sedia 0,00'])
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
})

test('an exchange has one reso: goods of a capture beyond its document are a return and a sale', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { captured } = await capturedChair(register)
  const swap = (back: string, given: string) => ({ lines: [chair(back), chair(given)], of: captured })
  expect(await codeOf(register, bodyOf(register, 'exchange', swap('-80.00', '90.00')))).toEqual([
    'related_operation_invalid',
    expect.stringContaining('Record a return, and a sale.'),
  ])
  await traded(register, 'exchange', swap('-9.00', '11.00'))
  await traded(register, 'return', { lines: [chair('-71.00')], of: captured })
  expect(resiIn(await documents(bench))).toEqual([
    [900, -900, '142-2'],
    [100, -100, '142-2'],
    [7000, -7000, '142-1'],
  ])
})

test('a deposit of another rate than the goods: the message names other evidence, at the creation of the return', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const paid = await traded(register, 'deposit', { lines: [deposit('60.00')] })
  const lines = [chair('210.00', '0.10'), deposit('-60.00')]
  const captured = await traded(register, 'deposit_capture', { lines, of: paid })
  const refused = (back: Lines) => codeOf(register, bodyOf(register, 'return', { lines: back, of: captured }))
  for (const back of [[chair('-210.00', '0.10')], [chair('-210.00', '0.10'), deposit('60.00')]])
    expect(await refused(back)).toEqual(['related_operation_invalid', expect.stringContaining('(ND)')])
  // Up to its total the document of the capture takes the goods back.
  await traded(register, 'return', { lines: [chair('-150.00', '0.10')], of: captured })
  expect((await refused([chair('-0.01', '0.10')]))[0]).toBe('related_operation_invalid')
})

const HALF = { lines: [chair('-80.00')], payments: [pay('card', '-50.00'), pay('cash', '-30.00')] }

test('a return whose second reso fails keeps the first: the same completion prints the rest, others do not', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { captured } = await capturedChair(register)
  const open = await register.till.create(bodyOf(register, 'return', { ...HALF, of: captured }))
  await bench.faultAt('rt-1', 'error=ES0001@=R#2')
  const call = completion(open, HALF.payments)
  const refused = await register.till.refused(call)
  expect(refused).toMatchObject({ fiscal_effect: 'recorded', message: expect.stringContaining('resi of the return') })
  const voiding = {
    path: `/v1/operations/${open.id}/void`,
    body: { reason: 'operator_cancelled' },
    key: 'v',
    ifMatch: 1,
  }
  expect(await register.till.refused(voiding)).toMatchObject({ code: 'operation_invalid_state' })
  const otherwise = await register.till.refused(completion(open, [pay('cash', '-80.00')]))
  expect(otherwise).toMatchObject({ code: 'unprocessable_entity', fiscal_effect: 'recorded' })
  const again = await register.till.call(call)
  expect(again.status, again.text).toBe(200)
  expect(resiIn(await documents(bench))).toEqual([
    [1000, 0, '142-2'],
    [7000, -3000, '142-1'],
  ])
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
})

test('a return ends with its printed resi, and what else came back is another return', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 2000 })
  const register = await italianTill(bench)
  const { captured } = await capturedChair(register)
  const open = await register.till.create(bodyOf(register, 'return', { ...HALF, of: captured }))
  printer.simulator.inject('error=ES0001@=R#2-99')
  await register.till.refused(completion(open, HALF.payments))
  await bench.agent.administration.endOperation(open.id, 'Stampante senza reparto')
  const done = await register.till.read(open.id)
  expect(done).toMatchObject({
    ...{ status: 'completed', total_amount: '-10.00', tax_amount: '-1.80', pretax_amount: '-8.20' },
    line_items: [{ title: 'Sedia', quantity: 1, unit_price: '-10.00', total_amount: '-10.00' }],
    payments: [{ method: 'card', amount: '-10.00' }],
    hints: [{ code: 'return_ended_with_part' }],
    fiscal: { state: 'succeeded' },
  })
  printer.simulator.clearFaults()
  await traded(register, 'return', { lines: [chair('-70.00')], of: captured })
  expect(resiIn(printer.documents)).toEqual([
    [1000, 0, '142-2'],
    [7000, -7000, '142-1'],
  ])
  const closing = await register.till.post(`/v1/registers/${register.id}/closings`, {})
  expect(closing['totals']).toMatchObject({ vat: [{ rate: '0.22', amount: '0.00' }] })
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
})

test('training prints a slip and uses no document; returns that others have begun are counted', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const { captured } = await capturedChair(register)
  await traded(register, 'return', { lines: [chair('-80.00')], of: captured, more: { training: true } })
  // An open return uses no document before its printing begins.
  const open = await register.till.create(bodyOf(register, 'return', { lines: [chair('-15.00')], of: captured }))
  await traded(register, 'return', { lines: [chair('-75.00')], of: captured })
  const late = completion(open, [pay('cash', '-15.00')])
  expect(await register.till.refused(late)).toMatchObject({
    code: 'related_operation_invalid',
    fiscal_effect: 'none',
  })
  await register.till.void(open)
  await traded(register, 'return', { lines: [chair('-5.00')], of: captured })
  expect(resiIn(await documents(bench))).toEqual([
    [1000, -1000, '142-2'],
    [6500, -6500, '142-1'],
    [500, -500, '142-1'],
  ])
  await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '50.00' }))
})

test('goods come back at the rates of their document alone, also in an exchange; a free line needs no rate', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench)
  const sold = await traded(register, 'sale', {
    lines: [chair('10.00', '0.10'), { title: 'Visita', amount: '5.00', code: 'N4' }, chair('0.00', '0.04')],
  })
  const body = (kind: Kind, lines: Lines, of = sold) => bodyOf(register, kind, { lines, of })
  expect(await codeOf(register, body('return', [chair('-10.00')]))).toEqual([
    'tax_rate_not_supported',
    'Line 0 comes back at 0.22, and its sale has 0.10, N4. Return it at the rate of its sale.',
  ])
  for (const refused of [
    body('return', [chair('-5.00', '0.10'), { title: 'Visita', amount: '-5.00', code: 'N1' }]),
    body('return', [chair('-5.00', '0.04')]),
    body('exchange', [chair('-10.00'), chair('10.00')]),
  ])
    expect((await codeOf(register, refused))[0]).toBe('tax_rate_not_supported')
  const swap = await traded(register, 'exchange', {
    lines: [chair('-4.00', '0.10'), chair('4.00', '0.04'), chair('0.00')],
    of: sold,
  })
  // Of an exchange comes back what it handed out.
  expect((await codeOf(register, body('return', [chair('-4.00', '0.10')], swap)))[0]).toBe('tax_rate_not_supported')
  await traded(register, 'return', { lines: [chair('-4.00', '0.040')], of: swap })
  await traded(register, 'return', {
    lines: [chair('-6.00', '0.1'), { title: 'Visita', amount: '-5.00', code: 'N4' }, chair('0.00')],
    of: sold,
  })
  const elsewhere = {
    external_related_operation: {
      description: 'Altra cassa',
      external_operation_id: '0001-0001 14-09-2026 72IV6000009',
    },
  }
  await traded(register, 'return', { lines: [chair('-1.00', '0.05')], more: elsewhere })
})
