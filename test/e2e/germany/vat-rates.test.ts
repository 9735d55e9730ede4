// @module-tag heavy
import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { austrianTill, ONE_CARD } from '../austria/shop.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members, Operation } from '../client.ts'
import { processData } from '../client.ts'
import { goods, goodsOf, pay, trade } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'

const NEW_RATE = { key: 3, rate: '0.08', from: '2027-01-01' }
const TOUR = {
  code: 'tour_margin',
  key: 1100,
  description: 'Reiseleistung § 25 UStG',
  receiptText: 'Sonderregelung für Reisebüros',
}
const STAMPS = { code: 'stamps', key: 1101, rate: '0.0250', bucket: 2, description: 'Sammlermarken' }
const OF_FILE = { vatRates: [NEW_RATE], vatKeys: [TOUR, STAMPS] }

const BEFORE = '2026-12-31T22:30:00Z'
const AFTER = '2026-12-31T23:10:00Z'

type LineAmount = Parameters<typeof goods>[2][number]

function opened(clock: CalendarClock, file: Members = OF_FILE): Promise<Bench> {
  return Bench.open({ clock, config: { kassensichv: file } })
}

/** The file is another one, or lost, from the next start on. */
function setFile(bench: Bench, { vatRates = [], vatKeys = [] }: Members): Promise<void> {
  const rows = (vatKeys as Members[]).map((row) => ({ rate: '0', ...row }))
  return bench.restart(async () => void Object.assign(bench.config, { kassensichv: { vatRates, vatKeys: rows } }))
}

function sold(register: Register, lines: readonly LineAmount[]): Promise<Operation> {
  return trade(register, 'sale', lines)
}

function refusal({ id, till }: Register, rate: string, line: Members = {}) {
  return till.refused({ path: '/v1/operations', body: goods('sale', id, [['1.08', rate, line]]) })
}

function coded(code: string, rate = '0', tax = '0.00'): Members {
  return { taxes: [{ name: 'eigener Satz', rate, tax_amount: tax, code }] }
}

/** What the office, the till and the guest read of an operation and its closing. */
async function records(bench: Bench, { till }: Register, operations: readonly Operation[]) {
  const shown: unknown[] = []
  for (const { id } of operations) {
    shown.push(await till.get(`/v1/operations/${id}/receipt`), await till.get(`/v1/operations/${id}/explain`))
    shown.push(await till.get(`/v1/operations/${id}`))
  }
  const { job: _job, ...rows } = await verifiedPackage(bench)
  await bench.stop()
  const { codes, books } = await verifyJournal(bench.config.state)
  await bench.start()
  return { shown, rows, codes, books }
}

test('a rate of the file is in force from midnight, for a basket begun before it, too', async () => {
  const clock = new CalendarClock(BEFORE)
  await using bench = await opened(clock)
  const register = await bench.till()
  const { id, till } = register
  expect(await refusal(register, '0.08')).toMatchObject({ status: 422, code: 'tax_rate_not_supported' })
  const begun = await till.create(goods('sale', id, [['10.78', '0.078']]))
  const other = await till.create(goods('sale', id, []))
  clock.jump(AFTER)
  expect(await refusal(register, '0.078')).toMatchObject({ status: 422, code: 'tax_rate_not_supported' })
  const late = await till.complete(begun, [pay('cash', '10.78')])
  const both = goodsOf(
    goods('sale', id, [
      ['10.80', '0.08'],
      ['10.78', '0.078'],
    ]),
  )
  const key = 'both'
  const path = `/v1/operations/${other.id}/complete`
  const ended = await till.call({ path, body: { ...both, payments: [pay('cash', '21.58')] }, ifMatch: 1, key })
  const mixed = ended.json as unknown as Operation
  const fresh = await sold(register, [['10.80', '0.080']])
  expect([late, mixed, fresh].map(processData)).toEqual([
    'Beleg^0.00_0.00_10.78_0.00_0.00^10.78:Bar',
    'Beleg^0.00_0.00_21.58_0.00_0.00^21.58:Bar',
    'Beleg^0.00_0.00_10.80_0.00_0.00^10.80:Bar',
  ])
  const paper = await till.get(`/v1/operations/${mixed.id}/receipt`)
  expect(paper['taxes']).toMatchObject([
    { key: 'C', rate: '0.08', tax: '0.80' },
    { key: 'H', rate: '0.078', tax: '0.78' },
  ])
  await endShift(register, '2027-01-01')
  const { rows, codes, books } = await records(bench, register, [])
  const { vat, linesVat, notes } = rows
  expect(linesVat.map((row) => row['UST_SCHLUESSEL']).filter((one) => one !== '5')).toEqual(['1780', '3', '1780', '3'])
  expect(vat.map((row) => [row['UST_SCHLUESSEL'], row['UST_SATZ'], row['UST_BESCHR']])).toEqual([
    ['1', '19,00', 'Allgemeiner Steuersatz'],
    ['2', '7,00', 'Ermäßigter Steuersatz'],
    ['3', '8,00', 'Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)'],
    ['4', '5,50', 'Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)'],
    ['5', '0,00', 'Nicht steuerbar'],
    ['6', '0,00', 'Umsatzsteuerfrei'],
    ['1780', '7,80', 'Historischer Steuersatz 7,80 %'],
  ])
  expect(notes).toMatchObject([['vat_rate_newer', { key: 3, rate: '8 %' }]])
  expect([books, codes]).toMatchObject(['consistent', [{ code: 'tse_rate_configured', level: 'note' }]])
})

test('a file that is changed or lost later changes no record', async () => {
  const clock = new CalendarClock('2027-02-01T10:00:00Z')
  await using bench = await opened(clock)
  const register = await bench.till()
  const sales = [
    await sold(register, [
      ['10.80', '0.08'],
      ['5.00', '0', coded('tour_margin')],
    ]),
    await sold(register, [['10.25', '0.025', coded('stamps', '0.025', '0.25')]]),
    await sold(register, [['1.19', '0.19']]),
  ]
  expect(sales.map(processData)).toEqual([
    'Beleg^0.00_0.00_10.80_0.00_5.00^15.80:Bar',
    'Beleg^0.00_10.25_0.00_0.00_0.00^10.25:Bar',
    'Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Bar',
  ])
  const papers = await Promise.all(sales.map(({ id }) => register.till.get(`/v1/operations/${id}/receipt`)))
  expect(papers.map((paper) => paper['taxes'])).toMatchObject([
    [
      { key: 'C', rate: '0.08' },
      { note: 'Sonderregelung für Reisebüros', tax: '0.00' },
    ],
    [{ note: 'Sammlermarken', rate: '0.025', tax: '0.25' }],
    [{ key: 'A' }],
  ])
  await endShift(register, '2027-02-01')
  const before = await records(bench, register, sales)
  expect(before.rows.vat.slice(6).map((row) => [row['UST_SCHLUESSEL'], row['UST_SATZ'], row['UST_BESCHR']])).toEqual([
    ['1100', '0,00', 'Reiseleistung § 25 UStG'],
    ['1101', '2,50', 'Sammlermarken'],
  ])
  const others = [
    {},
    { vatRates: [{ ...NEW_RATE, rate: '0.09' }], vatKeys: [{ ...TOUR, key: 1200, receiptText: 'anders' }] },
  ]
  for (const file of others) {
    await setFile(bench, file)
    expect(await records(bench, register, sales)).toEqual(before)
  }
})

test('a file that is lost while the session is open leaves the rates of its sales', async () => {
  await using bench = await opened(new CalendarClock('2027-02-01T10:00:00Z'))
  const register = await bench.till()
  await sold(register, [['10.80', '0.08']])
  await setFile(bench, {})
  expect(await refusal(register, '0.08')).toMatchObject({ code: 'tax_rate_not_supported' })
  await endShift(register, '2027-02-01')
  const { vat, linesVat } = await verifiedPackage(bench)
  expect(linesVat[1]).toMatchObject({ UST_SCHLUESSEL: '3' })
  expect(vat[2]).toMatchObject({ UST_SCHLUESSEL: '3', UST_SATZ: '8,00' })
})

test('a tip to the owner is taxed as the articles of its basket, although the file was lost since', async () => {
  await using bench = await opened(new CalendarClock('2027-02-01T10:00:00Z'))
  const register = await bench.till()
  const { id, till } = register
  const lines: LineAmount[] = [
    ['10.25', '0.025', coded('stamps', '0.025', '0.25')],
    ['10.25', '0.19'],
  ]
  const open = await till.create(goods('sale', id, lines))
  await setFile(bench, {})
  const tip = { tip_amount: '2.00', tip_recipient: 'owner' }
  const done = await till.complete(open, [pay('cash', '22.50')], tip)
  expect(processData(done)).toBe('Beleg^11.25_11.25_0.00_0.00_0.00^22.50:Bar')
  await endShift(register, '2027-02-01')
  expect((await records(bench, register, [done])).books).toBe('consistent')
})

test('goods come back as what they were sold, although the file has changed', async () => {
  await using bench = await opened(new CalendarClock('2027-02-01T10:00:00Z'))
  const register = await bench.till()
  const { id, till } = register
  const sale = await sold(register, [
    ['10.80', '0.08'],
    ['5.00', '0', coded('tour_margin')],
  ])
  const reversed = await sold(register, [['10.25', '0.025', coded('stamps', '0.025', '0.25')]])
  await setFile(bench, {})
  const back = goods(
    'return',
    id,
    [
      ['-10.80', '0.08'],
      ['-5.00', '0', coded('tour_margin')],
    ],
    {
      related_operation_id: sale.id,
    },
  )
  const returned = await till.complete(await till.create(back), [pay('cash', '-15.80')])
  expect(processData(returned)).toBe('Beleg^0.00_0.00_-10.80_0.00_-5.00^-15.80:Bar')
  const taken = await till.create({ type: 'void', register_id: id, currency: 'EUR', related_operation_id: reversed.id })
  expect(processData(taken)).toBe('Beleg^0.00_-10.25_0.00_0.00_0.00^-10.25:Bar')
  const paper = await till.get(`/v1/operations/${returned.id}/receipt`)
  expect(paper['taxes']).toMatchObject([{ key: 'C' }, { note: 'Sonderregelung für Reisebüros' }])
  await endShift(register, '2027-02-01')
  const { books } = await records(bench, register, [])
  expect(books).toBe('consistent')
})

test('in an outage and with a clock that was set back, a sale has the rates of the till’s day', async () => {
  const clock = new CalendarClock(AFTER)
  await using bench = await opened(clock)
  const register = await bench.till()
  await bench.fault('unplugged@*')
  const sale = await sold(register, [['10.80', '0.08']])
  expect(sale.fiscal.state).toBe('failed')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  clock.jump(BEFORE)
  expect(await refusal(register, '0.08')).toMatchObject({ code: 'tax_rate_not_supported' })
  clock.jump(AFTER)
  expect((await sold(register, [['10.80', '0.08']])).status).toBe('completed')
  await endShift(register, '2027-01-01')
  const { rows, books } = await records(bench, register, [])
  expect(rows.linesVat.map((row) => row['UST_SCHLUESSEL']).filter((key) => key !== '5')).toEqual(['3', '3'])
  expect(books).toBe('consistent')
})

test('a sale without a rate of the file records nothing about the file', async () => {
  await using bench = await opened(new CalendarClock('2027-02-01T10:00:00Z'))
  const register = await bench.till()
  const { id } = await sold(register, [
    ['1.19', '0.19'],
    ['2.00', '0', coded('reverse_charge')],
  ])
  const bodies = bench.journal().filter(({ op }) => op === id)
  expect(bodies.filter(({ body }) => body.includes('"vat":'))).toEqual([])
})

describe('GET /v1/vat-rates', () => {
  test('lists the rates of a day and the codes, page by page', async () => {
    await using bench = await opened(new CalendarClock(BEFORE))
    const { id, till } = await bench.till()
    const rates = async (query: string) =>
      (await till.list(`/v1/vat-rates?${query}`)).filter(({ code }) => code === undefined)
    expect(await rates('')).toEqual([
      { key: 1, rate: '0.19', description: 'Allgemeiner Steuersatz', from: '2021-01-01' },
      { key: 2, rate: '0.07', description: 'Ermäßigter Steuersatz', from: '2021-01-01' },
      { key: 3, rate: '0.078', description: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)', from: '2025-01-01' },
      { key: 4, rate: '0.055', description: 'Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)', from: '2007-01-01' },
    ])
    expect((await rates(`register_id=${id}&date=2027-01-01`))[2]).toMatchObject({ rate: '0.08', from: '2027-01-01' })
    expect((await rates('date=2020-08-01')).map(({ rate }) => rate)).toEqual(['0.16', '0.05', '0.107', '0.055'])
    const listed: Members[] = []
    for (let cursor = ''; ; ) {
      const page = await till.get(`/v1/vat-rates?limit=5&cursor=${cursor}`)
      listed.push(...(page['data'] as Members[]))
      if (page['next_cursor'] === null) break
      cursor = String(page['next_cursor'])
    }
    expect(listed).toEqual(await till.list('/v1/vat-rates'))
    expect(listed.slice(4).map(({ key, code }) => [code, key])).toEqual([
      ...[
        ['exempt', 6],
        ['not_taxable', 5],
        ['zero_rated', 8],
        ['small_business', 6],
        ['intra_community', 6],
        ['export', 6],
      ],
      ...[
        ['reverse_charge', 1013],
        ['margin_scheme', 1025],
        ['margin_scheme_art', 1026],
        ['margin_scheme_antiques', 1027],
      ],
      ...[
        ['margin_scheme_travel', 1028],
        ['tour_margin', 1100],
        ['stamps', 1101],
      ],
    ])
    expect(listed.at(-2)).toEqual({
      ...{ key: 1100, rate: '0', code: 'tour_margin', description: 'Reiseleistung § 25 UStG', from: null },
      receipt_text: 'Sonderregelung für Reisebüros',
    })
  })

  test('refuses a platform key without a register, another register, and a wrong day or cursor', async () => {
    await using bench = await Bench.open()
    const { id, till } = await bench.till()
    const { office } = bench
    expect((await office.list(`/v1/vat-rates?register_id=${id}`))[0]).toMatchObject({ key: 1, rate: '0.19' })
    const refused = async (client: typeof office, query: string) => {
      const { status, code, details } = await client.refused({ path: `/v1/vat-rates?${query}` })
      return [status, code, JSON.stringify(details)]
    }
    expect(await refused(office, '')).toEqual([400, 'invalid_request', expect.stringContaining('/register_id')])
    expect(await refused(till, 'register_id=reg_other')).toEqual([404, 'not_found', expect.anything()])
    expect(await refused(till, 'date=2026-02-30')).toEqual([400, 'invalid_request', expect.stringContaining('/date')])
    expect(await refused(till, 'cursor=x')).toEqual([400, 'invalid_request', expect.stringContaining('/cursor')])
  })

  test('is refused by a law without such a list', async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const { till } = await austrianTill(bench)
    expect(await till.refused({ path: '/v1/vat-rates' })).toMatchObject({
      status: 422,
      code: 'not_supported_by_law',
      details: { member: 'vat-rates' },
    })
  })
})
