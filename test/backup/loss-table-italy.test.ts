// @module-tag heavy
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEarlierRestores } from '../../agent/backup/earlier-restores.ts'
import { sessionPartsOf } from '../../agent/journal/documents/parts.ts'
import type { EventBody } from '../../agent/journal/events.ts'
import type { Clock } from '../../base/clock.ts'
import type { Bench, Register } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { completion } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import type { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { printerOf } from '../e2e/italy/printer-beside.ts'
import type { SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import { closed, italianTill, movement, receiptOf, sell } from '../e2e/italy/shop.ts'
import { closing, counted } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { TurningClock } from '../turning-clock.ts'
import { verifyJournal } from '../verified-journal.ts'
import { opened, putBack, untilKept } from './lost-states.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from './parts.ts'
import { asidesOf, keyed, lastReceiptOf } from './restored-shop.ts'

// The rule of numbers after a loss for an Italian register: the agent gives the numbers of receipts and sessions; those of
// documents and closings are the printer's, and no loss of the agent sets it back.

const DAY_MS = 86_400_000
/** One clock for all agents of a test. */
const CLOCK = new TurningClock()
const OTHER_SERIAL = '72IV6000002'

function shifted(byMs = 0): Clock {
  return { now: () => CLOCK.now() + byMs, mono: () => CLOCK.mono(), after: (ms, act) => CLOCK.after(ms, act) }
}

type Printer = PrinterBeside<SimulatedPrinter>
type Range = readonly [from: number, to: number]
type Way = {
  readonly way: 'restore' | 'tail' | 'folder' | 'unmarked folder'
  /** Two sales; or these, the end of the session, and the closing of the printer. */
  readonly lost?: 'sales' | 'day'
  readonly unit?: 'there' | 'away' | 'replaced'
  /** A file target that has the lost events. */
  readonly hasTarget?: boolean
  /** What the clock of the lost shop, and that of the next one, are off by. */
  readonly clocks?: Range
  readonly next: number
  readonly bons: readonly Range[]
  readonly zs: readonly Range[]
  readonly tasks?: readonly string[]
  readonly errors?: readonly string[]
}

const UNKNOWN = 'rt_document_unknown'

/** One number was given before the backup or the copy; 2 and 3 are on paper. */
const WAYS: readonly Way[] = [
  { way: 'restore', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'restore', lost: 'day', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'restore', unit: 'away', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'restore', unit: 'replaced', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'tail', hasTarget: true, next: 1004, bons: [[4, 1003]], zs: [[1, 1000]] },
  { way: 'tail', hasTarget: true, lost: 'day', next: 1005, bons: [[5, 1004]], zs: [[2, 1001]] },
  { way: 'restore', clocks: [2 * DAY_MS, 0], next: 30_002, bons: [[2, 30_001]], zs: [[1, 30_000]] },
  { way: 'restore', clocks: [0, -2 * DAY_MS], next: 30_002, bons: [[2, 30_001]], zs: [[1, 30_000]] },
  { way: 'restore', clocks: [0, 2 * DAY_MS], next: 3002, bons: [[2, 3001]], zs: [[1, 3000]] },
  { way: 'folder', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'folder', lost: 'day', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'folder', unit: 'away', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'folder', unit: 'replaced', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'folder', clocks: [0, 2 * DAY_MS], next: 3002, bons: [[2, 3001]], zs: [[1, 3000]] },
  { way: 'folder', clocks: [0, -2 * DAY_MS], next: 30_002, bons: [[2, 30_001]], zs: [[1, 30_000]] },
  { way: 'unmarked folder', hasTarget: true, next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  { way: 'unmarked folder', hasTarget: true, unit: 'away', next: 1002, bons: [[2, 1001]], zs: [[1, 1000]] },
  // No more than the documents in the printer's memory shows it, once it has printed the next one.
  { way: 'unmarked folder', next: 2, bons: [], zs: [], tasks: [], errors: [UNKNOWN, UNKNOWN] },
]

/** The document and the closing of the printer after the loss, by what was lost at it. */
const PRINTED = {
  sales: { document: '0142-0004', z: 142 },
  day: { document: '0143-0001', z: 143 },
  replaced: { document: '0142-0001', z: 142 },
} as const

async function endSession(register: Register): Promise<void> {
  const { expected_closing_amount: expected } = await register.till.get(`/v1/registers/${register.id}/session`)
  await counted(register, String(expected))
  await register.till.create(closing(register, '0.00'))
}

async function lose(bench: Bench, register: Register, lost: Way['lost']): Promise<void> {
  await sell(register, '512.34')
  await sell(register, '512.34')
  if (lost === 'day') {
    await endSession(register)
    await closed(register)
  }
  await untilKept(bench)
}

/** The printer keeps its memory; another one has none of the shop. */
async function present(printer: Printer, unit: Way['unit']): Promise<void> {
  if (unit === 'away' || unit === 'replaced') await printer.unplug()
  if (unit === 'replaced') await printer.plugIn(OTHER_SERIAL)
}

async function openedAgain(bench: Bench, register: Register, printer: Printer, row: Way, config: Members) {
  const clock = shifted(row.clocks?.[1])
  if (row.way === 'folder' || row.way === 'unmarked folder') {
    const lost = async (till: Register): Promise<void> => {
      await lose(bench, till, row.lost)
      await present(printer, row.unit)
    }
    return putBack(bench, register, { lose: lost, unit: 'there', isMarked: row.way === 'folder', config, clock })
  }
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  await bench.start()
  await lose(bench, keyed(bench, register), row.lost)
  await bench.stop()
  await present(printer, row.unit)
  const state = join(folder, 'state')
  const [target] = bench.config.sync.targets
  const tails = row.way === 'tail' && target?.kind === 'file' ? [target.folder] : []
  await restore(state, file, { tails, clock, earlierRestores: openEarlierRestores(file) })
  const shop = await opened({ config: { ...config, state }, clock })
  return { shop, register: keyed(shop, register), state }
}

/** A sale once a printer is there that may print it. */
async function soldAgain(shop: Bench, register: Register, printer: Printer, unit: Way['unit']): Promise<unknown> {
  if (unit === 'away') {
    const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '5.00' }]))
    const call = completion(open, [pay('cash', '5.00')])
    expect(await register.till.refused(call)).toMatchObject({
      code: 'fiscal_device_unavailable',
      fiscal_effect: 'none',
    })
    await printer.plugIn()
    await shop.untilDevice('ready')
    await register.till.call(call)
    return receiptOf(await register.till.read(open.id)).document_number
  }
  if (unit === 'replaced') {
    await shop.untilDevice('foreign')
    await shop.agent.administration.deviceAct('rt-1', 'init')
  }
  return receiptOf(await sell(register, '5.00')).document_number
}

function lastZOf(shop: Bench): number | undefined {
  const bodies = shop.journal().map(({ body }) => sessionPartsOf(JSON.parse(body) as EventBody)?.own.z_number)
  return bodies.findLast((number) => number !== undefined)
}

test.each(WAYS)(
  'Italy: after $way, lost $lost, printer $unit, target $hasTarget, clocks $clocks: next is $next',
  async (row) => {
    await using printer = await printerOf('rch')
    const disk = join(await temporaryDirectory(), 'disk')
    await mkdir(disk)
    const sync = row.hasTarget === true ? { sync: { targets: [{ id: 'disk', kind: 'file', folder: disk }] } } : {}
    const config = { devices: [printer.device()], ...sync }
    await using bench = await opened({ config, clock: shifted(row.clocks?.[0]) })
    const register = await italianTill(bench, '0.00')
    await sell(register, '1.00')
    const back = await openedAgain(bench, register, printer, row, config)
    const { shop } = back
    await using _ = shop
    // The tail brought the end of its session.
    if (row.way === 'tail' && row.lost === 'day')
      await back.register.till.create(event('session_open', register.id, { opening_balance_amount: '0.00' }))
    const document = await soldAgain(shop, back.register, printer, row.unit)
    const asides = asidesOf(shop)
    const why = row.way === 'restore' || row.way === 'tail' ? 'restore' : 'rollback'
    expect([lastReceiptOf(shop), asides]).toMatchObject([
      row.next,
      [
        ...row.bons.map(([from, to]) => ({ kind: 'bon', from, to, why })),
        ...row.zs.map(([from, to]) => ({ kind: 'z', from, to, why })),
      ],
    ])
    // The printer goes on from its own numbers.
    const { document: expected, z } = PRINTED[row.unit === 'replaced' ? 'replaced' : (row.lost ?? 'sales')]
    expect(document).toBe(expected)
    await endSession(back.register)
    expect([lastZOf(shop), await closed(back.register)]).toMatchObject([(row.zs[0]?.[1] ?? 0) + 1, { z_numbers: [z] }])
    const tasks = shop.agent.administration.listTasks() as { id: string }[]
    expect(tasks.map(({ id }) => id).filter((id) => id.startsWith('epoch-'))).toEqual(row.tasks ?? ['epoch-2'])
    await shop.restart()
    expect(asidesOf(shop)).toHaveLength(asides.length)
    await shop.stop()
    const { codes } = await verifyJournal(shop.config.state)
    const errors = codes.filter(({ level }) => level === 'error').map(({ code }) => code)
    expect(errors).toEqual(row.errors ?? [])
    await bench.start()
  },
)

test.each([
  { what: 'a backup', isFinal: false, numbers: [1002, 2002], zs: [1001, 2001] },
  { what: 'a final backup', isFinal: true, numbers: [2, 2002], zs: [1, 2001] },
])(
  'Italy: of $what that is restored twice the second shop gives no number of the first',
  async ({ isFinal, numbers, zs }) => {
    await using printer = await printerOf('rch')
    const devices = [printer.device()]
    await using bench = await opened({ config: { devices }, clock: CLOCK })
    const register = await italianTill(bench, '0.00')
    await sell(register, '1.00')
    await bench.stop()
    const folder = await temporaryDirectory()
    const path = join(folder, 'shop.backup')
    const { file } = isFinal
      ? await handOver({ ...PARTS, stateDirectory: bench.config.state, path, passphrase: PASSPHRASE })
      : await backUp(bench.config.state, folder)
    const given: unknown[] = []
    for (const name of ['first', 'second']) {
      const state = join(folder, name)
      await restore(state, file, { earlierRestores: openEarlierRestores(file) })
      await using shop = await opened({ config: { devices, state }, clock: CLOCK })
      const till = keyed(shop, register)
      await sell(till, '5.00')
      const number = lastReceiptOf(shop)
      await endSession(till)
      given.push([number, lastZOf(shop)])
    }
    expect(given).toEqual(numbers.map((number, index) => [number, zs[index]]))
    expect(new Set(printer.documents.map(({ number }) => number)).size).toBe(3)
  },
)
