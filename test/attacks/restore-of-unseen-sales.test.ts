// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp, restore } from '../backup/parts.ts'
import { keyed } from '../backup/restored-shop.ts'
import { auditedBy } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, sell } from '../e2e/goods.ts'
import { inEmergency, untilBack } from '../e2e/italy/emergency-shop.ts'
import { sell as sellInItaly } from '../e2e/italy/shop.ts'
import { closeExpected } from '../e2e/shift.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'

// The owner backs up, sells what no unit of the journal sees, and restores. His TSE or printer is asked, and has nothing
// newer: that proves nothing about the evening.

const NAMES = ['Wiederherstellungen', 'Ripristini']
const TWO = ['tse-1', 'tse-2'].map((id) => ({ id, driver: 'tse-simulator' }))

type Evening = { bench: Bench; register: Register; devices?: readonly Members[]; keep?: readonly string[] }

/** The shop after backup, evening and restore, with the memories of those units. */
async function restoredAfter({ bench, register, devices, keep = ['tse-1'] }: Evening, evening: () => Promise<void>) {
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  await evening()
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file)
  await rm(join(state, 'devices'), { recursive: true, force: true })
  for (const unit of keep)
    await cp(join(bench.config.state, 'devices', unit), join(state, 'devices', unit), { recursive: true })
  const config = { state, ...(devices !== undefined && { devices }) }
  const shop = await Bench.open({ config, clock: new FastClock(20) })
  return { shop, state, register: keyed(shop, register) }
}

async function partIn(shop: Bench, devices: readonly Members[]) {
  const { code, parts, report } = await auditedBy(shop, { devices })
  return { code, report, part: parts.find(({ name }) => NAMES.includes(name)) }
}

async function tillAt(bench: Bench, location: string, device: string): Promise<Register> {
  const given = { location_id: location, name: `Kasse an ${device}`, fiscal_device: device }
  const id = String((await bench.office.post('/v1/registers', given))['id'])
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  const key = String(done['register_api_key'])
  const till = bench.client({ 'X-Register-Api-Key': key })
  await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { id, clientId: '', key, till }
}

test('Germany: an evening on a second TSE that the backup knows by its facts alone is an objection', async () => {
  await using bench = await Bench.open({ config: { devices: TWO } })
  const { locationId } = await bench.shop()
  const register = await tillAt(bench, locationId, 'tse-1')
  await sell(register, '3.00')
  await bench.until(() => bench.journal().filter(({ kind }) => kind === 'tse.facts_recorded').length === 2)
  const evening = async (): Promise<void> => {
    await sell(await tillAt(bench, locationId, 'tse-2'), '517.34')
  }
  const { shop, state } = await restoredAfter({ bench, register, devices: TWO }, evening)
  await using _ = shop
  const { restores } = await verifyJournal(state)
  expect(restores).toMatchObject([
    {
      units: [
        { device: 'tse-1', isCompared: true },
        { device: 'tse-2', isCompared: false },
      ],
    },
  ])
  const { code, part } = await partIn(shop, TWO)
  expect([code, part]).toMatchObject([1, { valid: false }])
  expect(part?.findings).toEqual([
    expect.stringMatching(/verglichen: tse-1 .*nicht verglichen: tse-2 .*\(restore_unexplained\)$/),
  ])
})

test('Germany: a lost unit that the journal knows by its facts alone is retired under its device', async () => {
  await using bench = await Bench.open({ config: { devices: TWO } })
  const { locationId } = await bench.shop()
  await sell(await tillAt(bench, locationId, 'tse-1'), '3.00')
  await bench.until(() => bench.journal().filter(({ kind }) => kind === 'tse.facts_recorded').length === 2)
  const retire = () => bench.agent.administration.retireTse('tse-2', 'verloren')
  await expect(retire()).rejects.toMatchObject({ code: 'fiscalization_conflict' })
  await bench.faultAt('tse-2', 'unplugged@*')
  await bench.untilDevice('down')
  expect(await retire()).toMatchObject({ device: 'tse-2', registers: [] })
  await expect(retire()).rejects.toMatchObject({ code: 'fiscalization_conflict' })
  expect(bench.journal().filter(({ kind }) => kind === 'tse.retired')).toHaveLength(1)
})

test('Germany: unsigned receipts after the backup are an objection although the TSE was compared', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '3.00')
  const evening = async (): Promise<void> => {
    await bench.fault('unplugged@*')
    for (const amount of ['512.34', '512.34']) await sell(register, amount)
  }
  const { shop, register: moved } = await restoredAfter({ bench, register }, evening)
  await using _ = shop
  await sell(moved, '4.00')
  await closeExpected(moved)
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  const { code, part, report } = await partIn(shop, devices)
  expect([code, part]).toMatchObject([1, { valid: false }])
  expect(part?.findings[0]).toMatch(
    /Seitdem verglichen: tse-1 .*Keine Einheit zeigt: Bons ohne Absicherung, .*Grund: keiner/,
  )
  expect(report).toMatch(/geschah: Verloren: unbekannt; seitdem verglichen: tse-1 .*; Grund: keiner angegeben\.$/m)
  await shop.agent.administration.confirmTask('epoch-2', 'Platte defekt, 2 Bons auf Papier, 1024,68 EUR')
  const later = await partIn(shop, devices)
  expect([later.code, later.part]).toMatchObject([0, { valid: true, note: true }])
  expect(later.part?.findings[0]).toContain('Grund: Platte defekt, 2 Bons auf Papier, 1024,68 EUR.')
})

test('Italy: entries after the backup are an objection although the printer was compared', async () => {
  await inEmergency(async ({ bench, printer, register }) => {
    const folder = await temporaryDirectory()
    const { file } = await backUp(bench.config.state, folder)
    for (const amount of ['1000.00', '388.00']) await sellInItaly(register, amount)
    await bench.stop()
    const state = join(folder, 'state')
    await restore(state, file)
    await printer.plugIn()
    const devices = [printer.device()]
    await using shop = await Bench.open({ config: { state, devices } })
    await untilBack(shop)
    await shop.agent.administration.deviceAct('rt-1', { act: 'emergency-close' })
    await sellInItaly(keyed(shop, register), '6.00')
    const { part } = await partIn(shop, devices)
    expect(part).toMatchObject({ valid: false })
    expect(part?.findings[0]).toMatch(
      /Confrontati da allora: rt-1 .*Nessun dispositivo mostra: .*registro di emergenza.*\(restore_unexplained\)$/,
    )
  })
})
