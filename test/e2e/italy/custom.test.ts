// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import { patientClock } from '../../patient-clock.ts'
import { today } from '../../today.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { customWith } from './printer-families.ts'
import { italianShop, italianTill, movement, sell } from './shop.ts'

const TIMEOUTS = { ackMs: 150, replyMs: 300, printMs: 500, longMs: 800 }
const PROFILE = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20 }

/** An agent at a Custom printer that does not say what is open, and a return that is to be printed. */
async function openReturn() {
  const directory = await mkdtemp(join(tmpdir(), 'rt-custom-'))
  const simulator = new CustomSimulator({ directory, clock: patientClock, switches: { generation: 2 } })
  simulator.open()
  const tcp = { host: '127.0.0.1', port: await simulator.serveTcp(0) }
  const device = { id: 'rt-1', driver: 'rt-custom', tcp, timeouts: TIMEOUTS, profile: PROFILE }
  const bench = await Bench.open({ clock: patientClock, config: { devices: [device] } })
  const register = await italianTill(bench)
  const sold = await sell(register, '20.00')
  const line = { title: 'Caffè', amount: '-5.00' }
  const open = await register.till.create(movement('return', register, [line], { related_operation_id: sold.id }))
  return {
    ...{ bench, simulator, id: register.id, till: register.till, call: completion(open, [pay('cash', '-5.00')]) },
    kinds: () => simulator.documents().map(({ kind }) => kind),
    codes: async () => {
      const { data } = (await bench.office.get('/v1/devices')) as { data: [{ warnings: { code: string }[] }] }
      return data[0].warnings.map(({ code }) => code)
    },
    tasks: () => bench.agent.administration.listTasks() as readonly { id: string; title: string }[],
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]()
      await simulator.close()
      await rm(directory, { recursive: true })
    },
  }
}

test('a return that a power blink made a sale: annulled, printed again, and reported until a person has seen it', async () => {
  await using shop = await openReturn()
  const { bench, simulator, till, call } = shop
  simulator.inject('power-blink@7101R#2')
  const done = await till.call(call)
  expect(done.json, done.text).toMatchObject({
    fiscal_information: { document_type: 'return', document_number: '0142-0004' },
  })
  expect(shop.kinds()).toEqual(['sale', 'sale', 'void', 'return'])
  expect(await bench.agent.administration.deviceAct('rt-1', 'last-document')).toMatchObject({
    ...{ printer: { document_type: 'return', document_number: '0142-0004' }, agrees: true },
  })
  expect(await shop.codes()).toEqual(['misprint_annulled'])
  const [task] = shop.tasks()
  expect(task?.title).toContain('0142-0002')
  await bench.restart()
  await bench.agent.administration.confirmTask(String(task?.id))
  expect(await shop.codes()).toEqual([])
  expect(shop.tasks()).toEqual([])
})

test('if the printer annuls that sale and refuses the return after it, the paper is still reported to a person', async () => {
  await using shop = await openReturn()
  const { simulator, till, call } = shop
  simulator.inject('power-blink@7101R#2')
  simulator.inject('error=ERR222@7101R#3')
  expect(await till.refused(call)).toMatchObject({ code: 'unprocessable_entity' })
  expect(await shop.codes()).toContain('misprint_annulled')
  expect(shop.tasks()).toMatchObject([{ title: expect.stringContaining('0142-0002 was annulled') }])
  expect((await till.call(call)).status).toBe(200)
  expect(shop.kinds()).toEqual(['sale', 'sale', 'void', 'return'])
  expect(shop.tasks()).toHaveLength(1)
})

test('if the printer does not annul that sale, a person must: the till is notified, and a task exists', async () => {
  await using shop = await openReturn()
  const { simulator, till, call } = shop
  simulator.inject('power-blink@7101R#2')
  simulator.inject('error=ERR05@7101A#2')
  const refused = await till.refused(call)
  expect(refused).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'recorded' })
  expect(await shop.codes()).toContain('annulment_due')
  expect(shop.tasks()).toMatchObject([{ title: expect.stringContaining('0142-0002 came out as a sale') }])
  expect((await till.call(call)).status).toBe(200)
  expect(shop.kinds()).toEqual(['sale', 'sale', 'return'])
  expect(await shop.codes()).toEqual(['annulment_due'])
})

test('a printer that goes out of service gets no document until it is in service again: its documents are worthless', async () => {
  await using shop = await openReturn()
  const { simulator, till, call } = shop
  simulator.inject('out-of-service@1511')
  expect(await till.refused(call)).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
  expect(shop.kinds()).toEqual(['sale'])
  expect(await shop.codes()).toContain('printer_out_of_service')
  simulator.clearFaults()
  await shop.bench.untilDevice('ready')
  expect((await till.call(call)).status).toBe(200)
  expect(shop.kinds()).toEqual(['sale', 'return'])
})

test('a printer in simulation is not in service: its register is not fiscalized, and nothing is printed', async () => {
  await using printer = await PrinterBeside.of(customWith({ simulation: true }))
  await using bench = await printer.agent()
  const location = await italianShop(bench)
  const { id } = await bench.office.post('/v1/registers', { location_id: location, name: 'Cassa 1' })
  const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  expect(done).toMatchObject({ fiscalization_status: 'failed', fiscalization: { error: { code: 'out_of_service' } } })
  expect(printer.documents).toEqual([])
})

test('a printer that makes no second closure without a sale: the closing exists already, and the register still ends', async () => {
  await using shop = await openReturn()
  const { bench, simulator, till, call, id } = shop
  await till.call(call)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '65.00' }))
  await till.create(event('session_close', id, { business_date: today() }))
  const path = `/v1/registers/${id}/closings`
  await till.post(path, {})
  simulator.inject('error=ERR71@2002')
  expect(await till.refused({ path, body: {} })).toMatchObject({ code: 'already_closed', fiscal_effect: 'none' })
  expect(await shop.codes()).toEqual([])
  simulator.inject('error=ERR71@2002')
  const retired = await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  expect(retired).toMatchObject({ fiscalization_status: 'decommissioned', status: 'inactive' })
  expect((await bench.office.list(path)).map(({ type }) => type)).toEqual(['daily'])
})
