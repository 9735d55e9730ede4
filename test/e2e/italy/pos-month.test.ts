// @module-tag heavy
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dayBounds, rfc3339, systemClock } from '../../../base/clock.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { event, pay } from '../goods.ts'
import { closed, italianShop, movement, tillAt } from './shop.ts'

const HEADER = 'giorno;matricola;tid;pos;rt;piattaforma;online;emergenza;senza_documento;altro;differenza;z;giorno_z'
const CONFIG = {
  devices: [{ id: 'rt-1', driver: 'rt-simulator' }],
  // "online" is printed as Assegni, which is not electronic.
  rt: { tenders: { online: 3 } },
}
const BY_ACQUIRER = ['card', 'digital_wallet', 'mobile', 'online']
/** Independent of the agent's calendar. */
const ROME = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' })

type Bar = { bench: Bench; register: Register; serial: string; at(utc: string): Promise<void> }

async function inBar(first: string, use: (bar: Bar) => Promise<void>): Promise<void> {
  let offsetMs = Date.parse(first) - Date.now()
  const clock = { ...systemClock, now: () => Date.now() + offsetMs }
  await using bench = await Bench.open({ config: CONFIG, clock })
  await bench.untilDevice('ready')
  const register = await tillAt(bench, 'rt-1', await italianShop(bench))
  const { fiscalization } = await bench.office.get(`/v1/registers/${register.id}`)
  await use({
    bench,
    register,
    serial: String((fiscalization as Members)['tse_serial']),
    at: async (utc) => {
      await bench.restart(async () => {
        offsetMs = Date.parse(utc) - Date.now()
      })
      // A printer without a Z for days has a warning, and prints.
      await bench.until(() =>
        bench.agent.application.devices().some(({ state }) => /ready|degraded/.test(String(state))),
      )
    },
  })
}

async function sold({ register }: Bar, amount: string, payments: readonly Members[], more = {}): Promise<Operation> {
  const body = movement('sale', register, [{ title: 'Caffè', amount }], more)
  return register.till.complete(await register.till.create(body), payments)
}

function by(method: string, amount: string, tid: string): Members {
  return pay(method, amount, { tid })
}

/** The bytes of the sheet of a month. */
async function sheet({ bench }: Bar, month: string, days: number): Promise<string> {
  const file = join(bench.config.state, 'sheet.csv')
  const from = rfc3339(dayBounds(`${month}-01`, 'Europe/Rome').firstMs)
  const to = rfc3339(dayBounds(`${month}-${days}`, 'Europe/Rome').lastMs)
  await bench.agent.administration.exportTo('pos_sheet', { from, to }, file)
  return readFileSync(file, 'utf8')
}

function cents(amount: string): number {
  return Math.round(Number(amount) * 100)
}

/** What the operations themselves say was taken, in cents by day and terminal. */
async function takenIn({ bench }: Bar, month: string): Promise<Map<string, number>> {
  const operations = (await bench.office.list('/v1/operations?limit=100')) as readonly Operation[]
  const taken = new Map<string, number>()
  for (const operation of operations) {
    if (!('payments' in operation) || operation.status !== 'completed') continue
    const day = ROME.format(new Date(operation.completed_at ?? 0))
    for (const { method, amount, tid = '' } of operation.payments ?? []) {
      if (!BY_ACQUIRER.includes(method) || !day.startsWith(month)) continue
      taken.set(`${day} ${tid}`, (taken.get(`${day} ${tid}`) ?? 0) + cents(String(amount)))
    }
  }
  return taken
}

/** Each line adds up, and the lines have what was taken. */
async function expectsSums(bar: Bar, month: string, text: string): Promise<void> {
  const sums = new Map<string, number>()
  for (const line of text.trimEnd().split('\n').slice(1)) {
    const [day, , tid, ...columns] = line.split(';')
    const [pos = 0, rt = 0, platform = 0, online = 0, emergency = 0, none = 0, other = 0, difference = 0] =
      columns.map(cents)
    expect([line, difference, online + emergency + none + other]).toEqual([
      line,
      pos + platform - rt,
      pos + platform - rt,
    ])
    sums.set(`${day} ${tid}`, (sums.get(`${day} ${tid}`) ?? 0) + pos)
  }
  expect([...sums].sort()).toEqual([...(await takenIn(bar, month))].sort())
}

test('March of a bar: tips, split payments, a void and a return over midnight, and the day of the clock change', () =>
  inBar('2026-03-14T22:50:00Z', async (bar) => {
    const { bench, register, serial } = bar
    const tipped = await sold(bar, '12.50', [by('card', '14.50', 'T1')], { tip_amount: '2.00' })
    await sold(bar, '20.00', [by('card', '8.00', 'T1'), by('card', '7.00', 'T2'), pay('cash', '5.00')])
    await sold(bar, '11.10', [by('online', '11.10', 'T2')])
    await bar.at('2026-03-14T23:10:00Z')
    const wrong = await sold(bar, '9.00', [by('mobile', '9.00', 'T2')])
    await register.till.create(event('void', register.id, { related_operation_id: wrong.id }))
    const back = movement('return', register, [{ title: 'Caffè', amount: '-6.25' }], {
      related_operation_id: tipped.id,
    })
    await register.till.complete(await register.till.create(back), [by('card', '-6.25', 'T1')])
    const { register_id: _, ...online } = movement('sale', register, [{ title: 'Tazza', amount: '20.05' }])
    await bench.office.complete(await bench.office.create({ ...online, source: 'ONLINE' }), [by('card', '20.05', 'W9')])
    for (const [utc, amount, tid] of [
      ['2026-03-29T00:30:00Z', '3.30', 'T1'],
      ['2026-03-29T01:30:00Z', '4.40', 'T1'],
      ['2026-03-29T21:59:00Z', '5.50', 'T2'],
      ['2026-03-29T22:01:00Z', '6.60', 'T2'],
      ['2026-03-31T21:59:00Z', '7.70', 'T1'],
      ['2026-03-31T22:01:00Z', '8.80', 'T1'],
    ] as const) {
      await bar.at(utc)
      await sold(bar, amount, [by('card', amount, tid)])
    }
    const text = await sheet(bar, '2026-03', 31)
    expect(text).toBe(
      [
        HEADER,
        `2026-03-14;${serial};T1;22.50;22.50;0.00;0.00;0.00;0.00;0.00;0.00;0142;2026-03-29`,
        `2026-03-14;${serial};T2;18.10;7.00;0.00;0.00;0.00;0.00;11.10;11.10;0142;2026-03-29`,
        '2026-03-15;;W9;20.05;0.00;0.00;20.05;0.00;0.00;0.00;20.05;;',
        `2026-03-15;${serial};T1;-6.25;-6.25;0.00;0.00;0.00;0.00;0.00;0.00;0142;2026-03-29`,
        `2026-03-15;${serial};T2;0.00;0.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;2026-03-29`,
        `2026-03-29;${serial};T1;7.70;7.70;0.00;0.00;0.00;0.00;0.00;0.00;0143;2026-03-31`,
        `2026-03-29;${serial};T2;5.50;5.50;0.00;0.00;0.00;0.00;0.00;0.00;0143;2026-03-31`,
        `2026-03-30;${serial};T2;6.60;6.60;0.00;0.00;0.00;0.00;0.00;0.00;0143;2026-03-31`,
        `2026-03-31;${serial};T1;7.70;7.70;0.00;0.00;0.00;0.00;0.00;0.00;0144;`,
        '',
      ].join('\n'),
    )
    await expectsSums(bar, '2026-03', text)
  }))

test('October of a bar: both hours of the clock change are one day, and the hour after its midnight is the next', () =>
  inBar('2026-10-25T00:30:00Z', async (bar) => {
    const { serial } = bar
    await sold(bar, '2.20', [by('card', '2.20', 'T1')])
    for (const [utc, amount] of [
      ['2026-10-25T01:30:00Z', '3.35'],
      ['2026-10-25T22:59:00Z', '4.45'],
      ['2026-10-25T23:01:00Z', '5.55'],
    ] as const) {
      await bar.at(utc)
      await sold(bar, amount, [by('digital_wallet', amount, 'T1')])
    }
    const text = await sheet(bar, '2026-10', 31)
    expect(text).toBe(
      [
        HEADER,
        `2026-10-25;${serial};T1;10.00;10.00;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
        `2026-10-26;${serial};T1;5.55;5.55;0.00;0.00;0.00;0.00;0.00;0.00;0142;`,
        '',
      ].join('\n'),
    )
    await expectsSums(bar, '2026-10', text)
  }))

test('a bar that closes after midnight: each line names the Z that has it and the day of that Z, once it is made', () =>
  inBar('2026-03-14T22:30:00Z', async (bar) => {
    const { register, serial } = bar
    const sells = (amount: string) => sold(bar, amount, [by('card', amount, 'T1')])
    const lineOf = (day: string, amount: string, z: string): string =>
      `${day};${serial};T1;${amount};${amount};0.00;0.00;0.00;0.00;0.00;0.00;${z}`
    await sells('20.00')
    await bar.at('2026-03-14T23:30:00Z')
    await sells('5.00')
    const open = [lineOf('2026-03-14', '20.00', '0142;'), lineOf('2026-03-15', '5.00', '0142;')]
    expect(await sheet(bar, '2026-03', 31)).toBe([HEADER, ...open, ''].join('\n'))
    await closed(register)
    await bar.at('2026-03-15T20:00:00Z')
    await sells('7.00')
    await bar.at('2026-03-15T23:10:00Z')
    await closed(register)
    const text = await sheet(bar, '2026-03', 31)
    expect(text).toBe(
      [
        HEADER,
        lineOf('2026-03-14', '20.00', '0142;2026-03-15'),
        lineOf('2026-03-15', '5.00', '0142;2026-03-15'),
        lineOf('2026-03-15', '7.00', '0143;2026-03-16'),
        '',
      ].join('\n'),
    )
    await expectsSums(bar, '2026-03', text)
  }))
