import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { Bench } from '../bench.ts'
import { processData } from '../client.ts'
import { event, goods } from '../goods.ts'
import { closing } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { count, countedFrancs, francs, frankSale } from './foreign-cash.ts'
import { verifiedPackage } from './package-rows.ts'

test(
  'francs are signed in their currency, valued in the books, counted, and taken out by the close',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('110.00')
    const sold = await frankSale(register)
    expect(processData(sold)).toBe('Beleg^15.00_0.00_0.00_0.00_0.00^-3.60:Bar_20.00:Bar:CHF')
    const session = await register.till.get(`/v1/registers/${register.id}/session`)
    expect(session).toMatchObject({
      expected_closing_amount: '106.40',
      foreign_cash: [
        { currency: 'CHF', expected_amount: '20.00', counted_amount: null, diff_amount: null, base_amount: '18.60' },
      ],
    })
    const counted = await count(register, '106.40', [countedFrancs('18.00')])
    expect(processData(counted)).toBe('Beleg^0.00_0.00_0.00_0.00_-1.86^-2.00:Bar:CHF')
    const found = [
      {
        currency: 'CHF',
        expected_amount: '20.00',
        counted_amount: '18.00',
        diff_amount: '-2.00',
        base_amount: '16.74',
      },
    ]
    expect(counted).toMatchObject({
      expected_closing_amount: '106.40',
      closing_cashcount_diff: '0.00',
      foreign_cash: found,
    })
    const closed = await register.till.create(closing(register, '-100.00'))
    expect(closed).toMatchObject({ amount_left: '6.40', foreign_cash: found })
    expect(processData(closed)).toBe('Beleg^0.00_0.00_0.00_0.00_-116.74^-100.00:Bar_-18.00:Bar:CHF')
    expect(await register.till.get(`/v1/sessions/${String(closed.session_id)}`)).toMatchObject({ foreign_cash: found })
    const { lines, closings, paid, payments, cash } = await verifiedPackage(bench)
    expect(lines.filter((row) => row['GV_TYP'] === 'DifferenzSollIst').map((row) => row['ARTIKELTEXT'])).toEqual([
      'Kassensturz: gezählt 106,40, Soll 106,40',
      'Kassensturz CHF: gezählt 18,00, Soll 20,00',
    ])
    expect(lines.filter((row) => row['GV_TYP'] === 'Geldtransit').map((row) => row['ARTIKELTEXT'])).toEqual([
      'Entnahme bei Sitzungsende',
      'Sorten CHF',
    ])
    const inFrancs = paid.filter((row) => row['ZAHLWAEH_CODE'] === 'CHF')
    expect(inFrancs.map((row) => [row['ZAHLART_TYP'], row['ZAHLWAEH_BETRAG'], row['BASISWAEH_BETRAG']])).toEqual([
      ['Bar', '20,00', '18,60'],
      ['Bar', '-2,00', '-1,86'],
      ['Bar', '-18,00', '-16,74'],
    ])
    expect(payments).toMatchObject([{ ZAHLART_TYP: 'Bar', Z_ZAHLART_BETRAG: '6,40' }])
    expect(cash.map((row) => [row['ZAHLART_WAEH'], row['ZAHLART_BETRAG_WAEH']])).toEqual([
      ['EUR', '6,40'],
      ['CHF', '0,00'],
    ])
    expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '6,40' }])
    await expectSound(bench)
  },
)

test(
  'a close with an adjustment of 0 signs the francs that it takes out, and is not signed without them',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    await frankSale(register)
    await count(register, '46.40', [countedFrancs('20.00')])
    const closed = await register.till.create(closing(register, '0.00'))
    expect(processData(closed)).toBe('Beleg^0.00_0.00_0.00_0.00_-18.60^-20.00:Bar:CHF')
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '46.40' }))
    await count(register, '46.40')
    const slip = await register.till.create(closing(register, '0.00'))
    expect(slip).toMatchObject({ fiscal: { state: 'not_required' } })
    expect(slip).not.toHaveProperty('foreign_cash')
  },
)

test('an exchange rate is printed and must give the value to one cent', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const open = await register.till.create(goods('sale', register.id, [['18.60', '0.19']]))
  const rated = francs('20.00', '18.60', { exchange_rate: '0.93' })
  const done = await register.till.complete(open, [rated])
  const path = `/v1/operations/${done.id}/receipt`
  const { text } = await register.till.call({ method: 'GET', path, headers: { Accept: 'text/plain' } })
  expect(text.replace(/\s+/g, ' ')).toContain('Bar CHF 20,00 (18,60 EUR), Kurs 0,93')
  const reversed = await register.till.create({
    type: 'void',
    register_id: register.id,
    currency: 'EUR',
    related_operation_id: done.id,
  })
  expect(processData(reversed)).toBe('Beleg^-18.60_0.00_0.00_0.00_0.00^-20.00:Bar:CHF')
  expect(await register.till.get(`/v1/registers/${register.id}/session`)).toMatchObject({
    expected_closing_amount: '50.00',
    foreign_cash: [{ currency: 'CHF', expected_amount: '0.00', base_amount: '0.00' }],
  })
  await count(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  const { paid } = await verifiedPackage(bench)
  expect(paid.filter((row) => row['ZAHLWAEH_CODE'] === 'CHF').map((row) => row['ZAHLWAEH_BETRAG'])).toEqual([
    '20,00',
    '-20,00',
  ])
})
