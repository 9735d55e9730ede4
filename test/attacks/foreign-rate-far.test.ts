// @module-tag heavy
import { expect, test } from 'vitest'
import { auditedBy } from '../cli/audited.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Operation } from '../e2e/client.ts'
import { francs } from '../e2e/germany/foreign-cash.ts'
import { goods, pay } from '../e2e/goods.ts'

// The till says what foreign cash is worth: a sale of 11.90 is paid with one Rappen, or with a million francs, and the rest
// goes into a pocket. The TSE signs it.

const NAME = 'Fremde Währungen'
const DEVICES = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }

function paidWith({ id, till }: Register, amount: string, base: string): Promise<Operation> {
  return till.create(goods('sale', id, [[base, '0.19']])).then((open) => till.complete(open, [francs(amount, base)]))
}

async function audit(shop: Bench) {
  const { code, parts, report } = await auditedBy(shop, DEVICES)
  return { code, report, part: parts.find(({ name }) => name === NAME) }
}

test('a rate far from the median of the period is an objection until a person gives a reason', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  for (const base of ['9.30', '9.35', '9.40']) await paidWith(register, '10.00', base)
  const low = (await paidWith(register, '0.01', '11.90')).id
  const high = (await paidWith(register, '1000000.00', '11.90')).id
  const { code, part, report } = await audit(bench)
  expect([code, part]).toMatchObject([1, { valid: false }])
  expect(part?.findings).toEqual([
    expect.stringMatching(
      /^Bon 5, .*0,01 CHF zu 11,90 EUR, Kurs 1190, im Zeitraum meist 0,935\. .*\(foreign_rate_far\)$/,
    ),
    expect.stringMatching(/^Bon 6, .*1000000,00 CHF zu 11,90 EUR, Kurs 0,0000119, .*\(foreign_rate_far\)$/),
  ])
  expect(part?.findings[0]).toContain(`fiskal-edge duty confirm foreign-rate-${low} --reason GRUND`)
  expect(report).toContain(
    '- CHF: 5 Zahlungen, Kurse von 0,0000119 bis 1190, 51,85 EUR; die Kurse nennt nur die Kasse.',
  )
  const { administration } = bench.agent
  const confirm = (operation: string, reason?: string) =>
    administration.confirmTask(`foreign-rate-${operation}`, reason)
  await confirm(low, 'Rappen statt Franken getippt')
  // A confirmation without a reason explains nothing.
  await confirm(high)
  const { part: later } = await audit(bench)
  expect(later).toMatchObject({
    valid: false,
    findings: [expect.stringMatching(/^Bon 6, .*--reason/), expect.anything()],
  })
  await confirm(high, 'Sammlerstück')
  const { part: explained } = await audit(bench)
  expect(explained).toMatchObject({ valid: true, note: true })
  expect(explained?.findings[0]).toMatch(/ Grund: Rappen statt Franken getippt\. \(foreign_rate_far\)$/)
})

test('a sale in euro, and one that is open, have no rate to explain', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(goods('sale', id, [['3.00', '0.19']]))
  const sold = await till.complete(await till.create(goods('sale', id, [['3.00', '0.19']])), [pay('cash', '3.00')])
  for (const operation of [open.id, sold.id, 'op_none'])
    await expect(bench.agent.administration.confirmTask(`foreign-rate-${operation}`, 'x')).rejects.toMatchObject({
      code: 'not_found',
    })
})

test('two rates of a period have no median: they are a note', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await paidWith(register, '0.01', '11.90')
  await paidWith(register, '1000000.00', '11.90')
  const { part } = await audit(bench)
  expect(part).toMatchObject({ valid: true, note: true })
  expect(part?.findings).toEqual([expect.stringMatching(/^CHF: weniger als drei Kurse .*\(foreign_rate_few\)$/)])
})

test('honest rates, a small coin whose value is rounded, and change give none of these findings', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  for (const base of ['9.30', '9.10', '9.90']) await paidWith(register, '10.00', base)
  await paidWith(register, '0.05', '0.04')
  const { part, report } = await audit(bench)
  expect(part).toBeUndefined()
  expect(report).toContain('- CHF: 4 Zahlungen, Kurse von 0,8 bis 0,99, 28,34 EUR; die Kurse nennt nur die Kasse.')
})

test('a shop without foreign cash has the line too', async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  expect((await audit(bench)).report).toContain('- Zahlungen in fremder Währung: keine.\n')
})
