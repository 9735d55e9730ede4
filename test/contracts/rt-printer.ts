import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RtDocument, RtPrinted, RtPrinter, RtReturn, RtSale } from '../../drivers/ports/rt-printer.ts'
import { heavy } from '../tags.ts'
import type { PrinterBench, PrinterCapabilities } from './printer-bench.ts'
import { coffee } from './printer-bench.ts'
import { describeLook } from './printer-look.ts'

/** The rules for every driver of a fiscal printer. */
export function describeRtPrinter(
  name: string,
  capabilities: PrinterCapabilities,
  factory: () => Promise<PrinterBench>,
): void {
  describe(`${name} as a fiscal printer`, () => {
    let bench: PrinterBench
    beforeEach(async () => {
      bench = await factory()
      await bench.printer.open()
    })
    afterEach(() => bench.destroy())

    describeLook(() => bench)
    describeDocuments(() => bench, capabilities)
    describeRefusals(() => bench)
    describeCounters(() => bench, capabilities)
    describeLosses(() => bench, capabilities)
    if (capabilities.readsMemory) describeMemory(() => bench)
  })
}

async function print(printer: RtPrinter, document: RtDocument) {
  return await printer.print(document, await printer.baseline())
}

function today(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short' }).format(Date.now())
}

function numberOf({ z, number }: RtPrinted) {
  return { z, number }
}

function describeDocuments(bench: () => PrinterBench, { firstClosure, keepsTexts = false }: PrinterCapabilities): void {
  const z = String(firstClosure + 1).padStart(4, '0')

  test('a sale is printed once, and its number is the one on the paper', async () => {
    const { printer, printed } = bench()
    const sale = coffee()
    const result = await print(printer, sale)
    expect(result).toMatchObject({
      kind: 'sale',
      documentNumber: `${z}-0001`,
      z: firstClosure + 1,
      number: 1,
      certain: true,
    })
    expect(result.printedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
    expect(printed()).toHaveLength(1)
    expect(printed()[0]).toMatchObject({ kind: 'sale', documentNumber: `${z}-0001`, totalCents: 1250 })
    expect(printed()[0]?.text).toContain(sale.reference)
  })

  test('discounts, weights, three tenders and change come to the total of the lines', async () => {
    const { printer, printed } = bench()
    await print(
      printer,
      coffee({
        lines: [
          {
            vat: '0.04',
            unitPriceCents: 1999n,
            quantity: '0.375',
            text: 'Pane',
            adjustments: [{ kind: 'discount', amountCents: 50n, text: 'Buono' }],
          },
          { vat: 'N4', unitPriceCents: 1000n, quantity: '1', text: 'Esente' },
        ],
        payments: [
          { tender: 4, amountCents: 500n },
          { tender: 5, amountCents: 400n, count: 2 },
          { tender: 1, amountCents: 2000n },
        ],
      }),
    )
    expect(printed()[0]?.totalCents).toBe(750 - 50 + 1000)
  })

  test('letters that the printer does not have are written otherwise, or omitted', async () => {
    const { printer, printed } = bench()
    await print(
      printer,
      coffee({
        lines: [{ vat: '0.22', unitPriceCents: 1250n, quantity: '1', text: 'Perché €5 – già 漢/(x)' }],
      }),
    )
    expect(printed()[0]?.text).toMatch(/Perche EUR5 - gia' [/-]/)
  })

  test('a return names its original and pays out', async () => {
    const { printer, printed } = bench()
    const sold = await print(printer, coffee())
    const { payments, lines, reference } = coffee()
    const back: RtReturn = {
      kind: 'return',
      reference,
      lines: lines.slice(1),
      payments: payments.map(() => ({ tender: 1, amountCents: 250n })),
      original: { z: sold.z, number: sold.number, date: today() },
    }
    expect(await print(printer, back)).toMatchObject({ kind: 'return', documentNumber: `${z}-0002` })
    expect(printed()[1]).toMatchObject({ kind: 'return', totalCents: 250 })
  })

  test('a document is voided once', async () => {
    const { printer, printed } = bench()
    const sold = await print(printer, coffee())
    const original = { z: sold.z, number: sold.number, date: today() }
    expect(await print(printer, { kind: 'void', original })).toMatchObject({ kind: 'void', number: 2 })
    await expect(print(printer, { kind: 'void', original })).rejects.toMatchObject({
      code: 'document_reversed',
      effect: 'none',
    })
    expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'void'])
  })

  test.each(['POS', 'VR', 'ND'] as const)('a return on other evidence (%s) is printed with it', async (evidence) => {
    const { printer, printed } = bench()
    const original = { evidence, date: '2026-11-24' }
    const back = await print(printer, { ...coffee(), kind: 'return', original })
    expect(back).toMatchObject({ kind: 'return', number: 1, certain: true })
    expect(printed()).toMatchObject([{ kind: 'return', totalCents: 1250 }])
    expect(printed()[0]?.text).toContain('N. 0000-0000 del 24-11-2026')
    expect(printed()[0]?.text).toMatch(new RegExp(`RT ${evidence}|#RESO ${evidence} 24-11-2026`))
  })

  test('a return is not voided: the original of an annullo is a sale', async () => {
    const { printer, printed } = bench()
    const sold = await print(printer, coffee())
    const back = await print(printer, { ...coffee(), kind: 'return', original: { ...numberOf(sold), date: today() } })
    const original = { ...numberOf(back), date: today() }
    await expect(print(printer, { kind: 'void', original })).rejects.toMatchObject({
      code: 'document_unknown',
      effect: 'none',
    })
    expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'return'])
  })

  test.each(['RSSMRA80A01H501U', '12345678903'])('the tax code %s of a customer is on the document', async (code) => {
    const { printer, printed } = bench()
    expect(await print(printer, coffee({ customerTaxCode: code }))).toMatchObject({ kind: 'sale', certain: true })
    expect(printed().map(({ text }) => text)).toEqual([expect.stringContaining(code)])
    if (!keepsTexts) expect(printed().map(({ taxCode }) => taxCode)).toEqual([code])
  })

  test('slips and cash movements have no fiscal number and are not documents', async () => {
    const { printer, printed } = bench()
    expect(await print(printer, { kind: 'cash', amountCents: 5000n })).toMatchObject({ kind: 'cash', certain: true })
    expect(await print(printer, { kind: 'cash', amountCents: -2000n })).toMatchObject({ kind: 'cash', certain: true })
    const slip: RtDocument = { kind: 'non_fiscal', lines: ['ADDESTRAMENTO - NON FISCALE', 'Città'] }
    expect(await print(printer, slip)).toMatchObject({ kind: 'non_fiscal', certain: true })
    expect(printed()).toEqual([])
  })

  test('calls may overlap: each prints its own document', async () => {
    const { printer, printed } = bench()
    const sales = [coffee(), coffee(), coffee()]
    const results = await Promise.all(sales.map((sale) => print(printer, sale)))
    expect(results.map(({ number }) => number).sort()).toEqual([1, 2, 3])
    for (const [index, sale] of sales.entries()) {
      const paper = printed().find(({ text }) => text.includes(sale.reference))
      expect(paper?.documentNumber).toBe(results[index]?.documentNumber)
    }
  })
}

function describeRefusals(bench: () => PrinterBench): void {
  test.each<[string, Partial<RtSale>]>([
    ['a rate without a department', { lines: [{ vat: '0.21', unitPriceCents: 1250n, quantity: '1', text: 'x' }] }],
    ['a price of nothing', { lines: [{ vat: '0.22', unitPriceCents: 0n, quantity: '1', text: 'x' }] }],
    ['payments that do not reach the total', { payments: [{ tender: 1, amountCents: 1n }] }],
    ['more than the total by card', { payments: [{ tender: 4, amountCents: 1251n }] }],
    ['change out of tickets', { payments: [{ tender: 5, amountCents: 1600n }] }],
    ['a payment number beyond the table', { payments: [{ tender: 12, amountCents: 1250n }] }],
    ['a lottery code that is none', { lotteryCode: 'abc' }],
    ['a tax code of the customer that is none', { customerTaxCode: 'RSSMRA80' }],
    ['a tax code with another check letter', { customerTaxCode: 'RSSMRA80A01H501A' }],
    ['a partita IVA with another check digit', { customerTaxCode: '12345678904' }],
    ['a tax code beside a lottery code', { lotteryCode: 'ABCD1234', customerTaxCode: '12345678903' }],
    ['a quantity of four decimals', { lines: [{ vat: '0.22', unitPriceCents: 1n, quantity: '0.1234', text: 'x' }] }],
  ])('%s is refused before anything is printed', async (_, changes) => {
    const { printer, printed } = bench()
    expect(() => printer.check(coffee(changes))).toThrow(expect.objectContaining({ effect: 'none' }))
    await expect(print(printer, coffee(changes))).rejects.toMatchObject({ effect: 'none' })
    expect((await printer.health()).documentOpen).toBe(false)
    expect(printed()).toEqual([])
    expect(await print(printer, coffee())).toMatchObject({ number: 1 })
  })

  test('a printable document passes its check, and the check prints nothing', () => {
    const { printer, printed } = bench()
    const original = { z: 142, number: 1, date: '2026-09-14' }
    printer.check(coffee())
    printer.check({ ...coffee(), kind: 'return', original })
    printer.check({ kind: 'void', original })
    expect([1, 4, 5, 12].map((tender) => printer.hasTender(tender))).toEqual([true, true, true, false])
    expect(printed()).toEqual([])
  })

  test('a reference to a document that does not exist is refused and nothing is printed', async () => {
    const { printer, printed } = bench()
    const baseline = await printer.baseline()
    const original = { z: baseline.z + 1, number: 77, date: today() }
    for (const document of [
      { kind: 'void', original },
      { ...coffee(), kind: 'return', original },
    ] as const)
      await expect(print(printer, document)).rejects.toMatchObject({
        code: expect.stringMatching(/^(document_unknown|refused)$/),
        effect: 'none',
      })
    expect(printed()).toEqual([])
  })
}

function describeCounters(bench: () => PrinterBench, { firstClosure }: PrinterCapabilities): void {
  test('one closure for one baseline; numbers begin again after it', async () => {
    const { printer } = bench()
    await print(printer, coffee())
    const baseline = await printer.baseline()
    expect(await printer.settleClosure(baseline)).toBeUndefined()
    expect(await printer.closeDay(baseline)).toMatchObject({ z: firstClosure + 1 })
    expect(await printer.closeDay(baseline)).toMatchObject({ z: firstClosure + 1 })
    expect(await printer.settleClosure(baseline)).toMatchObject({ z: firstClosure + 1 })
    expect(await print(printer, coffee())).toMatchObject({ z: firstClosure + 2, number: 1 })
  })

  test('reports its health', async () => {
    const health = await bench().printer.health()
    expect(health).toMatchObject({ paper: 'ok', cover: 'closed', memory: 'ok', inService: true, z: firstClosure })
    expect(Math.abs(health.clockSkewMs ?? 0)).toBeLessThan(90_000)
  })

  test('reports, drawer and transmission may be repeated and are not documents', async () => {
    const { printer, printed } = bench()
    for (let turn = 0; turn < 2; turn += 1) {
      await printer.printReport()
      await printer.openDrawer()
      await printer.transmitPending()
    }
    expect(printed()).toEqual([])
    expect((await printer.baseline()).z).toBe(firstClosure)
  })

  test('the identity is the matricola, also in the baseline', async () => {
    const { printer } = bench()
    const { serial } = await printer.identity()
    expect(serial).toMatch(/^[0-9A-Z]{10,11}$/)
    expect((await printer.baseline()).serial).toBe(serial)
  })
}

function describeLosses(bench: () => PrinterBench, capabilities: PrinterCapabilities): void {
  const { lineAct, closingAct, voidAct, closureAct } = capabilities

  test('a document that was never sent is reconciled as not printed', async () => {
    const { printer } = bench()
    const baseline = await printer.baseline()
    expect(await printer.settle(coffee(), baseline)).toBeUndefined()
  })

  test('the same document with the same baseline is printed once, also by another driver', async () => {
    const { printer, printed, reopen } = bench()
    const baseline = await printer.baseline()
    const sale = coffee()
    const first = await printer.print(sale, baseline)
    expect((await printer.print(sale, baseline)).documentNumber).toBe(first.documentNumber)
    const again = await reopen()
    await again.open()
    expect(await again.settle(sale, baseline)).toMatchObject({ documentNumber: first.documentNumber })
    expect((await again.print(sale, baseline)).documentNumber).toBe(first.documentNumber)
    expect(printed()).toHaveLength(1)
  })

  test('a closed driver prints nothing afterwards, whatever the result of the running act', async () => {
    const { printer, printed } = bench()
    const baseline = await printer.baseline()
    const sale = coffee()
    const print = () => printer.print(sale, baseline)
    const asked = printer.settle(sale, baseline).then(print, print)
    await Promise.all([printer.close(), expect(asked).rejects.toMatchObject({ code: 'aborted', effect: 'none' })])
    expect(printed()).toHaveLength(0)
  })

  for (const fault of ['lost-answer', 'lost-request', 'busy'])
    for (const act of [lineAct, closingAct])
      test(`${fault} at ${act}: printed once, and the number is right`, async () => {
        const { printer, printed, inject } = bench()
        const baseline = await printer.baseline()
        const sale = coffee()
        inject(`${fault}@${act}`)
        const result = await printer.print(sale, baseline)
        expect(printed()).toHaveLength(1)
        expect(result.documentNumber).toBe(printed()[0]?.documentNumber)
      })

  test('a void whose answer is lost is found, and not made twice', async () => {
    const { printer, printed, inject } = bench()
    const at = today()
    const sold = await print(printer, coffee())
    const baseline = await printer.baseline()
    inject(`lost-answer@${voidAct}`)
    const document: RtDocument = { kind: 'void', original: { z: sold.z, number: sold.number, date: at } }
    expect(await printer.print(document, baseline)).toMatchObject({ kind: 'void', number: 2 })
    expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'void'])
  })

  test.each(['lost-answer', 'lost-request'])('a closure with %s is made once', async (fault) => {
    const { printer, inject } = bench()
    const baseline = await printer.baseline()
    inject(`${fault}@${closureAct}`)
    expect((await printer.closeDay(baseline)).z).toBe(baseline.z + 1)
    expect((await printer.baseline()).z).toBe(baseline.z + 1)
  })

  test('paper that ends in a document is waited for', async () => {
    const { printer, printed, inject } = bench()
    inject(`paper-out=300@${closingAct}`)
    const result = await print(printer, coffee())
    expect(printed().map(({ documentNumber }) => documentNumber)).toEqual([result.documentNumber])
  })

  test('a printer pulled out in a document comes back, and the document is printed once', heavy(), async () => {
    const { printer, printed, inject } = bench()
    const baseline = await printer.baseline()
    inject(`unplugged=300@${closingAct}`)
    const sale = coffee()
    const result = await printer.print(sale, baseline)
    expect(printed().map(({ documentNumber }) => documentNumber)).toEqual([result.documentNumber])
  })
}

function describeMemory(bench: () => PrinterBench): void {
  test('a document that was never sent is reconciled as not printed, also next to an equal sale at the panel', async () => {
    const { printer, keyInSale } = bench()
    const baseline = await printer.baseline()
    expect(await printer.settle(coffee(), baseline)).toBeUndefined()
    keyInSale(1250)
    expect(await printer.settle(coffee(), baseline)).toBeUndefined()
  })

  test('a document is found after a closure and other documents', async () => {
    const { printer, printed, keyInSale } = bench()
    const baseline = await printer.baseline()
    const sale = coffee()
    keyInSale(1250)
    const first = await printer.print(sale, baseline)
    keyInSale(1250)
    await printer.closeDay(await printer.baseline())
    keyInSale(1250)
    expect(await printer.settle(sale, baseline)).toMatchObject({ documentNumber: first.documentNumber })
    expect(await printer.settle(coffee(), baseline)).toBeUndefined()
    expect(printed().filter(({ text }) => text.includes(sale.reference))).toHaveLength(1)
  })

  test('reads the documents of a span, also around a closure, and never the whole memory', async () => {
    const { printer, keyInSale } = bench()
    const [first, sale] = [coffee(), coffee()]
    await print(printer, first)
    const { z } = await printer.baseline()
    keyInSale(990)
    const at = (period: number, number: number) => ({ z: z + period, number })
    const read = async (from: number, to: ReturnType<typeof at>) =>
      await printer.documents?.({ from: at(1, from), to, day: today() }, 10_000)
    expect(await read(2, at(1, 2))).toEqual({
      documents: [expect.objectContaining({ ...at(1, 2), kind: 'sale', totalCents: 990n, reference: undefined })],
      closures: [],
    })
    await printer.closeDay(await printer.baseline())
    await print(printer, sale)
    expect(await read(1, at(2, 1))).toMatchObject({
      documents: [{ reference: first.reference }, { totalCents: 990n }, { ...at(2, 1), reference: sale.reference }],
      closures: [{ z: z + 1, documents: 2 }],
    })
    expect(await read(3, at(2, 0))).toMatchObject({ documents: [], closures: [{ documents: 2 }] })
    const old = { from: at(1, 1), to: at(2, 1), day: '2020-01-01' }
    await expect(printer.documents?.(old, 10_000)).rejects.toMatchObject({ code: 'no_data', effect: 'none' })
    // It prints the next document after it.
    expect(await print(printer, coffee())).toMatchObject(at(2, 2))
  })

  test('reports its totals and its last document', async () => {
    const { printer } = bench()
    expect(await printer.lastDocument()).toBeUndefined()
    const sale = coffee()
    const printed = await print(printer, sale)
    const last = await printer.lastDocument()
    expect(last).toMatchObject({ kind: 'sale', documentNumber: printed.documentNumber, totalCents: 1250n })
    expect(await printer.dailyTotals()).toMatchObject({ documents: 1, salesCents: 1250n })
  })
}
