// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { closing, counted } from '../shift.ts'
import { brokenSums } from './emergency-oracle.ts'
import { act, findings, open, refusal, untilBack } from './emergency-shop.ts'
import { PrinterBeside, printerOf } from './printer-beside.ts'
import { closed, italianShop, italianTill, LOCATION, movement, sell, tillAt } from './shop.ts'

describe('while another printer of the shop works', () => {
  test('the register opens only by the word of a person, if it is at the same place', async () => {
    await using printer = await PrinterBeside.open()
    await using other = await printerOf('custom')
    const devices = [printer.device(), { ...other.device(), id: 'rt-2' }]
    await using bench = await Bench.open({ config: { devices, deadlineMs: 1500 } })
    const here = await italianShop(bench)
    const [one, two] = [await tillAt(bench, 'rt-1', here), await tillAt(bench, 'rt-2', here)]
    await printer.unplug()
    expect((await refusal(open(bench))).message).toMatch(/Printer rt-2 .*--with-other-rt/)
    const { id } = await open(bench, { withOtherPrinter: true })
    const opened = bench.journal().find(({ kind }) => kind === 'emergency.opened')
    expect(opened?.body).toContain('"with_other_rt":true')
    expect(await sell(one, '3.00')).toMatchObject({ fiscal_information: { emergency: { id } } })
    expect(await sell(two, '4.00')).toMatchObject({ fiscal_information: { document_type: 'sale' } })
    expect(await findings(bench)).toEqual([])
  })

  test('the register opens, if that one is at another place', async () => {
    await using printer = await PrinterBeside.open()
    await using other = await printerOf('custom')
    const devices = [printer.device(), { ...other.device(), id: 'rt-2' }]
    await using bench = await Bench.open({ config: { devices, deadlineMs: 1500 } })
    const here = await italianShop(bench)
    const there = await bench.office.post('/v1/locations', { ...LOCATION, name: 'Torino Lingotto' })
    const one = await tillAt(bench, 'rt-1', here)
    await tillAt(bench, 'rt-2', String(there['id']))
    await printer.unplug()
    await open(bench)
    expect(await sell(one, '3.00')).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
  })
})

test.each([
  ['refuses every sale', 'error=ES0031@=R#1-99'],
  ['has no paper', 'paper-out@*'],
])('a printer that answers and %s opens no register: the refusal says to switch it off', async (_, fault) => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 1500 })
  const register = await italianTill(bench)
  printer.simulator.inject(fault)
  const made = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '3.00' }]))
  const call = completion(made, [pay('cash', '3.00')])
  expect((await register.till.refused(call)).fiscal_effect).toBe('none')
  expect((await refusal(open(bench))).message).toMatch(/answers.*switch it off, and open then/)
  await printer.unplug()
  await open(bench)
  expect((await register.till.call(call)).json).toMatchObject({ fiscal_information: { document_type: 'emergency' } })
  expect(await findings(bench)).toEqual([])
})

test('the rest of a half printed operation waits for the printer, and a person may end it without', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent({ deadlineMs: 1500 })
  const register = await italianTill(bench)
  const sold = await sell(register, '20.00')
  const halves: Members[] = []
  const exchange = async () => {
    const lines = [
      { title: 'Tazza', amount: '-5.00' },
      { title: 'Cucchiaio', amount: '3.00' },
    ]
    const body = movement('exchange', register, lines, { related_operation_id: sold.id })
    const made = await register.till.create(body)
    printer.simulator.inject('error=ES0001@=R#2-99')
    const call = completion(made, [pay('cash', '-2.00')])
    expect(await register.till.refused(call)).toMatchObject({ fiscal_effect: 'recorded' })
    printer.simulator.clearFaults()
    halves.push(made)
    return call
  }
  const [ending, printing] = [await exchange(), await exchange()]
  await printer.unplug()
  await open(bench)
  for (const call of [ending, printing]) {
    const refused = await register.till.refused(call)
    expect(refused).toMatchObject({ code: 'emergency_open', fiscal_effect: 'recorded' })
    expect(refused.message).toMatch(/The return of the exchange is printed.*The same completion prints the sale alone/)
  }
  await bench.agent.administration.endOperation(String(halves[0]?.['id']), 'Stampante guasta')
  expect((await register.till.read(String(halves[0]?.['id']))).status).toBe('completed')
  await sell(register, '3.00')
  await printer.plugIn()
  await untilBack(bench)
  await act(bench, { act: 'emergency-close' })
  expect((await register.till.call(printing)).status).toBe(200)
  await closed(register)
  expect(await brokenSums(bench)).toEqual([])
  expect(await findings(bench)).toEqual([])
})

test('a close of none, a device of another law, and the end of a register that needs its Z are refused', async () => {
  await using printer = await PrinterBeside.open()
  const devices = [printer.device(), { id: 'tse-1', driver: 'tse-simulator' }]
  await using bench = await Bench.open({ config: { devices, deadlineMs: 1500 } })
  const register = await tillAt(bench, 'rt-1', await italianShop(bench))
  await sell(register, '2.00')
  expect((await refusal(act(bench, { act: 'emergency-close' }))).message).toMatch(/No emergency of rt-1 is open/)
  const onTse = bench.agent.administration.deviceAct('tse-1', { act: 'emergency-open', reason: 'Guasta' })
  expect((await refusal(onTse)).message).toMatch(/tse-1 is not a printer/)
  await counted(register, '2.00')
  await register.till.create(closing(register, '-2.00'))
  await printer.unplug()
  await open(bench)
  const end = { path: `/v1/registers/${register.id}/decommission`, body: {} }
  expect(await bench.office.refused(end)).toMatchObject({ code: 'emergency_open', fiscal_effect: 'none' })
  await act(bench, { act: 'emergency-close', forGood: true })
  expect((await bench.office.call(end)).status).toBe(200)
  expect(await findings(bench)).toEqual([])
})
