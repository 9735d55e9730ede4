// @module-tag heavy
import { expect, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import type { PrinterFamily, SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import { CUSTOM, EPSON, RCH } from '../e2e/italy/printer-families.ts'
import { restoredAfter } from '../e2e/italy/restored-shop.ts'
import { italianTill, movement, sell } from '../e2e/italy/shop.ts'
import { endShift } from '../e2e/shift.ts'
import type { Line } from './insider.ts'
import { configOf, rewriteEvents, withoutOperation } from './insider.ts'
import { reportOf } from './italian-insider.ts'

// The insider cuts the newest documents out of the journal, with the counters that prove them, and keys a small one in at
// the printer: the last document of its memory carries no mark of the agent. The audit reads all of them.

type Shop = { bench: Bench; register: Register; printer: PrinterBeside<SimulatedPrinter> }

async function openShop(
  family: PrinterFamily<SimulatedPrinter>,
  use: (shop: Shop) => Promise<void>,
  config = {},
): Promise<void> {
  await using printer = await PrinterBeside.of(family)
  await using bench = await printer.agent(config)
  await use({ bench, printer, register: await italianTill(bench, '0.00') })
}

function close({ register: { id, till } }: Shop): Promise<unknown> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

/** The sales are cut with everything after them. */
function cutOut({ bench }: Shop, ...ids: readonly string[]): Promise<void> {
  return bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => ids.reduce((rest, id) => withoutOperation(rest, id), lines)),
  )
}

type Audited = { level: string | undefined; code: number | null; report: string }

/** An open session is an objection of its own: `level` is that of the printer. */
async function audited({ bench, printer }: Shop): Promise<Audited> {
  const { code, report } = await reportOf({ bench, printer })
  const [, level] = /\[ *([^ \]]+(?: [^ \]]+)?) *\] Stampante rt-1 \/ registro/.exec(report) ?? []
  return { level, code, report }
}

/** Each reading of its texts is refused, as while it prints. */
function busyMemory({ printer: { simulator } }: Shop): void {
  for (const command of ['=C451', '=C452', '=C455']) simulator.inject(`busy@${command}#*`)
}

function byHand(document: string, sum: string): string {
  return `il documento ${document} di ${sum} EUR è stato digitato sulla stampante stessa. (rt_document_by_hand)`
}

const FAMILIES = Object.entries({ RCH, Custom: CUSTOM })

test.each(FAMILIES)('%s: a small document keyed in after the cut hides none before it', (_, family) =>
  openShop(family, async (shop) => {
    const { register, printer, bench } = shop
    await sell(register, '4.50')
    const cut = [await sell(register, '130.00'), await sell(register, '70.00')].map(({ id }) => id)
    await cutOut(shop, ...cut)
    printer.simulator.keyInSale(50)
    const { level, report } = await audited(shop)
    expect(level, report).toBe('RILIEVO')
    expect(report).toContain('(rt_memory_ahead)')
    for (const id of cut) expect(report).toContain(`REF ${id.slice(-12)}`)
    expect(report).toMatch(/documento 0142-0002, vendita, .*130,00 EUR, REF/)
    expect(report).toContain(byHand('0142-0004', '0,50'))
    const config = await configOf(bench, { devices: [printer.device()] })
    const shown = await fiskalEdge('device', 'last-document', 'rt-1', '--config', config)
    expect(shown.code).toBe(1)
    expect(shown.out).toContain(`REF ${cut[0]?.slice(-12)}`)
  }),
)

test.each(FAMILIES)('%s: a Z at the keys of the printer hides no document of the period before', (_, family) =>
  openShop(family, async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    const { id } = await sell(register, '130.00')
    await cutOut(shop, id)
    printer.simulator.closeByItself()
    const closed = await audited(shop)
    expect(closed.level, closed.report).toBe('RILIEVO')
    expect(closed.report).toContain(`REF ${id.slice(-12)}`)
    expect(closed.report).toContain('(rt_memory_ahead)')
    printer.simulator.keyInSale(50)
    const keyed = await audited(shop)
    expect(keyed.level, keyed.report).toBe('RILIEVO')
    expect(keyed.report).toContain(`REF ${id.slice(-12)}`)
    expect(keyed.report).toContain(byHand('0143-0001', '0,50'))
  }),
)

test.each(FAMILIES)('%s: documents keyed in as the newest are notes with their totals', (_, family) =>
  openShop(family, async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    await endShift(register)
    printer.simulator.keyInSale(990)
    printer.simulator.keyInSale(120)
    const keyed = await audited(shop)
    expect(keyed.code, keyed.report).toBe(0)
    printer.simulator.closeByItself()
    printer.simulator.keyInSale(50)
    const { code, report } = await audited(shop)
    expect(code, report).toBe(0)
    expect(report).toContain('(rt_memory_ahead)')
    for (const [document, sum] of BY_HAND) expect(report).toContain(byHand(document, sum))
    // The next act records them.
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '5.00' }))
    await sell(register, '2.00')
    await endShift(register)
    const later = await audited(shop)
    expect(later.code, later.report).toBe(0)
    for (const [document, sum] of BY_HAND) expect(later.report).toContain(byHand(document, sum))
    expect(later.report).not.toContain('rt_memory_ahead')
  }),
)

const BY_HAND = [
  ['0142-0002', '9,90'],
  ['0142-0003', '1,20'],
  ['0143-0001', '0,50'],
] as const

const PAPER = 'importi ignoti: presentare la carta.'

test('Epson reports neither mark nor text: a newer number is an objection until the next act records it', () =>
  openShop(EPSON, async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    const { id } = await sell(register, '130.00')
    await cutOut(shop, id)
    printer.simulator.keyInSale(50)
    const cut = await audited(shop)
    expect(cut.level, cut.report).toBe('RILIEVO')
    expect(cut.report).toContain(`2 documenti (0142-0002 … 0142-0003), ${PAPER}`)
    expect(cut.report).toContain('(rt_memory_ahead)')
    printer.simulator.closeByItself()
    const closed = await audited(shop)
    expect(closed.level, closed.report).toBe('RILIEVO')
    expect(closed.report).toContain(`2 documenti (0142-0002 … 0142-0003), ${PAPER}`)
    await sell(register, '2.00')
    const sold = await audited(shop)
    expect(sold.level, sold.report).not.toBe('RILIEVO')
    expect(sold.report).toMatch(/0142-0002 .*\(rt_document_unread\)/)
    expect(sold.report).toMatch(/0142-0003 .*\(rt_document_unread\)/)
  }))

test('Epson in an honest shop: a document keyed in as the newest is an objection that the next sale or Z ends', () =>
  openShop(EPSON, async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    await endShift(register)
    expect((await audited(shop)).code).toBe(0)
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
    await sell(register, '1.00')
    printer.simulator.keyInSale(990)
    const keyed = await audited(shop)
    expect(keyed.level, keyed.report).toBe('RILIEVO')
    expect(keyed.report).toContain(`1 documento (0142-0003), importo ignoto: presentare la carta.`)
    expect(keyed.report).toContain('La prossima vendita o chiusura su questa stampante li registra')
    await close(shop)
    const later = await audited(shop)
    expect(later.level, later.report).not.toBe('RILIEVO')
    expect(later.report).toContain('(rt_document_unread)')
  }))

test('Epson that closed its day at midnight after the last sale has nothing newer', () =>
  openShop(EPSON, async (shop) => {
    await sell(shop.register, '4.50')
    shop.printer.simulator.closeByItself()
    const { level, report } = await audited(shop)
    expect(level, report).not.toBe('RILIEVO')
    expect(report).not.toContain('rt_memory_ahead')
  }))

test.each(FAMILIES)(
  '%s: a period that was closed at the keys is read after the next act, whose record was cut',
  (_, family) =>
    openShop(family, async (shop) => {
      const { register, printer, bench } = shop
      await sell(register, '4.50')
      const { id } = await sell(register, '130.00')
      await cutOut(shop, id)
      printer.simulator.closeByItself()
      await sell(register, '2.00')
      const isFound = ({ kind }: Line): boolean => kind === 'printer.foreign_document_found'
      await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.filter((line) => !isFound(line))))
      const { level, report } = await audited(shop)
      expect(level, report).toBe('RILIEVO')
      expect(report).toContain(`il documento 0142-0002 (REF ${id.slice(-12)}), che manca`)
      expect(report).not.toContain('Se in 1 periodo')
    }),
)

test('a document cut before a Z of the printer, its memory busy at the next act, is found days later', () =>
  openShop(RCH, async (shop) => {
    const { register, printer } = shop
    await sell(register, '4.50')
    const { id } = await sell(register, '130.00')
    await cutOut(shop, id)
    printer.simulator.closeByItself()
    busyMemory(shop)
    await sell(register, '2.00')
    printer.simulator.clearFaults()
    for (const amount of ['3.00', '4.00']) {
      printer.simulator.closeByItself()
      await sell(register, amount)
    }
    const { level, report } = await audited(shop)
    expect(level, report).toBe('RILIEVO')
    expect(report).toContain(`il documento 0142-0002 (REF ${id.slice(-12)}), che manca`)
    expect(report).not.toContain('che la stampante 72IV6000001 ha chiuso senza richiesta')
  }))

test('periods beyond ten, and those of a memory that is busy at the audit, are named by number', () =>
  openShop(RCH, async (shop) => {
    const { register, printer } = shop
    for (let day = 0; day < 12; day++) {
      await sell(register, '4.50')
      printer.simulator.closeByItself()
    }
    await sell(register, '4.50')
    await endShift(register)
    const read = await audited(shop)
    expect(read.code, read.report).toBe(0)
    expect(read.report).toContain('Se in 2 periodi (0142–0143) che la stampante 72IV6000001 ha chiuso senza richiesta')
    busyMemory(shop)
    const busy = await audited(shop)
    expect(busy.code, busy.report).toBe(0)
    expect(busy.report).toContain('Se in 12 periodi (0142–0153) che la stampante')
  }))

test('after a restore the newer documents of the shop are those of the restore, until the next act', async () => {
  await using printer = await PrinterBeside.of(RCH)
  await using bench = await printer.agent()
  const register = await italianTill(bench, '0.00')
  await sell(register, '3.00')
  let id = ''
  await using restored = await restoredAfter({ bench, printer }, async () => {
    id = (await sell(register, '4.00')).id
    printer.simulator.keyInSale(50)
  })
  const shop = { bench: restored, printer, register }
  const { level, report } = await audited(shop)
  expect(level, report).not.toBe('RILIEVO')
  expect(report).toContain(`REF ${id.slice(-12)}`)
  const config = await configOf(restored, { devices: [printer.device()] })
  const shown = await fiskalEdge('device', 'last-document', 'rt-1', '--config', config)
  expect(shown.code).toBe(0)
  expect(shown.out).toContain('The journal was restored since')
})

test('a period that ended between a backup and its restore has documents of the journal that was lost', async () => {
  await using printer = await PrinterBeside.of(RCH)
  await using bench = await printer.agent()
  const register = await italianTill(bench, '0.00')
  await sell(register, '3.00')
  await using restored = await restoredAfter({ bench, printer }, async () => {
    await sell(register, '4.00')
    await close({ register, bench, printer })
    await sell(register, '5.00')
  })
  const moved = { ...register, till: restored.client({ 'X-Register-Api-Key': register.key }) }
  await sell(moved, '6.00')
  const { level, report } = await audited({ bench: restored, printer, register: moved })
  expect(level, report).not.toBe('RILIEVO')
  expect(report).not.toContain('(rt_document_unknown)')
  expect(report).not.toContain('(rt_z_gap)')
})

test('a sale whose outcome was lost is settled, and not a newer document of another agent', () =>
  openShop(
    RCH,
    async (shop) => {
      const { bench, register, printer } = shop
      await sell(register, '4.50')
      printer.simulator.inject('unplugged=60000@=c')
      const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
      const call = completion(open, [pay('cash', '12.50')])
      expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling' })
      expect(printer.documents).toHaveLength(2)
      await bench.stop()
      await printer.unplug()
      await printer.plugIn()
      const { level, report } = await audited(shop)
      expect(level, report).not.toBe('RILIEVO')
      expect(report).not.toContain('rt_memory_ahead')
    },
    { deadlineMs: 700 },
  ))
