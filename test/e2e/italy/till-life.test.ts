// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { LineAdapter } from '../../drivers/rt/line-adapter.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { event } from '../goods.ts'
import { closes, opens } from '../shift.ts'
import { PrinterBeside } from './printer-beside.ts'
import {
  FAST_LINE,
  italianShop,
  italianTill,
  LOCATION,
  movement,
  ONE_PRINTER,
  paper,
  receiptOf,
  sell,
  tillAt,
} from './shop.ts'

type Task = { id: string; due: string; title: string; instructions: readonly string[] }

const TWO_PRINTERS = {
  devices: [
    { id: 'rt-1', driver: 'rt-simulator', timeouts: FAST_LINE },
    { id: 'rt-2', driver: 'rt-simulator', timeouts: FAST_LINE },
  ],
}

/** Both were connected, so that a register can go from one to the other. */
async function twoPrinters(): Promise<Bench> {
  const bench = await Bench.open({ config: TWO_PRINTERS })
  await bench.until(() => bench.agent.application.devices().every(({ state }) => state === 'ready'))
  return bench
}

function tasksOf(bench: Bench, prefix: string): Task[] {
  const tasks = bench.agent.administration.listTasks() as readonly Task[]
  return tasks.filter(({ id }) => id.startsWith(prefix))
}

async function serialOf(bench: Bench, device: string): Promise<string> {
  return String((await bench.office.list('/v1/devices')).find(({ id }) => id === device)?.['serial'])
}

function decommission(bench: Bench, { id }: Register) {
  return bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
}

async function closings({ id, till }: Register): Promise<unknown[]> {
  return (await till.list(`/v1/registers/${id}/closings`)).map(({ type, z_numbers }) => [type, z_numbers])
}

/** Two printers next to one adapter, the shop's plugged in. */
async function besideAdapter(use: (bench: Bench, plug: (which: 'first' | 'second') => void) => Promise<void>) {
  await using printer = await PrinterBeside.open()
  await using other = await PrinterBeside.open('72IV6000002')
  const adapter = await LineAdapter.before(printer.port)
  const devices = [{ ...printer.device(), tcp: { host: '127.0.0.1', port: adapter.port } }]
  try {
    await using bench = await Bench.open({ config: { devices } })
    await use(bench, (which) => adapter.plugInto(which === 'first' ? printer.port : other.port))
  } finally {
    await adapter.close()
  }
}

describe('the end of a register', () => {
  test('is a Z and a task of the printer only for the last register there', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const location = await italianShop(bench)
    const [first, last] = [await italianTill(bench, '0.00', location), await italianTill(bench, '0.00', location)]
    await sell(first, '5.00')
    await closes(first)
    await closes(last)
    await decommission(bench, first)
    expect((await paper(bench)).filter(({ type }) => type === 'closure')).toEqual([])
    expect(tasksOf(bench, 'printer-end-')).toEqual([])
    await decommission(bench, last)
    expect((await paper(bench)).filter(({ type }) => type === 'closure')).toHaveLength(1)
    expect(await closings(last)).toEqual([['final', [142]]])
    const [task, ...more] = tasksOf(bench, 'printer-end-')
    expect(task?.id).toBe(`printer-end-${await serialOf(bench, 'rt-1')}`)
    expect(task?.instructions.join(' ')).toMatch(/Disattivazione .* dismissione/)
    expect(task?.instructions.join(' ')).not.toContain('fuori servizio')
    expect(more).toEqual([])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
    // Another one takes the printer over.
    await italianTill(bench, '0.00', location)
    expect(tasksOf(bench, 'printer-end-')).toEqual([])
  })

  test('does not wait for a dead printer: slips and the last Z follow, until then the task has the open sums', async () => {
    await using printer = await PrinterBeside.open()
    await using bench = await printer.agent({ deadlineMs: 700 })
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    await sell(register, '12.20')
    await printer.unplug()
    await bench.untilDevice('down')
    await register.till.create(
      event('session_cash_adjustment', register.id, { cash_amount: '-2.00', movement_type: 'bank_deposit' }),
    )
    await closes(register)
    const ended = await decommission(bench, register)
    expect(ended).toMatchObject({ fiscalization_status: 'decommissioned', decommissionedAt: expect.any(String) })
    expect(await closings(register)).toEqual([])
    const owed = () => tasksOf(bench, 'printer-end-')[0]?.instructions.join(' ')
    expect(owed()).toMatch(
      /could not be made.*Z 142, not closed: 2 documents, 17\.20 EUR\. IVA 22 % 17\.20 \(imponibile 14\.10, imposta 3\.10\)/,
    )
    expect(owed()).toContain('fuori servizio')
    await bench.restart()
    expect(owed()).toContain('17.20 EUR')
    await printer.plugIn()
    await bench.until(async () => JSON.stringify(await closings(register)) === '[["final",[142]]]')
    await bench.until(() => owed()?.includes('not closed') === false)
    await bench.restart()
    expect(await closings(register)).toEqual([['final', [142]]])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  })
})

describe('a printer that is exchanged within its period', () => {
  test('leaves a task with the sums that no closing counts, until its Z is seen', () =>
    besideAdapter(async (bench, plug) => {
      const register = await italianTill(bench, '0.00')
      await sell(register, '5.00')
      plug('second')
      const told = await bench.agent.administration.deviceAct('rt-1', 'init')
      expect(told).toMatchObject({
        open_period_of_former_printer: { serial: '72IV6000001', z: 142, documents: 1, amount: '5.00' },
      })
      const [task] = tasksOf(bench, 'open-period-')
      expect(task).toMatchObject({ id: 'open-period-72IV6000001-142' })
      expect(task?.instructions.join(' ')).toMatch(/1 document, 5\.00 EUR\. IVA 22 % 5\.00/)
      await sell(register, '7.00')
      await register.till.post(`/v1/registers/${register.id}/closings`, {})
      expect(tasksOf(bench, 'open-period-')).toHaveLength(1)
      plug('first')
      // Nothing of the second printer is open: its day was closed.
      const back = await bench.agent.administration.deviceAct('rt-1', 'init')
      expect(back).not.toHaveProperty('open_period_of_former_printer')
      await register.till.post(`/v1/registers/${register.id}/closings`, {})
      expect(tasksOf(bench, 'open-period-')).toEqual([])
      expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
    }))

  test('leaves none between two periods, and a person may confirm one', () =>
    besideAdapter(async (bench, plug) => {
      const register = await italianTill(bench, '0.00')
      await sell(register, '5.00')
      await register.till.post(`/v1/registers/${register.id}/closings`, {})
      plug('second')
      await bench.agent.administration.deviceAct('rt-1', 'init')
      expect(tasksOf(bench, 'open-period-')).toEqual([])
      await sell(register, '6.00')
      plug('first')
      await bench.agent.administration.deviceAct('rt-1', 'init')
      const [task] = tasksOf(bench, 'open-period-')
      expect(task?.id).toMatch(/^open-period-72IV6000002-/)
      await bench.agent.administration.confirmTask(String(task?.id))
      expect(tasksOf(bench, 'open-period-')).toEqual([])
    }))
})

describe('a till that gets another printer', () => {
  test('keeps its own while documents of it wait for the Z, and changes after that', async () => {
    await using bench = await twoPrinters()
    const location = await italianShop(bench)
    const [register, staying] = [await tillAt(bench, 'rt-1', location), await tillAt(bench, 'rt-1', location)]
    await sell(staying, '9.00')
    const path = `/v1/registers/${register.id}`
    const call = { method: 'PATCH', path, body: { fiscal_device: 'rt-2' } } as const
    const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '1.22' }]))
    expect(await bench.office.refused(call)).toMatchObject({ status: 409, code: 'open_operations' })
    await register.till.void(open)
    await sell(register, '5.00')
    await sell(register, '2.00')
    const refusal = await bench.office.refused(call)
    expect(refusal).toMatchObject({
      ...{ status: 409, code: 'fiscalization_conflict', fiscal_effect: 'none' },
      details: { rt_serial_number: await serialOf(bench, 'rt-1'), z_number: 142, documents: 2, amount: '7.00' },
    })
    expect(refusal.message).toContain('2 documents of 7.00 EUR')
    await closes(register)
    expect(await bench.office.refused(call)).toMatchObject({ code: 'fiscalization_conflict' })
    await staying.till.post(`/v1/registers/${staying.id}/closings`, {})
    expect(await bench.office.patch(path, { fiscal_device: 'rt-2' })).toMatchObject({ fiscal_device: 'rt-2' })
    await opens(register)
    expect(receiptOf(await sell(register, '3.00')).rt_serial_number).toBe(await serialOf(bench, 'rt-2'))
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  })

  test('that was asked for in a session changes with the Z after the close', async () => {
    await using bench = await twoPrinters()
    const register = await tillAt(bench, 'rt-1', await italianShop(bench))
    const path = `/v1/registers/${register.id}`
    const pending = await bench.office.patch(path, { fiscal_device: 'rt-2', name: 'Cassa 2' })
    expect(pending).toMatchObject({ fiscal_device: 'rt-1', pending_changes: { fiscal_device: 'rt-2' } })
    await sell(register, '5.00')
    await closes(register)
    expect(await bench.office.get(path)).toMatchObject({
      ...{ name: 'Cassa 2', fiscal_device: 'rt-1', pending_changes: { fiscal_device: 'rt-2' } },
    })
    await register.till.post(`/v1/registers/${register.id}/closings`, {})
    const now = await bench.office.get(path)
    expect(now).toMatchObject({ fiscal_device: 'rt-2' })
    expect(now).not.toHaveProperty('pending_changes')
  })

  test('moves to another branch like its name', async () => {
    await using bench = await Bench.open({ config: ONE_PRINTER })
    const register = await italianTill(bench, '0.00')
    const other = String((await bench.office.post('/v1/locations', { ...LOCATION, name: 'Torino Nord' }))['id'])
    await sell(register, '5.00')
    await closes(register)
    const moved = await bench.office.patch(`/v1/registers/${register.id}`, { location_id: other })
    expect(moved).toMatchObject({ location_id: other })
    await opens(register)
    expect((await sell(register, '1.00')).location_id).toBe(other)
  })
})
