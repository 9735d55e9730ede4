import { expect, test } from 'vitest'
import { PrinterBeside } from './printer-beside.ts'
import { italianTill, sell } from './shop.ts'

test('a register is fiscalized with a printer that was plugged in just now, and with one that is being looked at', async () => {
  await using printer = await PrinterBeside.open()
  await printer.unplug()
  await using bench = await printer.agent()
  await bench.untilDevice('down')
  await printer.plugIn()
  printer.simulator.inject('late=300@<</?i')
  const register = await italianTill(bench)
  expect((await sell(register, '1.00')).status).toBe('completed')
})
