// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench, GERMAN_MERCHANT, germanMerchant } from '../bench.ts'
import type { Call, Members, Operation } from '../client.ts'
import { amending, completion, processData } from '../client.ts'
import { event, goods, goodsOf, pay } from '../goods.ts'
import { MERCHANT as ITALIAN_MERCHANT } from '../italy/shop.ts'
import { closeAndReport } from '../shift.ts'
import { expectSound } from '../sound.ts'
import type { Line } from './agencies.ts'
import { agentOf, LOTTO, opens, ticket, VEREIN } from './agencies.ts'
import { verifiedPackage } from './package-rows.ts'
import { voucher } from './single-purpose.ts'

async function sells({ id, till }: Register, lines: readonly Line[], amount: string, more: Members = {}) {
  const open = await till.create(goods('sale', id, lines, more))
  return till.complete(open, [pay('cash', amount)])
}

async function casesOf(bench: Bench): Promise<string[]> {
  const { businessCases } = await verifiedPackage(bench)
  return businessCases
    .filter((row) => row['GV_TYP'] !== 'Anfangsbestand')
    .map((row) => ['GV_TYP', 'AGENTUR_ID', 'UST_SCHLUESSEL', 'Z_UMS_BRUTTO'].map((column) => row[column]).join(' '))
}

test('own goods and a ticket of an agency are one receipt, and two business cases', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const sold = await sells(register, [['20.00', '0.19'], ticket('15.60', 1)], '35.60')
  expect(processData(sold)).toBe('Beleg^20.00_0.00_0.00_0.00_15.60^35.60:Bar')
  expect(sold).toMatchObject({ line_items: [{}, { agency_id: 1 }] })
  const report = await closeAndReport(register)
  const { business_cases: cases } = report['totals'] as { business_cases: Members[] }
  expect(cases).toEqual([
    { name: 'Anfangsbestand', amount: '50.00' },
    { name: 'Umsatz', amount: '20.00' },
    { name: 'Umsatz', agency_id: 1, amount: '15.60' },
    { name: 'DifferenzSollIst', amount: '0.00' },
  ])
  expect(await casesOf(bench)).toEqual(['Umsatz 0 1 20,00000', 'Umsatz 1 5 15,60000', 'DifferenzSollIst 0 5 0,00000'])
  const { lines, agencies, closings } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['GV_TYP'] === 'Umsatz').map((row) => row['AGENTUR_ID'])).toEqual(['0', '1'])
  expect(agencies).toMatchObject([
    {
      Z_NR: '1',
      AGENTUR_ID: '1',
      AGENTUR_NAME: 'Lotto Berlin GmbH',
      AGENTUR_STRASSE: 'Losweg 3',
      AGENTUR_PLZ: '10117',
      AGENTUR_ORT: 'Berlin',
      AGENTUR_LAND: 'DEU',
      AGENTUR_STNR: '27/555/00001',
      AGENTUR_USTID: '',
    },
  ])
  expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '85,60' }])
  await expectSound(bench)
})

test('the receipt has the lines of an agency under its name, with their gross, and one tax table', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const lines: Line[] = [ticket('15.60', 1), ['20.00', '0.19'], ['5.00', '0.19', { title: 'Karte', agency_id: 9999 }]]
  const sold = await sells(register, lines, '42.60', { tip_amount: '2.00' })
  const model = await register.till.get(`/v1/operations/${sold.id}/receipt`)
  const shown = (model['lines'] as Members[]).map(({ label, agency_id }) => [label, agency_id])
  expect(shown).toEqual([
    ['Ware', undefined],
    ['Trinkgeld', undefined],
    ['Lottoschein', 1],
    ['Karte', 9999],
  ])
  expect(model['agencies']).toEqual([
    {
      id: 1,
      label: 'Im Namen und für Rechnung von',
      value: 'Lotto Berlin GmbH',
      address: ['Losweg 3', '10117 Berlin'],
      identifiers: [{ label: 'Steuernummer', value: '27/555/00001' }],
      taxes: [{ key: 'E', label: 'USt 0 %', gross: '15.60' }],
    },
    {
      id: 9999,
      label: 'Im Namen und für Rechnung von',
      value: 'Heimatverein',
      address: ['Am Markt 1', 'Hof', '14467 Potsdam'],
      identifiers: [{ label: 'USt-IdNr.', value: 'DE123123123' }],
      taxes: [{ key: 'A', label: 'USt 19 %', gross: '5.00' }],
    },
  ])
  expect(model['taxes']).toMatchObject([
    { key: 'A', gross: '25.00' },
    { key: 'E', gross: '17.60' },
  ])
  const { text } = await register.till.call({ path: `/v1/operations/${sold.id}/receipt?format=text` })
  const places = ['Ware', 'Lotto Berlin GmbH', 'Lottoschein', 'Heimatverein', 'Karte', 'Summe'].map((word) =>
    text.indexOf(word),
  )
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(text.match(/Im Namen und für Rechnung von/g)).toHaveLength(2)
})

test('a discount, empties, cancelled pieces, a return and a void stay with their agency', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const cart = { cart_level_discounts: [{ description: 'Aktion', amount: '3.00' }] }
  const discounted: Line[] = [
    ['18.00', '0.19', { unit_price: '20.00' }],
    ['9.00', '0.19', { unit_price: '10.00', agency_id: 1, sku_identifier: 'VVK' }],
  ]
  await sells(register, discounted, '27.00', cart)
  const empties: Line[] = [
    ['10.00', '0.19'],
    ['-0.50', '0.19', { type: 'container_deposit', quantity: -2, unit_price: '0.25', agency_id: 1 }],
  ]
  await sells(register, empties, '9.50')
  const begun = await till.create(goods('sale', id, [ticket('4.00', 1, { quantity: 2, unit_price: '2.00' })]))
  const amended = await till.amend(begun, goods('sale', id, [ticket('2.00', 1)]))
  expect(amended).toMatchObject({ cancelled_line_items: [{ agency_id: 1, quantity: '1', total_amount: '2.00' }] })
  const ending = { ...completion(amended, [pay('cash', '2.00')]), ifMatch: 2 }
  const completed = await till.call(ending)
  expect(completed.status, completed.text).toBe(200)
  const back = goods('return', id, [ticket('-2.00', 1)], { related_operation_id: begun.id })
  await till.complete(await till.create(back), [pay('cash', '-2.00')])
  const wrong = await sells(register, [ticket('7.00', 9999)], '7.00')
  const reversal = await till.create(event('void', id, { related_operation_id: wrong.id }))
  expect(await till.get(`/v1/operations/${reversal.id}/receipt`)).toMatchObject({
    agencies: [{ id: 9999, taxes: [{ gross: '-7.00' }] }],
  })
  await closeAndReport(register)
  expect(await casesOf(bench)).toEqual([
    'Umsatz 0 1 30,00000',
    'Umsatz 1 1 10,00000',
    'Rabatt 0 1 -2,00000',
    'Rabatt 1 1 -1,00000',
    'PfandRueckzahlung 1 1 -0,50000',
    'Umsatz 1 5 0,00000',
    'Umsatz 9999 5 0,00000',
    'DifferenzSollIst 0 5 0,00000',
  ])
  const { lines } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['P_STORNO'] === '1')).toMatchObject([{ AGENTUR_ID: '1', MENGE: '1,000' }])
  await expectSound(bench)
})

test('the same article of the shop and of an agency are two: one cancels nothing of the other', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const own: Line = ['-1.00', '0.19', { quantity: -1, unit_price: '1.00' }]
  const body = goods('sale', id, [['2.00', '0.19', { quantity: 2, unit_price: '1.00', agency_id: 1 }], own])
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
    status: 422,
    details: { pointer: '/line_items/1/total_amount' },
  })
  const covered = goods('sale', id, [['2.00', '0.19', { quantity: 2, unit_price: '1.00' }], own])
  expect(await till.create(covered)).toMatchObject({ total_amount: '1.00' })
})

/** Names of the agencies in each Z. */
async function namesByZ(bench: Bench): Promise<string[]> {
  const { agencies } = await verifiedPackage(bench)
  return agencies.map((row) => `${row['Z_KASSE_ID']} ${row['Z_NR']} ${row['AGENTUR_NAME']}`).sort()
}

test('a change of the agencies waits for the close, and each closing describes those it used as they were', async () => {
  await using bench = await Bench.open()
  const { register, merchant } = await agentOf(bench)
  const path = `/v1/merchants/${merchant}`
  const renamed = [{ ...LOTTO, name: 'Lotto Neu GmbH' }]
  expect(await bench.office.patch(path, { agencies: renamed })).toMatchObject({
    agencies: [LOTTO, VEREIN],
    pending_changes: { agencies: renamed },
  })
  const sold = await sells(register, [ticket('1.00', 1)], '1.00')
  await closeAndReport(register)
  expect(await bench.office.get(path)).toMatchObject({ agencies: renamed })
  await opens(register)
  await sells(register, [ticket('1.00', 1)], '1.00')
  await closeAndReport(register)
  await bench.office.patch(path, { agencies: [] })
  expect(await namesByZ(bench)).toEqual([`${register.id} 1 Lotto Berlin GmbH`, `${register.id} 2 Lotto Neu GmbH`])
  // The receipt of the first sale, printed again, names the principal of that day.
  expect(await register.till.get(`/v1/operations/${sold.id}/receipt`)).toMatchObject({
    agencies: [{ value: 'Lotto Berlin GmbH' }],
  })
})

test('a session that began before a change sells for the agencies of its begin until it is closed', async () => {
  await using bench = await Bench.open()
  const { register: one, merchant, locationId } = await agentOf(bench, [LOTTO])
  const two = await bench.register(locationId)
  await bench.office.patch(`/v1/merchants/${merchant}`, { agencies: [VEREIN] })
  await opens(two)
  await closeAndReport(one)
  expect(await bench.office.get(`/v1/merchants/${merchant}`)).toMatchObject({ agencies: [VEREIN] })
  // The books of this session have the former list, so a line of a new agency could not be written.
  const refused = { path: '/v1/operations', body: goods('sale', two.id, [ticket('1.00', 9999)]) }
  expect(await two.till.refused(refused)).toMatchObject({ status: 422, details: { agency_id: 9999 } })
  await sells(two, [ticket('1.00', 1)], '1.00')
  await closeAndReport(two)
  await opens(two)
  await sells(two, [ticket('1.00', 9999)], '1.00')
  await closeAndReport(two)
  expect(await namesByZ(bench)).toEqual([`${two.id} 1 Lotto Berlin GmbH`, `${two.id} 2 Heimatverein`])
})

const UNKNOWN = { pointer: '/line_items/1/agency_id', line_index: 1, agency_id: 2 }

test('a line of an agency that the merchant does not have is refused in create, amendment and completion', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const body = goods('sale', id, [['1.00', '0.07'], ticket('1.00', 2)])
  const refusal = { status: 422, code: 'unprocessable_entity', fiscal_effect: 'none', details: UNKNOWN }
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject(refusal)
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  const amended = goodsOf(body)
  expect(await till.refused(amending(open, amended))).toMatchObject(refusal)
  expect(await till.refused(completion(open, [pay('cash', '2.00')], amended))).toMatchObject(refusal)
})

test.each([
  ['service_charge', '0.19', {}],
  ['deposit', '0.19', {}],
])('a line of type %s is never sold for an agency', async (type, rate, more) => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const body = goods(type === 'deposit' ? 'deposit' : 'sale', register.id, [
    ['1.00', rate, { type, agency_id: 1, ...more }],
  ])
  expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
    status: 422,
    details: { pointer: '/line_items/0/agency_id' },
  })
})

test('goods, Pfand and vouchers are sold for an agency, also in training, and ordered or transferred for it', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const lines: Line[] = [
    ['2.00', '0.07', { agency_id: 1 }],
    ['0.25', '0.19', { type: 'container_deposit', agency_id: 1 }],
    ticket('10.00', 1, { type: 'gift_card', gift_card_id: 'G-1' }),
  ]
  await sells(register, lines, '12.25')
  await sells(register, [ticket('1.00', 9999)], '1.00', { training: true })
  const unpaid: Operation[] = []
  for (const type of ['transfer', 'employee_benefit'] as const) {
    const body = goods(type, id, [['2.00', '0.07', { agency_id: 1 }]], { customer: { id: 'k-1' } })
    unpaid.push(await till.complete(await till.create(body), []))
  }
  await closeAndReport(register)
  expect(await casesOf(bench)).toEqual([
    'Umsatz 1 2 2,00000',
    'Pfand 1 1 0,25000',
    'MehrzweckgutscheinKauf 1 5 10,00000',
    'DifferenzSollIst 0 5 0,00000',
  ])
  const { agencies } = await verifiedPackage(bench)
  // An agency that only practice used is described, too: a line names it.
  expect(agencies.map((row) => row['AGENTUR_ID'])).toEqual(['1', '9999'])
  const slip = await till.get(`/v1/operations/${unpaid[0]?.id}/receipt`)
  expect(slip).toMatchObject({ agencies: [{ id: 1, taxes: [] }], taxes: [] })
})

test('a voucher of one purpose is sold, redeemed and given back for an agency', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const forAgency = { agency_id: 9999 }
  const sold = await sells(register, [voucher('50.00', '0.07', 'EZ-1', forAgency)], '50.00')
  expect(processData(sold)).toBe('Beleg^0.00_50.00_0.00_0.00_0.00^50.00:Bar')
  const slip = await till.get(`/v1/operations/${sold.id}/receipt`)
  expect(slip).toMatchObject({ agencies: [{ id: 9999, taxes: [{ gross: '50.00' }] }] })
  const goodsOfAgency: Line = ['20.00', '0.07', forAgency]
  await sells(register, [goodsOfAgency, voucher('-15.00', '0.07', 'EZ-1', forAgency)], '5.00')
  const back = goods('return', id, [voucher('-35.00', '0.07', 'EZ-1', forAgency)], { related_operation_id: sold.id })
  await till.complete(await till.create(back), [pay('cash', '-35.00')])
  await closeAndReport(register)
  expect(await casesOf(bench)).toEqual([
    'EinzweckgutscheinKauf 9999 2 15,00000',
    'Umsatz 9999 2 20,00000',
    'EinzweckgutscheinEinloesung 9999 2 -15,00000',
    'DifferenzSollIst 0 5 0,00000',
  ])
  await expectSound(bench)
})

function many(count: number): Members[] {
  return Array.from({ length: count }, (_, index) => ({ ...LOTTO, id: index + 1 }))
}

test.each<[string, readonly Members[]]>([
  ['100 agencies', many(100)],
  ['the ids 1 and 9999', [LOTTO, VEREIN]],
  ['both tax numbers', [{ ...LOTTO, vat_id: 'ATU12345678' }]],
  ['the longest numbers', [{ ...LOTTO, tax_number: '9'.repeat(20), vat_id: 'X'.repeat(15) }]],
  ['none', []],
])('a merchant takes %s', async (_what, agencies) => {
  await using bench = await Bench.open()
  const { office } = bench
  const made = await office.post('/v1/merchants', { ...GERMAN_MERCHANT, agencies })
  expect(made).toMatchObject({ agencies })
  expect(await office.get(`/v1/merchants/${String(made['id'])}`)).toMatchObject({ agencies })
})

const { tax_number: _taxNumber, ...WITHOUT_NUMBER } = LOTTO

test.each<[string, readonly Members[], number, string]>([
  ['101 agencies', many(101), 400, '/agencies'],
  ['one id twice', [LOTTO, VEREIN, LOTTO], 422, '/agencies/2/id'],
  ['the id 0', [{ ...LOTTO, id: 0 }], 400, '/agencies/0/id'],
  ['the id 10000', [{ ...LOTTO, id: 10_000 }], 400, '/agencies/0/id'],
  ['an id that is no integer', [{ ...LOTTO, id: 1.5 }], 400, '/agencies/0/id'],
  ['an id as text', [{ ...LOTTO, id: '1' }], 400, '/agencies/0/id'],
  ['a blank name', [{ ...LOTTO, name: ' ' }], 400, '/agencies/0/name'],
  ['no tax number', [WITHOUT_NUMBER], 400, '/agencies/0/tax_number'],
  ['a blank tax number', [{ ...LOTTO, tax_number: '\u200b' }], 400, '/agencies/0/tax_number'],
  ['a tax number of 21 characters', [{ ...LOTTO, tax_number: '9'.repeat(21) }], 400, '/agencies/0/tax_number'],
  ['a VAT number of 16 characters', [{ ...VEREIN, vat_id: '9'.repeat(16) }], 400, '/agencies/0/vat_id'],
  ['no address', [{ id: 1, name: 'x', tax_number: '1' }], 400, '/agencies/0/address'],
])('a merchant with %s is refused', async (_what, agencies, status, pointer) => {
  await using bench = await Bench.open()
  const { merchantId } = await bench.shop()
  const calls: readonly Call[] = [
    { path: '/v1/merchants', body: { ...germanMerchant(1), agencies } },
    { method: 'PATCH', path: `/v1/merchants/${merchantId}`, body: { agencies } },
  ]
  for (const call of calls) {
    const refusal = await bench.office.refused(call)
    expect(refusal).toMatchObject({ status, fiscal_effect: 'none' })
    expect(JSON.stringify(refusal.details)).toContain(`"${pointer}"`)
  }
  expect(await bench.office.get(`/v1/merchants/${merchantId}`)).not.toHaveProperty('agencies')
})

test.each([
  ['AUT', { country_code: 'AUT', vat_id: 'ATU12345678' }],
  ['ITA', ITALIAN_MERCHANT.fiscal_identities[0]],
])('a merchant with a tax number of %s alone has no agencies', async (country, identity) => {
  await using bench = await Bench.open()
  const merchant = { ...GERMAN_MERCHANT, country_code: country, fiscal_identities: [identity], agencies: [LOTTO] }
  expect(await bench.office.refused({ path: '/v1/merchants', body: merchant })).toMatchObject({
    status: 422,
    code: 'not_supported_by_law',
    details: { member: 'agencies', pointer: '/agencies' },
  })
  const [german] = GERMAN_MERCHANT.fiscal_identities
  const both = { ...merchant, fiscal_identities: [identity, german] }
  expect(await bench.office.post('/v1/merchants', both)).toMatchObject({ agencies: [LOTTO] })
})

test('a tip to the owner has no part in what is sold for an agency, and needs an article of the shop', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  const { id, till } = register
  const tip = { tip_amount: '2.00', tip_recipient: 'owner' }
  const open = await till.create(goods('sale', id, [['20.00', '0.19'], ticket('15.60', 1)]))
  const done = await till.complete(open, [pay('card', '37.60')], tip)
  expect(processData(done)).toBe('Beleg^22.00_0.00_0.00_0.00_15.60^37.60:Unbar')
  const alone = await till.create(goods('sale', id, [ticket('15.60', 1)]))
  expect(await till.refused(completion(alone, [pay('card', '17.60')], tip))).toMatchObject({
    status: 422,
    details: { pointer: '/tip_recipient' },
  })
})

test('lines of an agency are booked unsigned in an outage, and stay with it after a restart', async () => {
  await using bench = await Bench.open()
  const { register } = await agentOf(bench)
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  const sold = await sells(register, [['20.00', '0.19'], ticket('15.60', 1)], '35.60')
  expect(sold).toMatchObject({ fiscal: { state: 'failed' } })
  await bench.restart()
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await closeAndReport(register)
  expect(await casesOf(bench)).toEqual(['Umsatz 0 1 20,00000', 'Umsatz 1 5 15,60000', 'DifferenzSollIst 0 5 0,00000'])
  await expectSound(bench)
})
