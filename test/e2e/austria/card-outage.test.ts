import { describe, expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { austrianShop, austrianTill, closingTypes, ONE_CARD, receiptOf, sell, TWO_CARDS, verifiedDep } from './shop.ts'

const WORDS = 'Sicherheitseinrichtung ausgefallen'

describe('an outage of the signature unit', () => {
  test(
    'a receipt carries the marker, the next asks no card; the Sammelbeleg comes when the card is back',
    heavy(),
    async () => {
      await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
      const register = await austrianTill(bench)
      await sell(register, '1.00')
      await bench.faultAt('card-1', 'unplugged@*')
      const lost = await sell(register, '2.00')
      expect(lost).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded', receipt_text: WORDS } })
      expect(receiptOf(lost)).toMatchObject({ receipt_number: '3', security_device_failed: true })
      const { id: next } = await sell(register, '3.00')
      const asked = bench.journal().filter(({ op, kind }) => op === next && kind === 'act.intended')
      expect(asked).toEqual([])
      const devices = await bench.office.list('/v1/devices')
      expect(JSON.stringify(devices)).toContain(WORDS)
      const refused = await register.till.refused({
        path: `/v1/registers/${register.id}/closings`,
        body: { type: 'zero' },
      })
      expect(refused).toMatchObject({ code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
      await bench.faultAt('card-1', 'clear')
      await bench.until(async () => (await closingTypes(register)).includes('collective'))
      const [, collective] = await register.till.list(`/v1/registers/${register.id}/closings`)
      expect(collective).toMatchObject({
        document_number: '5',
        outage: { first_number: '3', last_number: '4', receipts: 2 },
      })
      const printed = await register.till.get(`/v1/operations/${String(collective?.['id'])}/receipt`)
      expect(printed).toMatchObject({
        title: 'Sammelbeleg',
        total: { value: '0.00' },
        notices: ['TESTBETRIEB', 'NICHT ZERTIFIZIERT'],
      })
      expect(printed['header']).toContainEqual({ label: 'Belege im Ausfall', value: '3 – 4 (2)' })
      expect(receiptOf(await sell(register, '4.00'))).toMatchObject({
        receipt_number: '6',
        security_device_failed: false,
      })
      expect(await verifiedDep(bench, register.id)).toMatchObject({
        valid: true,
        receipts: 6,
        outageReceipts: 2,
        turnoverCents: 1000n,
      })
    },
  )

  test('the second card signs while the first is down, and its certificate is in the export', async () => {
    await using bench = await Bench.open({ config: TWO_CARDS })
    const register = await austrianTill(bench)
    const first = receiptOf(await sell(register, '1.00'))
    await bench.faultAt('card-1', 'unplugged@*')
    const second = receiptOf(await sell(register, '2.00'))
    expect(second.security_device_failed).toBe(false)
    expect(second.certificate_serial).not.toBe(first.certificate_serial)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, groups: 2, signaturesVerified: 3 })
  })

  test(
    'a card that does not sign in time is abandoned after 5 s, and its late signature is in no receipt',
    heavy(),
    async () => {
      await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
      const register = await austrianTill(bench)
      await bench.faultAt('card-1', 'slow=60000@sign')
      expect(receiptOf(await sell(register, '1.00'))).toMatchObject({
        receipt_number: '2',
        security_device_failed: true,
      })
      await bench.until(async () => (await closingTypes(register)).includes('collective'))
      expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, outageReceipts: 1 })
    },
  )

  test('a shop whose card is down at the start sells with the marker after a restart', heavy(), async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const register = await austrianTill(bench)
    await bench.faultAt('card-1', 'unplugged@*')
    await sell(register, '1.00')
    await bench.restart()
    expect(await closingTypes(register)).toEqual(['start', 'collective'])
    expect(receiptOf(await sell(register, '1.00')).receipt_number).toBe('4')
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 4 })
  })

  test('a register is not commissioned while the card is down, and is when it is back', async () => {
    await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
    const location = await austrianShop(bench)
    await bench.faultAt('card-1', 'unplugged@*')
    const { id } = await bench.office.post('/v1/registers', { location_id: location, name: 'Kassa' })
    const failed = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    expect(failed).toMatchObject({ fiscalization_status: 'failed', fiscalization: { error: { code: 'unavailable' } } })
    await bench.faultAt('card-1', 'clear')
    await bench.untilDevice('ready')
    const done = await bench.office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    expect(done).toMatchObject({ fiscalization_status: 'fiscalized' })
  })
})
