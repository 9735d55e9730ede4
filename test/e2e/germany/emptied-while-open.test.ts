import { existsSync } from 'node:fs'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ReceiptOutages } from '../../../agent/devices/receipt-outages.ts'
import { JournalledBons } from '../../../agent/laws/germany/journalled-bons.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { audited } from '../../cli/audited.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { patientClock } from '../../patient-clock.ts'
import { heavy } from '../../tags.ts'
import { turnedMs } from '../../turning-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { signed } from '../client.ts'
import { event, goods, pay, sell } from '../goods.ts'

/** Fourteen agents in one process wait for each other. A refusal must not wait for the end of a long command. */
const TIMEOUTS = { replyMs: 20_000, longMs: 120_000 }
const DRIVERS = ['tse-simulator', ...Object.keys(vendorTses)]

type Shop = { bench: Bench; register: Register; fault: (fault: string) => Promise<void>; folder: string }

/** A register with one sale, on a TSE of that driver. */
async function onTse(driver: string, act: (shop: Shop) => Promise<void>): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'o-'))
  const vendor = await vendorTses[driver]?.open(folder.path, 0)
  try {
    const device = vendor === undefined ? { id: 'tse-1', driver } : { ...vendor.device, timeouts: TIMEOUTS }
    await using bench = await Bench.open({ clock: patientClock, config: { devices: [device], deadlineMs: 20_000 } })
    await bench.agent.administration.deviceAct('tse-1', 'init')
    const register = await bench.till('0.00')
    await sell(register, '1.00')
    const fault = async (text: string): Promise<void> => {
      if (vendor === undefined) await bench.fault(text)
      else if (text === 'clear') vendor.unit.clearFaults()
      else vendor.unit.inject(text)
    }
    await act({ bench, register, fault, folder: folder.path })
  } finally {
    await vendor?.close()
  }
}

function begin({ id, till }: Register): Promise<Operation> {
  return till.create(goods('sale', id, [['2.00', '0.07']]))
}

async function emptied({ agent }: Bench): Promise<Members> {
  return (await agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })) as Members
}

/** At the agent that runs now. */
function tillOf(bench: Bench, { key }: Register) {
  return bench.client({ 'X-Register-Api-Key': key })
}

/** Closes the session; package and archives must verify, with nothing left open. */
async function expectSound(bench: Bench, register: Register, cash: string, folder: string): Promise<void> {
  const till = tillOf(bench, register)
  await till.create(event('session_cash_count', register.id, { counted_closing_amount: cash }))
  await till.create(event('session_close', register.id, { business_date: today() }))
  const path = join(folder, 'books.zip')
  await writeFile(path, await bench.exported('dsfinvk'))
  expect((await verifyDsfinvk(path)).findings).toEqual([])
  expect(await verifyArchive(await bench.exported('tse_tar'))).toMatchObject({ findings: [], firstCounter: 1 })
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

test.concurrent.each(DRIVERS)(
  '%s is emptied while a sale is open: the answer names it, and it is signed afterwards with its old number',
  heavy(),
  (driver) =>
    onTse(driver, async ({ bench, register, folder }) => {
      const open = await begin(register)
      const kept = await emptied(bench)
      expect(kept).toMatchObject({
        deleted_at: expect.any(String),
        open_transactions: [
          { operation_id: open.id, register_id: register.id, register: 'Kasse', transaction: expect.any(Number) },
        ],
      })
      const [{ transaction, age_minutes: age } = {}] = kept['open_transactions'] as Members[]
      expect(age).toBe(0)
      await bench.restart()
      const done = await tillOf(bench, register).complete(open, [pay('cash', '2.00')])
      expect(done.fiscal.state).toBe('succeeded')
      expect(signed(done).transaction_number).toBe(transaction)
      // Nothing is open now, so nothing is named.
      expect(await emptied(bench)).not.toHaveProperty('open_transactions')
      await expectSound(bench, register, '3.00', folder)
    }),
)

test.concurrent.each(DRIVERS)(
  '%s that does not delete while a sale is open is reported at once, with the sale and the kept archive',
  heavy(),
  (driver) =>
    onTse(driver, async ({ bench, register, fault, folder }) => {
      const open = await begin(register)
      await fault('refuse-open@delete#*')
      const startMs = turnedMs()
      const refused = await emptied(bench).catch((error: unknown) => error)
      expect(turnedMs() - startMs).toBeLessThan(90_000)
      expect(refused).toMatchObject({ code: 'open_operations', details: { operation_ids: [open.id] } })
      const { message } = refused as Error
      expect(message).toContain(`${open.id} (Kasse, open for 0 min)`)
      const [, file = ''] = /The archive is kept \(([^)]+)\)/.exec(message) ?? []
      expect(existsSync(join(bench.config.state, 'archives', file))).toBe(true)
      expect((await tillOf(bench, register).complete(open, [pay('cash', '2.00')])).fiscal.state).toBe('succeeded')
      expect(await emptied(bench)).toMatchObject({ deleted_at: expect.any(String) })
      await fault('clear')
      await expectSound(bench, register, '3.00', folder)
    }),
)

test('a full TSE with a sale that went out unsigned is emptied, and its transaction is aborted', heavy(), () =>
  onTse('tse-simulator', async ({ bench, register, fault, folder }) => {
    const open = await begin(register)
    // The completion, and the abort before the deletion.
    await fault('memory-full@finish#1-2')
    const done = await register.till.complete(open, [pay('cash', '2.00')])
    expect(done.fiscal).toMatchObject({ state: 'failed', error: { code: 'memory_full' } })
    const kept = await emptied(bench)
    expect(kept['open_transactions']).toMatchObject([{ operation_id: open.id, register: 'Kasse' }])
    const ends = bench.journal().filter(({ kind }) => kind.startsWith('transaction.'))
    expect(ends.map(({ kind }) => kind)).toEqual([
      ...[
        'transaction.abort_intended',
        'transaction.abort_failed',
        'transaction.abort_intended',
        'transaction.aborted',
      ],
    ])
    const start = Date.parse(String(done.fiscal.start_event?.signed_at))
    expect(JSON.parse(ends.at(-1)?.body ?? '{}')).toMatchObject({ facts: { started_ms: start, operation_id: open.id } })
    await expectSound(bench, register, '3.00', folder)
  }),
)

test('a full TSE that neither deletes nor finishes is retired once no sale is open', () =>
  onTse('tse-simulator', async ({ bench, register, fault }) => {
    const open = await begin(register)
    await fault('memory-full@finish#*')
    await fault('refuse-open@delete#*')
    await expect(bench.agent.administration.retireTse('tse-1', 'voll')).rejects.toMatchObject({
      code: 'open_operations',
    })
    await register.till.complete(open, [pay('cash', '2.00')])
    await expect(emptied(bench)).rejects.toMatchObject({ code: 'open_operations' })
    expect(await bench.agent.administration.retireTse('tse-1', 'voll')).toMatchObject({ registers: [register.id] })
  }))

test('an audit finds nothing wrong with a TSE that was emptied while a sale was open', heavy(), () =>
  onTse('tse-simulator', async ({ bench, register, folder }) => {
    const [first, second] = [await begin(register), await begin(register)]
    await emptied(bench)
    await register.till.complete(first, [pay('cash', '2.00')])
    await emptied(bench)
    await register.till.complete(second, [pay('cash', '2.00')])
    await expectSound(bench, register, '5.00', folder)
    const { code, parts } = await audited(bench, folder)
    expect(parts.filter(({ valid }) => !valid)).toEqual([])
    expect(code).toBe(0)
  }),
)

test('a start beyond the open ones that a TSE takes is an outage of that bon alone, and is tried again at completion', () =>
  onTse('tse-epson', async ({ bench, register, fault }) => {
    const full = { state: 'failed', error: { code: 'open_transactions_full' } }
    await fault('error=TSE1_ERROR_MAX_PARALLEL_TRANSACTIONS@start#1-3')
    const later = await begin(register)
    expect(later.fiscal).toMatchObject(full)
    const still = await begin(register)
    // Nothing else is stopped by it.
    expect((await register.till.complete(still, [pay('cash', '2.00')])).fiscal).toMatchObject(full)
    expect((await sell(register, '1.00')).fiscal.state).toBe('succeeded')
    expect((await register.till.complete(later, [pay('cash', '2.00')])).fiscal.state).toBe('succeeded')
    const outages = new ReceiptOutages()
    const bons = new JournalledBons(outages)
    for (const line of bench.journal()) {
      outages.note(line)
      bons.note(line)
    }
    const withReceipts = outages.report().outages.filter(({ receipts }) => receipts > 0)
    expect(withReceipts).toMatchObject([{ cause: { code: 'open_transactions_full' }, receipts: 1 }])
  }))
