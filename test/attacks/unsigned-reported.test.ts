// @module-tag heavy
import { expect, test } from 'vitest'
import { auditedBy } from '../cli/audited.ts'
import { austrianTill, ONE_CARD, sell as sellAustrian } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { closeExpected } from '../e2e/shift.ts'

// The owner unplugs the TSE for the evening. Its receipts are allowed, and no unit has them.

const DEVICES = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }

async function resultOf(bench: Bench, config: object): Promise<{ code: number | null; result: string }> {
  const { code, report } = await auditedBy(bench, config)
  return { code, result: report.slice(report.indexOf('Ergebnis: ')) }
}

test('one unsigned receipt is one record without proof, with number, sum and time', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  await sell(register, '3.00')
  await bench.fault('unplugged@*')
  await sell(register, '512.34')
  const { result } = await resultOf(bench, DEVICES)
  expect(result).toMatch(
    /^Umsatz 515,34 EUR, ohne Umsatz 0,00 EUR\. 1 Hinweis, 1 Bon ohne Absicherung der TSE, \d+ nicht belegt\.$/m,
  )
  const head =
    /^- 1 Bon, 512,34 EUR, ohne Absicherung der TSE, \d\d\.\d\d\.\d{4} \d\d:\d\d: belegt nur durch das Journal\.$/m
  expect(result).toMatch(head)
  expect(result).toMatch(/^ {2}Ohne Absicherung: Bon 3 der Kasse, .*, 512,34 EUR\.$/m)
  const counted = Number(/(\d+) nicht belegt/.exec(result)?.[1])
  const lines = result.split('\n').filter((line) => line.startsWith('- ') && !line.endsWith(': keine.'))
  expect(lines).toHaveLength(1 + counted)
})

test('a shop whose receipts are all signed has the line too, and is without objection', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  await sell(register, '3.00')
  await closeExpected(register)
  const { code, result } = await resultOf(bench, DEVICES)
  expect(code, result).toBe(0)
  expect(result).toContain('- Bons ohne Absicherung der TSE: keine.\n')
})

test('Austria: receipts in an outage have number, sum, first and last time', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  expect((await resultOf(bench, ONE_CARD)).result).toContain('- Belege ohne Signatur: keine.\n')
  await bench.faultAt('card-1', 'unplugged@*')
  for (const amount of ['100.00', '24.00']) await sellAustrian(register, amount)
  expect((await resultOf(bench, ONE_CARD)).result).toMatch(
    /^- 2 Belege, 124,00 EUR, im Ausfall der Signatureinheit ohne Signatur, \d\d\.\d\d\.\d{4} \d\d:\d\d( bis \d\d\.\d\d\.\d{4} \d\d:\d\d)?\.\n {2}Ausfall von card-1, /m,
  )
})
