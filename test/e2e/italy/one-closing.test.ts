// @module-tag heavy
import { expect, test } from 'vitest'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { printerOf } from './printer-beside.ts'
import { italianTill, movement, sell } from './shop.ts'

/** The printer asks for a closing at each beginning or line of a document. */
const ASKS = { rch: 'error=ES0030@=R#*', custom: 'error=ERR192@3301#*' } as const

test.each(['rch', 'custom'] as const)(
  '%s: a printer that asks for a closing again and again makes one for a sale, and the till is told',
  async (family) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    await sell(register, '1.00')
    const made = (kind: string): number => printer.simulator.records().filter(({ type }) => type === kind).length
    const [closings, documents] = [made('closure'), made('document')]
    printer.simulator.inject(ASKS[family])
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '2.00' }]))
    const call = completion(open, [pay('cash', '2.00')])
    for (let tries = 0; tries < 3; tries++) {
      const { status, json } = await register.till.call({ ...call, key: `try-${tries}` })
      expect([status, json]).toMatchObject([422, { fiscal_effect: 'none', details: { device_code: 'closure_due' } }])
    }
    await bench.restart()
    expect((await register.till.call({ ...call, key: 'try-again' })).status).toBe(422)
    expect([made('closure') - closings, made('document') - documents]).toEqual([1, 0])
    printer.simulator.clearFaults()
    expect((await register.till.call({ ...call, key: 'try-last' })).status).toBe(200)
    expect([made('closure') - closings, made('document') - documents]).toEqual([1, 1])
  },
)

test('an Epson document with too many operations is refused: no closing makes it shorter', async () => {
  await using printer = await printerOf('epson')
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  for (const status of ['23', '24']) {
    printer.simulator.inject(`error=${status}@printRecItem`)
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '2.00' }]))
    const refused = await register.till.call(completion(open, [pay('cash', '2.00')]))
    expect([refused.status, refused.json]).toMatchObject([
      422,
      { fiscal_effect: 'none', details: { device_code: 'data_too_long' } },
    ])
  }
  expect(printer.simulator.records().filter(({ type }) => type !== 'slip')).toEqual([])
})
