import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SimulatedMemory } from '../../../drivers/rt/simulated-memory.ts'
import { SimulatedCustomPrinter } from '../../../drivers/rt-custom/simulator-printer.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder } from '../rt/opened-bench.ts'

/** What another host than our driver sends: commands as the manual writes them. */
describe('the simulated printer', () => {
  let folder: string
  let memory: SimulatedMemory
  let printer: SimulatedCustomPrinter
  beforeEach(async () => {
    folder = await benchFolder()
    memory = new SimulatedMemory(folder)
    memory.open(141)
    printer = new SimulatedCustomPrinter({ memory, clock: patientClock, serial: '2CISF000001' })
  })
  afterEach(async () => {
    memory.close()
    await rm(folder, { recursive: true })
  })

  const line = (cents: number) => `3301100000100000105CAFFE${String(cents).padStart(9, '0')}01`

  test('takes no line once the payments have begun, and tells the change as a step of its own', () => {
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
})
