// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { completion, processData } from './client.ts'
import { verifiedPackage } from './germany/package-rows.ts'
import { elsewhere, goods, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { endShift } from './shift.ts'
import { expectSound } from './sound.ts'

function lineAmounts(answer: Members): unknown[] {
  return (answer['line_items'] as Members[]).map(({ type, sku_identifier, total_amount, taxes }) => [
    type,
    sku_identifier === 'TIP',
    total_amount,
    ...(taxes as Members[]).flatMap(({ rate, tax_amount }) => [rate, tax_amount]),
  ])
}

test('a tip to the employee that comes with the payments is signed, booked and printed as one that was sent before', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  const done = await till.complete(open, [pay('card', '11.50')], { tip_amount: '1.50' })
  expect(done).toMatchObject({ tip_amount: '1.50', total_amount: '11.50', tax_amount: '1.60' })
  expect(done).not.toHaveProperty('tip_recipient')
  expect(processData(done)).toBe('Beleg^10.00_0.00_0.00_0.00_1.50^11.50:Unbar')
  const paper = await till.get(`/v1/operations/${open.id}/receipt?language=de`)
  expect(JSON.stringify(paper['lines'])).toMatch(/"Trinkgeld"/)
  // The whole tip, in the place of what was sent before, and none with 0.
  const before = await till.create(
    goods('sale', id, [['10.00', '0.19']], { tip_amount: '2.00', total_amount: '12.00' }),
  )
  const none = await till.complete(before, [pay('card', '10.00')], { tip_amount: '0.00', tip_recipient: 'employee' })
  expect(processData(none)).toBe('Beleg^10.00_0.00_0.00_0.00_0.00^10.00:Unbar')
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['GV_TYP'] === 'TrinkgeldAN')).toHaveLength(1)
  await expectSound(bench)
})

test('a tip to the owner becomes lines at the rates of the articles, and is signed and booked as TrinkgeldAG', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const open = await till.create(
    goods('sale', id, [
      ['7.00', '0.19'],
      ['13.00', '0.07'],
    ]),
  )
  const owner = { tip_amount: '2.00', tip_recipient: 'owner' }
  const done = await till.complete(open, [pay('card', '22.00')], owner)
  expect(processData(done)).toBe('Beleg^7.70_14.30_0.00_0.00_0.00^22.00:Unbar')
  expect(done).toMatchObject({ tip_amount: '0.00', tip_recipient: 'owner', total_amount: '22.00' })
  expect(lineAmounts(done)).toEqual([
    ['item', false, '7.00', '0.19', '1.12'],
    ['item', false, '13.00', '0.07', '0.85'],
    ['service_charge', true, '0.70', '0.19', '0.11'],
    ['service_charge', true, '1.30', '0.07', '0.09'],
  ])
  expect(done).toMatchObject({ tax_amount: '2.17', pretax_amount: '19.83' })
  // The cent that is over goes to the largest remainder, in a tie to the lower key.
  const tie = await till.create(
    goods('sale', id, [
      ['10.00', '0.07'],
      ['10.00', '0.19'],
    ]),
  )
  const tied = await till.complete(tie, [pay('cash', '20.01')], { tip_amount: '0.01', tip_recipient: 'owner' })
  expect(processData(tied)).toBe('Beleg^10.01_10.00_0.00_0.00_0.00^20.01:Bar')
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['GV_TYP'] === 'TrinkgeldAG').map((row) => row['ARTIKELTEXT'])).toEqual([
    'Trinkgeld',
    'Trinkgeld',
    'Trinkgeld',
  ])
  await expectSound(bench)
})

test('a tip to the owner of a cart with a discount, with its last goods and in an outage is booked whole', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const discount = { cart_level_discounts: [{ amount: '2.00', description: 'Rabatt' }] }
  const reduced = goods('sale', id, [
    ['9.00', '0.19', { unit_price: '10.00' }],
    ['9.00', '0.07', { unit_price: '10.00' }],
  ])
  const cart = await till.call({ path: '/v1/operations', body: { ...reduced, ...discount }, key: 'cart' })
  expect(cart.status, cart.text).toBe(201)
  const { line_items, pretax_amount, tax_amount } = goods('sale', id, [['10.00', '0.19']])
  const owner = { tip_recipient: 'owner' }
  const tipped = await till.complete({ id: String(cart.json['id']) }, [pay('card', '20.00')], {
    ...owner,
    tip_amount: '2.00',
  })
  expect(processData(tipped)).toBe('Beleg^10.00_10.00_0.00_0.00_0.00^20.00:Unbar')
  const begun = await till.create({ ...goods('sale', id, []), line_items: [] })
  const last = { line_items, pretax_amount, tax_amount, tip_amount: '1.00', total_amount: '11.00', ...owner }
  const done = await till.complete(begun, [pay('card', '11.00')], last)
  expect(processData(done)).toBe('Beleg^11.00_0.00_0.00_0.00_0.00^11.00:Unbar')
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  const out = await till.create(goods('sale', id, [['10.00', '0.19']]))
  const unsigned = await till.complete(out, [pay('card', '11.50')], { tip_amount: '1.50', ...owner })
  expect(unsigned).toMatchObject({ total_amount: '11.50', fiscal: { state: 'failed' } })
  await endShift(register)
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await verifiedPackage(bench)
  await expectSound(bench)
})

test('a tip with the payments is refused where no tip is possible, and the operation stays open', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  const refusal = async (more: Members, amount = '11.50', of = open.id) =>
    till.refused(completion({ id: of }, [pay('card', amount)], more))
  const rule = (pointer: string) => ({ status: 422, code: 'unprocessable_entity', details: { pointer } })
  expect(await refusal({})).toMatchObject({ status: 422, code: 'payment_total_mismatch' })
  expect(await refusal({ tip_amount: '1.00' })).toMatchObject({ status: 422, code: 'payment_total_mismatch' })
  expect(await refusal({ tip_amount: '-1.50' }, '8.50')).toMatchObject(rule('/tip_amount'))
  expect(await refusal({ tip_amount: '1.505' })).toMatchObject({ status: 422, code: 'amount_mismatch' })
  expect(await refusal({ tip_amount: '1.50', total_amount: '11.50' })).toMatchObject(rule('/total_amount'))
  expect(await refusal({ tip_amount: '1.50', tip_recipient: 'waiter' })).toMatchObject({ status: 400 })
  const back = await till.create(goods('return', id, [['-10.00', '0.19']], elsewhere))
  expect(await refusal({ tip_amount: '0.00' }, '-10.00', back.id)).toMatchObject(rule('/tip_amount'))
  const voucher = await till.create(goods('sale', id, [['10.00', '0', { type: 'gift_card', gift_card_id: 'G-1' }]]))
  const owner = { tip_amount: '1.50', tip_recipient: 'owner' }
  expect(await refusal(owner, '11.50', voucher.id)).toMatchObject(rule('/tip_recipient'))
  expect(await till.read(open.id)).toMatchObject({ status: 'open', tip_amount: '0.00', resource_version: 1 })
  await till.complete(open, [pay('card', '11.50')], { tip_amount: '1.50' })
})

test('under RKSV a tip with the payments is in Betrag-Satz-Null, and the books agree', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const open = await till.create(goods('sale', id, [['10.00', '0.10']]))
  const done = await till.complete(open, [pay('card', '11.50')], { tip_amount: '1.50' })
  expect(JSON.stringify(done.fiscal_information)).toContain('_0,00_10,00_0,00_1,50_0,00_')
  await expectSound(bench)
})

test('under RT a tip with the payments is printed as MANCIA after the goods, and the books agree', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const { id, till } = await italianTill(bench)
  const open = await till.create(goods('sale', id, [['10.00', '0.22']]))
  const done = await till.complete(open, [pay('card', '11.50')], { tip_amount: '1.50' })
  expect(done).toMatchObject({ status: 'completed', total_amount: '11.50', tip_amount: '1.50' })
  const act = bench.journal().find(({ op, body }) => op === open.id && body.includes('"name":"print"'))
  expect(act?.body).toMatch(/MANCIA/)
  await expectSound(bench)
})
