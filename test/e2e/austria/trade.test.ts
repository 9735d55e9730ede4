// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members, Operation } from '../client.ts'
import { completion } from '../client.ts'
import { receivable } from '../germany/on-account.ts'
import { beyond, redeeming, redeemVoucher, sellVoucher, voucher } from '../germany/single-purpose.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianTill, closingTypes, dep131Rows, ONE_CARD, receiptOf, verifiedDep } from './shop.ts'
import { CUSTOMER, cases, fields, INVOICE, onAccount, play, playLate } from './trade.ts'

const UNSIGNED = { status: 'completed', fiscal: { state: 'not_required' }, fiscal_information: null }

async function sound(bench: Bench): Promise<void> {
  await bench.stop()
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
}

/** The receipt on paper, in one line. */
async function paperOf(till: { call: Bench['office']['call'] }, { id }: Pick<Operation, 'id'>): Promise<string> {
  const { text } = await till.call({ path: `/v1/operations/${id}/receipt`, headers: { Accept: 'text/plain' } })
  return text.replaceAll(/\s+/g, ' ')
}

test('empties, vouchers, invoices and tips are signed in their fields, named in books and reports', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const done: Operation[] = []
  for (const one of Object.values(cases('EZ-1'))) {
    const played = await play(register, one)
    expect(fields(played)).toBe(one.fields)
    done.push(played)
  }
  for (const one of Object.values(cases('EZ-2')))
    expect(fields(await playLate(register, one, async () => undefined))).toBe(one.fields)
  const [a1, a2, a3, a4] = await Promise.all(done.map((operation) => paperOf(till, operation)))
  expect(a1).toContain('Leergut zurück Becher -1 x 2,50 -2,50')
  expect(a2).toContain('Einzweckgutschein EZ-1')
  expect(a3).toContain('Einzweckgutschein EZ-1 eingelöst (bereits versteuert)')
  expect(a4).toContain('Zahlung zu Rechnung RE-4711')
  const rows = await dep131Rows(bench, id)
  expect(rows.filter(({ kind }) => kind === 'sale').slice(0, 8)).toMatchObject([
    { item: 'Ware', field: 'Betrag-Satz-Normal', gross: '10.00' },
    { item: 'Leergut zurück Becher', field: 'Betrag-Satz-Null', gross: '-2.50' },
    { item: 'Einzweckgutschein EZ-1', field: 'Betrag-Satz-Normal', gross: '50.00' },
    { item: 'Ware', gross: '50.00', payments: 'cash:0.00' },
    { item: 'Einzweckgutschein EZ-1 eingelöst (bereits versteuert)', field: 'Betrag-Satz-Normal', gross: '-50.00' },
    { item: 'Zahlung zu Rechnung RE-4711', field: 'Betrag-Satz-Null', gross: '120.00', reference: 'RE-4711' },
    { item: 'Ware', field: 'Betrag-Satz-Ermaessigt-1', gross: '10.00' },
    { item: 'Trinkgeld', field: 'Betrag-Satz-Null', gross: '1.50' },
  ])
  const report = await till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
  expect(report['totals']).toMatchObject({
    vat: [
      { name: 'Betrag-Satz-Normal', amount: '120.00' },
      { name: 'Betrag-Satz-Ermaessigt-1', amount: '20.00' },
      { name: 'Betrag-Satz-Null', amount: '238.00' },
    ],
    payments: [
      { name: 'Bargeld', amount: '355.00' },
      { name: 'Karte', amount: '23.00' },
    ],
    business_cases: [
      { name: 'Umsatz', amount: '140.00' },
      { name: 'Pfand', amount: '-5.00' },
      { name: 'Zahlung auf Rechnung', amount: '240.00' },
      { name: 'Trinkgeld', amount: '3.00' },
    ],
  })
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 11, turnoverCents: 37_800n })
  await sound(bench)
})

test('goods wholly on account are not signed, their paper says what is open, and their payment names it', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new CalendarClock('2026-11-24T09:00:00Z') })
  const register = await austrianTill(bench)
  const { id, till } = register
  const [unnamed, invoice] = [
    await onAccount(register, '120.00'),
    await onAccount(register, '60.00', { external_id: 'RE-17' }),
  ]
  expect([unnamed, invoice]).toMatchObject([UNSIGNED, UNSIGNED])
  const paper = await till.get(`/v1/operations/${unnamed.id}/receipt`)
  expect(paper).toMatchObject({
    title: 'Lieferschein',
    total: { value: '120.00' },
    offsets: [{ label: 'Auf Rechnung (offen)', value: '-120.00' }],
    payable: { label: 'Zu zahlen', value: '0.00' },
    payments: [],
  })
  expect(await till.get(`/v1/operations/${invoice.id}/receipt`)).toMatchObject({ title: 'Lieferschein/Rechnung' })
  const settle = async (claim: Operation, amount: string) => {
    const open = await till.create(goods('sale', id, [receivable(amount, { related_operation_id: claim.id })]))
    return till.complete(open, [pay('cash', amount)])
  }
  const [part, whole] = [await settle(unnamed, '100.00'), await settle(invoice, '60.00')]
  expect(fields(part)).toBe('0,00 0,00 0,00 100,00 0,00')
  expect(await paperOf(till, part)).toContain('Zahlung zu Lieferschein vom 24.11.2026')
  expect(await paperOf(till, whole)).toContain('Zahlung zu Lieferschein/Rechnung RE-17 vom 24.11.2026')
  expect(await till.read(unnamed.id)).toMatchObject({ on_account: { settled: '100.00', left: '20.00' } })
  const beyondClaim = goods('sale', id, [receivable('20.01', { related_operation_id: unnamed.id })])
  expect(await till.refused({ path: '/v1/operations', body: beyondClaim })).toMatchObject(beyond('20.00', '20.01'))
  // What is open is taken back unsigned, what was paid is given back in Null.
  const back = await till.create(goods('return', id, [['-20.00', '0.20']], { related_operation_id: unnamed.id }))
  expect(await till.complete(back, [pay('on_account', '-20.00')], CUSTOMER)).toMatchObject(UNSIGNED)
  const refund = goods('return', id, [receivable('-100.00', { related_operation_id: unnamed.id })])
  const refunded = await till.complete(await till.create(refund), [pay('cash', '-100.00')])
  expect(fields(refunded)).toBe('0,00 0,00 0,00 -100,00 0,00')
  const rest = await till.create(goods('return', id, [['-100.00', '0.20']], { related_operation_id: unnamed.id }))
  expect(await till.complete(rest, [pay('on_account', '-100.00')], CUSTOMER)).toMatchObject(UNSIGNED)
  const rows = await dep131Rows(bench, id)
  expect(rows.filter(({ operation }) => operation === whole.id)).toMatchObject([
    { item: 'Zahlung zu Lieferschein/Rechnung RE-17 vom 24.11.2026', reference: invoice.id },
  ])
  expect(rows.filter(({ operation }) => operation === unnamed.id)).toMatchObject([
    { document_number: '', payments: 'on_account:120.00' },
  ])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 4, turnoverCents: 6_000n })
  await sound(bench)
})

test('a sale on account is reversed unsigned, and one of training is signed as training', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const sold = await onAccount(register, '9.00')
  expect(await till.create(event('void', id, { related_operation_id: sold.id }))).toMatchObject(UNSIGNED)
  const practised = await onAccount(register, '9.00', { training: true })
  expect(receiptOf(practised).document_type).toBe('training')
  expect(await paperOf(till, practised)).not.toContain('Lieferschein')
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 2, turnoverCents: 0n })
  await sound(bench)
})

test('a part on account is refused with the way, and so is a return of which a part lowers the claim', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const sold = await onAccount(register, '10.00')
  const part = {
    status: 422,
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { pointer: '/payments' },
    message: 'A part of it is on account: complete it on account, and record what is paid as a receivable.',
  }
  const open = await till.create(goods('sale', id, [['10.00', '0.20']]))
  for (const other of ['cash', 'bank_transfer', 'online', 'gift_card'] as const) {
    const more = other === 'gift_card' ? { gift_card_id: 'G-1' } : {}
    const paid = [pay('on_account', '4.00'), pay(other, '6.00', more)]
    expect(await till.refused(completion(open, paid, CUSTOMER))).toMatchObject(part)
  }
  // An attempt that failed paid nothing.
  const failed = pay('card', '10.00', { status: 'failed' })
  expect(await till.complete(open, [failed, pay('on_account', '10.00')], CUSTOMER)).toMatchObject(UNSIGNED)
  const back = await till.create(goods('return', id, [['-10.00', '0.20']], { related_operation_id: sold.id }))
  const mixed = [pay('on_account', '-4.00'), pay('cash', '-6.00')]
  expect(await till.refused(completion(back, mixed, CUSTOMER))).toMatchObject(part)
  const unnamed = await till.create(goods('sale', id, [['1.00', '0.20']]))
  expect(await till.refused(completion(unnamed, [pay('on_account', '1.00')]))).toMatchObject({
    code: 'customer_required',
    details: { pointer: '/customer' },
  })
})

test('what a web page collects is not a Barumsatz; next to money at the till the whole sale is signed', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const sell = async (type: 'sale' | 'return', lines: Parameters<typeof goods>[2], payments: Members[], more = {}) =>
    till.complete(await till.create(goods(type, id, lines, more)), payments)
  const web = await sell('sale', [['10.00', '0.20']], [pay('online', '10.00')])
  expect(web).toMatchObject(UNSIGNED)
  const both = [pay('online', '4.00'), pay('bank_transfer', '6.00')]
  expect(await sell('sale', [['10.00', '0.20']], both)).toMatchObject(UNSIGNED)
  const mixed = await sell('sale', [['10.00', '0.20']], [pay('online', '4.00'), pay('cash', '6.00')])
  expect(fields(mixed)).toBe('10,00 0,00 0,00 0,00 0,00')
  const claim = await sell(
    'sale',
    [receivable('50.00', INVOICE)],
    [pay('bank_transfer', '20.00'), pay('cash', '30.00')],
  )
  expect(fields(claim)).toBe('0,00 0,00 0,00 50,00 0,00')
  const back = { related_operation_id: web.id }
  expect(await sell('return', [['-4.00', '0.20']], [pay('online', '-4.00')], back)).toMatchObject(UNSIGNED)
  expect(fields(await sell('return', [['-6.00', '0.20']], [pay('cash', '-6.00')], back))).toBe(
    '-6,00 0,00 0,00 0,00 0,00',
  )
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 4, turnoverCents: 5_400n })
  await sound(bench)
})

test('a claim that is paid has the words of its invoice, or those of the till, once', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  const taxed = (name: string) => ({ ...INVOICE, taxes: [{ name, rate: '0', tax_amount: '0.00' }] })
  const notes = async (name: string) => {
    const open = await till.create(goods('sale', id, [receivable('12.00', taxed(name))]))
    const { id: done } = await till.complete(open, [pay('cash', '12.00')])
    const { taxes } = (await till.get(`/v1/operations/${done}/receipt`)) as { taxes: Members[] }
    return taxes.map(({ note }) => note)
  }
  expect(await notes('0 %')).toEqual(['USt laut Rechnung'])
  expect(await notes('siehe Rechnung')).toEqual(['siehe Rechnung'])
  const wrong = (more: Members, amount = '12.00') => ({
    path: '/v1/operations',
    body: goods('sale', id, [receivable(amount, more)]),
  })
  const rate = [{ name: 'USt', rate: '0.20', tax_amount: '2.00' }]
  expect(await till.refused(wrong({ ...INVOICE, taxes: rate }))).toMatchObject({
    status: 422,
    code: 'tax_rate_not_supported',
    fiscal_effect: 'none',
  })
  expect(await till.refused(wrong({}))).toMatchObject({
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { pointer: '/line_items/0/related_operation_id' },
  })
  expect(await till.refused(wrong(INVOICE, '-12.00'))).toMatchObject({ status: 422, fiscal_effect: 'none' })
})

test('a voucher of one purpose pays for goods of its field, in no other way and never beyond what is left', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const { id, till } = register
  await sellVoucher(register, '50.00', '0.20')
  const refused = (body: Members) => till.refused({ path: '/v1/operations', body })
  expect(await refused(redeeming(register, ['60.00', '50.01'], '0.20'))).toMatchObject(beyond('50.00', '50.01'))
  const beyondGoods = goods('sale', id, [['40.00', '0.20'], ['1.00', '0.10'], voucher('-40.01', '0.20')])
  expect(await refused(beyondGoods)).toMatchObject(beyond('40.00', '40.01'))
  expect(await refused(redeeming(register, ['9.00', '9.00'], '0.10'))).toMatchObject({
    code: 'tax_rate_not_supported',
    fiscal_effect: 'none',
    details: { pointer: '/line_items/1/taxes/0/rate', sold_at: ['0.20'] },
  })
  const open = await till.create(goods('sale', id, [['50.00', '0.20']]))
  for (const method of ['gift_card', 'voucher'] as const) {
    const refusal = await till.refused(completion(open, [pay(method, '50.00', { gift_card_id: 'EZ-1' })]))
    expect(refusal).toMatchObject({
      status: 422,
      code: 'unprocessable_entity',
      fiscal_effect: 'none',
      details: { pointer: '/payments/0/gift_card_id', gift_card_id: 'EZ-1' },
    })
    expect(refusal.message).not.toContain('§')
  }
  // That of a third party pays, as does one whose number is not ours.
  await till.complete(open, [pay('voucher', '20.00'), pay('voucher', '30.00', { gift_card_id: 'from-elsewhere' })])
  expect(fields(await redeemVoucher(register, ['58.00', '50.00'], '0.20'))).toBe('8,00 0,00 0,00 0,00 0,00')
  // The two rates of Betrag-Satz-Besonders.
  await sellVoucher(register, '5.00', '0.19', 'EZ-S')
  expect(fields(await redeemVoucher(register, ['5.00', '5.00'], '0.049', 'EZ-S'))).toBe('0,00 0,00 0,00 0,00 0,00')
  const { id: sale } = await sellVoucher(register, '30.00', '0.20', 'EZ-B')
  const giveBack = goods('return', id, [voucher('-30.00', '0.20', 'EZ-B')], { related_operation_id: sale })
  const back = await till.complete(await till.create(giveBack), [pay('cash', '-30.00')])
  expect(fields(back)).toBe('-30,00 0,00 0,00 0,00 0,00')
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true })
  await sound(bench)
})

test('a voucher of 10 % from before July 2026 pays for basic foods of 4.9 %, a later one does not', async () => {
  const clock = new CalendarClock('2026-06-30T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  await sellVoucher(register, '20.00', '0.10', 'EZ-JUN')
  clock.jump('2026-07-01T09:00:00Z')
  await sellVoucher(register, '20.00', '0.10', 'EZ-JUL')
  const done = await redeemVoucher(register, ['20.00', '12.00'], '0.049', 'EZ-JUN')
  expect(fields(done)).toBe('0,00 0,00 0,00 0,00 8,00')
  await redeemVoucher(register, ['8.00', '8.00'], '0.10', 'EZ-JUN')
  const late = { path: '/v1/operations', body: redeeming(register, ['9.00', '9.00'], '0.049', 'EZ-JUL') }
  expect(await register.till.refused(late)).toMatchObject({ code: 'tax_rate_not_supported' })
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true })
  await sound(bench)
})

test('a supply to another member state, or under reverse charge, names the UID of its buyer', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const required = {
    status: 422,
    code: 'customer_required',
    fiscal_effect: 'none',
    details: { pointer: '/customer/vat_id', line_index: 1 },
  }
  for (const code of ['intra_community', 'reverse_charge'] as const) {
    const taxes = [{ name: '0 %', rate: '0', tax_amount: '0.00', code }]
    const body = (customer?: Members) =>
      goods(
        'sale',
        id,
        [
          ['1.00', '0.20'],
          ['9.00', '0', { taxes }],
        ],
        customer && { customer },
      )
    for (const customer of [undefined, { name: 'Kundin' }])
      expect(await till.refused({ path: '/v1/operations', body: body(customer) })).toMatchObject(required)
    const open = await till.create(body({ name: 'Kundin', vat_id: 'DE123456789' }))
    // A buyer who comes with the payments replaces the one of before.
    const other = completion(open, [pay('cash', '10.00')], { customer: { name: 'Andere' } })
    expect(await till.refused(other)).toMatchObject(required)
    expect(fields(await till.complete(open, [pay('cash', '10.00')]))).toBe('1,00 0,00 0,00 9,00 0,00')
  }
  const zero = [{ name: '0 %', rate: '0', tax_amount: '0.00', code: 'zero_rated' }]
  const open = await till.create(goods('sale', id, [['3.00', '0', { taxes: zero }]]))
  const done = await till.complete(open, [pay('cash', '3.00')])
  expect(done).toMatchObject({ line_items: [{ taxes: [{ code: 'zero_rated' }] }] })
  expect(await paperOf(till, done)).toContain('steuerfrei')
})

test('each case is begun, amended and completed over the end of a month', async () => {
  const clock = new CalendarClock('2026-11-30T22:30:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  const { id, till } = register
  const all = cases('EZ-1')
  const open = new Map<string, Operation>()
  await play(register, all.A2)
  for (const [name, { lines }] of Object.entries({ ...all, A2: cases('EZ-2').A2 })) {
    const begun = await till.create(goods('sale', id, [['1.00', '0.20']]))
    open.set(name, await till.amend(begun, goods('sale', id, lines)))
  }
  clock.jump('2026-11-30T23:30:00Z')
  for (const [name, { payments, more, fields: expected }] of Object.entries(all)) {
    const begun = open.get(name)
    if (begun === undefined) throw new Error(name)
    expect(await till.call({ ...completion(begun, payments, more), ifMatch: 2 })).toMatchObject({ status: 200 })
    expect(fields(await till.read(begun.id))).toBe(expected)
  }
  expect(await closingTypes(register)).toEqual(['start', 'monthly'])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 8, turnoverCents: 23_900n })
  await sound(bench)
})
