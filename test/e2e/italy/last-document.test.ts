// @module-tag heavy
import { describe, expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { pay } from '../goods.ts'
import { PrinterBeside } from './printer-beside.ts'
import { CUSTOM } from './printer-families.ts'
import { italianTill, movement, sell } from './shop.ts'

type Answer = {
  serial: string | null
  printer: { document_number: string; document_type: string; total_amount: string; reference: string | null } | null
  journal: { document_number: string; operation_id: string; total_amount: string } | null
  in_doubt: string | null
  agrees: boolean | null
  advice: string
}

const PIE = [{ title: 'Torta', amount: '12.50' }]

async function asked(bench: Bench): Promise<Answer> {
  return (await bench.agent.administration.deviceAct('rt-1', 'last-document')) as Answer
}

/** As `journal verify` asks. */
async function compared(bench: Bench): Promise<unknown> {
  return bench.agent.administration.deviceAct('rt-1', 'compare')
}

async function openShop(config = {}): Promise<{
  printer: PrinterBeside
  bench: Bench
  register: Register
  [Symbol.asyncDispose](): Promise<void>
}> {
  const printer = await PrinterBeside.open()
  const bench = await printer.agent(config)
  const register = await italianTill(bench, '0.00')
  return {
    ...{ printer, bench, register },
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]()
      await printer[Symbol.asyncDispose]()
    },
  }
}

describe('a technician with the last-document command', () => {
  test('sees nothing if nothing was printed, then the sale with its operation, and asking records nothing', async () => {
    await using shop = await openShop()
    const { bench, register, printer } = shop
    expect(await asked(bench)).toMatchObject({ serial: '72IV6000001', printer: null, journal: null, agrees: true })
    const { id } = await sell(register, '12.50')
    const head = bench.head()
    expect(await asked(bench)).toMatchObject({
      printer: { document_number: '0142-0001', document_type: 'sale', total_amount: '12.50', reference: id.slice(-12) },
      journal: { document_number: '0142-0001', operation_id: id, total_amount: '12.50' },
      ...{ in_doubt: null, agrees: true, advice: `Printer and journal agree: 0142-0001 is operation ${id}.` },
    })
    expect(await compared(bench)).toEqual({ agrees: true, message: expect.stringContaining(id) })
    expect(bench.requestedSince(head)).toEqual([])
    printer.simulator.closeByItself()
    expect(await asked(bench)).toMatchObject({
      ...{ printer: null, journal: { document_number: '0142-0001' } },
      ...{ agrees: true, advice: 'Nothing was printed since closing 0142: nothing is missing.' },
    })
  })

  test('sees the sale of an exchange, also when others were sold before its end', async () => {
    await using shop = await openShop()
    const { bench, register } = shop
    const bought = await sell(register, '12.50')
    const lines = [
      { title: 'Torta', amount: '-12.50' },
      { title: 'Crostata', amount: '15.00' },
    ]
    const open = await register.till.create(movement('exchange', register, lines, { related_operation_id: bought.id }))
    await register.till.complete(open, [pay('cash', '2.50')])
    expect(await asked(bench)).toMatchObject({
      ...{
        printer: { document_number: '0142-0003' },
        journal: { document_number: '0142-0003', operation_id: open.id },
      },
      agrees: true,
    })
  })

  test('sees documents that were keyed in at the printer, and a memory that misses printed ones', async () => {
    await using shop = await openShop()
    const { bench, register, printer } = shop
    await sell(register, '12.50')
    printer.simulator.keyInSale(990)
    const keyed = await asked(bench)
    expect(keyed).toMatchObject({ printer: { total_amount: '9.90', reference: null }, agrees: false })
    expect(keyed.advice).toContain('printer ended with 0142-0002, the journal ends with 0142-0001')
    expect(keyed.advice).toContain('keyed in at the printer')
    const ahead = { code: 'rt_memory_ahead', level: 'note' }
    expect(keyed).toMatchObject(ahead)
    expect(await compared(bench)).toEqual({ agrees: null, message: keyed.advice, code: ahead.code })
    await printer.unplug()
    await printer.plugIn('72IV6000001')
    const emptied = await asked(bench)
    expect(emptied).toMatchObject({ printer: null, journal: { document_number: '0142-0001' }, agrees: false })
    expect(emptied.advice).toContain('call its technician')
    expect(await compared(bench)).toEqual({ agrees: false, message: emptied.advice, code: 'rt_memory_behind' })
  })

  test('sees an unresolved document while the printer is down, and another printer that replaces it', async () => {
    await using shop = await openShop({ deadlineMs: 700 })
    const { bench, register, printer } = shop
    printer.simulator.inject('unplugged=60000@=T')
    const open = await register.till.create(movement('sale', register, PIE))
    expect(await register.till.refused(completion(open, [pay('cash', '12.50')]))).toMatchObject({ code: 'reconciling' })
    await bench.restart(() => printer.unplug())
    const away = await asked(bench)
    expect(away).toMatchObject({ printer: null, in_doubt: open.id, agrees: null })
    expect(away.advice).toContain(`Operation ${open.id} may be printed: do not key it in.`)
    expect(away.advice).toContain(`REF ${open.id.slice(-12)}`)
    await printer.plugIn('72IV6000002')
    const other = await asked(bench)
    expect(other).toMatchObject({ serial: '72IV6000002', agrees: null })
    expect(other.advice).toContain("This is printer 72IV6000002, the shop's is 72IV6000001")
  })

  test('waits for its turn: tills sell on, each document once', async () => {
    await using shop = await openShop()
    const { bench, register, printer } = shop
    const answers = Promise.all(Array.from({ length: 5 }, () => asked(bench)))
    await Promise.all(Array.from({ length: 10 }, () => sell(register, '3.00')))
    for (const { agrees } of await answers) expect(agrees).toBe(true)
    expect(printer.documents.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})

test('the counters show whether printer and journal agree: no till waits for a day of its memory', async () => {
  await using printer = await PrinterBeside.of(CUSTOM)
  await using bench = await printer.agent()
  const { id } = await sell(await italianTill(bench, '0.00'), '12.50')
  printer.simulator.inject('error=ERR03@8006#*')
  const advice = `Printer and journal agree: 0142-0001 is operation ${id}.`
  expect(await compared(bench)).toEqual({ agrees: true, message: advice })
  printer.simulator.clearFaults()
  printer.simulator.keyInSale(990)
  expect(await compared(bench)).toMatchObject({ agrees: null, code: 'rt_memory_ahead' })
})

test('a TSE has no last document', async () => {
  await using bench = await Bench.open()
  const refused = bench.agent.administration.deviceAct('tse-1', 'last-document')
  await expect(refused).rejects.toMatchObject({
    code: 'unprocessable_entity',
    message: expect.stringContaining('not a printer'),
  })
})
