// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { completion, processData } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closing } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { count, countedFrancs, francs, frankSale } from './foreign-cash.ts'
import { verifiedPackage } from './package-rows.ts'

test('a second count corrects the whole list, and both together are the true difference', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  const first = await count(register, '46.40', [countedFrancs('2.00')])
  expect(processData(first)).toBe('Beleg^0.00_0.00_0.00_0.00_-16.74^-18.00:Bar:CHF')
  const corrects = { corrects_operation_id: first.id }
  await expect(count(register, '46.40', undefined, corrects)).rejects.toThrow(/CHF/)
  await expect(count(register, '46.40', [countedFrancs('2.00')], corrects)).rejects.toThrow(/nothing is corrected/)
  const second = await count(register, '46.40', [countedFrancs('18.00')], corrects)
  expect(processData(second)).toBe('Beleg^0.00_0.00_0.00_0.00_14.88^16.00:Bar:CHF')
  expect(second).toMatchObject({
    correction_amount: '0.00',
    foreign_cash: [{ expected_amount: '20.00', counted_amount: '18.00', diff_amount: '-2.00', base_amount: '16.74' }],
  })
  const found = { currency: 'USD', counted_amount: '1.00', base_amount: '0.92' }
  const third = await count(register, '46.40', [countedFrancs('18.00'), found], { corrects_operation_id: second.id })
  expect(processData(third)).toBe('Beleg^0.00_0.00_0.00_0.00_0.92^1.00:Bar:USD')
  const without = count(register, '46.40', [countedFrancs('18.00')], { corrects_operation_id: third.id })
  await expect(without).rejects.toThrow(/USD/)
  const closed = await register.till.create(closing(register, '0.00'))
  expect(processData(closed)).toBe('Beleg^0.00_0.00_0.00_0.00_-17.66^-18.00:Bar:CHF_-1.00:Bar:USD')
  const { lines, businessCases, closings, cash } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['GV_TYP'] === 'DifferenzSollIst').map((row) => row['ARTIKELTEXT'])).toEqual([
    'Kassensturz: gezählt 46,40, Soll 46,40',
    'Kassensturz CHF: gezählt 2,00, Soll 20,00',
    'Kassensturz berichtigt: gezählt 46,40 statt 46,40',
    'Kassensturz CHF berichtigt: gezählt 18,00 statt 2,00',
    'Kassensturz berichtigt: gezählt 46,40 statt 46,40',
    'Kassensturz USD berichtigt: gezählt 1,00 statt 0,00',
  ])
  const difference = businessCases.filter((row) => row['GV_TYP'] === 'DifferenzSollIst')
  expect(difference.map((row) => row['Z_UMS_BRUTTO'])).toEqual(['-0,94000'])
  expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,40' }])
  expect(cash.map((row) => [row['ZAHLART_WAEH'], row['ZAHLART_BETRAG_WAEH']])).toEqual([
    ['EUR', '46,40'],
    ['CHF', '0,00'],
    ['USD', '0,00'],
  ])
  await expectSound(bench)
})

test('francs of a count at noon are noted with their difference, and the count of the evening books it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  const noon = { interim: true }
  await expect(count(register, '46.40', undefined, noon)).rejects.toThrow(/CHF/)
  const noted = await count(register, '46.40', [countedFrancs('18.00')], noon)
  const row = { expected_amount: '20.00', counted_amount: '18.00', diff_amount: '-2.00', base_amount: '16.74' }
  expect(noted).toMatchObject({ foreign_cash: [row], fiscal: { state: 'not_required' } })
  const { till, id } = register
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({
    state: 'open',
    foreign_cash: [{ expected_amount: '20.00', counted_amount: null }],
    interim_count: { foreign_cash: [row] },
  })
  const evening = await count(register, '46.40', [countedFrancs('18.00')])
  expect(processData(evening)).toBe('Beleg^0.00_0.00_0.00_0.00_-1.86^-2.00:Bar:CHF')
  await till.create(closing(register, '0.00'))
  await expectSound(bench)
})

test('a currency that a count found stays named in each later one, also by a count that no longer sends it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const pounds = { currency: 'GBP', counted_amount: '7.00', base_amount: '8.40' }
  const first = await count(register, '50.00', [pounds])
  const none = { currency: 'GBP', counted_amount: '0.00' }
  const second = await count(register, '50.00', [none], { corrects_operation_id: first.id })
  expect(processData(second)).toBe('Beleg^0.00_0.00_0.00_0.00_-8.40^-7.00:Bar:GBP')
  const third = await count(register, '49.00', undefined, { corrects_operation_id: second.id })
  expect(third).toMatchObject({ foreign_cash: [{ currency: 'GBP', counted_amount: '0.00', base_amount: '0.00' }] })
  await register.till.create(closing(register, '0.00'))
  await verifiedPackage(bench)
  await expectSound(bench)
})

test('a count is refused whose value in euro no amount can be', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const open = await till.create(goods('sale', id, [['9000.00', '0.19']]))
  await till.complete(open, [pay('cash', '0.01', { currency: 'JPY', base_amount: '9000.00' })])
  const body = (counted: string) =>
    event('session_cash_count', id, {
      counted_closing_amount: '50.00',
      foreign_cash: [{ currency: 'JPY', counted_amount: counted }],
    })
  for (const counted of ['1111.12', '999999999.99'])
    expect(await till.refused({ path: '/v1/operations', body: body(counted) })).toMatchObject({
      status: 422,
      code: 'unprocessable_entity',
      fiscal_effect: 'none',
      details: { pointer: '/foreign_cash/0/counted_amount' },
    })
  expect(await till.create(body('1111.11'))).toMatchObject({ foreign_cash: [{ base_amount: '999999000.00' }] })
  await till.create(closing(register, '0.00'))
  await verifiedPackage(bench)
})

test('cash are signed from A to Z, before cashless payments, and change in francs leaves the drawer', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const open = await till.create(goods('sale', id, [['40.00', '0.19']]))
  const usd = pay('cash', '10.00', { currency: 'USD', base_amount: '9.20', payment_id: 'usd' })
  const done = await till.complete(open, [
    pay('card', '10.00'),
    usd,
    francs('30.00', '27.90'),
    francs('-7.00', '-6.51'),
    pay('cash', '-0.59'),
  ])
  expect(processData(done)).toBe('Beleg^40.00_0.00_0.00_0.00_0.00^-0.59:Bar_23.00:Bar:CHF_10.00:Bar:USD_10.00:Unbar')
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({
    expected_closing_amount: '49.41',
    foreign_cash: [
      { currency: 'CHF', expected_amount: '23.00', base_amount: '21.39' },
      { currency: 'USD', expected_amount: '10.00', base_amount: '9.20' },
    ],
  })
})

test('with the TSE down francs are booked unsigned: sale, count and close', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  expect(await frankSale(register)).toMatchObject({ fiscal: { state: 'failed' } })
  expect(await count(register, '46.40', [countedFrancs('19.00')])).toMatchObject({ fiscal: { state: 'failed' } })
  expect(await register.till.create(closing(register, '0.00'))).toMatchObject({ fiscal: { state: 'failed' } })
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const { paid, closings } = await verifiedPackage(bench)
  expect(paid.filter((row) => row['ZAHLWAEH_CODE'] === 'CHF').map((row) => row['ZAHLWAEH_BETRAG'])).toEqual([
    '20,00',
    '-1,00',
    '-19,00',
  ])
  expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,40' }])
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true })
  await bench.start()
})

test('the last francs cannot be given out twice while the TSE signs the first', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(goods('sale', id, [['20.00', '0.19']]))
  const sold = await till.complete(open, [francs('20.00', '18.60'), pay('card', '1.40')])
  const returned = () => till.create(goods('return', id, [['-10.00', '0.19']], { related_operation_id: sold.id }))
  const [one, other] = [await returned(), await returned()]
  const back = [francs('-10.75', '-10.00')]
  await bench.fault('slow=4000@finish')
  const first = till.complete(one, back)
  await bench.until(() => bench.journal().some(({ op, body }) => op === one.id && body.includes('"name":"finish"')))
  expect(await till.refused(completion(other, back))).toMatchObject({
    code: 'drawer_insufficient',
    details: { currency: 'CHF', expected_amount: '9.25' },
  })
  await first
})
