// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { deviceStateIn } from '../../device-state.ts'
import { turnedMs } from '../../turning-clock.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion, voiding } from '../client.ts'
import { event, pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill, movement, receiptOf, sell } from './shop.ts'

const PIE = [{ title: 'Torta', amount: '12.50' }]
const SHORT = { deadlineMs: 700 }

async function answersFast<T>(call: () => Promise<T>): Promise<T> {
  const sinceMs = turnedMs()
  const answer = await call()
  expect(turnedMs() - sinceMs).toBeLessThan(2000)
  return answer
}

async function untilState(bench: Bench, id: string, state: string): Promise<void> {
  await bench.until(async () => (await bench.office.read(id)).fiscal.state === state)
}

/** Configures the agent to abandon the printer at its second "busy", not after half a minute. */
function impatient(printer: PrinterBeside): Members {
  const { profile, ...device } = printer.device()
  return { devices: [{ ...device, profile: { ...Object(profile), busyMs: 1 } }] }
}

/** The system's clock, without looks at the health of a working device. */
const withoutLooks: Clock = {
  ...systemClock,
  after: (delayMs, act) => (delayMs === 30_000 ? () => undefined : systemClock.after(delayMs, act)),
}

function isBusyTwice({ simulator }: PrinterBeside): void {
  for (const which of ['1', '2']) simulator.inject(`busy@=e#${which}`)
}

describe('while the printer is unplugged', () => {
  test('nothing is completed: the operation stays open, its key is free, and it is completed when the printer is back', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    await printer.unplug()
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    // The first one waits for the window of the printer, the next ones do not wait.
    const refused = await register.till.call(call)
    expect(refused.json).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none', retryable: true })
    expect(refused.headers.get('retry-after')).not.toBeNull()
    await bench.untilDevice('down')
    await answersFast(() => register.till.refused(call))
    expect((await register.till.read(open.id)).status).toBe('open')
    await printer.plugIn()
    await bench.untilDevice('ready')
    const done = await register.till.call(call)
    expect(done.status, done.text).toBe(200)
    expect(printer.documents).toHaveLength(1)
  })

  test('a refused enquiry is not a refusal of a sale or slip: both follow when it answers', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    printer.simulator.inject('error=EG0003@<</?N')
    expect(await register.till.refused(call)).toMatchObject({ code: 'fiscal_device_unavailable', retryable: true })
    await bench.untilDevice('ready')
    expect((await register.till.call(call)).status).toBe(200)
    printer.simulator.inject('error=EG0003@<</?N')
    const adjustment = event('session_cash_adjustment', register.id, { cash_amount: '30.00' })
    const { id } = await register.till.create(adjustment)
    await untilState(bench, id, 'succeeded')
    expect(printer.documents).toHaveLength(1)
  })

  test('a printer that refuses the look at it is down: the sale is not refused', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    for (const fault of ['error=EG0003@<</?N', 'error=EG0003@<</?i#*']) printer.simulator.inject(fault)
    await register.till.refused(call)
    const isRefusing = () => JSON.stringify(bench.agent.application.devices()).includes('"code":"device_refused"')
    await bench.until(isRefusing)
    expect(await register.till.refused(call)).toMatchObject({ code: 'fiscal_device_unavailable', retryable: true })
    printer.simulator.clearFaults()
    await bench.untilDevice('ready')
    expect((await register.till.call(call)).status).toBe(200)
    expect(printer.documents).toHaveLength(1)
  })

  test('a shift is not blocked: its slips are noted, and printed when the printer is back', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    await printer.unplug()
    const first = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '30.00' }))
    expect(first).toMatchObject({ status: 'completed', fiscal: { state: 'pending' }, fiscal_information: null })
    expect(first.fiscal.receipt_text).toBe('Documento gestionale non ancora stampato')
    const second = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '-10.00' }))
    await bench.restart(async () => printer.plugIn())
    await untilState(bench, first.id, 'succeeded')
    await untilState(bench, second.id, 'succeeded')
    const numbers = await Promise.all(
      [first, second].map(async ({ id }) => receiptOf(await bench.office.read(id)).document_number),
    )
    expect(numbers).toEqual(['1', '2'])
    const slips = printer.simulator.records().filter((record) => record.type === 'slip')
    expect(slips.map(({ cashCents }) => cashCents)).toEqual([3000, -1000])
  })

  test('a slip that the printer refuses is noted, and the shift continues', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '10.00')
    printer.simulator.inject('error=ES0001@=p')
    const drop = await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '-10.00' }))
    expect(drop).toMatchObject({ status: 'completed', fiscal: { state: 'failed', error: { code: 'refused' } } })
    expect(receiptOf(await sell(register, '5.00')).document_number).toBe('0142-0001')
  })

  test('missing paper stops selling until there is some, with no waiting', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    printer.simulator.inject('paper-out=1500@=R')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    expect(await register.till.refused(call)).toMatchObject({
      fiscal_effect: 'none',
      details: { device_code: 'paper_out' },
    })
    const [device] = await bench.office.list('/v1/devices')
    expect(device).toMatchObject({ state: 'down', warnings: [{ code: 'printer_paper_out' }] })
    await bench.untilDevice('ready')
    expect((await register.till.call(call)).status).toBe(200)
    expect(printer.documents).toHaveLength(1)
  })
})

describe('slips that the printer did not take at once', () => {
  const moved = (register: Register, amount: string): Members =>
    event('session_cash_adjustment', register.id, { cash_amount: amount })
  const printed = (printer: PrinterBeside): unknown[] =>
    printer.simulator.records().flatMap((record) => (record.type === 'slip' ? [record.cashCents] : []))

  test('are each printed: what may be on paper is reconciled before the next one', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const lost = (): number => bench.journal().filter((event) => deviceStateIn(event) === 'down').length
    await printer.unplug()
    const first = await register.till.create(moved(register, '30.00'))
    const second = await register.till.create(moved(register, '20.00'))
    await bench.until(() => lost() === 1)
    await printer.plugIn()
    printer.simulator.inject('paper-out=60000@=e')
    await bench.until(() => lost() === 2)
    // The second one was accepted before the first was planned: it comes before it in the journal.
    await printer.unplug()
    await printer.plugIn()
    await untilState(bench, first.id, 'succeeded')
    await untilState(bench, second.id, 'succeeded')
    expect(printed(printer)).toEqual([3000, 2000])
  })

  test('are asked for by the sale that waits for them, not by the next look at the printer', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await Bench.open({ config: impatient(printer), clock: withoutLooks })
    const register = await italianTill(bench, '0.00')
    isBusyTwice(printer)
    const slip = await register.till.create(moved(register, '30.00'))
    expect(slip.fiscal.state).toBe('pending')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    expect(await register.till.refused(call)).toMatchObject({ details: { device_code: 'reconciling' } })
    await untilState(bench, slip.id, 'succeeded')
    expect((await register.till.call(call)).status).toBe(200)
    expect(printed(printer)).toEqual([3000])
  })

  test('are not overtaken: a request that comes while they are about to be reconciled waits', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent(impatient(printer))
    const register = await italianTill(bench, '0.00')
    isBusyTwice(printer)
    const slip = await register.till.create(moved(register, '30.00'))
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    // Over connections that are open already, the four come in one turn.
    await Promise.all(Array.from({ length: 4 }, () => register.till.read(open.id)))
    const [, ...later] = await Promise.all([
      register.till.call(call),
      ...Array.from({ length: 3 }, () => register.till.create(moved(register, '20.00'))),
    ])
    for (const { id } of [slip, ...later]) await untilState(bench, id, 'succeeded')
    await bench.until(async () => (await register.till.call(call)).status === 200)
    expect(printed(printer)).toEqual([3000, 2000, 2000, 2000])
  })
})

describe('a completion whose outcome is not known in time', () => {
  test('is 503 reconciling; nothing else is printed before, and the same key gets its 200', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent(SHORT)
    const register = await italianTill(bench, '0.00')
    printer.simulator.inject('unplugged=5000@=T')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    const unknown = await register.till.refused(call)
    expect(unknown).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown', retryable: true })
    expect(await register.till.refused(voiding(open))).toMatchObject({ code: 'reconciling' })
    expect((await register.till.read(open.id)).status).toBe('open')
    await bench.until(async () => (await register.till.read(open.id)).status === 'completed')
    const settled = await register.till.call(call)
    expect(settled.status, settled.text).toBe(200)
    expect(settled.headers.get('idempotent-replayed')).toBe('true')
    expect(receiptOf(await register.till.read(open.id)).document_number).toBe('0142-0001')
    expect(printer.documents).toHaveLength(1)
  })

  test.each([
    ['printed', 'unplugged=60000@=T'],
    ['not printed', 'unplugged-before=60000@=T'],
  ])('is reconciled after a restart, if it was %s, also after an equal sale at the panel', async (_, fault) => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent(SHORT)
    const register = await italianTill(bench, '0.00')
    printer.simulator.inject(fault)
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling' })
    const other = await register.till.create(movement('sale', register, PIE))
    const blocked = await register.till.refused(completion(other, [pay('cash', '12.50')]))
    expect(['fiscal_device_unavailable', 'reconciling', 'idempotency_key_in_use']).toContain(blocked.code)
    await bench.restart(async () => {
      await printer.unplug()
      await printer.plugIn()
      printer.simulator.keyInSale(1250)
    })
    const settled = await bench.until(async () => {
      const answer = await register.till.call(call)
      return answer.status === 200 && answer
    })
    const { document_number: number } = receiptOf(await register.till.read(open.id))
    expect(settled.text).toContain(number)
    const ours = printer.documents.filter(({ lines }) =>
      lines.some((line) => line.includes(`#REF ${open.id.slice(-12)}`)),
    )
    expect(ours.map(({ z, number: printed }) => `0${z}-000${printed}`)).toEqual([number])
  })

  test('a Z is made once, and its closing has the number of the printer', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent(SHORT)
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    printer.simulator.inject('unplugged=60000@=C10')
    const call = { path: `/v1/registers/${register.id}/closings`, body: {}, key: 'z-1' }
    expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
    await bench.restart(async () => {
      await printer.unplug()
      await printer.plugIn()
    })
    const made = await bench.until(async () => {
      const answer = await register.till.call(call)
      return answer.status === 201 && answer
    })
    expect(made.json).toMatchObject({ document_number: '0142', z_numbers: [142] })
    expect(printer.simulator.records().filter(({ type }) => type === 'closure')).toHaveLength(1)
  })
})

test('another printer than the enrolled one is refused until a technician takes it for the shop', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench, '0.00')
  const sold = await sell(register, '5.00')
  await printer.unplug()
  await bench.until(
    async () =>
      (
        await register.till.call(
          completion(await register.till.create(movement('sale', register, PIE)), [pay('cash', '12.50')]),
        )
      ).status === 503,
  )
  await printer.plugIn('72IV6000002')
  await bench.untilDevice('foreign')
  const open = await register.till.create(movement('sale', register, PIE))
  const call = completion(open, [pay('cash', '12.50')])
  expect(await register.till.refused(call)).toMatchObject({
    fiscal_effect: 'none',
    details: { device_code: 'foreign' },
  })
  expect(printer.documents).toHaveLength(0)
  await bench.agent.administration.deviceAct('rt-1', 'init')
  await bench.untilDevice('ready')
  const done = await register.till.call(call)
  expect(done.status, done.text).toBe(200)
  expect(receiptOf(await register.till.read(open.id)).rt_serial_number).toBe('72IV6000002')
  const late = { path: '/v1/operations', body: event('void', register.id, { related_operation_id: sold.id }) }
  expect((await register.till.refused(late)).code).toBe('void_after_closing')
})

test('an unresolved document on a replaced printer is cancelled, and its operation is completed on the new one', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent(SHORT)
  const register = await italianTill(bench, '0.00')
  printer.simulator.inject('unplugged=60000@=T')
  const open = await register.till.create(movement('sale', register, PIE))
  const call = completion(open, [pay('cash', '12.50')])
  expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling', fiscal_effect: 'unknown' })
  await bench.restart(async () => {
    await printer.unplug()
    await printer.plugIn('72IV6000002')
  })
  expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling' })
  await bench.agent.administration.deviceAct('rt-1', 'init')
  const done = await bench.until(async () => {
    const answer = await register.till.call(call)
    return answer.status === 200 && answer
  })
  expect(done.json['fiscal_information']).toMatchObject({ rt_serial_number: '72IV6000002' })
  const refused = bench.journal().filter(({ kind }) => kind === 'operation.refused')
  expect(refused.map(({ body }) => body).join()).toContain('printer_replaced')
  // The first one may still have printed it: a person has to look, and the task stays until then.
  const tasks = bench.agent.administration.listTasks()
  expect(tasks).toMatchObject([{ title: expect.stringContaining(open.id) }])
  expect(await bench.office.list('/v1/devices')).toMatchObject([{ warnings: [{ code: 'printer_replaced' }] }])
})

describe('a printer that closes its day automatically', () => {
  test('is recorded also if the request that first sees it is refused', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    const sold = await sell(register, '5.00')
    printer.simulator.closeByItself()
    const late = { path: '/v1/operations', body: event('void', register.id, { related_operation_id: sold.id }) }
    expect((await register.till.refused(late)).code).toBe('void_after_closing')
    await sell(register, '3.00')
    const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
    const totals = { payments: [{ name: 'Contanti', amount: '5.00' }] }
    expect(closings).toMatchObject([{ type: 'daily', z_numbers: [142], totals }])
  })

  test('just before a requested Z is recorded in addition to it', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent()
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    printer.simulator.inject('closed-by-itself@=C3')
    const closed = await register.till.call({ path: `/v1/registers/${register.id}/closings`, body: {} })
    expect(closed.json).toMatchObject({ z_numbers: [143] })
    const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
    expect(closings.map((closing) => closing['z_numbers'])).toEqual(expect.arrayContaining([[142], [143]]))
    expect(closings).toHaveLength(2)
  })

  test('an earlier unresolved document is reconciled by its number of the day before, and the closing is recorded', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent(SHORT)
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    printer.simulator.inject('unplugged=60000@=T')
    const open = await register.till.create(movement('sale', register, PIE))
    const call = completion(open, [pay('cash', '12.50')])
    expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling' })
    await bench.restart(async () => {
      await printer.unplug()
      await printer.plugIn()
      printer.simulator.closeByItself()
      printer.simulator.keyInSale(1250)
    })
    const done = await bench.until(async () => {
      const answer = await register.till.call(call)
      return answer.status === 200 && answer
    })
    expect(done.json['fiscal_information']).toMatchObject({ document_number: '0142-0002' })
    expect(receiptOf(await sell(register, '3.00')).document_number).toBe('0143-0002')
    const closings = await register.till.list(`/v1/registers/${register.id}/closings`)
    const totals = { payments: [{ name: 'Contanti', amount: '17.50' }] }
    expect(closings).toMatchObject([{ type: 'daily', z_numbers: [142], totals }])
    const late = { path: '/v1/operations', body: event('void', register.id, { related_operation_id: open.id }) }
    expect((await register.till.refused(late)).code).toBe('void_after_closing')
    const line = { title: 'Torta', amount: '-12.50' }
    const back = await register.till.create(movement('return', register, [line], { related_operation_id: open.id }))
    expect(receiptOf(await register.till.complete(back, [pay('cash', '-12.50')])).document_type).toBe('return')
  })
})
