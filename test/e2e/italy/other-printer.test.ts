import { expect, test } from 'vitest'
import { LineAdapter } from '../../drivers/rt/line-adapter.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { Looks } from './looks.ts'
import type { FamilyName } from './printer-beside.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import { italianTill, movement, receiptOf, sell, wordsOf } from './shop.ts'

type Shop = { bench: Bench; looks: Looks; printer: PrinterBeside; other: PrinterBeside; adapter: LineAdapter }

/** Two printers next to one adapter, the shop's plugged in: the line of the agent never breaks. */
async function besideAdapter(use: (shop: Shop) => Promise<void>): Promise<void> {
  await using printer = await PrinterBeside.open()
  await using other = await PrinterBeside.open('72IV6000002')
  const adapter = await LineAdapter.before(printer.port)
  const devices = [{ ...printer.device(), tcp: { host: '127.0.0.1', port: adapter.port } }]
  const looks = new Looks()
  try {
    await using bench = await Bench.open({ config: { devices }, clock: looks })
    await use({ bench, looks, printer, other, adapter })
  } finally {
    await adapter.close()
  }
}

async function untilState(bench: Bench, looks: Looks, state: string): Promise<void> {
  looks.rest()
  await bench.until(async () => {
    looks.look()
    return (await bench.office.list('/v1/devices'))[0]?.['state'] === state
  })
}

const FOREIGN = { code: 'fiscal_device_unavailable', fiscal_effect: 'none', details: { device_code: 'foreign' } }

test('another printer on the line of the first prints nothing, though its arrival was not seen', heavy(), () =>
  besideAdapter(async ({ bench, looks, printer, other, adapter }) => {
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    adapter.plugInto(other.port)
    const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }]))
    const call = completion(open, [pay('cash', '12.50')])
    expect(await register.till.refused(call)).toMatchObject(FOREIGN)
    expect((await register.till.refused(call)).message).toContain('72IV6000002')
    adapter.plugInto(printer.port)
    await untilState(bench, looks, 'ready')
    const done = await register.till.call(call)
    expect(done.status, done.text).toBe(200)
    const receipt = receiptOf(await register.till.read(open.id))
    expect(receipt).toMatchObject({ document_number: '0142-0002', rt_serial_number: '72IV6000001' })
    expect(other.simulator.records()).toEqual([])
  }),
)

test('another printer between the two documents of a sale prints nothing: the first one prints the rest', heavy(), () =>
  besideAdapter(async ({ bench, looks, printer, other, adapter }) => {
    const register = await italianTill(bench, '10.00')
    const empties = { title: 'Vuoti', amount: '-2.50', code: 'N1', more: { type: 'container_deposit' } }
    const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount: '12.50' }, empties]))
    const call = completion(open, [pay('cash', '10.00')])
    printer.simulator.inject('error=ES0001@=R#2')
    expect(await register.till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
    adapter.plugInto(other.port)
    expect(await register.till.refused(call)).toMatchObject({ ...FOREIGN, fiscal_effect: 'recorded' })
    adapter.plugInto(printer.port)
    looks.rest()
    await bench.until(async () => {
      looks.look()
      return (await register.till.call(call)).status === 200
    })
    expect(printer.documents.map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
      ['return', 250],
      ['sale', 1250],
    ])
    expect(other.simulator.records()).toEqual([])
  }),
)

test('a printer enrolled for the shop returns nothing that was voided on the first: it could not detect it', () =>
  besideAdapter(async ({ bench, other, adapter }) => {
    const register = await italianTill(bench, '0.00')
    const sold = await sell(register, '5.00')
    await register.till.create(event('void', register.id, { related_operation_id: sold.id }))
    adapter.plugInto(other.port)
    await bench.agent.administration.deviceAct('rt-1', 'init')
    const line = { title: 'Caffè', amount: '-5.00' }
    const body = movement('return', register, [line], { related_operation_id: sold.id })
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
      code: 'related_operation_invalid',
      fiscal_effect: 'none',
    })
    expect(other.simulator.records()).toEqual([])
  }))

test('it closes no day and takes over no register', () =>
  besideAdapter(async ({ bench, other, adapter }) => {
    const register = await italianTill(bench, '0.00')
    adapter.plugInto(other.port)
    const closing = { path: `/v1/registers/${register.id}/closings`, body: {} }
    expect(await register.till.refused(closing)).toMatchObject(FOREIGN)
    expect(bench.journal().filter(({ kind }) => kind === 'closing.recorded')).toEqual([])
    expect(other.simulator.records()).toEqual([])
  }))

test('it is seen by the next look at its health', () =>
  besideAdapter(async ({ bench, looks, other, adapter }) => {
    const register = await italianTill(bench, '0.00')
    await sell(register, '5.00')
    adapter.plugInto(other.port)
    await untilState(bench, looks, 'foreign')
    const [device] = await bench.office.list('/v1/devices')
    expect(device).toMatchObject({ serial: '72IV6000002', warnings: [{ code: 'device_foreign' }] })
  }))

test.each<FamilyName>(['rch', 'custom', 'epson'])(
  '%s: a return of another printer leaves the own document of the same number alone',
  heavy(),
  async (family) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench, '50.00')
    const sold = await sell(register, '5.00')
    const external_operation_id = '0142-0001 24-11-2026 72IV6000777'
    const more = { external_related_operation: { description: 'Altra cassa', external_operation_id } }
    const body = movement('return', register, [{ title: 'Torta', amount: '-15.05' }], more)
    await register.till.complete(await register.till.create(body), [pay('cash', '-15.05')])
    expect(wordsOf(printer.documents.at(-1))).toContain('RT 72IV6000777')
    await register.till.create(event('void', register.id, { related_operation_id: sold.id }))
    expect(printer.documents.map(({ kind, totalCents }) => [kind, totalCents])).toEqual([
      ['sale', 500],
      ['return', 1505],
      ['void', 500],
    ])
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, codes: [] })
  },
)
