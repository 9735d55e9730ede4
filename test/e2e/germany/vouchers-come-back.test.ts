// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { austrianTill, ONE_CARD, receiptOf } from '../austria/shop.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { completion, processData } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import { beyond, redeeming, redeemVoucher, sellVoucher, voucher } from './single-purpose.ts'

type Lines = Parameters<typeof goods>[2]

/** Goods at 19 % come back, and EZ-1 is valid again by that much. */
function returning({ id }: Register, sale: Operation, price: string, again: string, rate = '0.19'): Members {
  const lines: Lines = [[`-${price}`, rate], voucher(again, rate)]
  return goods('return', id, lines, { related_operation_id: sale.id })
}

async function returned(register: Register, sale: Operation, price: string, again: string, rate?: string) {
  const body = returning(register, sale, price, again, rate)
  return register.till.complete(await register.till.create(body), [pay('cash', String(body['total_amount']))])
}

async function findings(bench: Bench): Promise<unknown> {
  await bench.stop()
  return (await verifyJournal(bench.config.state)).codes
}

test('goods that a voucher had paid come back less it: signed, booked and shown, and it is valid again', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '30.00')
  const sale = await redeemVoucher(register, ['38.00', '30.00'])
  const back = await returned(register, sale, '38.00', '30.00')
  expect(processData(back)).toBe('Beleg^-8.00_0.00_0.00_0.00_0.00^-8.00:Bar')
  const receipt = await till.get(`/v1/operations/${back.id}/receipt?language=de`)
  expect((receipt['lines'] as Members[]).map(({ label, value }) => [label, value])).toEqual([
    ['Ware', '-38.00'],
    ['Einzweckgutschein EZ-1 wieder gültig', '30.00'],
  ])
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['40.00', '30.01']) })).toMatchObject(
    beyond('30.00', '30.01'),
  )
  await redeemVoucher(register, ['30.00', '30.00'])
  // Used again, it cannot be taken back from the customer by a void of the return.
  const undo = { path: '/v1/operations', body: event('void', id, { related_operation_id: back.id }) }
  expect(await till.refused(undo)).toMatchObject({ code: 'related_operation_invalid' })
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  const booked = lines.filter(({ GUTSCHEIN_NR }) => GUTSCHEIN_NR !== '').map((row) => row['GV_TYP'])
  expect(booked).toEqual(['EinzweckgutscheinKauf', ...Array(3).fill('EinzweckgutscheinEinloesung')])
  expect(await findings(bench)).toEqual([])
})

test('a void of such a return takes the voucher back, and it is made valid again by another one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '30.00')
  const sale = await redeemVoucher(register, ['30.00', '30.00'])
  const back = await returned(register, sale, '30.00', '30.00')
  await till.create(event('void', id, { related_operation_id: back.id }))
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['9.00', '0.01']) })).toMatchObject(
    beyond('0.00', '0.01'),
  )
  await returned(register, sale, '30.00', '30.00')
  await redeemVoucher(register, ['30.00', '30.00'])
  expect(await findings(bench)).toEqual([])
})

test('it is valid again from the end of its return on, in parts, and at most once', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  await sellVoucher(register, '50.00')
  const sale = await redeemVoucher(register, ['40.00', '40.00'])
  const open = await till.create(returning(register, sale, '20.00', '20.00'))
  const uses = (price: string) => ({ path: '/v1/operations', body: redeeming(register, [price, price]) })
  expect(await till.refused(uses('10.01'))).toMatchObject(beyond('10.00', '10.01'))
  const second = { path: '/v1/operations', body: returning(register, sale, '20.01', '20.01') }
  expect(await till.refused(second)).toMatchObject(beyond('20.00', '20.01'))
  expect((await till.call(completion(open, [pay('cash', '0.00')]))).status).toBe(200)
  expect(await till.refused(uses('30.01'))).toMatchObject(beyond('30.00', '30.01'))
  // A return that is given up frees nothing, and what it named can come back by another one.
  const wrong = await till.create(returning(register, sale, '20.00', '20.00'))
  await till.void(wrong)
  await returned(register, sale, '20.00', '20.00')
  await redeemVoucher(register, ['50.00', '50.00'])
  expect(await findings(bench)).toEqual([])
})

test('Austria: the receipt of such a return is over the difference, 0.00 if the voucher had paid all', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  const fields = (done: Operation): string => receiptOf(done).machine_code.split('_').slice(5, 10).join(' ')
  await sellVoucher(register, '50.00', '0.20')
  const sale = await redeemVoucher(register, ['72.00', '50.00'], '0.20')
  expect(fields(await returned(register, sale, '72.00', '50.00', '0.20'))).toBe('-22,00 0,00 0,00 0,00 0,00')
  const whole = await redeemVoucher(register, ['50.00', '50.00'], '0.20')
  expect(fields(await returned(register, whole, '50.00', '50.00', '0.20'))).toBe('0,00 0,00 0,00 0,00 0,00')
  await redeemVoucher(register, ['50.00', '50.00'], '0.20')
  expect(await findings(bench)).toEqual([])
})
