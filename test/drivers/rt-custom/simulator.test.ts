import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedMemory } from '../../../drivers/rt/simulated-memory.ts'
import { parseDayCounters } from '../../../drivers/rt-custom/replies.ts'
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
    printer = new SimulatedCustomPrinter({ memory, clock: patientClock, serial: '2CISF000001' })
  })
  afterEach(async () => {
    memory.close()
    await rm(folder, { recursive: true })
  })

  const line = (cents: number) => `3301100000100000105CAFFE${String(cents).padStart(9, '0')}01`

  test('takes no line once the payments have begun, and reports the change as a separate step', () => {
    expect(printer.execute(line(500))).toBe('3301')
    expect(printer.execute('300703000000100')).toBe('3007+000000400')
    expect(printer.execute(line(1))).toBe('ERR05')
    expect(printer.execute('1012')).toBe('10122')
    expect(printer.execute('300701000000500')).toBe('3007-000000100')
    expect(printer.execute('1012')).toBe('10123')
    expect(printer.execute('3011')).toBe('3011')
    expect(printer.execute('1012')).toBe('10120')
    expect(memory.documents()).toMatchObject([{ kind: 'sale', totalCents: 500, cashCents: 400 }])
  })
  test('reports its last error until a command succeeds', () => {
    expect(printer.execute('1015')).toBe('101500')
    expect(printer.execute('3011')).toBe('ERR05')
    expect(printer.execute('1012')).toBe('10120')
    expect(printer.execute('1015')).toBe('101505')
    expect(printer.execute(line(500))).toBe('3301')
    expect(printer.execute('1015')).toBe('101500')
  })

  test('reports when it last printed and closed, and whether the file of a closure waits to be sent', () => {
    expect(['1106', '1107', '15150142'].map((command) => printer.execute(command))).toEqual([
      '11060000000000',
      '11070000000000',
      'ERR03',
    ])
    for (const command of [line(500), '300701000000500', '3011', '20021'])
      expect(printer.execute(command)).toBe(command.startsWith('3007') ? '3007+000000000' : command.slice(0, 4))
    const now = printer.execute('1001').slice(4, 14)
    expect([now, printer.execute('1107').slice(4)]).toContain(printer.execute('1106').slice(4))
    expect(printer.execute('15150142')).toBe('151501420')
    printer.conditions.pendingFiles = 1
    expect(printer.execute('15150142')).toBe('151501421')
  })

  test('takes a payment in words of the host, a lottery code by either command, trailing lines after payments', () => {
    printer.execute(line(500))
    expect(['3019ABCD1234', '6607WXYZ9876', '6607abc', '301203REF'].map((command) => printer.execute(command))).toEqual(
      ['3019', '6607', 'ERR03', 'ERR05'],
    )
    expect(printer.execute('300408CONTANTI000001000')).toBe('3004-000000500')
    expect(printer.execute('302403REF')).toBe('3024')
    expect(printer.execute('3011')).toBe('3011')
    expect(memory.documents()[0]?.lines).toEqual(expect.arrayContaining(['#REF', 'Codice Lotteria WXYZ9876']))
  })

  test.each([
    ['330110000010000010', 'a line that is cut'],
    ['3301100000100000106CAFFE00000050001', 'a text that is shorter than told'],
    ['300703500', 'an amount without its nine digits'],
    ['7106X000000100', 'cash that goes nowhere'],
    ['2002', 'a closure without its 1'],
    ['4001', 'a slip without its 1'],
  ])('refuses %s: %s', (command) => {
    expect(printer.execute(command)).toBe('ERR03')
  })
  test('takes back what another printer sold, which it cannot check', () => {
    expect(printer.execute('7114R112CISF00000114092600070003')).toBe('ERR91')
    expect(printer.execute('7114R112CQIY00123414092600070003')).toBe('7114')
    expect(printer.execute('7114R102CISF00000114092600070003')).toBe('ERR05')
    for (const command of [line(500), '300701000000500', '3011']) printer.execute(command)
    expect(memory.documents()).toMatchObject([{ kind: 'return', totalCents: 500, original: { z: 7, number: 3 } }])
  })
  test('reports its counters in their width, also if a day comes to more than 9999999.99', () => {
    for (const command of [line(999_999_999), line(999_999_999)]) {
      printer.execute(command)
      printer.execute('300701999999999')
      expect(printer.execute('3011')).toBe('3011')
    }
    expect(parseDayCounters(printer.execute('1115').slice(4))?.receipts).toEqual({ count: 2, cents: 999_999_998n })
  })
  test.each(['7114R03POS140926', '7114R02VR140926', '7114R02ND140926'])(
    'takes goods of an unnamed original back: %s',
    (opening) => {
      for (const command of [opening, line(500), '300701000000500', '3011'])
        expect(printer.execute(command)).toMatch(new RegExp(`^${command.slice(0, 4)}`))
      expect(memory.documents()).toMatchObject([{ kind: 'return', totalCents: 500 }])
      expect(printer.execute('7114R03ND140926')).toBe('ERR03')
    },
  )
})
