import { expect, test } from 'vitest'
import type { Line } from '../../attacks/insider.ts'
import { findingsAfter } from '../../attacks/insider.ts'
import { audited } from '../../cli/audited.ts'
import { inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { processData } from '../client.ts'
import { elsewhere, goods } from '../goods.ts'
import { closing } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { count, countedFrancs, francs, frankSale } from './foreign-cash.ts'
import { verifiedPackage } from './package-rows.ts'

/** Goods of that value come back, and 20 francs leave the drawer for it. */
async function paysOut({ id, till }: Register, value: string): Promise<void> {
  const back = await till.create(goods('return', id, [[`-${value}`, '0.19']], elsewhere))
  await till.complete(back, [francs('-20.00', `-${value}`)])
}

test(
  'francs that come at one rate and go at another leave a rate difference, which the count books',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    await frankSale(register)
    await paysOut(register, '19.00')
    const counted = await count(register, '46.40')
    expect(processData(counted)).toBe('Beleg^0.00_0.00_0.00_0.00_0.40^')
    expect(counted).toMatchObject({
      closing_cashcount_diff: '0.00',
      foreign_cash: [{ currency: 'CHF', expected_amount: '0.00', counted_amount: '0.00', base_amount: '0.00' }],
    })
    await register.till.create(closing(register, '0.00'))
    const { lines, closings, cash, paid, notes } = await verifiedPackage(bench)
    expect(lines.filter((row) => row['GV_TYP'] === 'DifferenzSollIst').map((row) => row['ARTIKELTEXT'])).toEqual([
      'Kassensturz: gezählt 46,40, Soll 46,40',
      'Kursdifferenz CHF',
    ])
    expect(paid.at(-1)).toMatchObject({ ZAHLWAEH_CODE: 'CHF', ZAHLWAEH_BETRAG: '0,00', BASISWAEH_BETRAG: '0,40' })
    expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,40' }])
    expect(cash.map((row) => [row['ZAHLART_WAEH'], row['ZAHLART_BETRAG_WAEH']])).toEqual([
      ['EUR', '46,40'],
      ['CHF', '0,00'],
    ])
    expect(notes).toEqual([])
    await expectSound(bench)
  },
)

test(
  'a rate difference is booked with one of the euro, and a count that corrects it books nothing more of it',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    await frankSale(register)
    await paysOut(register, '18.20')
    const first = await count(register, '45.00')
    expect(processData(first)).toBe('Beleg^0.00_0.00_0.00_0.00_-1.80^-1.40:Bar')
    const second = await count(register, '46.40', undefined, { corrects_operation_id: first.id })
    expect(processData(second)).toBe('Beleg^0.00_0.00_0.00_0.00_1.40^1.40:Bar')
    const third = await count(register, '46.40', [countedFrancs('2.00', { base_amount: '1.90' })], {
      corrects_operation_id: second.id,
    })
    expect(processData(third)).toBe('Beleg^0.00_0.00_0.00_0.00_1.90^2.00:Bar:CHF')
    const closed = await register.till.create(closing(register, '0.00'))
    expect(processData(closed)).toBe('Beleg^0.00_0.00_0.00_0.00_-1.90^-2.00:Bar:CHF')
    const { closings, cash } = await verifiedPackage(bench)
    expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,40' }])
    expect(cash.map((row) => row['ZAHLART_BETRAG_WAEH'])).toEqual(['46,40', '0,00'])
    expect((await verifyJournal(bench.config.state)).findings).toEqual([])
  },
)

test('a rate difference is booked while the TSE is down, and by a count after a restart', heavy(), async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await frankSale(register)
  await paysOut(register, '19.00')
  await bench.restart()
  await bench.fault('unplugged@*')
  await bench.untilDevice('down')
  expect(await count(register, '46.40')).toMatchObject({ fiscal: { state: 'failed' } })
  await register.till.create(closing(register, '0.00'))
  const { closings } = await verifiedPackage(bench)
  expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,40' }])
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

/** The count as an earlier version recorded it: the rest stayed in the drawer, and nothing was booked. */
function countedBefore(line: Line): Line {
  if (line.kind !== 'session.counted' && line.kind !== 'session.closed') return line
  const { own, ...counted } = line.body
  const body = line.kind === 'session.counted' ? counted : { ...counted, ...(own !== undefined && { own }) }
  const text = JSON.stringify(body).replaceAll('"base_amount":"0.00"', '"base_amount":"-0.40"')
  return { ...line, body: JSON.parse(text) as Line['body'] }
}

test(
  'a count of before, which booked no rate difference, keeps its closing, and journal and package name it',
  heavy(),
  async () => {
    await using bench = await Bench.open({ edits: true })
    const register = await bench.till('50.00')
    await frankSale(register)
    await paysOut(register, '19.00')
    await bench.fault('unplugged@*')
    await bench.untilDevice('down')
    await count(register, '46.40')
    await register.till.create(closing(register, '0.00'))
    const codes = await findingsAfter(bench, countedBefore)
    expect(codes).toMatchObject([{ code: 'foreign_value_left', level: 'note', facts: { sum: '-0.40 (CHF)' } }])
    const { closings, notes } = await verifiedPackage(bench)
    expect(closings).toMatchObject([{ Z_SE_BARZAHLUNGEN: '46,00' }])
    expect(notes).toMatchObject([['closing_cash_differs', { z: 1, stated: '46.00', counted: '46.40' }]])
    await inDirectory(async (directory) => {
      const { code, parts } = await audited(bench, directory)
      expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    })
  },
)
