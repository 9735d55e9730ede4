// @module-tag heavy
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LineAdapter } from '../drivers/rt/line-adapter.ts'
import { austrianShop, austrianTill, sell as sign, TWO_CARDS } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { italianShop } from '../e2e/italy/shop.ts'
import { reported, untilStates } from './two-lines.ts'

// Printers and cards on exchanged lines: `device init` replaces them, so it must know whose unit answers.

const CONFLICT = 'fiscalization_conflict'

/** Two printers, each behind an adapter of its own, as hosts of a network that got other addresses. */
async function withTwoPrinters(
  use: (shop: { bench: Bench; exchange: () => void; putRight: () => void }) => Promise<void>,
  enrolled: readonly string[] = ['rt-1', 'rt-2'],
): Promise<void> {
  await using one = await PrinterBeside.open()
  await using two = await PrinterBeside.open('72IV6000002')
  const adapters = [await LineAdapter.before(one.port), await LineAdapter.before(two.port)] as const
  const devices = [one, two].map((printer, at) => ({
    ...printer.device(),
    id: `rt-${at + 1}`,
    tcp: { host: '127.0.0.1', port: adapters[at]?.port },
  }))
  const plug = (first: number, second: number) => () => {
    adapters[0].plugInto(first)
    adapters[1].plugInto(second)
  }
  try {
    await using bench = await Bench.open({ config: { devices } })
    for (const id of enrolled) await bench.agent.administration.deviceAct(id, 'init')
    await use({ bench, exchange: plug(two.port, one.port), putRight: plug(one.port, two.port) })
  } finally {
    for (const adapter of adapters) await adapter.close()
  }
}

function enrolments(bench: Bench): number {
  return bench.journal().filter(({ kind }) => kind === 'printer.enrolled').length
}

test('a printer that belongs to another id is not enrolled in place of the own one, though its arrival was not seen', () =>
  withTwoPrinters(async ({ bench, exchange, putRight }) => {
    const { administration } = bench.agent
    const before = enrolments(bench)
    exchange()
    for (const id of ['rt-1', 'rt-2'])
      await expect(administration.deviceAct(id, 'init')).rejects.toMatchObject({
        code: CONFLICT,
        message: expect.stringContaining(id === 'rt-1' ? 'enrolled as rt-2' : 'enrolled as rt-1'),
      })
    expect(enrolments(bench)).toBe(before)
    putRight()
    for (const id of ['rt-1', 'rt-2']) await administration.deviceAct(id, 'init')
    expect(enrolments(bench)).toBe(before)
  }))

test('a printer that replaces the own one for good and belongs to no other id is enrolled', () =>
  withTwoPrinters(async ({ bench }) => {
    await using third = await PrinterBeside.open('72IV6000003')
    await bench.restart(
      async () => void Object.assign(bench.config.devices[0] ?? {}, { tcp: { host: '127.0.0.1', port: third.port } }),
    )
    await untilStates(bench, 'foreign', 'ready')
    await bench.agent.administration.deviceAct('rt-1', 'init')
    await untilStates(bench, 'ready', 'ready')
    expect(reported(bench)[0]).toMatchObject({ serial: '72IV6000003' })
  }))

test('a register at an entry without a printer is not fiscalized on the printer of another id', () =>
  withTwoPrinters(
    async ({ bench, exchange }) => {
      await untilStates(bench, 'ready', 'ready')
      // The lines stay open.
      exchange()
      const location_id = await italianShop(bench)
      const newRegister = await bench.office.post('/v1/registers', { location_id, name: 'C', fiscal_device: 'rt-2' })
      const done = await bench.office.post(`/v1/registers/${String(newRegister['id'])}/fiscalize`, {}, 202)
      expect(done).toMatchObject({ fiscalization_status: 'failed', fiscalization: { error: { code: 'foreign' } } })
    },
    ['rt-1'],
  ))

async function exchangeCards(bench: Bench): Promise<void> {
  const folder = (name: string) => join(bench.config.state, 'devices', name)
  await bench.restart(async () => {
    await rename(folder('card-1'), folder('card-x'))
    await rename(folder('card-2'), folder('card-1'))
    await rename(folder('card-x'), folder('card-2'))
  })
}

test('cards in exchanged readers are foreign, are not enrolled there, and sign again when they are put right', async () => {
  await using bench = await Bench.open({ config: TWO_CARDS })
  const till = await austrianTill(bench, await austrianShop(bench))
  expect((await sign(till, '1.00')).fiscal.state).toBe('succeeded')
  const before = enrolments(bench)
  await exchangeCards(bench)
  await untilStates(bench, 'foreign', 'foreign')
  for (const id of ['card-1', 'card-2'])
    await expect(bench.agent.administration.deviceAct(id, 'init')).rejects.toMatchObject({ code: CONFLICT })
  expect(enrolments(bench)).toBe(before)
  await exchangeCards(bench)
  await untilStates(bench, 'ready', 'ready')
  expect((await sign(till, '1.00')).fiscal.state).toBe('succeeded')
})

test('a card in the reader of an entry without a card does not become the card of that entry', async () => {
  await using bench = await Bench.open({ config: { devices: [{ id: 'card-1', driver: 'card-simulator' }] } })
  await austrianTill(bench, await austrianShop(bench))
  const before = enrolments(bench)
  await bench.restart(async () => {
    const devices = bench.config.devices as unknown as { id: string }[]
    devices.push({ ...structuredClone(devices[0]), id: 'card-2' })
    await rename(join(bench.config.state, 'devices/card-1'), join(bench.config.state, 'devices/card-2'))
  })
  // A new simulated card is in the first reader.
  await untilStates(bench, 'foreign', 'foreign')
  await expect(bench.agent.administration.deviceAct('card-2', 'init')).rejects.toMatchObject({ code: CONFLICT })
  expect(enrolments(bench)).toBe(before)
})
