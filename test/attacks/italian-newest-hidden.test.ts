// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench, Register } from '../e2e/bench.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import type { PrinterFamily, SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import { CUSTOM, EPSON, RCH } from '../e2e/italy/printer-families.ts'
import { italianTill, receiptOf, sell } from '../e2e/italy/shop.ts'
import type { Line } from './insider.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'
import { reportOf } from './italian-insider.ts'

// The insider cuts the newest documents and forges an event that would explain them; and printers that do not answer.

type Shop = { bench: Bench; register: Register; printer: PrinterBeside<SimulatedPrinter> }

async function openShop(family: PrinterFamily<SimulatedPrinter>, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await PrinterBeside.of(family)
  await using bench = await printer.agent()
  await use({ bench, printer, register: await italianTill(bench, '0.00') })
}

function rewrite({ bench }: Shop, change: (lines: Line[]) => Line[]): Promise<void> {
  return bench.restart(() => rewriteEvents(bench.config.state, change))
}

async function audited({ bench, printer }: Shop): Promise<{ level: string | undefined; report: string }> {
  const { report } = await reportOf({ bench, printer })
  const [, level] = /\[ *([^ \]]+(?: [^ \]]+)?) *\] Stampante rt-1 \/ registro/.exec(report) ?? []
  return { level, report }
}

/** Events that enrol the printer again, after all others. */
function enrolledAgain(lines: readonly Line[], serials: readonly string[]): Line[] {
  const last = lines.at(-1) as Line
  const again = serials.map((serial, index): Line => {
    const enrolled = { device: 'rt-1', serial }
    const body = { enrolled, set: { enrolled_at: last.at, ...enrolled } }
    return { ...last, seq: last.seq + 1 + index, op: `unit_${serial}`, kind: 'printer.enrolled', body }
  })
  return [...lines, ...again]
}

/** The newest sale is cut, and the journal seems to have enrolled `others` and then its printer again. */
function hidesNothing(family: PrinterFamily<SimulatedPrinter>, others: readonly string[]): Promise<void> {
  return openShop(family, async (shop) => {
    await sell(shop.register, '4.50')
    const sold = await sell(shop.register, '130.00')
    const serial = receiptOf(sold).rt_serial_number
    await rewrite(shop, (lines) => enrolledAgain(withoutOperation(lines, sold.id), [...others, serial]))
    shop.printer.simulator.keyInSale(50)
    const { level, report } = await audited(shop)
    expect(level, report).toBe('RILIEVO')
    expect(report).toContain('(rt_memory_ahead)')
  })
}

const FAMILIES = Object.entries({ RCH, Custom: CUSTOM, Epson: EPSON })

test.each(FAMILIES)('%s: a forged enrolment of the same printer hides no newer document', (_, family) =>
  hidesNothing(family, []),
)

test.each(FAMILIES)('%s: a printer that seems to have been unplugged hides no newer document', (_, family) =>
  hidesNothing(family, ['72IV6009999']),
)

test.each(FAMILIES)('%s: a printer that was unplugged and came back unused has nothing newer', (_, family) =>
  openShop(family, async (shop) => {
    const serial = receiptOf(await sell(shop.register, '4.50')).rt_serial_number
    await rewrite(shop, (lines) => enrolledAgain(lines, ['72IV6009999', serial]))
    const { level, report } = await audited(shop)
    expect(level, report).not.toBe('RILIEVO')
    expect(report).not.toContain('rt_memory_')
  }),
)

test.each(FAMILIES)('%s: a printer that was taken off the line is not asked, and the report names it', (_, family) =>
  openShop(family, async (shop) => {
    await sell(shop.register, '4.50')
    await shop.printer.unplug()
    const { report } = await audited(shop)
    expect(report).toMatch(/La stampante rt-1.* non ha potuto essere interrogata \([a-z_]+\)\./)
    expect(report).not.toMatch(/^ *at .*:\d+:\d+/m)
    expect(report).not.toContain('rt_memory_')
  }),
)

test.each(['paper-out@*', 'cover-open@*', 'busy@*', 'unplugged=60000@*'])(
  'a printer with %s during the audit is no objection',
  (fault) =>
    openShop(RCH, async (shop) => {
      await sell(shop.register, '4.50')
      shop.printer.simulator.inject(fault)
      const { level, report } = await audited(shop)
      expect(level, report).not.toBe('RILIEVO')
      expect(report).not.toMatch(/^ *at .*:\d+:\d+/m)
      expect(report).not.toContain('rt_memory_')
    }),
)
