import { expect, test } from 'vitest'
import { table } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData, signed } from '../client.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

const TITLE = 'Korrektur Zahlungsart zu Beleg 17'

test.each([
  ['cash that was a card', 'card', 'cash', 'Beleg^0.00_0.00_0.00_0.00_0.00^-20.00:Bar_20.00:Unbar', '50.00'],
  ['a card that was cash', 'cash', 'card', 'Beleg^0.00_0.00_0.00_0.00_0.00^20.00:Bar_-20.00:Unbar', '90.00'],
] as const)(
  'a wrong payment method is corrected after the Z by a sale of 0.00: %s',
  heavy(),
  async (_name, to, from, text, drawer) => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    const { id, till } = register
    const sold = await sell(register, '20.00')
    await counted(register, '70.00')
    await till.create(closing(register, '0.00'))
    const late = await till.refused({
      path: '/v1/operations',
      body: event('void', id, { related_operation_id: sold.id }),
    })
    expect(late.code).toBe('void_after_closing')
    await till.create(event('session_open', id, { opening_balance_amount: '70.00' }))
    const body = goods('sale', id, [['0.00', '0.07', { title: TITLE }]], { note: 'Beleg 17' })
    const open = await till.create(body)
    const corrected = await till.complete(open, [pay(to, '20.00'), pay(from, '-20.00')])
    expect(processData(corrected)).toBe(text)
    expect(corrected).toMatchObject({ status: 'completed', total_amount: '0.00', note: 'Beleg 17' })
    expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: drawer })
    const receipt = await till.call({ path: `/v1/operations/${corrected.id}/receipt.txt` })
    expect(receipt.text).toContain(TITLE)
    await counted(register, drawer)
    await till.create(closing(register, '0.00'))
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, findings: [] })
    const books = await exportedPackage(bench)
    expect(books.report).toMatchObject({ valid: true, findings: [] })
    const { files } = books
    const bon = table(files, 'transactions.csv').find((row) => row['BON_NR'] === signed(corrected).receipt_number)
    expect(bon).toMatchObject({ BON_TYP: 'Beleg', UMS_BRUTTO: '0,00' })
    const rowsOf = (name: string) => table(files, name).filter((row) => row['BON_ID'] === bon?.['BON_ID'])
    expect(rowsOf('lines.csv')).toMatchObject([{ GV_TYP: 'Umsatz', ARTIKELTEXT: TITLE }])
    const kinds = rowsOf('datapayment.csv').map((row) => [row['ZAHLART_TYP'], row['BASISWAEH_BETRAG']])
    const amounts = {
      card: ['Unbar', to === 'card' ? '20,00' : '-20,00'],
      cash: ['Bar', to === 'cash' ? '20,00' : '-20,00'],
    }
    expect(kinds.toSorted()).toEqual([amounts.cash, amounts.card].toSorted())
    // Turnover stays; the payments of the second Z are right together with those of the first.
    const payments = table(files, 'payment.csv').filter((row) => row['Z_NR'] === '2')
    const sumOf = (kind: string) => payments.find((row) => row['ZAHLART_TYP'] === kind)?.['Z_ZAHLART_BETRAG']
    expect(sumOf('Unbar')).toBe(amounts.card[1])
    const turnover = table(files, 'businesscases.csv').filter((row) => row['GV_TYP'] === 'Umsatz')
    expect(turnover.map((row) => [row['Z_NR'], row['Z_UMS_BRUTTO']])).toEqual([
      ['1', '20,00000'],
      ['2', '0,00000'],
    ])
  },
)

test('a wrong payment method is corrected before the Z by a void and the sale again, with its customer', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sell(register, '20.00')
  const turned = await till.create(event('void', id, { related_operation_id: sold.id }))
  expect(processData(turned)).toBe('Beleg^0.00_-20.00_0.00_0.00_0.00^-20.00:Bar')
  const customer = {
    name: 'Ada Lovelace',
    address: { line1: 'Weg 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' },
  }
  const again = await till.create(goods('sale', id, [['20.00', '0.07']], { customer }))
  const done = await till.complete(again, [pay('card', '20.00')])
  expect(processData(done)).toBe('Beleg^0.00_20.00_0.00_0.00_0.00^20.00:Unbar')
  const receipt = await till.call({ path: `/v1/operations/${done.id}/receipt.txt` })
  expect(receipt.text).toContain('Ada Lovelace')
  expect((await till.call({ path: `/v1/operations/${sold.id}/receipt.txt` })).text).not.toContain('Ada Lovelace')
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '50.00' })
})

test('a copy of a receipt is marked in each form, is otherwise the same, and journals nothing', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const sold = await sell(register, '2.80')
  const path = `/v1/operations/${sold.id}/receipt`
  const head = bench.head()
  const original = await register.till.get(path)
  const copy = await register.till.get(`${path}?copy=true`)
  expect(copy).toEqual({ ...original, copy: true, notices: ['KOPIE', ...(original['notices'] as string[])] })
  const textOf = async (query: string) => (await register.till.call({ path: `${path}.txt${query}` })).text
  const lines = (await textOf('?copy=true')).split('\n')
  expect(lines.filter((line) => line.includes('KOPIE'))).toHaveLength(1)
  const rest = lines.filter((line) => !line.includes('KOPIE')).join('\n')
  expect((await textOf('')).replaceAll(/\s|-/g, '')).toBe(rest.replaceAll(/\s|-/g, ''))
  const bytesOf = async (form: string, query: string) => {
    const { status, text } = await register.till.call({ path: `${path}.${form}${query}` })
    return [status, text] as const
  }
  for (const form of ['html', 'escpos', 'pdf', 'png']) {
    const [plain, marked] = [await bytesOf(form, ''), await bytesOf(form, '?copy=true')]
    expect([plain[0], marked[0]], form).toEqual([200, 200])
    expect(marked[1] === plain[1], form).toBe(false)
    // The other two are pictures of the text.
    if (form === 'html' || form === 'escpos')
      expect([plain[1].includes('KOPIE'), marked[1].includes('KOPIE')], form).toEqual([false, true])
    expect((await bytesOf(form, '?copy=false'))[0], form).toBe(200)
  }
  const byFormat: Members[] = []
  for (const format of ['json', 'pdf', 'html', 'text', 'png', 'escpos'])
    byFormat.push({ format, status: (await register.till.call({ path: `${path}?copy=true&format=${format}` })).status })
  expect(byFormat.every(({ status }) => status === 200)).toBe(true)
  expect(bench.requestedSince(head)).toEqual([])
})

test(
  'a second charge of a card whose first sale was aborted is given back by a sale of 0.00, not by a return',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('80.00')
    const { id, till } = register
    const aborted = await till.create(goods('sale', id, [['26.30', '0.07']]))
    await till.void(aborted, 'payment_failed')
    await till.complete(await till.create(goods('sale', id, [['26.30', '0.07']])), [pay('card', '26.30')])
    const body = goods('return', id, [['-26.30', '0.07']], { related_operation_id: aborted.id })
    expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
      ...{ status: 422, code: 'related_operation_invalid', fiscal_effect: 'none' },
      message: expect.stringContaining(`${aborted.id} is not a completed `),
    })
    expect((await till.refused({ path: '/v1/operations', body })).message).toMatch(
      /: it was voided, and has neither goods nor money\.$/,
    )
    const surplus = goods('sale', id, [['0.00', '0.07', { title: 'Karte doppelt belastet zu Beleg 3' }]])
    const given = await till.complete(await till.create(surplus), [pay('card', '26.30'), pay('cash', '-26.30')])
    expect(processData(given)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^-26.30:Bar_26.30:Unbar')
    expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '53.70' })
  },
)
