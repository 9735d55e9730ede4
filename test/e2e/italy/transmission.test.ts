// @module-tag heavy
import { expect, test } from 'vitest'
import { workingDaysAfter } from '../../../agent/laws/italy/working-days.ts'
import { localDate, SHOP_ZONE, shiftedDate } from '../../../base/clock.ts'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { today } from '../../today.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { LeapClock } from '../leap-clock.ts'
import { Looks } from './looks.ts'
import type { FamilyName, PrinterBeside } from './printer-beside.ts'
import { printerOf } from './printer-beside.ts'
import type { SimulatedPrinter } from './printer-families.ts'
import { closed, italianTill, sell } from './shop.ts'

type Shop = {
  bench: Bench
  looks: Looks
  printer: SimulatedPrinter
  register: Register
  beside: PrinterBeside<SimulatedPrinter>
}

async function atPrinter(family: FamilyName, use: (shop: Shop) => Promise<void>): Promise<void> {
  await using beside = await printerOf(family)
  const looks = new Looks()
  await using bench = await Bench.open({ config: { devices: [beside.device()] }, clock: looks })
  await use({ bench, looks, beside, printer: beside.simulator, register: await italianTill(bench, '0.00') })
}

/** The status of each Z, in their order. */
async function statuses({ id, till }: Register): Promise<unknown[]> {
  const closings = await till.list(`/v1/registers/${id}/closings`)
  return closings.toSorted((one, other) => zOf(one) - zOf(other)).map((closing) => closing['transmission_status'])
}

function zOf(closing: Members): number {
  return Number((closing['z_numbers'] as number[])[0])
}

/** Waits for looks after which the Zs have these statuses. */
async function looked({ bench, looks }: Pick<Shop, 'bench' | 'looks'>, register: Register, wanted: unknown[]) {
  looks.rest()
  let seen: unknown[] = []
  await bench
    .until(async () => {
      looks.look()
      seen = await statuses(register)
      return JSON.stringify(seen) === JSON.stringify(wanted)
    })
    .catch(() => expect(seen).toEqual(wanted))
}

function changes(bench: Bench): number {
  return bench.journal().filter(({ kind }) => kind === 'closing.transmission_changed').length
}

test.each<'rch' | 'custom'>(['rch', 'custom'])(
  '%s: a Z is pending while the printer holds its file, and transmitted when a look finds it sent',
  (family) =>
    atPrinter(family, async (shop) => {
      const { bench, printer, register } = shop
      printer.inject('pending=1@*')
      await sell(register, '12.20')
      const key = { path: `/v1/registers/${register.id}/closings`, body: {}, key: 'z-1' }
      const first = await register.till.call(key)
      expect(first.json).toMatchObject({ transmission_status: 'pending', transmitted_at: null })
      printer.inject('pending=2@*')
      await sell(register, '12.20')
      expect(await closed(register)).toMatchObject({ transmission_status: 'pending' })
      printer.inject('pending=1@*')
      await looked(shop, register, ['transmitted', 'pending'])
      printer.clearFaults()
      await looked(shop, register, ['transmitted', 'transmitted'])
      await sell(register, '1.22')
      expect(await closed(register)).toMatchObject({
        ...{ transmission_status: 'transmitted', transmitted_at: expect.stringMatching(/^20/) },
      })
      await looked(shop, register, ['transmitted', 'transmitted', 'transmitted'])
      expect(changes(bench)).toBe(2)
      expect((await register.till.call(key)).text).toBe(first.text)
      expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
    }),
)

test('a printer that does not report its files has Zs without a status until it does', () =>
  atPrinter('epson', async (shop) => {
    await sell(shop.register, '12.20')
    expect(await closed(shop.register)).toMatchObject({ transmission_status: null, transmitted_at: null })
    await looked(shop, shop.register, ['transmitted'])
  }))

/** Three Zs, of which the office rejected the second one. */
async function rejectedAt(shop: Shop): Promise<void> {
  for (const amount of ['1.22', '2.44', '3.66']) {
    await sell(shop.register, amount)
    await closed(shop.register)
  }
  await rejects(shop)
}

async function rejects(shop: Shop): Promise<void> {
  shop.printer.inject('pending=2@*')
  shop.printer.inject('rejected=1@*')
  await looked(shop, shop.register, ['transmitted', 'failed', 'pending'])
}

async function rejections(bench: Bench): Promise<string[]> {
  const [device] = await bench.office.list('/v1/devices')
  const all = device?.['warnings'] as { code: string; message: string }[]
  return all.flatMap(({ code, message }) => (code === 'printer_transmission_failed' ? [message] : []))
}

function rejectedTasks(bench: Bench): Members[] {
  const tasks = bench.agent.administration.listTasks() as readonly Members[]
  return tasks.filter(({ id }) => String(id).startsWith('rt-rejected-'))
}

test('a rejected file fails its Z, newer ones stay pending, and warning and task name it until it is sent', () =>
  atPrinter('custom', async (shop) => {
    const { bench, printer, register } = shop
    await rejectedAt(shop)
    expect(await rejections(bench)).toEqual(['The tax office rejected the file of Z 143.'])
    expect(rejectedTasks(bench)).toHaveLength(1)
    printer.clearFaults()
    await looked(shop, register, ['transmitted', 'transmitted', 'transmitted'])
    expect([await rejections(bench), rejectedTasks(bench)]).toEqual([[], []])
  }))

test('the task of a rejected file has five working days, the steps at the portal and the sums, until it is settled', () =>
  atPrinter('custom', async (shop) => {
    const { bench, register } = shop
    await rejectedAt(shop)
    const [z = {}] = await register.till.list(`/v1/registers/${register.id}/closings`)
    const { rt_serial_number: serial } = z['fiscal_information'] as Members
    const [task = {}, ...more] = rejectedTasks(bench)
    expect([task['id'], more]).toEqual([`rt-rejected-${serial}-143`, []])
    expect(task).toMatchObject({ due: workingDaysAfter(localDate(Date.now(), SHOP_ZONE), 5), register_id: register.id })
    const steps = (task['instructions'] as string[]).join('\n')
    expect(steps).toContain('"Procedure di emergenza", "Dispositivo fuori servizio"')
    expect(steps).toContain('Z 143: 2.44 EUR.\nIVA 22 % 2.44 (imponibile 2.00, imposta 0.44).\nContanti 2.44.')
    const duties = '/v1/duties?regime=RT&state=due'
    expect((await bench.office.list(duties)).map(({ kind }) => kind)).toContain('it.rejected_file')
    await bench.restart()
    expect(rejectedTasks(bench)).toEqual([task])
    await bench.agent.administration.confirmTask(String(task['id']), 'sums entered')
    await looked(shop, register, ['transmitted', 'failed', 'pending'])
    expect([await rejections(bench), rejectedTasks(bench)]).toEqual([[], []])
  }))

test('a Z that the printer made counts among its files, and gets its status once it is recorded', () =>
  atPrinter('rch', async (shop) => {
    const { printer, register } = shop
    await sell(register, '12.20')
    await closed(register)
    await sell(register, '1.22')
    printer.closeByItself()
    printer.inject('pending=1@*')
    shop.looks.rest()
    shop.looks.look()
    await sell(register, '1.22')
    await looked(shop, register, ['transmitted', 'pending'])
  }))

test('a Z stays pending while its printer is silent for days, and is transmitted at the first look after that', () =>
  atPrinter('rch', async (shop) => {
    const { bench, looks, beside, register } = shop
    shop.printer.inject('pending=1@*')
    await sell(register, '12.20')
    await closed(register)
    await beside.unplug()
    looks.rest()
    await bench.until(() => {
      looks.look()
      return bench.agent.application.devices().some(({ state }) => state === 'down')
    })
    const back = shiftedDate(today(), 13)
    looks.jump(`${back}T09:00:00Z`)
    looks.look()
    expect(await statuses(register)).toEqual(['pending'])
    // It has sent its file meanwhile.
    await beside.plugIn()
    await looked(shop, register, ['transmitted'])
    const [closing] = await register.till.list(`/v1/registers/${register.id}/closings`)
    expect(closing?.['transmitted_at']).toMatch(new RegExp(`^${back}`))
    expect(changes(bench)).toBe(1)
  }))

test('a Z stays pending while its printer is offline for days, and is transmitted 30 s after its file was sent', async () => {
  await using beside = await printerOf('rch')
  const clock = new LeapClock()
  await using bench = await Bench.open({ config: { devices: [beside.device()] }, clock })
  const register = await italianTill(bench, '0.00')
  beside.simulator.inject('pending=1@*')
  await sell(register, '12.20')
  await closed(register)
  clock.leap(12 * 24 * 3_600_000)
  // The leap has cut the line, which comes back.
  await bench.until(async () => {
    const [device = {}] = await bench.office.list('/v1/devices')
    const codes = (device['warnings'] as Members[]).map(({ code }) => code)
    return codes.includes('printer_idle') && (device['health'] as Members)['pending_files'] === 1
  })
  expect(await statuses(register)).toEqual(['pending'])
  beside.simulator.clearFaults()
  clock.leap(30_000)
  await bench.until(async () => (await statuses(register))[0] === 'transmitted')
  expect(changes(bench)).toBe(1)
})

test('a printer that is replaced with files inside leaves its Zs pending, and sends them when it is back', async () => {
  await using beside = await printerOf('rch')
  const looks = new Looks()
  await using bench = await Bench.open({ config: { devices: [beside.device()] }, clock: looks })
  const register = await italianTill(bench, '0.00')
  beside.simulator.inject('pending=1@*')
  await sell(register, '12.20')
  await closed(register)
  await beside.unplug()
  await beside.plugIn('72IV6000002')
  await bench.until(() => {
    looks.look()
    return bench.agent.application.devices().some(({ state }) => state === 'foreign')
  })
  await bench.agent.administration.deviceAct('rt-1', 'init')
  await sell(register, '12.20')
  await closed(register)
  const shop = { bench, looks }
  await looked(shop, register, ['pending', 'transmitted'])
  await beside.unplug()
  await beside.plugIn()
  await bench.until(() => {
    looks.look()
    return bench.agent.application.devices().some(({ state }) => state === 'foreign')
  })
  await bench.agent.administration.deviceAct('rt-1', 'init')
  await looked(shop, register, ['transmitted', 'transmitted'])
})

test('a restored backup and a new start find the status of each Z again', async () => {
  await using beside = await printerOf('rch')
  const looks = new Looks()
  await using bench = await Bench.open({ config: { devices: [beside.device()] }, clock: looks })
  const register = await italianTill(bench, '0.00')
  beside.simulator.inject('pending=1@*')
  await sell(register, '12.20')
  await closed(register)
  const folder = await temporaryDirectory()
  const { file } = await backUp(bench.config.state, folder)
  beside.simulator.clearFaults()
  await bench.restart()
  await looked({ bench, looks }, register, ['transmitted'])
  await bench.stop()
  const state = `${folder}/state`
  await restore(state, file)
  await using restored = await Bench.open({ config: { devices: [beside.device()], state }, clock: looks })
  const moved = { ...register, till: restored.client({ 'X-Register-Api-Key': register.key }) }
  expect(await statuses(moved)).toEqual(['pending'])
  await looked({ bench: restored, looks }, moved, ['transmitted'])
})
