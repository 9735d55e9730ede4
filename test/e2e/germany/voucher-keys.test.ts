import { expect, test } from 'vitest'
import { ManualClock } from '../../manual-clock.ts'
import { heavy } from '../../tags.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { processData } from '../client.ts'
import { goods, pay } from '../goods.ts'
import { endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import { beyond, redeeming, redeemVoucher, sellVoucher, voucher } from './single-purpose.ts'

async function findings(bench: Bench): Promise<unknown> {
  await bench.stop()
  return (await verifyJournal(bench.config.state)).codes
}

test(
  'a voucher is redeemed on goods of the key at which it was sold, also after its rate changed',
  heavy(),
  async () => {
    const clock = new ManualClock(Date.UTC(2026, 11, 31, 20))
    const vatRates = [{ key: 2, rate: '0.06', from: '2027-01-01' }]
    await using bench = await Bench.open({ clock, config: { kassensichv: { vatRates } } })
    const register = await bench.till('50.00')
    await sellVoucher(register, '50.00', '0.07')
    const body = redeeming(register, ['10.00', '10.00'], '0.19')
    expect(await register.till.refused({ path: '/v1/operations', body })).toMatchObject({
      ...{ status: 422, code: 'tax_rate_not_supported' },
      details: { pointer: '/line_items/1/taxes/0/rate', gift_card_id: 'EZ-1', sold_at: ['0.07'] },
      message: expect.stringMatching(/sold at 0\.07 .* 0\.19/),
    })
    const day = await redeemVoucher(register, ['10.00', '10.00'], '0.07')
    expect(processData(day)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
    await clock.advance(6 * 3_600_000)
    const after = await redeemVoucher(register, ['10.00', '8.00'], '0.06')
    expect(processData(after)).toBe('Beleg^0.00_2.00_0.00_0.00_0.00^2.00:Unbar')
    expect(await findings(bench)).toMatchObject([{ level: 'note', code: 'tse_rate_configured' }])
  },
)

test(
  'a new voucher for the rest of one that is redeemed in whole is in the same sale, at its key',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    const { id, till } = register
    await sellVoucher(register, '50.00')
    const lines = (rest: string, rate = '0.19', ...more: Parameters<typeof goods>[2]) =>
      goods('sale', id, [['30.00', '0.19'], voucher('-50.00'), voucher(rest, rate, 'EZ-2'), ...more])
    expect(
      await till.refused({ path: '/v1/operations', body: lines('19.99', '0.19', ['1.00', '0.07']) }),
    ).toMatchObject(beyond('49.99', '50.00'))
    expect(await till.refused({ path: '/v1/operations', body: lines('20.00', '0.07') })).toMatchObject(
      beyond('30.00', '50.00'),
    )
    const sale = await till.complete(await till.create(lines('20.00')), [pay('cash', '0.00')])
    expect(processData(sale)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
    await redeemVoucher(register, ['20.00', '20.00'], '0.19', 'EZ-2')
    await endShift(register)
    const { lines: rows } = await verifiedPackage(bench)
    const booked = rows.filter(({ GUTSCHEIN_NR }) => GUTSCHEIN_NR !== '')
    expect(booked.map((row) => [row['GV_TYP'], row['GUTSCHEIN_NR']])).toEqual([
      ['EinzweckgutscheinKauf', 'EZ-1'],
      ['EinzweckgutscheinKauf', 'EZ-2'],
      ['EinzweckgutscheinEinloesung', 'EZ-1'],
      ['EinzweckgutscheinEinloesung', 'EZ-2'],
    ])
    expect(await findings(bench)).toEqual([])
  },
)
