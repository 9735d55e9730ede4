import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { customRefusal, isBusy } from '../../../drivers/rt-custom/failures.ts'
import type { CustomSwitches } from '../../../drivers/rt-custom/simulator-generation.ts'
import { coffee } from '../../contracts/printer-bench.ts'
import type { FaultBench } from '../../contracts/printer-faults.ts'
import { openCustomBench } from './bench.ts'

/** The maker's list of errors. */
const LIST: readonly (readonly [code: string, numbers: readonly number[]])[] = [
  ['refused', [3, 22, 24, 92, 130, 131, 5, 117, 134, 222]],
  ['refused', [7, 9, 10, 11, 23, 25, 28, 29, 46, 102, 108, 118, 121, 122, 124, 136, 137, 139, 141, 142, 148, 215]],
  ['paper_out', [16]],
  ['cover_open', [64]],
  ['out_of_service', [65, 66, 67, 68]],
  ['busy', [21, 62, 75, 97, 98, 213, 217, 218, 221, 76]],
  ['closure_due', [54, 61, 70, 85, 101, 192, 214]],
  ['nothing_to_close', [71]],
  ['clock_wrong', [12, 13, 14, 57]],
  ['memory_full', [30, 91, 31]],
  ['out_of_service', [32, 33, 34, 35, 36, 38, 41, 43, 50, 51, 52]],
  ['out_of_service', [18, 44, 47, 55, 60, 72, 73, 77, 78, 81, 82, 83, 216]],
  ['certificate_expired', [84]],
]
/** They say nothing about what was done. */
const OTHERS = [0, 1, 2, 4, 8, 27, 40, 74, 89, 93, 94, 95, 96, 100]

test('each number of the list has its meaning, and none of them is a document that was voided already', () => {
  const named = (number: number) => `ERR${String(number).padStart(2, '0')}`
  for (const [code, numbers] of LIST)
    for (const number of numbers)
      expect([number, customRefusal(named(number), '3301')]).toMatchObject([number, { code, effect: 'none' }])
  for (const number of OTHERS) expect(customRefusal(named(number), '3301').code).toBe('refused')
})

test('a printer that makes its PDF has done nothing before the end of a document, and may have from there on', () => {
  expect(['3301', '3007', '7101A014200011409268'].map((command) => isBusy('ERR76', command))).toEqual([
    true,
    true,
    true,
  ])
  const ends = ['3011', '7101A014200011409261', '7106D000005000', '2002100']
  expect(ends.map((command) => isBusy('ERR76', command))).toEqual([false, false, false, false])
  expect(isBusy('ERR213', '3011')).toBe(true)
})

let bench: FaultBench
beforeEach(async () => {
  bench = await openCustomBench('tcp')
  await bench.printer.open()
})
afterEach(() => bench.destroy())

describe('a refusal of each kind', () => {
  const kinds = LIST.filter(([code]) => code !== 'busy').map(([code, [first = 0]]) => [first, code] as const)

  test('before a document begins has no effect, and the next document is the first', async () => {
    for (const [number, code] of [...kinds, [40, 'refused'] as const]) {
      bench.inject(`error=ERR${String(number).padStart(2, '0')}@3301`)
      const refused = bench.printer.print(coffee(), await bench.printer.baseline())
      await expect(refused).rejects.toMatchObject({ code, effect: 'none' })
    }
    expect(bench.records()).toEqual([])
    expect(await bench.printer.print(coffee(), await bench.printer.baseline())).toMatchObject({ number: 1 })
  })

  test.each([
    [9, 'refused'],
    [40, 'refused'],
    [57, 'clock_wrong'],
    [30, 'memory_full'],
    [61, 'closure_due'],
    [101, 'closure_due'],
    [55, 'out_of_service'],
    [84, 'certificate_expired'],
  ])(
    'in a document aborts it and is reported, once it is certain that nothing was printed: %i',
    async (number, code) => {
      const baseline = await bench.printer.baseline()
      bench.inject(`error=ERR${String(number).padStart(2, '0')}@3007`)
      await expect(bench.printer.print(coffee(), baseline)).rejects.toMatchObject({ code, effect: 'none' })
      expect(bench.records().map(({ type }) => type)).toEqual(['aborted'])
      expect(await bench.printer.print(coffee(), await bench.printer.baseline())).toMatchObject({ number: 1 })
    },
  )

  test.each(['5', '16', '64', '65', '21', '75', '76', '98', '221'])(
    'that is an interruption or a busy printer leads to the same document: %s',
    async (number) => {
      const baseline = await bench.printer.baseline()
      bench.inject(`error=ERR${number.padStart(2, '0')}@3007`)
      expect(await bench.printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0001' })
      expect(bench.printed()).toHaveLength(1)
    },
  )

  test.each(['16', '40', '64', '65', '76', '05'])(
    'of a command that ended the document anyway is asked about: %s',
    async (number) => {
      const baseline = await bench.printer.baseline()
      bench.inject(`error-done=ERR${number}@3011`)
      expect(await bench.printer.print(coffee(), baseline)).toMatchObject({ documentNumber: '0142-0001' })
      expect(bench.printed()).toHaveLength(1)
    },
  )

  test('of the void that was printed anyway is asked about by the document', async () => {
    const before = await bench.printer.baseline()
    const { z, number } = await bench.printer.print(coffee(), before)
    const document = { kind: 'void', original: { z, number, date: before.at.slice(0, 10) } } as const
    const baseline = await bench.printer.baseline()
    bench.inject('error-done=ERR76@7101A#3')
    expect(await bench.printer.print(document, baseline)).toMatchObject({ kind: 'void', number: 2 })
    expect(bench.printed().map(({ kind }) => kind)).toEqual(['sale', 'void'])
    expect(await bench.printer.settle(document, baseline)).toMatchObject({ kind: 'void', number: 2 })
  })

  test('with a number of two meanings is explained by the flags: cover, or a broken memory', async () => {
    bench.inject('error=ERR37@3301')
    const broken = bench.printer.print(coffee(), await bench.printer.baseline())
    await expect(broken).rejects.toMatchObject({ code: 'out_of_service', effect: 'none' })
    const baseline = await bench.printer.baseline()
    bench.inject('cover-open=60000@3301')
    bench.inject('error=ERR37@3301')
    await expect(bench.printer.print(coffee(), baseline)).rejects.toMatchObject({ code: 'cover_open', effect: 'none' })
  })
})

describe('a model that refuses a form of the manual', () => {
  test('gets a slip in the other forms', async () => {
    for (const refusals of ['1', '1-2']) {
      bench.inject(`error=ERR24@400110#${refusals}`)
      const slip = { kind: 'non_fiscal', lines: ['ADDESTRAMENTO'] } as const
      expect(await bench.printer.print(slip, await bench.printer.baseline())).toMatchObject({ certain: true })
    }
    expect(bench.records()).toHaveLength(2)
  })

  test.each(['03', '24', '92'])('gets the bare closing: %s', async (number) => {
    const baseline = await bench.printer.baseline()
    bench.inject(`error=ERR${number}@20021`)
    expect(await bench.printer.closeDay(baseline)).toMatchObject({ z: 142 })
    expect(bench.records().map(({ type }) => type)).toEqual(['closure'])
  })
})

test('a lottery code that no line followed is not on the next document', async () => {
  bench.inject('error=ERR25@3301')
  const coded = coffee({ lotteryCode: 'ABCD1234' })
  await expect(bench.printer.print(coded, await bench.printer.baseline())).rejects.toMatchObject({ code: 'refused' })
  await bench.printer.print(coffee(), await bench.printer.baseline())
  await bench.printer.print(coded, await bench.printer.baseline())
  expect(bench.printed().map(({ text }) => text.includes('Codice Lotteria ABCD1234'))).toEqual([false, true])
})

test('a printer that comes to another total time after time is not sent the document permanently', async () => {
  const baseline = await bench.printer.baseline()
  for (const line of [1, 3, 5]) bench.inject(`power-blink@33011#${line}`)
  await expect(bench.printer.print(coffee(), baseline)).rejects.toMatchObject({
    ...{ code: 'refused', effect: 'none', message: expect.stringContaining('another amount') },
  })
  expect(bench.printed()).toEqual([])
})

describe('an advance', () => {
  const advance = (vat: string) =>
    coffee({
      deductions: [{ reason: 'advance', vat, amountCents: 50n, text: 'Acconto' }],
      payments: [{ tender: 4, amountCents: 1200n }],
    })

  async function reopen(switches: Partial<CustomSwitches>, vatIndexes: Readonly<Record<string, number>> = {}) {
    await bench.destroy()
    bench = await openCustomBench('tcp', [], switches, { vatIndexes })
    await bench.printer.open()
  }

  test.each([false, true])(
    'names the index of its rate, which the printer is asked for (own rates: %s)',
    async (ownRates) => {
      await reopen({ ownRates })
      for (const vat of ['0.10', '0.05', '0.04'])
        await bench.printer.print(advance(vat), await bench.printer.baseline())
      expect(bench.printed().map(({ text }) => /Acconto +(\d+)% +-0,50/.exec(text)?.[1])).toEqual(['10', '5', '4'])
    },
  )

  test('of a rate that the printer does not have, or of another index, is refused before anything is sent', async () => {
    const refused = async (vat: string, words: string) =>
      expect(bench.printer.print(advance(vat), await bench.printer.baseline())).rejects.toMatchObject({
        ...{ code: 'refused', effect: 'none', message: expect.stringContaining(words) },
      })
    await refused('N4', '"vatIndexes" of the "profile"')
    await reopen({}, { '0.10': 3, N4: 1 })
    await refused('0.10', 'index 3 of the VAT table is not 0.10: correct "vatIndexes" of the "profile"')
    await refused('N4', 'index 1 of the VAT table is not N4')
    bench.inject('error=ERR03@711201')
    await refused('0.22', 'no index of the VAT table is 0.22')
    await reopen({ ownRates: true }, { N4: 8 })
    await bench.printer.print(advance('N4'), await bench.printer.baseline())
    expect(bench.printed()).toMatchObject([{ totalCents: 1200 }])
  })
})
