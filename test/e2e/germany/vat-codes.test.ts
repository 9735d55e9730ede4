import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { amending, completion, processData } from '../client.ts'
import { elsewhere, goods, goodsOf, pay } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'

const BUYER = { customer: { name: 'Kundin GmbH', vat_id: 'ATU12345675' } }

/** Key, words on the receipt, and name of the key in the books (de: what the law or its directive says). */
const CODES: readonly [code: string, key: string, words: string, description: string][] = [
  ['small_business', '6', 'Steuerfrei nach § 19 UStG (Kleinunternehmer)', 'Umsatzsteuerfrei'],
  ['intra_community', '6', 'Steuerfreie innergemeinschaftliche Lieferung', 'Umsatzsteuerfrei'],
  ['export', '6', 'Steuerfreie Ausfuhrlieferung', 'Umsatzsteuerfrei'],
  ['reverse_charge', '1013', 'Steuerschuldnerschaft des Leistungsempfängers', 'Leistung nach § 13b UStG'],
  [
    'margin_scheme',
    '1025',
    'Gebrauchtgegenstände/Sonderregelung',
    'Differenzbesteuerung: Gebrauchtgegenstände (§ 25a)',
  ],
  ['margin_scheme_art', '1026', 'Kunstgegenstände/Sonderregelung', 'Differenzbesteuerung: Kunstgegenstände (§ 25a)'],
  [
    'margin_scheme_antiques',
    '1027',
    'Sammlungsstücke und Antiquitäten/Sonderregelung',
    'Differenzbesteuerung: Sammlungsstücke (§ 25a)',
  ],
  ['margin_scheme_travel', '1028', 'Sonderregelung für Reisebüros', 'Reiseleistung (§ 25 UStG)'],
]

function untaxed(code: string): Members {
  return { taxes: [{ name: 'ohne USt', rate: '0', tax_amount: '0.00', code }] }
}

async function sold({ id, till }: Register, code: string, amount = '100.00'): Promise<Operation> {
  const open = await till.create(goods('sale', id, [[amount, '0', untaxed(code)]], BUYER))
  return till.complete(open, [pay('card', amount)])
}

test(
  'each reason without VAT has its words on the receipt, its key in the books, and B5 in the signed text',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    for (const [code, , words] of CODES) {
      const sale = await sold(register, code)
      expect(processData(sale)).toBe('Beleg^0.00_0.00_0.00_0.00_100.00^100.00:Unbar')
      for (const language of ['de', 'en', 'it']) {
        const paper = await register.till.get(`/v1/operations/${sale.id}/receipt?language=${language}`)
        expect(paper['taxes']).toMatchObject([{ rate: '0', note: words, net: '100.00', tax: '0.00', gross: '100.00' }])
      }
    }
    await endShift(register)
    const { vat, linesVat, notes } = await verifiedPackage(bench)
    const keys = linesVat.map((row) => row['UST_SCHLUESSEL']).filter((key) => key !== '5')
    expect(keys).toEqual(CODES.map(([, key]) => key))
    for (const [, key, , description] of CODES)
      expect(vat.find((row) => row['UST_SCHLUESSEL'] === key)).toMatchObject({
        UST_SATZ: '0,00',
        UST_BESCHR: description,
      })
    expect(vat.map((row) => row['UST_SCHLUESSEL'])).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '1013',
      '1025',
      '1026',
      '1027',
      '1028',
    ])
    expect(notes).toEqual([])
  },
)

test('each reason is a separate tax group on the receipt', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const lines = CODES.map(([code]) => ['10.00', '0', untaxed(code)] as const)
  const open = await till.create(
    goods('sale', id, [['11.90', '0.19'], ...lines, ['5.00', '0', untaxed('exempt')]], BUYER),
  )
  const { id: sale } = await till.complete(open, [pay('card', '96.90')])
  const { taxes } = (await till.get(`/v1/operations/${sale}/receipt`)) as {
    taxes: { key: string; note: string | null }[]
  }
  expect(taxes).toHaveLength(CODES.length + 2)
  expect(new Set(taxes.map(({ key }) => key)).size).toBe(taxes.length)
  expect(taxes.map(({ note }) => note)).toEqual(expect.arrayContaining(CODES.map(([, , words]) => words)))
})

test('an intra_community supply needs the VAT number of its buyer at the create and the completion', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const line = ['10.00', '0', untaxed('intra_community')] as const
  for (const customer of [undefined, { name: 'Kundin GmbH' }, { name: 'Kundin GmbH', vat_id: ' ' }])
    expect(
      await till.refused({ path: '/v1/operations', body: goods('sale', id, [line], customer && { customer }) }),
    ).toMatchObject({ status: 422, code: 'customer_required', details: { pointer: '/customer/vat_id' } })
  const open = await till.create(goods('sale', id, [line], BUYER))
  const without = { payments: [pay('card', '10.00')], customer: { name: 'Kundin GmbH' } }
  const refused = { path: `/v1/operations/${open.id}/complete`, body: without, ifMatch: 1, key: 'no-vat-id' }
  expect(await till.refused(refused)).toMatchObject({ status: 422, code: 'customer_required' })
  expect((await till.complete(open, [pay('card', '10.00')])).status).toBe('completed')
})

test('a code that only claims have is refused, and no code is taken with a rate above 0', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const other = { taxes: [{ name: 'USt', rate: '0.19', tax_amount: '1.60', code: 'reverse_charge' }] }
  for (const line of [
    ['10.00', '0', untaxed('not_determinable')],
    ['10.00', '0', untaxed('margin')],
    ['10.00', '0.19', other],
  ] as const)
    expect(await till.refused({ path: '/v1/operations', body: goods('sale', id, [line], BUYER) })).toMatchObject({
      status: 422,
      code: 'tax_rate_not_supported',
    })
})

test('a line says whether it is eaten in the shop, else its operation does', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sale = async (more: Members, ...lines: Members[]): Promise<Operation> => {
    const body = goods(
      'sale',
      id,
      lines.map((line) => ['1.00', '0.07', line] as const),
      more,
    )
    return till.complete(await till.create(body), [pay('card', `${lines.length}.00`)])
  }
  await sale({}, {}, { in_house: true }, { in_house: false })
  const atHome = await sale({ in_house: false }, {}, { in_house: true })
  expect(atHome).toMatchObject({ in_house: false, line_items: [{}, { in_house: true }] })
  const begun = await till.create(goods('sale', id, [['1.00', '0.07']], { in_house: true }))
  const changed = await till.call(amending(begun, goodsOf(goods('sale', id, [['2.00', '0.07', { title: 'Tee' }]]))))
  expect(changed.json).toMatchObject({ in_house: true })
  await till.call({ ...completion(begun, [pay('card', '2.00')]), ifMatch: 2 })
  const back = goods('return', id, [['-1.00', '0.07', { in_house: true }]], elsewhere)
  await till.complete(await till.create(back), [pay('card', '-1.00')])
  await till.create({ type: 'void', register_id: id, currency: 'EUR', related_operation_id: atHome.id })
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  const rows = lines.filter((row) => row['GV_TYP'] === 'Umsatz').map((row) => row['INHAUS'])
  expect(rows).toEqual(['', '1', '0', '0', '1', '1', '1', '1', '0', '1'])
})
