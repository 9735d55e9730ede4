// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auditPart } from '../../agent/cli/audit/audit-part.ts'
import { ClosingHeads } from '../../agent/cli/audit/closing-heads.ts'
import { withClosingReports } from '../../agent/cli/audit/z-reports.ts'
import { SessionTurnovers } from '../../agent/journal/books/session-turnovers.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'
import { closeAndReport, opens } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { auditedBy } from './audited.ts'

const VOUCHER = { type: 'gift_card', gift_card_id: 'GC-1', sku_identifier: 'voucher', title: 'Gutschein' }
const TSE = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }

/** Goods of 59.60, next to a voucher of 50.00 and a tip of 0.50 for the staff. */
async function sellsMore({ id, till }: Register, rate: string): Promise<void> {
  const sold = goods(
    'sale',
    id,
    [
      ['59.60', rate],
      ['50.00', '0', VOUCHER],
    ],
    { tip_amount: '0.50' },
  )
  await till.complete(await till.create(sold), [pay('cash', '110.10')])
}

for (const [country, config, open, rate] of [
  ['Germany', TSE, (bench: Bench) => bench.till(), '0.07'],
  ['Austria', ONE_CARD, (bench: Bench) => austrianTill(bench), '0.10'],
] as const) {
  test(`in ${country} report and Z call turnover what the books do: no voucher, and no tip for the staff`, async () => {
    await using bench = await Bench.open({ config: { ...config } })
    const register = await open(bench)
    await sellsMore(register, rate)
    const { id, totals } = await closeAndReport(register)
    const { business_cases: cases } = totals as { business_cases: { name: string; amount: string }[] }
    expect(cases).toContainEqual({ name: 'Umsatz', amount: '59.60' })
    const z = await register.till.call({ path: `/v1/closings/${id}/receipt`, headers: { Accept: 'text/plain' } })
    expect(z.text).toMatch(/\nUmsatz insgesamt: +59,60\n/)
    const { report } = await auditedBy(bench, config)
    expect(report).toContain('\nUmsatz 59,60 EUR, ohne Umsatz 0,00 EUR. ')
    expect(report).toMatch(/Kasse: \d Bons?|Kassa: \d Belege/)
    expect(report).toMatch(/davon 1 Verkauf, Einnahmen 110,10 EUR, davon bar 110,10 EUR/)
    if (country === 'Germany') expect(report).toContain('1 Z-Bericht, mit dem Umsatz des Journals')
  })
}

test('a package with another turnover than the journal is an objection that names both', async () => {
  await using bench = await Bench.open({ config: TSE })
  const register = await bench.till()
  await sellsMore(register, '0.07')
  await closeAndReport(register)
  await opens(register)
  await closeAndReport(register)
  await inDirectory(async (folder) => {
    await writeFile(join(folder, 'dsfinvk.zip'), await bench.exported('dsfinvk'))
    const facts = { heads: new ClosingHeads(), takenBack: undefined }
    const parts = [auditPart('sound', 'dsfinvk.zip', '')]
    const reported = async (turnovers: readonly (bigint | undefined)[], at: string) => {
      const given = { ...facts, turnoverOf: (_: string, z: number) => turnovers[z - 1] }
      const [, part] = await withClosingReports(folder, parts, join(folder, at), given, (id) => id)
      return [part?.valid, part?.summary, part?.findings]
    }
    const other = `Kasse ${register.id} Z 1: Umsatz 59,60 EUR im Paket, 59,61 EUR im Journal.`
    const same = '2 Z-Berichte, mit dem Umsatz des Journals'
    expect(await reported([5960n, 0n], 'a')).toEqual([true, same, []])
    expect(await reported([5961n, 0n], 'b')).toEqual([false, '1 Beanstandung; 2 Z-Berichte', [other]])
    // The journal lost a bon of that session.
    expect(await reported([undefined, 0n], 'c')).toEqual([true, '2 Z-Berichte', []])
  })
})

test('a session of which the journal lost a bon has no known turnover', () => {
  const turnovers = new SessionTurnovers()
  const [register, [first, second]] = ['reg_1', ['ses_1', 'ses_2']]
  const closes = (id: string, z: number) => ({
    session: { id, register, set: { state: 'closed' }, own: { z_number: z } },
  })
  turnovers.note('session.opened', { session: { id: first, register } })
  turnovers.add(first, 100n)
  turnovers.note('transaction.lost', { receipt: { register, number: 2 } })
  turnovers.add(first, 100n)
  turnovers.note('session.closed', closes(first, 1))
  turnovers.note('session.opened', { session: { id: second, register } })
  turnovers.note('session.closed', closes(second, 2))
  // Its last outcome came after the close.
  turnovers.add(second, 250n)
  expect([1, 2, 3].map((z) => turnovers.of(register, z))).toEqual([undefined, 250n, undefined])
})
