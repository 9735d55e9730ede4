import { expect, onTestFinished, test } from 'vitest'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import { encodeFrame } from '../../../drivers/rt-rch/frame.ts'
import type { RchProfile } from '../../../drivers/rt-rch/profile.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import type { RchBench, RchBenchOptions } from './bench.ts'
import { openRchBench } from './bench.ts'

type Quirks = NonNullable<RchBenchOptions['quirks']>

async function opened(quirks: Quirks = {}, own: Partial<RchProfile> = {}): Promise<RchBench> {
  const bench = await openRchBench({ line: 'tcp', quirks, own })
  onTestFinished(() => bench.destroy())
  return bench
}

const MODELS: readonly (readonly [string, Quirks])[] = [
  ['one blank', {}],
  ['two blanks', { blanks: 2 }],
  ['texts between STX and ETX', { framedTexts: true, blanks: 2 }],
  ['its ACK switched off', { isWithoutAck: true }],
  ['a clock with dashes and the day of the week', { clock: 'dashes' }],
  ['a clock of digits', { clock: 'compact' }],
  ['a clock without seconds', { clock: 'minutes' }],
  ['a closure as its last text', { lastText: 'closure' }],
  ['a slip as its last text', { lastText: 'slip' }],
]

test.each(MODELS)('with %s a lost sale is settled on its day and across a closing', async (_, quirks) => {
  const { printer, inject, printed, simulator } = await opened(quirks)
  await printer.print({ kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] }, await printer.baseline())
  await printer.print(coffee(), await printer.baseline())
  for (const closes of [false, true]) {
    const baseline = await printer.baseline()
    const sale = coffee()
    inject('lost-answer@=T')
    if (closes) inject('closed-by-itself@<</?s')
    const { documentNumber } = await printer.print(sale, baseline)
    expect(printed().at(-1)).toMatchObject({ documentNumber, text: expect.stringContaining(sale.reference) })
    if (closes) simulator.closeByItself()
    expect(await printer.settle(sale, baseline)).toMatchObject({ documentNumber, certain: true })
  }
  expect(printed()).toHaveLength(3)
})

test.each(MODELS)('with %s a sale that was not printed is proven so across a closing', async (_, quirks) => {
  const { printer, printed, simulator } = await opened(quirks)
  await printer.print(coffee(), await printer.baseline())
  const baseline = await printer.baseline()
  await printer.print(coffee(), baseline)
  simulator.closeByItself()
  expect(await printer.settle(coffee(), baseline)).toBeUndefined()
  expect(printed()).toHaveLength(2)
})

test.each(['closure', 'slip'] as const)('a %s as the last text hides no last document', async (lastText) => {
  const { printer } = await opened({ lastText })
  await printer.print({ kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] }, await printer.baseline())
  await printer.closeDay(await printer.baseline())
  const { documentNumber } = await printer.print(coffee(), await printer.baseline())
  await printer.print({ kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] }, await printer.baseline())
  expect(await printer.lastDocument()).toMatchObject({ documentNumber, totalCents: 1250n })
})

test.each(['=R1/$700/*1/(ALTRO)', '=r/&140926/[0/]0/(ND)', '=o'])(
  'a document that another program left open (%s) is aborted before ours',
  async (command) => {
    const { printer, printed, newLink } = await opened()
    const link = newLink()
    await link.connect()
    await link.write(encodeFrame({ address: '01', protocol: 'N', pack: '0', data: command }))
    await link.read(2000)
    await link.close()
    await printer.print(coffee(), await printer.baseline())
    expect(printed()).toMatchObject([{ documentNumber: '0142-0001', kind: 'sale', totalCents: 1250 }])
  },
)

test('a clock in another form is not a time, and its skew is not known', async () => {
  const { printer } = await opened({ clock: 'none' })
  await printer.open()
  expect(await printer.health()).toMatchObject({ clockSkewMs: undefined })
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
})

test.each(['dashes', 'compact', 'minutes'] as const)('the skew of a clock in the form %s is known', async (clock) => {
  const { printer } = await opened({ clock })
  await printer.open()
  const { clockSkewMs } = await printer.health()
  expect(Math.abs(clockSkewMs ?? Number.POSITIVE_INFINITY)).toBeLessThan(90_000)
})

test('files are sent by a printer that does it in key Z alone: on request, and before a sale that needs it', async () => {
  const { printer, inject, printed } = await opened({ sendsInZ: true })
  inject('pending@<</?m')
  await printer.transmitPending()
  expect(await printer.health()).toMatchObject({ pendingFiles: 0 })
  const baseline = await printer.baseline()
  inject('pending@=R')
  await printer.print(coffee(), baseline)
  expect(printed()).toHaveLength(1)
  expect((await printer.baseline()).z).toBe(141)
})

test('a printer in simulation mode gets no document: its paper would be worthless', async () => {
  const { printer, simulator, inject } = await opened()
  inject('simulation@<</?m')
  await printer.open()
  const refusal = { code: 'out_of_service', effect: 'none', message: expect.stringContaining('simulation') }
  await expect(printer.baseline()).rejects.toMatchObject(refusal)
  expect(await printer.health()).toMatchObject({ inService: false, description: expect.stringContaining('simulation') })
  expect(simulator.records()).toEqual([])
  simulator.clearFaults()
  expect(await printer.health()).toMatchObject({ inService: true })
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
})

test('a simulation that begins between two sales is seen by the next look at the health', async () => {
  const { printer, simulator, inject } = await opened()
  await printer.print(coffee(), await printer.baseline())
  inject('simulation@<</?i')
  expect(await printer.health()).toMatchObject({ inService: false })
  await expect(printer.baseline()).rejects.toMatchObject({ code: 'out_of_service', effect: 'none' })
  expect(simulator.records()).toHaveLength(1)
})

test('a firmware without the enquiry for the simulation mode raises no alarm', async () => {
  const { printer, inject } = await opened()
  inject('error=EG0003@<</?i/*7#*')
  await printer.open()
  expect(await printer.health()).toMatchObject({ inService: true })
  expect(await printer.print(coffee(), await printer.baseline())).toMatchObject({ number: 1 })
})

test.each(['letters', 'zeros'] as const)(
  'a return on other evidence is sent as %s, which its refusal says',
  async (evidence) => {
    const original = { evidence: 'POS', date: '2026-11-24' } as const
    const back: RtDocument = { ...coffee(), kind: 'return', original }
    const taken = await opened({ evidence }, { evidence })
    await taken.printer.print(back, await taken.printer.baseline())
    expect(taken.printed()).toMatchObject([{ kind: 'return' }])
    const { printer, printed } = await opened({ evidence: evidence === 'letters' ? 'zeros' : 'letters' }, { evidence })
    await expect(printer.print(back, await printer.baseline())).rejects.toMatchObject({
      ...{ code: 'refused', effect: 'none', message: expect.stringContaining(`sent as ${evidence}`) },
    })
    expect(printed()).toEqual([])
  },
)
