// @module-tag heavy
import { expect, test } from 'vitest'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { KilledShop, until } from './killed-shop.ts'
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

test.each([
  ['rch', 'error=ES0030@=R', 1],
  ['custom', 'error=ERR192@3301', 1],
  ['custom', 'error=ERR101@3301', 1],
  ['custom', 'error=ERR101@3007', 1],
  ['rch', 'error=ES0030@=R#1-2', 2],
  ['custom', 'error=ERR192@3301#1-2', 2],
] as const)(
  '%s: a printer that asks for a closing (%s), %i times, makes one and prints the sale once',
  async (family, fault, times) => {
    await using printer = await printerOf(family)
    await using bench = await printer.agent()
    const register = await italianTill(bench)
    await sell(register, '1.00')
    printer.simulator.inject(fault)
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '2.00' }]))
    const call = completion(open, [pay('cash', '2.00')])
    if (times === 2) expect((await register.till.call({ ...call, key: 'try-first' })).status).toBe(422)
    const done = await register.till.call({ ...call, key: 'try-last' })
    expect(done.json, done.text).toMatchObject({ fiscal_information: { document_number: '0143-0001' } })
    const kinds = printer.simulator.records().map(({ type }) => type)
    expect(kinds.filter((type) => type === 'closure' || type === 'document')).toEqual([
      'document',
      'closure',
      'document',
    ])
  },
)

test('a daemon that is killed between the closing and the document makes no second one for it', async () => {
  await using printer = await printerOf('custom')
  const shop = await KilledShop.open(printer)
  const { office } = shop
  const pane = () => movement('sale', shop, [{ title: 'Pane', amount: '2.00' }])
  await office.complete(await office.create(pane()), [pay('cash', '2.00')])
  const { simulator } = printer
  const made = (kind: string): number => simulator.records().filter(({ type }) => type === kind).length
  const open = await office.create(pane())
  const call = completion(open, [pay('cash', '2.00')])
  simulator.inject('error=ERR192@3301')
  simulator.inject('unplugged-before=60000@3301#2')
  const isClosed = async () => made('closure') === 1 && (await shop.intents(open.id)) === 2
  const lost = office.call(call).catch(() => undefined)
  await until(isClosed)
  await shop.kill()
  expect((await lost)?.status).not.toBe(200)
  simulator.clearFaults()
  simulator.inject('error=ERR192@3301#*')
  await shop.restart()
  await until(async () => (await office.call(call)).status === 422)
  expect([made('closure'), made('document')]).toEqual([1, 1])
  simulator.clearFaults()
  expect((await office.call({ ...call, key: 'try-last' })).status).toBe(200)
  expect([made('closure'), made('document')]).toEqual([1, 2])
  await shop.kill()
  expect(await shop.verify()).toMatchObject({ valid: true, codes: [] })
})

test('an Epson document with too many operations is refused: no closing makes it shorter', async () => {
  await using printer = await printerOf('epson')
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  for (const [status, times] of [
    ['23', '1'],
    ['24', '1-2'],
    ['23', '*'],
    ['24', '*'],
  ] as const) {
    printer.simulator.clearFaults()
    printer.simulator.inject(`error=${status}@printRecItem#${times}`)
    const open = await register.till.create(movement('sale', register, [{ title: 'Pane', amount: '2.00' }]))
    const refused = await register.till.call(completion(open, [pay('cash', '2.00')]))
    expect([refused.status, refused.json]).toMatchObject([
      422,
      { fiscal_effect: 'none', details: { device_code: 'data_too_long' } },
    ])
  }
  expect(printer.simulator.records().filter(({ type }) => type !== 'slip')).toEqual([])
})
