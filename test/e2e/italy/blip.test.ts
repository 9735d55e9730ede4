// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { deviceStateIn } from '../../device-state.ts'
import { turnedMs } from '../../turning-clock.ts'
import type { Bench, Register } from '../bench.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import type { FamilyName } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, receiptOf } from './shop.ts'

/** For each family: the first command of a document, and the one that prints it. */
const COMMANDS: Readonly<Record<FamilyName, { first: string; prints: string }>> = {
  rch: { first: '=R', prints: '=T' },
  custom: { first: '3011', prints: '3011' },
  epson: { first: 'printerFiscalReceipt', prints: 'printerFiscalReceipt' },
}
const FAMILIES = Object.keys(COMMANDS) as FamilyName[]
const SHORT = [400, 1000, 1900]
/** Wider than the default of 2 s, of which a busy machine may take the rest. */
const WINDOW_MS = 8000

function faultsOf(family: FamilyName, ms: number): string[] {
  const { first, prints } = COMMANDS[family]
  return [`unplugged-before=${ms}@*`, `unplugged-before=${ms}@${first}`, `unplugged=${ms}@${prints}`]
}

const CASES = FAMILIES.flatMap((family) =>
  SHORT.flatMap((ms) => faultsOf(family, ms).map((fault) => [family, fault] as const)),
)

function sale({ till }: Register, register: Register) {
  return till.create(movement('sale', register, [{ title: 'Caffè', amount: '2.00' }]))
}

function down(bench: Bench): number {
  return bench.journal().filter((event) => deviceStateIn(event) === 'down').length
}

describe.concurrent('a printer that is unplugged for a moment', () => {
  test.each(CASES)('%s: %s costs no answer, and nothing is printed twice', async (family, fault) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent({ deviceGraceMs: WINDOW_MS })
    const register = await italianTill(bench)
    const open = await sale(register, register)
    const before = printer.documents.length
    printer.simulator.inject(fault)
    const done = await register.till.complete(open, [pay('cash', '2.00')])
    expect(receiptOf(done).document_number).toBeDefined()
    expect(printer.documents.length - before).toBe(1)
    expect(down(bench)).toBe(0)
  })

  test.each(FAMILIES)(
    '%s: unplugged for 30 s it is an outage: 503 after the window, nothing is printed',
    async (family) => {
      await using printer = await printerOf(family)
      await using bench = await printer.agent()
      const register = await italianTill(bench)
      const open = await sale(register, register)
      const before = printer.documents.length
      printer.simulator.inject('unplugged-before=30000@*')
      const sinceMs = performance.now()
      const refused = await register.till.call(completion(open, [pay('cash', '2.00')]))
      expect(refused.json).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
      expect(performance.now() - sinceMs).toBeGreaterThan(1900)
      const laterMs = turnedMs()
      expect((await register.till.call(completion(open, [pay('cash', '2.00')]))).status).toBe(503)
      expect(turnedMs() - laterMs).toBeLessThan(1900)
      expect(down(bench)).toBe(1)
      expect(printer.documents.length).toBe(before)
    },
  )
})
