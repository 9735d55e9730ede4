import { expect, test } from 'vitest'
import { Bench } from './bench.ts'
import type { Operation } from './client.ts'
import { event } from './goods.ts'
import { PrinterBeside } from './italy/printer-beside.ts'
import { italianTill } from './italy/shop.ts'

test('a part that cannot be closed keeps no other one open: the state is free, and the error is reported', async () => {
  let isBroken = true
  await using bench = await Bench.open({
    atPoint: (point) => {
      if (isBroken && point === 'journal.before-checkpoint') throw new Error('the disk is full')
    },
  })
  await expect(bench.stop()).rejects.toThrow('the disk is full')
  isBroken = false
  await bench.start()
})

test('a stop waits for the slip that is being printed, and leaves the one after it to the next start', async () => {
  await using printer = await PrinterBeside.open()
  const printed = (): unknown[] =>
    printer.simulator.records().flatMap((record) => (record.type === 'slip' ? [record.cashCents] : []))
  let stopped: Promise<void> | undefined
  await using bench = await Bench.open({
    config: { devices: [printer.device()] },
    atPoint: (point) => {
      if (point === 'device.before-print') stopped ??= bench.stop()
    },
  })
  const { id, till } = await italianTill(bench, '0.00')
  await printer.unplug()
  const slips: Operation[] = []
  for (const cash_amount of ['30.00', '-10.00'])
    slips.push(await till.create(event('session_cash_adjustment', id, { cash_amount })))
  await printer.plugIn()
  await bench.until(() => stopped !== undefined)
  await stopped
  expect(printed()).toEqual([3000])
  const states = async (): Promise<unknown[]> =>
    await Promise.all(slips.map(async (slip) => (await bench.office.read(slip.id)).fiscal.state))
  await printer.unplug()
  await bench.start()
  expect(await states()).toEqual(['succeeded', 'pending'])
  await printer.plugIn()
  await bench.until(async () => !(await states()).includes('pending'))
  expect(printed()).toEqual([3000, -1000])
})
