import { expect, onTestFinished, test } from 'vitest'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { romeTime } from '../../../drivers/rt/civil-time.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import { patientClock } from '../../patient-clock.ts'
import type { EpsonBench } from './bench.ts'
import { openEpsonBench } from './bench.ts'

// The service carries out the elements of a file one by one: after a failure what was begun stays open.

async function opened(...options: Parameters<typeof openEpsonBench>): Promise<EpsonBench> {
  const bench = await openEpsonBench(...options)
  onTestFinished(() => bench.destroy())
  await bench.printer.open()
  return bench
}

type Printed = 'sale' | 'return' | 'void'

/** A document of each kind, after a sale of the same period to which it refers. */
function documentOf(kind: Printed): RtDocument {
  const original = { z: 142, number: 1, date: romeTime(patientClock.now()).slice(0, 10) }
  if (kind === 'void') return { kind, original }
  const payments = [{ tender: kind === 'sale' ? 4 : 1, amountCents: 1250n }]
  const content = coffee({ payments, customerTaxCode: 'RSSMRA80A01H501U' })
  return kind === 'sale' ? content : { ...content, kind, original }
}

const ELEMENTS: readonly (readonly [Printed, string])[] = [
  ...(['sale', 'return'] as const).flatMap((kind) =>
    [
      ...['beginFiscalReceipt', kind === 'sale' ? 'printRecItem#2' : 'printRecRefund#2', 'printRecMessage'],
      ...['printRecTotal', 'endFiscalReceipt'],
    ].map((element) => [kind, element] as const),
  ),
  ['void', 'printRecMessage'],
  ['void', 'endFiscalReceipt'],
]

const STATUSES = [
  ...[2, 3, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 34, 35, 37, 38],
  ...[39, 40, 41, 42, 99],
]

/** Refused: nothing of it is printed, nothing stays open, and the next document has its number. */
async function expectNone({ printer, printed, simulator }: EpsonBench, document: RtDocument): Promise<void> {
  const before = printed().length
  await expect(printer.print(document, await printer.baseline())).rejects.toMatchObject({ effect: 'none' })
  expect(printed()).toHaveLength(before)
  expect(simulator.fpStatus).toBe('00110')
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: before + 1 })
}

test.each(STATUSES)(
  'status %i after a payment leaves the receipt open: it is reset, with effect none',
  async (status) => {
    const bench = await opened()
    bench.inject(`error-done=${status}@printRecTotal`)
    await expectNone(bench, documentOf('sale'))
  },
)

test.each(ELEMENTS)('a %s refused at %s leaves nothing open and nothing on paper', async (kind, element) => {
  const bench = await opened()
  await bench.printer.print(coffee(), await bench.printer.baseline())
  const [name = '', which = '1'] = element.split('#')
  bench.inject(`error=17@${name}#${which}`)
  await expectNone(bench, documentOf(kind))
})

test.each(['power-cut=60', 'paper-out=60'].flatMap((fault) => ELEMENTS.map((each) => [fault, ...each] as const)))(
  '%s in a %s at %s: printed once',
  async (fault, kind, element) => {
    const { printer, printed, inject, simulator } = await opened()
    await printer.print(coffee(), await printer.baseline())
    const [name = '', which = '1'] = element.split('#')
    inject(`${fault}@${name}#${which}`)
    const { documentNumber } = await printer.print(documentOf(kind), await printer.baseline())
    expect(printed().map((paper) => [paper.kind, paper.documentNumber])).toEqual([
      ['sale', '0142-0001'],
      [kind, documentNumber],
    ])
    expect(simulator.fpStatus).toBe('00110')
  },
)

test('a document that is printed and answered by a refusal is the one on the paper', async () => {
  const { printer, printed, inject } = await opened()
  inject('error-done=17@endFiscalReceipt')
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ documentNumber: '0142-0001' })
  expect(printed()).toHaveLength(1)
})

test.each(['open', 'baseline', 'closeDay'] as const)(
  'a receipt that another program left is reset by %s',
  async (by) => {
    const { printer, printed, simulator, inject } = await opened()
    const baseline = await printer.baseline()
    inject('left-open@directIO')
    if (by === 'open') await printer.open()
    else if (by === 'baseline') await printer.baseline()
    else expect(await printer.closeDay(baseline)).toMatchObject({ z: 142 })
    expect(simulator.fpStatus).toBe('00110')
    expect(printed()).toEqual([])
  },
)

test('a slip that fails in its middle is ended, so that the next sale is not part of it', async () => {
  const { printer, printed, simulator, inject } = await opened()
  inject('error=17@printNormal#2')
  const slip: RtDocument = { kind: 'non_fiscal', lines: ['ADDESTRAMENTO - NON FISCALE', 'Torta'] }
  await expect(printer.print(slip, await printer.baseline())).rejects.toMatchObject({ effect: 'none' })
  expect(simulator.fpStatus).toBe('00110')
  await printer.print(coffee(), await printer.baseline())
  expect(printed()).toHaveLength(1)
})

test('what is open and has no paper is not reset before paper is loaded', async () => {
  const { printer, simulator, inject } = await opened()
  inject('left-open@queryPrinterStatus')
  inject('paper-out@queryPrinterStatus')
  await expect(printer.baseline()).rejects.toMatchObject({ code: 'paper_out', effect: 'none' })
  simulator.clearFaults()
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
})

test.each(['end', 'total'] as const)('a void has the end that the firmware wants: %s', async (form) => {
  const { printer, printed } = await opened(8000, [], { quirks: { voidEnd: form }, profile: { void: form } })
  await printer.print(coffee(), await printer.baseline())
  expect(await printer.print(documentOf('void'), await printer.baseline())).toMatchObject({ kind: 'void', number: 2 })
  expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'void'])
})

test('a firmware that wants the other end of a void refuses it, and nothing stays open', async () => {
  const bench = await opened(8000, [], { quirks: { voidEnd: 'total' } })
  await bench.printer.print(coffee(), await bench.printer.baseline())
  await expectNone(bench, documentOf('void'))
})

test.each([
  ['tells whether it can still be voided', [], true],
  ['does not tell it', ['9205'], false],
] as const)('a void with a lost answer is found; a firmware that %s: certain %s', async (_, lacks, certain) => {
  const { printer, printed, inject } = await opened(8000, [], { quirks: { lacks } })
  await printer.print(coffee(), await printer.baseline())
  const baseline = await printer.baseline()
  inject('lost-answer@printerFiscalReceipt')
  expect(await printer.print(documentOf('void'), baseline)).toMatchObject({ number: 2, certain })
  expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'void'])
})

test('a sale at the keys is not taken for a void that was never made', async () => {
  const { printer, printed, keyInSale } = await opened()
  await printer.print(coffee(), await printer.baseline())
  const baseline = await printer.baseline()
  keyInSale(1250)
  expect(await printer.settle(documentOf('void'), baseline)).toBeUndefined()
  expect(await printer.print(documentOf('void'), baseline)).toMatchObject({ kind: 'void', number: 3 })
  expect(printed().map(({ kind }) => kind)).toEqual(['sale', 'sale', 'void'])
})

test('a lottery code that the printer refuses is named by the refusal', async () => {
  const { printer, inject } = await opened()
  inject('error=30@printRecLotteryID')
  const sale = coffee({ lotteryCode: 'ABCD1234' })
  await expect(printer.print(sale, await printer.baseline())).rejects.toMatchObject({
    ...{ code: 'refused', effect: 'none', message: expect.stringContaining('lottery code ABCD1234') },
  })
})

test.each(['letters', 'zeros'] as const)(
  'a return on other evidence is sent as %s, which its refusal says',
  async (evidence) => {
    const original = { evidence: 'POS', date: '2026-11-24' } as const
    const back: RtDocument = { ...coffee(), kind: 'return', original }
    const taken = await opened(8000, [], { quirks: { evidence }, profile: { evidence } })
    await taken.printer.print(back, await taken.printer.baseline())
    expect(taken.printed()[0]?.text).toContain('#RESO POS 24-11-2026')
    const other = evidence === 'letters' ? 'zeros' : 'letters'
    const { printer, printed } = await opened(8000, [], { quirks: { evidence: other }, profile: { evidence } })
    await expect(printer.print(back, await printer.baseline())).rejects.toMatchObject({
      ...{ code: 'refused', effect: 'none', message: expect.stringContaining(`sent as ${evidence}`) },
    })
    expect(printed()).toEqual([])
  },
)

test('a return on other evidence that is switched off is refused before anything is sent', async () => {
  const { printer, simulator } = await opened(8000, [], { profile: { evidence: 'none' } })
  const back: RtDocument = { ...coffee(), kind: 'return', original: { evidence: 'ND', date: '2026-11-24' } }
  expect(() => printer.check(back)).toThrow('profile.evidence')
  expect(simulator.records()).toEqual([])
})
