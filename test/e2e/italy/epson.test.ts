// @module-tag heavy
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openAgent } from '../../../agent/cli/daemon/technician.ts'
import type { Clock } from '../../../base/clock.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { patientClock } from '../../patient-clock.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { italianTill, movement, receiptOf, sell } from './shop.ts'

const PIE = [{ title: 'Torta', amount: '12.50' }]
const TIMEOUTS = { replyMs: 500, printMs: 500, longMs: 800 }

/** An agent with a simulated Epson printer, which reports only number and total of its last document. */
async function openShop(clock: Clock = patientClock) {
  const directory = await mkdtemp(join(tmpdir(), 'rt-epson-'))
  const simulator = new EpsonSimulator({ directory, clock })
  simulator.open()
  const http = { host: '127.0.0.1', port: await simulator.serve(0) }
  const device = { id: 'rt-1', driver: 'rt-epson', http, timeouts: TIMEOUTS }
  const bench = await Bench.open({ config: { devices: [device], deadlineMs: 700 }, clock })
  return {
    simulator,
    bench,
    warnings: async () => (await bench.office.get('/v1/devices'))['data'] as [{ warnings: { code: string }[] }],
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]()
      await simulator.close()
      await rm(directory, { recursive: true })
    },
  }
}

test('a document taken as ours by its amount alone is reported until a person has looked', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const register = await italianTill(bench)
  simulator.inject('lost-answer@printerFiscalReceipt')
  const sold = await sell(register, '12.50')
  expect(receiptOf(sold).document_number).toBe('0142-0001')
  expect(simulator.documents()).toHaveLength(1)
  expect(await bench.agent.administration.deviceAct('rt-1', 'last-document')).toMatchObject({
    ...{ printer: { document_number: '0142-0001', total_amount: '12.50' }, journal: { operation_id: sold.id } },
    agrees: true,
  })
  expect((await shop.warnings())[0].warnings).toMatchObject([{ code: 'print_uncertain' }])
  const [task] = bench.agent.administration.listTasks() as readonly { id: string; title: string }[]
  expect(task?.title).toContain(`0142-0001 of printer rt-1 that of operation ${sold.id}`)
  await bench.agent.administration.confirmTask(String(task?.id))
  expect((await shop.warnings())[0].warnings).toEqual([])
})

test('a deposit is taken off when the rest is paid, and identified by the rest if the answer was lost', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const register = await italianTill(bench)
  const acconto = (amount: string) => ({ title: 'Acconto torta', amount, rate: '0.10', more: { type: 'deposit' } })
  const deposit = await register.till.create(movement('deposit', register, [acconto('20.00')]))
  await register.till.complete(deposit, [pay('cash', '20.00')])
  const lines = [{ title: 'Torta', amount: '60.00', rate: '0.10' }, acconto('-20.00')]
  const capture = await register.till.create(
    movement('deposit_capture', register, lines, { related_operation_id: deposit.id }),
  )
  simulator.inject('lost-answer@printerFiscalReceipt')
  const done = await register.till.complete(capture, [pay('cash', '40.00')])
  expect(receiptOf(done).document_number).toBe('0142-0002')
  const printed = simulator.documents()
  expect(printed).toMatchObject([{ totalCents: 2000 }, { totalCents: 4000 }])
  expect(printed[1]?.lines.join('\n')).toMatch(/Acconto torta.*-20,00/i)
})

test('a printer in training prints no sale: 503, the reason at the device, and the sale once it is in service', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const register = await italianTill(bench)
  const open = await register.till.create(movement('sale', register, PIE))
  simulator.inject('training@directIO')
  const call = completion(open, [pay('card', '12.50')])
  const refused = await register.till.call(call)
  expect(refused.status, refused.text).toBe(503)
  expect(refused.json).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
  expect(refused.text).toContain('training mode')
  await bench.untilDevice('down')
  expect(simulator.records().filter(({ type }) => type === 'document')).toEqual([])
  simulator.clearFaults()
  await bench.untilDevice('ready')
  const done = await register.till.call(call)
  expect(done.json, done.text).toMatchObject({ fiscal_information: { document_number: '0142-0001' } })
  expect(simulator.documents()[0]?.lines.join('\n')).toMatch(/CARTE ELETTRONICHE +12,50/)
})

test('a gift card is a tender when it is redeemed', async () => {
  await using shop = await openShop()
  const register = await italianTill(shop.bench)
  const open = await register.till.create(movement('sale', register, [{ title: 'Libro', amount: '47.50' }]))
  await register.till.complete(open, [pay('gift_card', '20.00', { gift_card_id: 'gc-1' }), pay('card', '27.50')])
  const [printed] = shop.simulator.documents()
  expect(printed?.lines.join('\n')).toMatch(/BUONI MULTIUSO +20,00.*CARTE ELETTRONICHE +27,50/s)
})

test('an equal sale at the panel while ours is unresolved: 503, the paper check, and ours is not printed again', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const register = await italianTill(bench)
  const open = await register.till.create(movement('sale', register, PIE))
  simulator.inject('paper-out=2000@printerFiscalReceipt')
  const call = completion(open, [pay('cash', '12.50')])
  const refused = await register.till.call(call)
  expect(refused.status, refused.text).toBe(503)
  expect(refused.json).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
  simulator.keyInSale(1250)
  const done = await bench.until(async () => {
    const answer = await register.till.call(call)
    return answer.status === 200 && answer
  })
  expect(done.json).toMatchObject({ fiscal_information: { document_number: '0142-0001' } })
  expect(simulator.documents()).toHaveLength(1)
  expect((await shop.warnings())[0].warnings).toMatchObject([{ code: 'print_uncertain' }])
})

/** No paper for ours, and two that were keyed in since: the printer reports only the last one. */
async function leaveUndecided({ bench, simulator }: Awaited<ReturnType<typeof openShop>>) {
  const register = await italianTill(bench)
  const open = await register.till.create(movement('sale', register, PIE))
  simulator.inject('paper-out=800@printerFiscalReceipt')
  const call = completion(open, [pay('cash', '12.50')])
  expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
  simulator.keyInSale(1250)
  simulator.keyInSale(1250)
  await bench.until(async () => JSON.stringify(await bench.office.get('/v1/devices')).includes('"print_unresolved"'))
  expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
  expect(simulator.documents()).toHaveLength(2)
  return { register, call }
}

test('a person answers for the printer that it was not printed, and the till completes it again', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const { administration } = bench.agent
  const { register, call } = await leaveUndecided(shop)
  await expect(administration.deviceAct('rt-1', { act: 'resolve', seen: '0142-0000' })).rejects.toThrow(
    'is not a document after 0142-0000',
  )
  await bench.until(() =>
    administration.deviceAct('rt-1', { act: 'resolve', seen: 'none' }).then(() => true, ignoreBusy),
  )
  await bench.untilDevice('ready')
  const done = await register.till.call(call)
  expect(done.json, done.text).toMatchObject({ fiscal_information: { document_number: '0142-0003' } })
  expect(simulator.documents()).toHaveLength(3)
  await expect(administration.deviceAct('rt-1', { act: 'resolve', seen: 'none' })).rejects.toThrow(
    'Nothing is in doubt',
  )
})

test('a person answers for the printer: the number on its paper is that of the operation', async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const { register, call } = await leaveUndecided(shop)
  await bench.restart()
  await bench.until(() =>
    bench.agent.administration.deviceAct('rt-1', { act: 'resolve', seen: '0142-0001' }).then(() => true, ignoreBusy),
  )
  await bench.untilDevice('ready')
  const done = await register.till.call(call)
  expect(done.json, done.text).toMatchObject({ fiscal_information: { document_number: '0142-0001' } })
  expect(simulator.documents()).toHaveLength(2)
})

test('a document that a person confirms a day later has the day of its paper, to which its return refers', async () => {
  const clock = new CalendarClock('2026-11-14T16:00:00Z')
  await using shop = await openShop(clock)
  const { administration } = shop.bench.agent
  const { register, call } = await leaveUndecided(shop)
  clock.jump('2026-11-15T08:00:00Z')
  await shop.bench.until(() =>
    administration.deviceAct('rt-1', { act: 'resolve', seen: '0142-0001' }).then(() => true, ignoreBusy),
  )
  const { id, fiscal_information: told } = (await register.till.call(call)).json
  expect(told).toMatchObject({ printed_at: expect.stringMatching(/^2026-11-14T16:00:/) })
  const back = [{ title: 'Torta', amount: '-12.50' }]
  const returned = await register.till.create(movement('return', register, back, { related_operation_id: String(id) }))
  const done = await register.till.complete(returned, [pay('cash', '-12.50')])
  expect(done['fiscal_information']).toMatchObject({ reference: expect.stringMatching(/^0142-0001 14-11-2026 /) })
})

test("a person's answer counts at once, also without a daemon, though the printer was not asked before", async () => {
  await using shop = await openShop()
  const { bench, simulator } = shop
  const { register, call } = await leaveUndecided(shop)
  await bench.stop()
  const resting = await openAgent(bench.config)
  try {
    await resting.administration.deviceAct('rt-1', { act: 'resolve', seen: '0142-0001' })
  } finally {
    await resting.stop()
  }
  await bench.start()
  await bench.untilDevice('ready')
  const done = await register.till.call(call)
  expect(done.json, done.text).toMatchObject({ fiscal_information: { document_number: '0142-0001' } })
  expect(simulator.documents()).toHaveLength(2)
})

/** The agent asks each second whether the printer can answer; during that a person's answer is refused. */
function ignoreBusy(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'reconciling') return false
  throw error
}
