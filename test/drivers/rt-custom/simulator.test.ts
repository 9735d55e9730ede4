import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedMemory } from '../../../drivers/rt/simulated-memory.ts'
import type { CustomSwitches } from '../../../drivers/rt-custom/simulator-generation.ts'
import { SimulatedCustomPrinter } from '../../../drivers/rt-custom/simulator-printer.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder } from '../rt/opened-bench.ts'

/** Commands of another host than our driver, as the manual writes them. */
describe('the simulated printer', () => {
  let folder: string
  let memory: SimulatedMemory
  let printer: SimulatedCustomPrinter
  beforeEach(async () => {
    folder = await benchFolder()
    memory = new SimulatedMemory(folder)
    memory.open()
    printer = printerWith()
  })
  afterEach(async () => {
    memory.close()
    await rm(folder, { recursive: true })
  })

  const printerWith = (switches: Partial<CustomSwitches> = {}) =>
    new SimulatedCustomPrinter({ memory, clock: patientClock, serial: '2CISF000001', switches })
  const line = (cents: number) => `3301100000100000105CAFFE${String(cents).padStart(9, '0')}00`
  const cash = (cents: number) => `300701${'0'.repeat(4)}${String(cents).padStart(9, '0')}`
  const sell = (cents: number) => {
    for (const command of [line(cents), cash(cents), '3011', '3013']) printer.execute(command)
  }
  const today = () => printer.execute('1001').slice(4, 10)
  const CANCEL = `33018${'0'.repeat(25)}`

  test('takes no line once the payments have begun, and ejects what it has closed', () => {
    expect(printer.execute(line(500))).toBe('3301')
    expect(printer.execute('1003').slice(40)).toBe('+000000500+00000050000001')
    expect(printer.execute(cash(100))).toBe('3007+000000400')
    expect(printer.execute(line(1))).toBe('ERR05')
    expect(printer.execute('1012')).toBe('10122')
    expect(printer.execute(cash(500))).toBe('3007-000000100')
    expect(printer.execute('1012')).toBe('10123')
    expect(printer.execute('3011')).toBe('3011')
    expect(printer.execute('1012')).toBe('10125')
    expect(printer.execute(line(500))).toBe('ERR05')
    expect(printer.execute('3013')).toBe('3013')
    expect(printer.execute('1012')).toBe('10127')
    expect(printer.execute('1003').slice(40)).toBe('+000000000+00000000000011')
    expect(memory.documents()).toMatchObject([{ kind: 'sale', totalCents: 500, cashCents: 500 }])
  })

  test('takes one payment more after the last and prints it as change, in the later generations', () => {
    for (const command of [line(500), cash(500)]) printer.execute(command)
    expect(printer.execute(cash(500))).toBe('3007-000000500')
    printer.execute('3011')
    expect(memory.documents()[0]?.lines.join()).toMatch(/Resto +5,00/)
    printer = printerWith({ generation: 2 })
    for (const command of [line(500), cash(500)]) printer.execute(command)
    expect(printer.execute(cash(500))).toBe('ERR05')
  })

  test('reports its last error until a command succeeds, above 99 by its enquiry alone', () => {
    expect(printer.execute('1015')).toBe('1015ERR000 ERRORE')
    expect(printer.execute('3011')).toBe('ERR05')
    expect(printer.execute('1012')).toBe('10120')
    expect(printer.execute('1015')).toBe('1015ERR005 ERRORE')
    const unknownDepartment = '3301100000100007705CAFFE00000050000'
    expect(printer.execute(unknownDepartment)).toBe('ERR118')
    printer = printerWith({ generation: 2 })
    expect(printer.execute(unknownDepartment)).toBe('ERR99')
    expect(printer.execute('1015')).toBe('1015ERR118 ERRORE')
    expect(printer.execute(line(500))).toBe('3301')
    expect(printer.execute('1015')).toBe('1015ERR000 ERRORE')
  })

  test('reports whether the file of a closure was sent, failed, or has no answer', () => {
    expect(printer.execute('1515001420000')).toBe('ERR03')
    sell(500)
    expect(printer.execute('2002100')).toBe('2002')
    expect(printer.execute('1515001420000')).toBe(`15150014200000${'142'.padStart(20, '0')}`)
    expect(printer.execute('15140')).toBe('15140000000000000')
    printer.conditions.pendingFiles = 1
    expect(printer.execute('1515001420000')).toBe('15150014200002')
    printer.conditions.rejectedFiles = 1
    expect(printer.execute('1515001420000')).toBe('15150014200001')
    expect(printer.execute('15140')).toBe('15140000100000000')
  })

  test('counts an aborted document, which has no number unless its switch is on', () => {
    for (const command of [line(500), cash(500), CANCEL]) printer.execute(command)
    expect(printer.execute('1012')).toBe('10123')
    expect([printer.execute('3011'), printer.execute('3013'), printer.execute('1012')]).toEqual([
      '3011',
      '3013',
      '10120',
    ])
    expect(printer.execute('1115').slice(4 + 2 * 13, 4 + 3 * 13)).toBe('0001000000000')
    expect(printer.execute('1017').slice(-1)).toBe('1')
    expect([memory.documents(), memory.number]).toEqual([[], 0])
    printer = printerWith({ numbersAborted: true })
    for (const command of [line(500), CANCEL, '3011']) printer.execute(command)
    expect(memory.number).toBe(1)
    expect(printer.execute('8006014200010001')).toMatch(/^8006\d{36}$/)
  })

  test('the earlier generations end an aborted document automatically, and have fewer enquiries', () => {
    printer = printerWith({ generation: 4 })
    for (const command of [line(500), CANCEL]) printer.execute(command)
    expect(printer.execute('1012')).toBe('10120')
    expect(['1017', '1021', '1107', '1529'].map((command) => printer.execute(command))).toEqual(Array(4).fill('ERR03'))
  })

  test('a lottery code is entered before the first line, and taken back by a length of 0', () => {
    expect(printer.execute('301908ABCD1234')).toBe('3019')
    sell(500)
    sell(300)
    printer.execute('301908ABCD1234')
    expect(printer.execute('301900')).toBe('3019')
    sell(200)
    const coded = memory.documents().map(({ lines }) => lines.includes('Codice Lotteria ABCD1234'))
    expect(coded).toEqual([true, false, false])
    expect(['3019ABCD1234', '301908abc'].map((command) => printer.execute(command))).toEqual(['ERR03', 'ERR03'])
    printer = printerWith({ generation: 5 })
    expect(printer.execute('301908ABCD1234')).toBe('ERR05')
  })

  test('a tax code with a wrong check digit is left out without an error, or refused by the earlier generations', () => {
    for (const code of ['12345678903', '12345678901']) {
      printer.execute(line(500))
      expect(printer.execute(`3010B11${code}`)).toBe('3010')
      for (const command of [cash(500), '3011', '3013']) printer.execute(command)
    }
    expect(memory.documents().map(({ taxCode }) => taxCode)).toEqual(['12345678903', undefined])
    printer = printerWith({ generation: 2 })
    printer.execute(line(500))
    expect(printer.execute('3010B1112345678901')).toBe('ERR03')
  })

  test('a discount with an index of the VAT table is one on the subtotal, without one on the line before', () => {
    for (const command of [line(500), '3301100000100000205ACQUA00000030000']) printer.execute(command)
    expect(printer.execute('3301300000000000106SCONTO00000040000')).toBe('ERR09')
    expect(printer.execute('3301300000000000106SCONTO00000040001')).toBe('3301')
    expect(printer.execute('3301F00000000000100000000010000')).toBe('ERR24')
    expect(printer.execute('3301F0000000000010000000001000')).toBe('ERR03')
    expect(printer.execute('3301F0000000000010000000001001')).toBe('3301')
    expect(printer.execute(line(1))).toBe('ERR05')
    expect([printer.execute('711202'), printer.execute('711205'), printer.execute('711211')]).toEqual([
      '71120210000',
      '71120500001',
      'ERR03',
    ])
  })

  test.each([
    ['330110000010000010', 'ERR24', 'a line that is cut'],
    ['3301100000100000106CAFFE00000050000', 'ERR24', 'a text that is shorter than told'],
    [`33011000001000001${'45'}${'X'.repeat(45)}00000050000`, 'ERR24', 'a text that is longer than a line'],
    ['3301100000100000106TOTALE00000050000', 'ERR07', 'a text with the word of the printer'],
    ['3301100000100000105CAFFE00000050012', 'ERR03', 'an index beyond the VAT table'],
    ['300703000001250', 'ERR24', 'a payment without number and length'],
    ['3019ABCD1234', 'ERR03', 'a lottery code without its length'],
    ['300203REF', 'ERR03', 'a text without its pitch'],
    ['20021', 'ERR03', 'a closure with half of its fields'],
    ['4001', 'ERR03', 'a slip without its kind'],
    ['7008', 'ERR03', 'a drawer without its number'],
    ['7106X000000100', 'ERR03', 'cash that goes nowhere'],
    ['7114R112CISF00000114092601420001', 'ERR03', 'a document named as evidence'],
    ['3003', 'ERR03', 'a subtotal that is printed'],
    ['301203REF', 'ERR03', 'a line below the payments'],
    ['8006140926140926', 'ERR03', 'days instead of numbers'],
  ])('refuses %s with %s: %s', (command, error) => {
    expect(printer.execute(command)).toBe(error)
  })

  test('a void is asked for, opened and printed as a whole, once, and then wants its ejection', () => {
    sell(500)
    const named = `7101A01420001${today()}`
    expect(printer.execute(`${named}1`)).toBe('ERR05')
    expect(['9', '8'].map((oper) => printer.execute(`${named}${oper}`))).toEqual(['71011', '71011'])
    expect(printer.execute('1012')).toBe('10121')
    expect(printer.execute(line(1))).toBe('ERR05')
    expect(printer.execute(`${named}1`)).toBe('71011')
    expect([printer.execute('1012'), printer.execute('3013')]).toEqual(['10125', '3013'])
    expect(printer.execute(`${named}9`)).toBe('71012')
    expect(memory.documents().map(({ kind }) => kind)).toEqual(['sale', 'void'])
  })

  test('an unknown document opens a void too, which stays open until it is taken back', () => {
    const named = `7101A01420077${today()}`
    expect(printer.execute(`${named}9`)).toBe('71010')
    expect(printer.execute(`${named}8`)).toBe('71010')
    expect(printer.execute(`${named}1`)).toBe('71010')
    expect(printer.execute('1012')).toBe('10121')
    expect(printer.execute(line(500))).toBe('ERR05')
    expect([printer.execute('71010'), printer.execute('1012')]).toEqual(['71011', '10120'])
  })

  test('a return is open after its first command, and its total has another sign', () => {
    sell(500)
    expect(printer.execute(`7101R01420001${today()}8`)).toBe('71011')
    expect([printer.execute('1012'), printer.execute('1021')]).toEqual(['10121', '102119'])
    expect(printer.execute(line(501))).toBe('ERR09')
    printer.execute(line(500))
    expect(printer.execute('1003').slice(40, 50)).toBe('-000000500')
    for (const command of [cash(500), '3011', '3013']) printer.execute(command)
    expect(printer.execute(`7101R01420001${today()}8`)).toBe('71012')
    expect(printer.execute('1021')).toBe('102100')
    expect(memory.documents().map(({ kind }) => kind)).toEqual(['sale', 'return'])
  })

  test('takes back what another printer sold, which it cannot check', () => {
    expect(printer.execute('7101R000700031409268112CISF000009')).toBe('71010')
    expect(printer.execute('7101R000700031409268112CISF000009')).toBe('ERR05')
    for (const command of [line(500), cash(500), '3011', '3013']) printer.execute(command)
    expect(memory.documents()).toMatchObject([{ kind: 'return', totalCents: 500, original: { z: 7, number: 3 } }])
  })

  test.each(['7114R03POS140926', '7114R02VR140926', '7114R02ND140926'])(
    'takes goods of an unnamed original back: %s',
    (opening) => {
      for (const command of [opening, line(500), cash(500), '3011', '3013'])
        expect(printer.execute(command)).toMatch(new RegExp(`^${command.slice(0, 4)}`))
      expect(memory.documents()).toMatchObject([{ kind: 'return', totalCents: 500 }])
      expect(printer.execute('7114R03ND140926')).toBe('ERR03')
    },
  )

  test.each([
    [3, 64],
    [2, 32],
  ] as const)('reads its memory by the numbers of documents and lines: generation %i', (generation, width) => {
    printer = printerWith({ generation })
    sell(500)
    sell(300)
    const range = /^8006(\d{9})(\d{9})\d{18}$/.exec(printer.execute('8006014200020002'))
    const [first, end] = [Number(range?.[1]), Number(range?.[2])]
    const lines = Array.from({ length: end - first }, (_, index) =>
      printer.execute(`8004${String(first + index).padStart(9, '0')}`).slice(4),
    )
    expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([width]))
    const text = lines.map((each) => each.trim()).join('\n')
    expect(text).toMatch(/^\d\d\/\d\d\/\d\d \d\d:\d\d\nDOCUMENTO N\. 0142-0002$/m)
    expect(text).toMatch(/^TOTALE COMPLESSIVO\s+3\.00$/m)
    expect(printer.execute('8006014200030003')).toMatch(generation === 3 ? /^ERR03$/ : /^80060{18}/)
  })

  test('reports its state: in service, in simulation, as a demonstration, out of service', () => {
    const state = () => printer.execute('15111').slice(4)
    expect(state()).toHaveLength(52)
    expect(state().slice(0, 12)).toBe('12CISF000001')
    const places = () => [0, 25, 32, 33, 37, 51].map((place) => state().charAt(place)).join('')
    expect(places()).toBe('110010')
    printer.conditions.inService = false
    expect(places()).toBe('110011')
    printer = printerWith({ simulation: true })
    expect(places()).toBe('111010')
    printer = printerWith({ demo: true })
    expect(places()).toBe('110110')
    sell(500)
    expect(memory.documents()).toHaveLength(1)
  })

  test('reports its counters in their width, also if a day comes to more than 9999999.99', () => {
    sell(999_999_999)
    sell(999_999_999)
    expect(printer.execute('1115')).toBe(`11150002999999998${'0'.repeat(65)}`)
  })
})
