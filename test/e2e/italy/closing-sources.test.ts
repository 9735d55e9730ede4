// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { Books } from '../../../agent/journal/books/books.ts'
import { LAW_BOOKS } from '../../../agent/laws/law-books.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { NONE } from '../closing-sums.ts'
import { event, pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { EARLY_CUSTOM } from './printer-families.ts'
import { italianShop, italianTill, movement, sell, tillAt } from './shop.ts'

type Shop = { bench: Bench; printer: SimulatedPrinter; register: Register; beside: PrinterBeside<SimulatedPrinter> }

async function atPrinter(family: FamilyName, use: (shop: Shop) => Promise<void>): Promise<void> {
  await at(await printerOf(family), use)
}

async function at(printer: PrinterBeside<SimulatedPrinter>, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using beside = printer
  await using bench = await beside.agent()
  await use({ bench, beside, printer: beside.simulator, register: await italianTill(bench, '0.00') })
}

function close({ id, till }: Register): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

async function closingsOf({ id, till }: Register): Promise<Members[]> {
  const closings = await till.list(`/v1/registers/${id}/closings`)
  return closings.toSorted((one, other) => zOf(one) - zOf(other))
}

function zOf(closing: Members): number {
  return Number((closing['z_numbers'] as number[])[0])
}

function codesOf(closing: Members): unknown[] {
  return ((closing['hints'] ?? []) as Members[]).map(({ code }) => code)
}

/** Sums of our documents, all in cash at 22 %, and the printer's own. */
function sums(ours: string, tax: string, printed = ours, resi = '0.00', annulli = '0.00') {
  return {
    vat: ours === '0.00' ? [] : [{ name: 'IVA 22 %', rate: '0.22', amount: ours, tax_amount: tax }],
    payments: ours === '0.00' ? [] : [{ name: 'Contanti', amount: ours }],
    business_cases: [
      { name: 'Vendite', amount: printed },
      { name: 'Resi', amount: resi },
      { name: 'Annulli', amount: annulli },
    ],
    ...{ reversals: expect.any(Object), returns: expect.any(Object), cancelled_lines: NONE, training: NONE },
  }
}

function unknown(documents: string[], amount: string | null) {
  return { code: 'rt_documents_unknown', documents, documents_count: documents.length, amount }
}

/** Errors of `journal verify`. */
function errorsIn(bench: Bench): string[] {
  const books = new Books('salt', LAW_BOOKS)
  for (const { seq, kind, op, body } of bench.journal())
    books.note({ seq: Number(seq), kind, op, at: '2026-03-02T08:00:00.000Z', body })
  return books.findings.all().flatMap(({ code, level }) => (level === 'error' ? [code] : []))
}

describe.each<FamilyName>(['rch', 'custom', 'epson'])('%s: the sums of a closing', (family) => {
  const isReadable = family !== 'epson'

  test('have no hint if only we printed: sales, resi and annulli', () =>
    atPrinter(family, async ({ bench, register }) => {
      const sold = await sell(register, '12.20')
      const wrong = await sell(register, '3.66')
      await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
      const line = [{ title: 'Torta', amount: '-6.10' }]
      const back = await register.till.create(movement('return', register, line, { related_operation_id: sold.id }))
      await register.till.complete(back, [pay('cash', '-6.10')])
      const closed = await close(register)
      expect(closed['totals']).toEqual(sums('6.10', '1.10', '15.86', '-6.10', '-3.66'))
      expect(closed).not.toHaveProperty('hints')
      expect(errorsIn(bench)).toEqual([])
    }))

  test('name what was keyed in at the printer, with its amount if the printer reports it', () =>
    atPrinter(family, async ({ bench, printer, register }) => {
      await sell(register, '6.10')
      printer.keyInSale(500)
      await sell(register, '6.10')
      printer.keyInSale(250)
      const closed = await close(register)
      expect(closed['totals']).toEqual(sums('12.20', '2.20', isReadable ? '19.70' : '12.20'))
      expect(closed['hints']).toMatchObject([unknown(['0142-0002', '0142-0004'], isReadable ? '7.50' : null)])
      expect(errorsIn(bench)).toEqual([])
      await sell(register, '1.22')
      expect((await close(register))['hints']).toBeUndefined()
    }))

  test('are those of the journal if the printer made the Z itself', () =>
    atPrinter(family, async ({ bench, printer, register }) => {
      await sell(register, '12.20')
      printer.closeByItself()
      await sell(register, '1.22')
      const [first, ...others] = await closingsOf(register)
      expect(first).toMatchObject({ z_numbers: [142], totals: sums('12.20', '2.20') })
      expect(first && codesOf(first)).toEqual(['closed_by_printer'])
      expect(others).toEqual([])
      expect((await close(register))['totals']).toEqual(sums('1.22', '0.22'))
      expect(errorsIn(bench)).toEqual([])
    }))

  test('name what was keyed in before a Z that the printer made itself, if its memory can be read', () =>
    atPrinter(family, async ({ bench, printer, register }) => {
      await sell(register, '12.20')
      printer.keyInSale(500)
      printer.closeByItself()
      printer.keyInSale(250)
      await sell(register, '1.22')
      const [first] = await closingsOf(register)
      expect(first).toMatchObject({ z_numbers: [142], totals: sums('12.20', '2.20') })
      const named = isReadable ? [unknown(['0142-0002'], '5.00')] : []
      expect(first?.['hints']).toMatchObject([{ code: 'closed_by_printer' }, ...named])
      const second = await close(register)
      expect(second['totals']).toEqual(sums('1.22', '0.22', isReadable ? '3.72' : '1.22'))
      expect(second['hints']).toMatchObject([unknown(['0143-0001'], isReadable ? '2.50' : null)])
      expect(errorsIn(bench)).toEqual([])
    }))

  test('are empty, not unknown, for periods in which nothing was printed', () =>
    atPrinter(family, async ({ printer, register }) => {
      await sell(register, '12.20')
      for (let z = 0; z < 3; z++) printer.closeByItself()
      await sell(register, '1.22')
      const closings = await closingsOf(register)
      expect(closings.map(zOf)).toEqual([142, 143, 144])
      expect(closings.map(({ totals }) => totals)).toEqual([
        sums('12.20', '2.20'),
        sums('0.00', '0.00'),
        sums('0.00', '0.00'),
      ])
    }))
})

test('each Z between two looks of a register has its own sums, as the register that requested it recorded them', () =>
  atPrinter('rch', async ({ bench, printer, register: one }) => {
    const [location] = await bench.office.list('/v1/locations')
    const two = await italianTill(bench, '0.00', String(location?.['id']))
    await sell(two, '1.22')
    await sell(one, '12.20')
    printer.keyInSale(500)
    const asked = await close(one)
    await sell(one, '2.44')
    await close(one)
    await sell(one, '3.66')
    printer.closeByItself()
    await sell(two, '6.10')
    const closings = await closingsOf(two)
    expect(closings.map(({ totals }) => totals)).toEqual([
      sums('13.42', '2.42', '18.42'),
      sums('2.44', '0.44'),
      sums('3.66', '0.66'),
    ])
    expect(closings.map(codesOf)).toEqual([['rt_documents_unknown'], [], ['closed_by_printer']])
    expect(closings[0]?.['hints']).toEqual(asked['hints'])
    await sell(one, '1.22')
    expect((await closingsOf(one)).map(codesOf)).toEqual([['rt_documents_unknown'], [], ['closed_by_printer']])
    expect(errorsIn(bench)).toEqual([])
  }))

test('sums read before a Z that the printer then made itself belong to that Z; the requested one is empty', () =>
  atPrinter('rch', async ({ bench, printer, register }) => {
    await sell(register, '12.20')
    printer.keyInSale(500)
    // The first =C3 reads the memory for what was keyed in.
    printer.inject('closed-by-itself@=C3#2')
    expect(await close(register)).toMatchObject({ z_numbers: [143], totals: sums('0.00', '0.00') })
    const [first, second] = await closingsOf(register)
    expect(first).toMatchObject({ z_numbers: [142], totals: sums('12.20', '2.20', '17.20') })
    expect(first?.['hints']).toMatchObject([{ code: 'closed_by_printer' }, unknown(['0142-0002'], '5.00')])
    expect(second).not.toHaveProperty('hints')
    expect(errorsIn(bench)).toEqual([])
  }))

test.each<[FamilyName, string]>([
  ['rch', '<</?s'],
  ['custom', '1115'],
])('%s: a Z between the two counters of a reading puts no document into a wrong period', (family, enquiry) =>
  atPrinter(family, async ({ bench, printer, register }) => {
    await sell(register, '12.20')
    const deposit = [{ title: 'Acconto', amount: '7.00', more: { type: 'deposit' } }]
    const trade = async (kind: Parameters<typeof movement>[0], lines: typeof deposit, of?: string) => {
      const body = movement(kind, register, lines, of === undefined ? {} : { related_operation_id: of })
      return register.till.complete(await register.till.create(body), [pay('cash', String(body['total_amount']))])
    }
    const goods = { title: 'Torta', amount: '8.00', more: { type: 'item' } }
    const paid = await trade('deposit', deposit)
    const taken = [goods, ...deposit.map((line) => ({ ...line, amount: '-7.00' }))]
    const captured = await trade('deposit_capture', taken, paid.id)
    printer.inject(`closed-by-itself@${enquiry}`)
    const sold = await sell(register, '3.66')
    expect(sold.fiscal_information).toMatchObject({ document_number: '0143-0001' })
    // Both resi have the same reference: the second one is not taken for the first.
    const [, ...before] = printer.documents()
    printer.inject(`closed-by-itself@${enquiry}#3`)
    const back = await trade('return', [{ ...goods, amount: '-8.00' }], captured.id)
    const resi = printer.documents().slice(before.length + 1)
    const names = resi.map(({ z, number }) => `0${z}-000${number}`)
    expect(names).toEqual(['0143-0002', '0144-0001'])
    expect(back.fiscal_information).toMatchObject({
      documents: names.map((document_number) => ({ document_number })),
    })
    const closings = [...(await closingsOf(register)), await close(register)]
    expect(closings.map(codesOf)).toEqual([['closed_by_printer'], ['closed_by_printer'], []])
    expect(errorsIn(bench)).toEqual([])
  }),
)

test('a Z that was due before a sale has the sums of the journal, and what was keyed in as a hint', () =>
  atPrinter('rch', async ({ bench, printer, register }) => {
    await sell(register, '12.20')
    printer.keyInSale(500)
    printer.inject('error=ES0030@=R')
    await sell(register, '1.22')
    const [due, ...others] = await closingsOf(register)
    expect(due).toMatchObject({ z_numbers: [142], totals: sums('12.20', '2.20') })
    expect(due?.['hints']).toMatchObject([unknown(['0142-0002'], '5.00')])
    expect(others).toEqual([])
    expect(errorsIn(bench)).toEqual([])
  }))

test('the last Z of a register has its sums', () =>
  atPrinter('rch', async ({ bench, register }) => {
    await sell(register, '12.20')
    await register.till.create(event('session_cash_count', register.id, { counted_closing_amount: '12.20' }))
    await register.till.create(
      event('session_close', register.id, { business_date: new Date().toISOString().slice(0, 10) }),
    )
    await bench.office.post(`/v1/registers/${register.id}/decommission`, {}, 200)
    expect(await closingsOf(register)).toMatchObject([{ type: 'final', totals: sums('12.20', '2.20') }])
  }))

test('a return that came out as a sale and was annulled is not unknown', async () =>
  at(await PrinterBeside.of(EARLY_CUSTOM), async ({ bench, printer, register }) => {
    const sold = await sell(register, '12.20')
    const line = [{ title: 'Torta', amount: '-6.10' }]
    const back = await register.till.create(movement('return', register, line, { related_operation_id: sold.id }))
    printer.inject('power-blink@7101R#2')
    expect((await register.till.call(completion(back, [pay('cash', '-6.10')]))).status).toBe(200)
    expect(printer.documents().map(({ kind }) => kind)).toEqual(['sale', 'sale', 'void', 'return'])
    const closed = await close(register)
    expect(closed['totals']).toEqual(sums('6.10', '1.10', '18.30', '-6.10', '-6.10'))
    expect(closed).not.toHaveProperty('hints')
    expect(errorsIn(bench)).toEqual([])
  }))

test('a return that came out as a sale at one printer explains no document of that number of another', async () => {
  await using custom = await PrinterBeside.of(EARLY_CUSTOM)
  await using rch = await printerOf('rch')
  const devices = [custom.device(), { ...rch.device(), id: 'rt-2' }]
  await using bench = await Bench.open({ config: { devices } })
  const location = await italianShop(bench)
  const [one, two] = [await tillAt(bench, 'rt-1', location), await tillAt(bench, 'rt-2', location)]
  const sold = await sell(one, '12.20')
  const line = [{ title: 'Torta', amount: '-6.10' }]
  const back = await one.till.create(movement('return', one, line, { related_operation_id: sold.id }))
  custom.simulator.inject('power-blink@7101R#2')
  expect((await one.till.call(completion(back, [pay('cash', '-6.10')]))).status).toBe(200)
  await sell(two, '6.10')
  rch.simulator.keyInSale(500)
  rch.simulator.keyInSale(250)
  expect((await close(two))['hints']).toMatchObject([unknown(['0142-0002', '0142-0003'], '7.50')])
  expect(await close(one)).not.toHaveProperty('hints')
  expect(errorsIn(bench)).toEqual([])
})

test('documents that a restored backup does not contain are named with their sum', async () => {
  await using beside = await printerOf('rch')
  await using bench = await beside.agent()
  const register = await italianTill(bench, '0.00')
  await sell(register, '12.20')
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await sell(register, '3.00')
  await sell(register, '4.00')
  await bench.stop()
  const state = `${folder}/state`
  await restore(state, file)
  await using restored = await Bench.open({ config: { devices: [beside.device()], state } })
  const moved = { ...register, till: restored.client({ 'X-Register-Api-Key': register.key }) }
  await sell(moved, '6.10')
  const closed = await close(moved)
  expect(closed['totals']).toEqual(sums('18.30', '3.30', '25.30'))
  expect(closed['hints']).toMatchObject([unknown(['0142-0002', '0142-0003'], '7.00')])
})

test('the hints of a closing are still there after a restart and a new projection', () =>
  atPrinter('rch', async ({ bench, printer, register }) => {
    await sell(register, '12.20')
    printer.keyInSale(500)
    const closed = await close(register)
    await bench.restart()
    expect(await register.till.get(`/v1/closings/${closed['id']}`)).toEqual(closed)
  }))
