// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench, Register } from '../e2e/bench.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import type { PrinterFamily, SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import { EPSON, RCH } from '../e2e/italy/printer-families.ts'
import { italianTill, sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'
import { reportOf } from './italian-insider.ts'

// The insider sells twice, cuts the newer sale out and signs the journal again. The printer does not show what its newest
// document was, at the audit and at the next sale.

/** RCH reads the texts of its memory by these. */
const TEXTS = ['=C451', '=C452', '=C455']

type Shop = { bench: Bench; register: Register; printer: PrinterBeside<SimulatedPrinter> }

async function openShop(family: PrinterFamily<SimulatedPrinter>, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await PrinterBeside.of(family)
  await using bench = await printer.agent()
  await use({ bench, printer, register: await italianTill(bench, '0.00') })
}

function cutOut({ bench }: Shop, id: string): Promise<void> {
  return bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, id)))
}

async function soldAfterCut(shop: Shop, busy: readonly string[] = []): Promise<string> {
  const { register, printer } = shop
  await sell(register, '4.50')
  const { id } = await sell(register, '130.00')
  await cutOut(shop, id)
  for (const command of busy) printer.simulator.inject(`busy@${command}#*`)
  await sell(register, '2.00')
  await endShift(register)
  return id
}

test('Epson: the newest document, cut out and unread at the next sale, is named without proof', () =>
  openShop(EPSON, async (shop) => {
    await soldAfterCut(shop)
    const { report } = await reportOf(shop)
    expect(report).toMatch(
      /^- Documento 0142-0002 della stampante \S+: questo registro non lo contiene, .*\. \(rt_document_unread\)$/m,
    )
    // Nothing of it is below a part that is in order.
    expect(report.match(/rt_document_unread/g)).toHaveLength(1)
  }))

test('RCH: the newest document, cut out and unread at the next sale, is read by the audit', () =>
  openShop(RCH, async (shop) => {
    const id = await soldAfterCut(shop, TEXTS)
    shop.printer.simulator.clearFaults()
    const { code, report } = await reportOf(shop)
    expect(code, report).toBe(1)
    expect(report).toContain(`REF ${id.slice(-12)}`)
    expect(report).toContain('- Documenti che la stampante non ha mostrato: nessuno.\n')
  }))
