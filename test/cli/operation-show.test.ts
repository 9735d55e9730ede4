import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deviceStateIn } from '../device-state.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { completion } from '../e2e/client.ts'
import { count, countedFrancs, frankSale } from '../e2e/germany/foreign-cash.ts'
import { goods, goodsOf, pay } from '../e2e/goods.ts'
import { italianTill, ONE_PRINTER } from '../e2e/italy/shop.ts'
import { closing } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge } from './command.ts'

type Step = {
  event: string
  device?: string
  outcome?: string
  code?: string
  answer?: number | string
  words: string[]
}
type Shown = { id: string; type: string; status: string; receipt_number: number | null; steps: Step[] }

/** The configuration of the bench as a file: the command reads the same state, with and without the agent. */
async function configFile(bench: Bench, folder: string): Promise<string> {
  const file = join(folder, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  await writeFile(file, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
  return file
}

async function show(...args: readonly string[]): Promise<{ out: string; shown: Shown }> {
  const { code, out, err } = await fiskalEdge('operation', 'show', ...args)
  expect(code, err).toBe(0)
  const json = await fiskalEdge('operation', 'show', ...args, '--json')
  return { out, shown: JSON.parse(json.out) as Shown }
}

test(
  'operation show names each step of an amended, a voided and an unsigned sale, also without the agent',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const { id, till } = await bench.till('50.00')
    const open = await till.create(goods('sale', id, [['4.50', '0.07']]))
    await till.amend(open, goodsOf(goods('sale', id, [['2.00', '0.07']])))
    await till.call({ ...completion(open, [pay('cash', '2.00')], { issued_as: 'paper' }), ifMatch: 2 })
    const voided = await till.void(await till.create(goods('sale', id, [['3.00', '0.07']])))
    await bench.fault('unplugged@*')
    const unsigned = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [
      pay('cash', '1.00'),
    ])
    await bench.fault('clear')
    await bench.untilDevice('ready')
    await inDirectory(async (folder) => {
      const config = ['--config', await configFile(bench, folder)]
      const amended = await show(open.id, ...config)
      expect(amended.shown).toMatchObject({ type: 'sale', status: 'completed', receipt_number: 2 })
      expect(amended.shown.steps.map(({ event, device, outcome, answer }) => [event, device, outcome, answer])).toEqual(
        [
          ['operation.created', 'tse-1', undefined, undefined],
          ['operation.started', 'tse-1', 'done', 201],
          ['operation.amended', undefined, undefined, 200],
          ['operation.completion_requested', 'tse-1', undefined, undefined],
          ['operation.completed', 'tse-1', 'done', 200],
        ],
      )
      expect(amended.out).toMatch(/sale, 2\.00 EUR, completed\n {2}receipt 2 · recorded · issued: paper · reg_/)
      for (const line of [
        'the till begins a sale: 4.50 EUR',
        'tse-1 did start',
        'the till changes the goods: 2.00 EUR, before 4.50 EUR',
        'the till completes it, paid 2.00 cash',
        'the receipt is issued: paper\n',
        'tse-1 is asked to finish transaction 2',
        'transaction 2 is closed',
        'receipt number 2',
        'drawer +2.00',
        'answered 200',
      ])
        expect(amended.out).toContain(line)
      expect(amended.out.split('\n').every((line) => line.length <= 120)).toBe(true)

      const ended = await show(voided.id, ...config)
      expect(ended.out).toContain('the till voids it: operator_cancelled')
      expect(ended.shown.status).toBe('voided')

      const outage = await show(unsigned.id, ...config)
      expect(outage.out).toContain('not signed, "TSE ausgefallen"')
      expect(outage.out).toContain('tse-1 did not start: unavailable: the unit was not found')
      expect(outage.out).toContain('tse-1 is down: unavailable: the unit was not found')

      const { name } = await bench.office.get(`/v1/registers/${id}`)
      const [byNumber, byName] = [await show(id, '2', ...config), await show(String(name), '4', ...config)]
      expect([byNumber.shown.id, byName.shown.id]).toEqual([open.id, unsigned.id])

      await bench.stop()
      expect((await show(open.id, ...config)).out).toBe(amended.out)
      await bench.start()
    })
  },
)

test(
  'operation show names an outage in Austria and the paper of an Italian printer, with its refusal',
  heavy(),
  async () => {
    await using austria = await Bench.open({ config: ONE_CARD })
    const card = await austrianTill(austria)
    await austria.faultAt('card-1', 'unplugged@*')
    const asked = completion(await card.till.create(goods('sale', card.id, [['11.00', '0.10']])), [
      pay('cash', '11.00'),
    ])
    const sold = await card.till.call(asked)
    await using italy = await Bench.open({ config: ONE_PRINTER })
    const printer = await italianTill(italy)
    const sale = await printer.till.create(goods('sale', printer.id, [['11.00', '0.10']]))
    await italy.faultAt('rt-1', 'paper-out@*')
    await printer.till.refused(completion(sale, [pay('cash', '11.00')]))
    await italy.faultAt('rt-1', 'clear')
    await italy.untilDevice('ready')
    await printer.till.complete(sale, [pay('cash', '11.00')])
    await inDirectory(async (folder) => {
      const outage = await show(String(sold.json['id']), '--config', await configFile(austria, folder))
      expect(outage.out).toContain('card-1 did not sign: unavailable: the card was not found')
      expect(outage.out).toContain('the receipt says "Sicherheitseinrichtung ausgefallen"')
      const config = await configFile(italy, folder)
      const printed = await show(sale.id, '--config', config)
      expect(printed.out).toContain('rt-1 did not print: fiscal_device_unavailable')
      expect(printed.out).toContain('the key of the request is free again')
      expect(printed.out).toContain('document 0142-0001')
      expect((await show(printer.id, '0142-0001', '--config', config)).shown.id).toBe(sale.id)
    })
  },
)

test(
  'operation show names an outcome that came late, a reversal, and what a device did in between',
  heavy(),
  async () => {
    await using bench = await Bench.open({ config: { deadlineMs: 1000 } })
    const { id, till } = await bench.till('50.00')
    await bench.fault('lost-answer@finish#1', 'unplugged@recall')
    const sold = await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
    await bench.fault('clear')
    await bench.until(async () => (await till.read(sold.id)).fiscal.state === 'succeeded')
    const reversal = await till.create({
      type: 'void',
      register_id: id,
      related_operation_id: sold.id,
      currency: 'EUR',
    })
    const head = bench.head()
    await bench.fault('unplugged@*')
    await bench.until(() => bench.journal(head).some((seen) => deviceStateIn(seen) === 'down'))
    await till.post(`/v1/operations/${sold.id}/issued`, { issued_as: 'paper_and_digital' }, 200)
    await inDirectory(async (folder) => {
      const config = await configFile(bench, folder)
      const { out, shown } = await show(sold.id, '--config', config)
      expect(out).toContain('the device has not reported the outcome: the till is answered without it')
      expect(shown.steps.find(({ event }) => event === 'operation.reconciled')).toMatchObject({
        device: 'tse-1',
        outcome: 'done',
      })
      expect(out).toContain(`reversed by ${reversal.id}`)
      expect(out).toContain('the receipt is issued: paper and digital')
      // The device was unplugged when the sale had long ended.
      expect(shown.steps.slice(-2).map((step) => step.event)).toEqual(['operation.reversed', 'receipt.issued'])
      expect((await show(reversal.id, '--config', config)).out).toContain(`the till reverses ${sold.id}: -4.50 EUR`)
    })
  },
)

test('operation show names foreign cash in its currency, of a payment and of the drawer', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('110.00')
  const sold = await frankSale(register)
  const counted = await count(register, '106.40', [countedFrancs('18.00')])
  await inDirectory(async (folder) => {
    const config = ['--config', await configFile(bench, folder)]
    const { out } = await show(sold.id, ...config)
    expect(out).toContain('the till completes it, paid 20.00 CHF (18.60 EUR) cash, -3.60 cash')
    expect(out).toContain('drawer -3.60, +20.00 CHF')
    expect((await show(counted.id, ...config)).out).toContain('begins a session cash count: 106.40 EUR, 18.00 CHF')
    const closed = await register.till.create(closing(register, '-100.00'))
    const { out: end } = await show(closed.id, ...config)
    expect(end).toContain('the till begins a session close: 6.40 EUR  ')
  })
})

test('operation show begins an employee benefit with the right article', heavy(), async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const benefit = await till.create({
    ...goods('employee_benefit', id, [['4.50', '0.07']]),
    customer: { name: 'Mia Wolf' },
  })
  await inDirectory(async (folder) => {
    const { out } = await show(benefit.id, '--config', await configFile(bench, folder))
    expect(out).toContain('the till begins an employee benefit: 4.50 EUR')
  })
})

test('operation show reads a backup, and refuses what it does not have', heavy(), async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const sold = await till.complete(await till.create(goods('sale', id, [['4.50', '0.07']])), [pay('cash', '4.50')])
  await inDirectory(async (folder) => {
    const config = await configFile(bench, folder)
    const file = join(folder, 'shop.backup')
    const made = await fiskalEdge('backup', file, '--no-secrets', '--config', config)
    expect(made.code, made.err).toBe(0)
    const here = await show(sold.id, '--config', config)
    expect((await show(sold.id, '--backup', file)).out).toBe(here.out)
    expect((await show(id, '2', '--backup', file)).shown).toEqual(here.shown)
    await writeFile(join(folder, 'cut.backup'), (await readFile(file)).subarray(0, -20))
    expect(await fiskalEdge('operation', 'show', sold.id, '--backup', join(folder, 'cut.backup'))).toMatchObject({
      code: 1,
      out: '',
    })
    // A part of the journal has the same numbers, by which an answer names its request.
    const [all, part] = [join(folder, 'all.ndjson'), join(folder, 'part.ndjson')]
    for (const [to, range] of [
      [all, []],
      [part, ['--from', sold.created_at]],
    ] as const)
      expect(await fiskalEdge('export', 'journal', ...range, '--out', to, '--config', config)).toMatchObject({
        code: 0,
      })
    expect(await readFile(part, 'utf8')).not.toContain('journal.opened')
    for (const each of [all, part]) expect((await show(sold.id, '--backup', each)).out).toBe(here.out)
    await writeFile(join(folder, 'letter.txt'), 'Sehr geehrte Damen und Herren')
    for (const name of ['letter.txt', 'agent.json']) {
      const { code, err } = await fiskalEdge('operation', 'show', sold.id, '--backup', join(folder, name))
      expect([code, err]).toEqual([1, expect.stringContaining('is neither a backup nor an export of a journal')])
    }
    for (const [words, args] of [
      ['The journal has no operation op_none', ['op_none']],
      ['The journal has no register Kasse 9', ['Kasse 9', '1']],
      ['has no receipt 99', [id, '99']],
    ] as const) {
      const { code, err } = await fiskalEdge('operation', 'show', ...args, '--config', config)
      expect(code).toBe(1)
      expect(err).toContain(words)
    }
  })
})
