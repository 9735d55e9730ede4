import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import { SteppingMachine, stepSizes } from '../stepping-machine.ts'
import { austrianTill, ONE_CARD, receiptOf, sell } from './shop.ts'

const HOUR_MS = 3_600_000

test('Austria: receipts have the time of a clock that stepped from the next one on, and none is before an older one', async () => {
  const machine = new SteppingMachine('2026-11-19T20:00:07Z')
  await using bench = await Bench.open({ clock: machine, boot: machine, config: ONE_CARD })
  const shop = await austrianTill(bench)
  const timeOf = async (): Promise<string> => receiptOf(await sell(shop, '5.00')).qr_data.split('_')[4] ?? ''
  expect(await timeOf()).toMatch(/^2026-11-19T21:00/)
  machine.step(24 * HOUR_MS)
  const ahead = await timeOf()
  expect(ahead).toMatch(/^2026-11-20T21:00/)
  machine.step(-HOUR_MS)
  // Up to 70 minutes back the last stamp is repeated.
  expect((await timeOf()) >= ahead).toBe(true)
  machine.step(-HOUR_MS)
  await expect(sell(shop, '5.00')).rejects.toThrow(/clock/)
  expect(stepSizes(bench)).toEqual([86_400, -3600, -3600])
  const { warnings } = (await bench.office.get('/readyz')) as unknown as { warnings: readonly { code: string }[] }
  expect(warnings.map(({ code }) => code)).toContain('clock_implausible')
})
