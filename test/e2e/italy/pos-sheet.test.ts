import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { DeviceAct } from '../../../agent/till/administration.ts'
import { runTasksBy } from '../../../base/child/run.ts'
import { dayBounds, rfc3339, systemClock } from '../../../base/clock.ts'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { event, pay } from '../goods.ts'
import { italianShop, movement, tillAt } from './shop.ts'

// As the agent itself does it.
runTasksBy()

const HEADER = 'giorno;matricola;tid;pos;rt;piattaforma;online;emergenza;senza_documento;altro;differenza;z;giorno_z'
const MARCH = {
  from: rfc3339(dayBounds('2026-03-01', 'Europe/Rome').firstMs),
  to: rfc3339(dayBounds('2026-03-31', 'Europe/Rome').lastMs),
}
const CONFIG = {
  devices: [{ id: 'rt-1', driver: 'rt-simulator' }],
  // "online" is printed as Assegni, which is not electronic.
  rt: { tenders: { online: 3 } },
}

type Payments = readonly Members[]
type Bar = {
  bench: Bench
  register: Register
  serial: string
  toDay(day: string): Promise<void>
  sheet(): Promise<Sheet>
}
type Sheet = { readonly answer: Members; readonly lines: readonly string[] }

async function inBar(use: (bar: Bar) => Promise<void>): Promise<void> {
  let offsetMs = 0
  const clock = { ...systemClock, now: () => Date.now() + offsetMs }
  const set = (day: string): void => {
    offsetMs = Date.parse(`${day}T09:00:00Z`) - Date.now()
  }
  set('2026-03-10')
  await using bench = await Bench.open({ config: CONFIG, clock })
  await bench.untilDevice('ready')
  const register = await tillAt(bench, 'rt-1', await italianShop(bench))
  const { fiscalization } = await bench.office.get(`/v1/registers/${register.id}`)
  const file = join(bench.config.state, 'sheet.csv')
  await use({
    bench,
    register,
    serial: String((fiscalization as Members)['tse_serial']),
    toDay: async (day) => {
      await bench.restart(async () => set(day))
      // A printer without a Z for days has a warning, and prints.
      await bench.until(() =>
        bench.agent.application.devices().some(({ state }) => state === 'ready' || state === 'degraded'),
      )
    },
    sheet: async () => {
      const answer = (await bench.agent.administration.exportTo('pos_sheet', MARCH, file)) as Members
      const [header, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1)
      expect(header).toBe(HEADER)
      return { answer, lines }
    },
  })
}

function card(amount: string, tid?: string, method = 'card'): Members {
  return pay(method, amount, tid === undefined ? {} : { tid })
}

async function sold({ register }: Bar, amount: string, payments: Payments, more: Members = {}): Promise<Operation> {
  const open = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount }], more))
  return register.till.complete(open, payments)
}

type Lines = Parameters<typeof movement>[2]

async function referring(
  { register }: Bar,
  type: 'return' | 'exchange',
  of: Operation,
  lines: Lines,
  payments: Payments,
): Promise<void> {
  const body = movement(type, register, lines, { related_operation_id: of.id })
  await register.till.complete(await register.till.create(body), payments)
}

/** Each cause on two days, and movements with every sign. */
async function marchOf(bar: Bar): Promise<void> {
  const { bench, register } = bar
  const first = await sold(bar, '10.00', [card('10.00', 'A1')])
  await sold(bar, '7.50', [card('3.00', 'A1'), card('2.00', 'B2', 'mobile'), pay('cash', '2.50')])
  await sold(bar, '4.00', [card('4.00', undefined, 'digital_wallet')])
  await sold(bar, '6.00', [card('6.00', 'B2', 'online')])
  await sold(bar, '9.00', [pay('cash', '10.00'), pay('cash', '-1.00')])
  await sold(bar, '5.00', [card('5.00', 'A1')], { training: true })
  const wrong = await sold(bar, '8.00', [card('8.00', 'B2')])
  await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
  await referring(bar, 'return', first, [{ title: 'Caffè', amount: '-4.00' }], [card('-4.00', 'A1')])
  const lines = [
    { title: 'Caffè', amount: '-6.00' },
    { title: 'Cornetto', amount: '8.50' },
  ]
  await referring(bar, 'exchange', first, lines, [card('2.50', 'B2')])
  await bar.toDay('2026-03-31')
  const { register_id: _, ...online } = movement('sale', register, [{ title: 'Tazza', amount: '20.00' }])
  await bench.office.complete(await bench.office.create({ ...online, source: 'ONLINE' }), [
    card('20.00', 'W9', 'online'),
  ])
  const free = { title: 'Campione', amount: '0.00', more: { unit_price: '5.00', discounts: [{ amount: '5.00' }] } }
  const given = await sold(bar, '1.00', [pay('cash', '1.00')])
  const back = movement('return', register, [free], { related_operation_id: given.id })
  await register.till.complete(await register.till.create(back), [card('1.50', 'A1'), card('-1.50', 'B2')])
}

function rows(lines: readonly string[]): bigint[][] {
  return lines.map((line) =>
    line
      .split(';')
      .slice(3, 11)
      .map((text) => BigInt(text.replace('.', ''))),
  )
}

test('a month has each cause by day, printer and terminal, and the causes make up each difference', heavy(), () =>
  inBar(async (bar) => {
    await marchOf(bar)
    const { serial } = bar
    const { lines, answer } = await bar.sheet()
    expect(lines).toEqual([
      `2026-03-10;${serial};;4.00;4.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;2026-03-31`,
      `2026-03-10;${serial};A1;9.00;9.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;2026-03-31`,
      `2026-03-10;${serial};B2;10.50;4.50;0.00;0.00;0.00;0.00;6.00;6.00;0142;2026-03-31`,
      '2026-03-31;;W9;20.00;0.00;0.00;20.00;0.00;0.00;0.00;20.00;;',
      `2026-03-31;${serial};A1;1.50;0.00;0.00;0.00;0.00;1.50;0.00;1.50;;`,
      `2026-03-31;${serial};B2;-1.50;0.00;0.00;0.00;0.00;-1.50;0.00;-1.50;;`,
    ])
    for (const [pos = 0n, rt = 0n, platform = 0n, ...more] of rows(lines)) {
      const difference = more.pop()
      expect(pos + platform - rt).toBe(difference)
      expect(more.reduce((sum, cents) => sum + cents, 0n)).toBe(difference)
    }
    expect(answer).toMatchObject({ operations: 10, lines: 6, pos: '43.50', rt: '17.50', differenza: '26.00' })
  }),
)

test('entries of an emergency have their own cause, unless the printer has their document', heavy(), () =>
  inBar(async (bar) => {
    const { bench, register, serial } = bar
    const act = (asked: DeviceAct) => bench.agent.administration.deviceAct('rt-1', asked)
    const open = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount: '7.00' }]))
    const call = completion(open, [card('7.00', 'A1')])
    await bench.faultAt('rt-1', 'unplugged@=T')
    await register.till.refused(call)
    await bench.untilDevice('down')
    // A mistake: the printer has it.
    await act({ act: 'resolve', seen: 'none' })
    await act({ act: 'emergency-open', reason: 'Guasta' })
    expect((await register.till.call(call)).status).toBe(200)
    const wrong = await sold(bar, '5.00', [card('5.00', 'A1')])
    await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
    await sold(bar, '3.00', [card('3.00', 'A1')])
    await bench.faultAt('rt-1', 'clear')
    await bench.until(() => bench.agent.application.devices().every(({ state }) => state !== 'down'))
    await act({ act: 'emergency-close' })
    await sold(bar, '4.00', [card('4.00', 'A1')])
    const { lines } = await bar.sheet()
    expect(lines).toEqual([
      `2026-03-10;${serial};A1;3.00;0.00;0.00;0.00;3.00;0.00;0.00;3.00;;`,
      `2026-03-10;${serial};A1;11.00;11.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
    ])
  }),
)

test('of equal payments by card and by a method of another class the card is the one on the printer', heavy(), () =>
  inBar(async (bar) => {
    await sold(bar, '10.00', [card('5.00', 'W9', 'online'), card('5.00', 'A1')])
    const { lines } = await bar.sheet()
    expect(lines).toEqual([
      `2026-03-10;${bar.serial};A1;5.00;5.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
      `2026-03-10;${bar.serial};W9;5.00;0.00;0.00;0.00;0.00;0.00;5.00;5.00;0142;`,
    ])
  }),
)

test('what a delivery platform collected has its own column, in no terminal and in no difference', heavy(), () =>
  inBar(async (bar) => {
    const platform = (amount: string, more: Members = {}) => pay('online', amount, { tender: 'elettronico', ...more })
    await sold(bar, '30.00', [platform('23.40'), card('6.60', 'A1')])
    await sold(bar, '11.00', [card('11.00')])
    const wrong = await sold(bar, '8.20', [platform('8.20')])
    await bar.register.till.create(event('void', bar.register.id, { related_operation_id: wrong.id }))
    // An acquirer reports what has a terminal, and no printer has this one as electronic money.
    await sold(bar, '5.00', [platform('5.00', { tid: 'W9' })])
    await sold(bar, '2.00', [card('2.00', undefined, 'online')])
    const { lines, answer } = await bar.sheet()
    expect(lines).toEqual([
      `2026-03-10;${bar.serial};;11.00;34.40;23.40;0.00;0.00;0.00;0.00;0.00;0142;`,
      `2026-03-10;${bar.serial};A1;6.60;6.60;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
      `2026-03-10;${bar.serial};W9;5.00;5.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
    ])
    expect(answer).toMatchObject({ pos: '22.60', rt: '46.00', piattaforma: '23.40', differenza: '0.00' })
  }),
)

test('money that is electronic by its class alone is on the printer and not in the sheet', heavy(), () =>
  inBar(async (bar) => {
    const other = pay('other', '5.00', { tender: 'elettronico' })
    await sold(bar, '20.00', [card('5.00', 'W9', 'online'), other, card('10.00', 'A1')])
    await sold(bar, '5.00', [other])
    const { lines } = await bar.sheet()
    expect(lines).toEqual([
      `2026-03-10;${bar.serial};A1;10.00;10.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
      `2026-03-10;${bar.serial};W9;5.00;0.00;0.00;0.00;0.00;0.00;5.00;5.00;0142;`,
    ])
  }),
)

test('the sum of a month is that of the payments in the journal, and other months are not in it', heavy(), () =>
  inBar(async (bar) => {
    await marchOf(bar)
    await bar.toDay('2026-04-01')
    await sold(bar, '99.00', [card('99.00', 'A1')])
    const { lines, answer } = await bar.sheet()
    const operations = (await bar.bench.office.list('/v1/operations?limit=100')) as readonly Operation[]
    const paid = operations
      .filter((operation) => !('training' in operation && operation.training === true))
      .filter(({ completed_at: at }) => (at ?? '') >= MARCH.from && (at ?? '') <= MARCH.to)
      .flatMap((operation) => ('payments' in operation ? (operation.payments ?? []) : []))
      .filter(({ method }) => ['card', 'digital_wallet', 'mobile', 'online'].includes(method))
    const sum = paid.reduce((cents, { amount }) => cents + Math.round(Number(amount) * 100), 0)
    expect(rows(lines).reduce((cents, [pos = 0n]) => cents + pos, 0n)).toBe(BigInt(sum))
    expect(answer['month_over']).toBe(true)
  }),
)

test('the answer names a month that is not over, and a sheet that cannot be written leaves no half file', heavy(), () =>
  inBar(async (bar) => {
    await sold(bar, '3.00', [card('3.00', 'A1')])
    const { answer } = await bar.sheet()
    expect(answer).toMatchObject({ month_over: false, operations: 1, pos: '3.00', rt: '3.00', differenza: '0.00' })
    const nowhere = join(bar.bench.config.state, 'none', 'sheet.csv')
    await expect(bar.bench.agent.administration.exportTo('pos_sheet', MARCH, nowhere)).rejects.toThrow()
    expect(existsSync(nowhere)).toBe(false)
  }),
)

test(
  'a card payment that several documents divide, and one that an exchange pays out, are whole in the sheet',
  heavy(),
  () =>
    inBar(async (bar) => {
      const { register, serial } = bar
      const traded = async (
        type: Parameters<typeof movement>[0],
        goods: Lines,
        payments: Payments,
        more: Members = {},
      ) => register.till.complete(await register.till.create(movement(type, register, goods, more)), payments)
      const deposit = (amount: string, of?: Operation): Lines[number] => {
        const more = { type: 'deposit', ...(of !== undefined && { related_operation_id: of.id }) }
        return { title: 'Acconto', amount, more }
      }
      const first = await traded('deposit', [deposit('100.00')], [card('100.00', 'A1')])
      const second = await traded('deposit', [deposit('50.00')], [card('50.00', 'B2')])
      const chair = { title: 'Sedia', amount: '160.00' }
      const goods = [chair, deposit('-100.00', first), deposit('-50.00', second)]
      const captured = await traded('deposit_capture', goods, [card('10.00', 'B2')])
      // It prints three resi: of the capture, and of each deposit.
      await traded('return', [{ ...chair, amount: '-160.00' }], [card('-160.00', 'A1')], {
        related_operation_id: captured.id,
      })
      const cup = await sold(bar, '6.00', [card('6.00', 'C3')])
      const other = [
        { title: 'Caffè', amount: '-6.00' },
        { title: 'Tazzina', amount: '2.00' },
      ]
      await traded('exchange', other, [card('-4.00', 'C3')], { related_operation_id: cup.id })
      const { lines } = await bar.sheet()
      expect(lines).toEqual([
        `2026-03-10;${serial};A1;-60.00;-60.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
        `2026-03-10;${serial};B2;60.00;60.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
        `2026-03-10;${serial};C3;2.00;2.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
      ])
    }),
)

test('a payment keeps the id of its card terminal, and cash with one is refused', () =>
  inBar(async (bar) => {
    const done = await sold(bar, '3.00', [card('3.00', '50123456')])
    expect(done).toMatchObject({ payments: [{ tid: '50123456' }] })
    const { register } = bar
    const open = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount: '1.00' }]))
    const path = `/v1/operations/${open.id}/complete`
    const refusal = async (payment: Members) =>
      (await register.till.refused({ path, body: { payments: [payment] }, ifMatch: 1, key: 'once' })).code
    expect(await refusal(pay('cash', '1.00', { tid: '1' }))).toBe('unprocessable_entity')
    expect(await refusal(card('1.00', 'a b'))).toBe('invalid_request')
    expect(await refusal(card('1.00', '1'.repeat(41)))).toBe('invalid_request')
  }))
