// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'

// A TSE signs the sum of what bears no VAT: the insider makes a tax-free cash sale cash that was put in, and no signature
// changes. Nothing finds it, so the report names these sums by register and kind.

const HEAD = 'sagt nur das Journal.'

async function reportOf(bench: Bench): Promise<string> {
  return inDirectory(async (directory) => {
    const { code, folder } = await audited(bench, directory)
    expect(code).toBe(0)
    return readFile(join(folder, 'pruefbericht.txt'), 'utf8')
  })
}

function untaxedIn(report: string): string[] {
  return report.split('\n').filter((line) => line.includes('Ohne Umsatzsteuer abgesichert'))
}

test('the report names what bears no VAT by register and kind, with number and sum', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [first, second] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [first, second])
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const { id, till } = first
  const sold = async (lines: Parameters<typeof goods>[2], payments: Members[], more: Members = {}) =>
    till.complete(await till.create(goods('sale', id, lines, more)), payments)
  const moved = (movement_type: string, cash_amount: string) =>
    till.create(event('session_cash_adjustment', id, { movement_type, cash_amount }))
  const untaxed = await sold([['20.00', '0']], [pay('cash', '20.00')])
  const put = await moved('pay_in', '20.00')
  const textOf = ({ fiscal_information: information }: Members): unknown =>
    (information as { end_event: { process_data: string } }).end_event.process_data
  expect(textOf(put as unknown as Members)).toBe(textOf(untaxed as unknown as Members))
  await moved('owner_withdrawal', '-10.00')
  await moved('safe_drop', '-5.00')
  await sold([['10.70', '0.07']], [pay('card', '12.10')], { tip_amount: '1.40' })
  await sold([['30.00', '0', { type: 'gift_card', gift_card_id: 'g-1' }]], [pay('card', '30.00')])
  await sold([['11.90', '0.19']], [pay('cash', '1.90'), pay('gift_card', '10.00', { gift_card_id: 'g-1' })])
  await sold([['9.00', '0']], [pay('cash', '9.00')], { training: true })
  await till.void(await till.create(goods('sale', id, [['8.00', '0']])))
  await sold([['3.00', '0.07']], [pay('cash', '3.00')])
  await counted(first, '79.00')
  await till.create(closing(first, '-29.00'))
  await sell(second, '4.50')
  await counted(second, '54.50')
  await second.till.create(closing(second, '0.00'))
  const report = await reportOf(bench)
  expect(untaxedIn(report)).toEqual([
    `- Kasse ${id}: Ohne Umsatzsteuer abgesichert: Umsatz 1/20,00 EUR, Abschöpfung Tresor 1/-5,00 EUR, Privatentnahme 1/-10,00 EUR, Einzahlung 1/20,00 EUR, Geldtransit beim Abschluss 1/-29,00 EUR, Kassendifferenzen 1/-0,90 EUR, Gutscheine 2/20,00 EUR, Trinkgeld 1/1,40 EUR, Anfangsbestand 1/50,00 EUR: die TSE sichert die Summe, die Art sagt nur das Journal.`,
    expect.stringContaining(`Kasse ${second.id}: Ohne Umsatzsteuer abgesichert: Anfangsbestand 1/50,00 EUR: `),
  ])
  expect(report).toMatch(/^Ergebnis: keine Beanstandung in dem, was verglichen wurde\.\nUmsatz .*\nNicht belegt ist:$/m)
  expect(report).toContain(HEAD)
})

test('a shop that sells with VAT alone and moves no cash stays without an objection, with float and difference', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '4.50')
  // The drawer holds less than expected: its count is a bon of the session.
  await counted(register, '54.30')
  await register.till.create(closing(register, '0.00'))
  const report = await reportOf(bench)
  expect(report).toMatch(/Ergebnis: (ohne|keine) Beanstandung/)
  expect(report).toContain(HEAD)
  // A sale that was made a difference of the count is among them.
  expect(untaxedIn(report)).toEqual([
    expect.stringContaining('abgesichert: Kassendifferenzen 1/-0,20 EUR, Anfangsbestand 1/50,00 EUR: '),
  ])
})

test('an untaxed sale in an outage is named as not signed, not as signed without VAT', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  const { id, till } = register
  const open = await till.create(goods('sale', id, [['20.00', '0']]))
  await bench.fault('unplugged@finish')
  await till.complete(open, [pay('cash', '20.00')])
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  await counted(register, '20.00')
  await till.create(closing(register, '0.00'))
  const report = await reportOf(bench)
  expect(report).toContain('- 1 Bon, 20,00 EUR, ohne Absicherung der TSE')
  expect(untaxedIn(report)).toEqual([])
})
