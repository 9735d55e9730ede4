import { expect, test } from 'vitest'
import { isSameVoucher } from '../../base/voucher-number.ts'
import { Bench } from '../e2e/bench.ts'
import { redeemVoucher, sellVoucher } from '../e2e/germany/single-purpose.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { codesAfter, retold } from './insider.ts'

// A voucher is redeemed twice: the second time with its number in other letters, as a person reads it on the same paper.

const SPELLINGS = ['V1', 'v1 ', 'Ｖ1', 'v\u200b1', ' V 1']

test('other letters of one number are one voucher, and other numbers are not', () => {
  for (const spelling of SPELLINGS) expect(isSameVoucher(spelling, 'v1')).toBe(true)
  for (const other of ['v2', 'v11', 'v-1', '']) expect(isSameVoucher(other, 'v1')).toBe(false)
})

test('a voucher that was redeemed is not redeemed again in other letters, and not sold again', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sellVoucher(register, '30.00', '0.19', 'v1')
  for (const spelling of SPELLINGS)
    await expect(sellVoucher(register, '30.00', '0.19', spelling)).rejects.toThrow(/unprocessable_entity/)
  await redeemVoucher(register, ['40.00', '30.00'], '0.19', 'V1')
  for (const spelling of SPELLINGS)
    await expect(redeemVoucher(register, ['40.00', '30.00'], '0.19', spelling)).rejects.toThrow(/amount_exceeded/)
  expect((await verifyJournal(bench.config.state)).codes).toEqual([])
})

test('a redemption that was edited to name a used voucher in other letters is found', heavy(), async () => {
  await using bench = await Bench.open({ edits: true })
  const register = await bench.till('50.00')
  await sellVoucher(register, '30.00', '0.19', 'EZ-1')
  await sellVoucher(register, '30.00', '0.19', 'EZ-2')
  await redeemVoucher(register, ['40.00', '30.00'], '0.19', 'EZ-1')
  const { id } = await redeemVoucher(register, ['40.00', '20.00'], '0.19', 'EZ-2')
  const codes = await codesAfter(bench, (line) =>
    line.op === id ? retold(line, (text) => text.replaceAll('EZ-2', 'ez-1 ')) : line,
  )
  expect(codes).toEqual(['used_beyond_itself'])
})
