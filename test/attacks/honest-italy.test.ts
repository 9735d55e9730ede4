// @module-tag heavy
import { expect, test } from 'vitest'
import type { Bench, Register } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { event, pay } from '../e2e/goods.ts'
import { PrinterBeside } from '../e2e/italy/printer-beside.ts'
import { EARLY_CUSTOM, EPSON } from '../e2e/italy/printer-families.ts'
import { restoredAfter } from '../e2e/italy/restored-shop.ts'
import { italianShop, italianTill, movement, sell } from '../e2e/italy/shop.ts'
import { smoke } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { openShop } from './italian-insider.ts'

// The acts and mishaps of Italian shops. None of them may be called a manipulation: a false alarm is a failure.

/** The findings of the journal alone, and the notes. */
async function judged({ config: { state } }: Bench) {
  const { codes, books, valid } = await verifyJournal(state)
  const told = codes.map((finding) =>
    'facts' in finding ? `${finding.code} ${finding.facts['document'] ?? ''}`.trim() : finding.code,
  )
  return { valid, books, codes: told }
}

function sound(...codes: string[]) {
  return { valid: true, books: 'consistent', codes }
}

function close({ id, till }: Register): Promise<unknown> {
  return till.post(`/v1/registers/${id}/closings`, {})
}

async function begin(register: Register, amount: string) {
  const open = await register.till.create(movement('sale', register, [{ title: 'Torta', amount }]))
  return completion(open, [pay('cash', amount)])
}

async function returned(register: Register, id: string, amount: string): Promise<void> {
  const { till } = register
  const lines = [{ title: 'Caffè', amount: `-${amount}` }]
  const open = await till.create(movement('return', register, lines, { related_operation_id: id }))
  await till.complete(open, [pay('cash', `-${amount}`)])
}

test('days with everything that is printed, and their closings with the sums of the printer', smoke(), () =>
  openShop(async ({ bench, register }) => {
    const { id, till } = register
    for (let day = 0; day < 3; day++) {
      const sold = await sell(register, '12.50')
      await till.create(event('void', id, { related_operation_id: (await sell(register, '4.50')).id }))
      const lines = [
        { title: 'Tazza', amount: '-12.50' },
        { title: 'Teiera', amount: '35.00' },
      ]
      const swap = await till.create(movement('exchange', register, lines, { related_operation_id: sold.id }))
      await till.complete(swap, [pay('card', '22.50')])
      const back = await sell(register, '8.00')
      await returned(register, back.id, '8.00')
      const training = await till.create(
        movement('sale', register, [{ title: 'Prova', amount: '9.00' }], { training: true }),
      )
      await till.complete(training, [pay('cash', '9.00')])
      await till.create(event('session_cash_adjustment', id, { cash_amount: '5.00' }))
      await close(register)
    }
    expect(await judged(bench)).toEqual(sound())
  }),
)

test('lost answers, a printer that is unplugged in the middle of a sale, and a start after it', () =>
  openShop(
    async ({ bench, register, printer }) => {
      const { simulator } = printer
      for (const fault of ['lost-answer@=T', 'lost-request@=T', 'lost-answer@=c', 'lost-answer@=R']) {
        simulator.inject(fault)
        await sell(register, '3.00')
      }
      simulator.inject('unplugged=60000@=T')
      const call = await begin(register, '12.50')
      expect(await register.till.refused(call)).toMatchObject({ code: 'reconciling' })
      await bench.restart(async () => {
        await printer.unplug()
        await printer.plugIn()
      })
      await bench.untilDevice('ready')
      expect((await register.till.call(call)).status).toBe(200)
      await close(register)
      expect(await judged(bench)).toEqual(sound())
    },
    { config: { deadlineMs: 2500 } },
  ))

test('documents keyed in at the printer, before a sale, while one is lost, and before the closing', () =>
  openShop(async ({ bench, register, printer }) => {
    const { simulator } = printer
    await sell(register, '3.00')
    simulator.keyInSale(990)
    simulator.keyInSale(100)
    await sell(register, '4.00')
    simulator.inject('manual-sale=300@=R')
    await sell(register, '5.00')
    simulator.keyInSale(200)
    await close(register)
    await sell(register, '6.00')
    expect(await judged(bench)).toEqual(sound(...[2, 3, 5, 7].map((number) => `rt_document_by_hand 0142-000${number}`)))
  }))

test('closings made at the printer, with documents keyed in before and after them', () =>
  openShop(async ({ bench, register, printer }) => {
    const { simulator } = printer
    await sell(register, '3.00')
    simulator.keyInSale(990)
    simulator.closeByItself()
    simulator.keyInSale(100)
    await sell(register, '4.00')
    simulator.closeByItself()
    simulator.closeByItself()
    await close(register)
    await sell(register, '5.00')
    expect(await judged(bench)).toEqual(sound('rt_document_by_hand 0142-0002', 'rt_document_by_hand 0143-0001'))
  }))

test('a printer that closed its day more often than is recorded at once', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '3.00')
    await close(register)
    for (let count = 0; count < 40; count++) printer.simulator.closeByItself()
    await sell(register, '4.00')
    await close(register)
    expect(await judged(bench)).toEqual(sound())
  }))

test('two registers on one printer, one of which rests while the other closes', async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const location = await italianShop(bench)
  const first = await italianTill(bench, '0.00', location)
  await sell(first, '3.00')
  printer.simulator.keyInSale(990)
  const second = await italianTill(bench, '0.00', location)
  await sell(second, '4.00')
  await close(second)
  printer.simulator.closeByItself()
  await sell(second, '5.00')
  await sell(first, '6.00')
  await close(first)
  expect(await judged(bench)).toEqual(sound('rt_document_by_hand 0142-0002'))
})

test('another printer replaces the first, which comes back after it worked elsewhere', () =>
  openShop(async ({ bench, register, printer }) => {
    await sell(register, '3.00')
    const init = () => bench.agent.administration.deviceAct('rt-1', 'init')
    const exchange = async (serial?: string): Promise<void> => {
      await printer.unplug()
      await printer.plugIn(serial)
      await bench.restart()
      await init()
      await bench.untilDevice('ready')
    }
    await exchange('72IV6000002')
    await sell(register, '4.00')
    await close(register)
    await exchange()
    printer.simulator.keyInSale(700)
    printer.simulator.closeByItself()
    printer.simulator.keyInSale(800)
    await sell(register, '5.00')
    await close(register)
    expect(await judged(bench)).toEqual(sound('rt_document_elsewhere 0143-0001'))
  }))

test("a restored backup: the printer's later documents are reported with their numbers, and the shop continues", async () => {
  await using printer = await PrinterBeside.open()
  await using bench = await printer.agent()
  const register = await italianTill(bench)
  await sell(register, '3.00')
  await using restored = await restoredAfter({ bench, printer }, async () => {
    await sell(register, '4.00')
    await sell(register, '5.00')
  })
  const moved = { ...register, till: restored.client({ 'X-Register-Api-Key': register.key }) }
  await sell(moved, '6.00')
  await close(moved)
  await sell(moved, '7.00')
  expect(await judged(restored)).toEqual(
    sound('bon_numbers_set_aside', 'z_numbers_set_aside', 'rt_document_elsewhere 0142-0002 … 0142-0003'),
  )
})

test('a return that a power loss made a sale of, which the printer annulled', async () => {
  await using printer = await PrinterBeside.of(EARLY_CUSTOM)
  await using bench = await printer.agent()
  const register = await italianTill(bench, '50.00')
  const sold = await sell(register, '10.00')
  printer.simulator.inject('power-blink@7101R#2')
  await returned(register, sold.id, '10.00')
  expect(printer.documents.map(({ kind }) => kind)).toEqual(['sale', 'sale', 'void', 'return'])
  await close(register)
  expect(await judged(bench)).toEqual(sound())
  const foreignPrint = bench.journal().find(({ kind }) => kind === 'printer.foreign_document_found')
  expect(JSON.parse(String(foreignPrint?.body))).toMatchObject({
    found: { serial: '2CISF000001', z: 142, from: 2, to: 3, documents: [{ kind: 'sale' }, { kind: 'void' }] },
  })
})

test('a printer that reads no memory: documents in between are noted by their number, slips by none', async () => {
  await using printer = await PrinterBeside.of(EPSON)
  await using bench = await printer.agent()
  const register = await italianTill(bench, '50.00')
  await sell(register, '3.00')
  printer.simulator.keyInSale(990)
  await sell(register, '4.00')
  await register.till.create(event('session_cash_adjustment', register.id, { cash_amount: '5.00' }))
  await bench.restart()
  await bench.untilDevice('ready')
  await sell(register, '5.00')
  await close(register)
  await sell(register, '6.00')
  expect(await judged(bench)).toEqual(sound('rt_document_unread 0142-0002'))
})
