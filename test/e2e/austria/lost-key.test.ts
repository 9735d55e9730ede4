import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import { today } from '../../today.ts'
import { Bench } from '../bench.ts'
import { completion } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianShop, austrianTill, closingTypes, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'

test(
  'a register whose AES key is lost refuses with the remedy, others sell, and it continues with the key',
  heavy(),
  async () => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const location = await austrianShop(bench)
    const lost = await austrianTill(bench, location)
    const other = await austrianTill(bench, location)
    await sell(lost, '1.00')
    const key = join(bench.config.state, 'sealed', `aes-${lost.id}.sealed`)
    await bench.restart(() => rename(key, join(bench.config.state, 'kept')))
    const open = await lost.till.create(goods('sale', lost.id, [['2.00', '0.20']]))
    const refused = { code: 'fiscal_device_unavailable', fiscal_effect: 'none', details: { reason: 'aes_key_lost' } }
    const refusal = await lost.till.refused(completion(open, [pay('cash', '2.00')]))
    expect(refusal).toMatchObject(refused)
    expect(refusal['message']).toContain('restore FILE --keys-only')
    expect(await bench.office.refused({ path: `/v1/registers/${lost.id}/fiscalize`, body: {} })).toMatchObject({
      code: 'fiscalization_conflict',
    })
    expect(await lost.till.refused(completion(open, [pay('cash', '2.00')]))).toMatchObject(refused)
    const tasks = () => (bench.agent.administration.listTasks() as readonly { id: string }[]).map(({ id }) => id)
    expect(tasks()).toContain(`aes-key-${lost.id}`)
    const alarms = async () => (await bench.office.get('/v1/overview'))['warnings']
    const alarm = { code: 'register_key_lost', severity: 'alarm', detail: expect.stringContaining(lost.clientId) }
    expect(await alarms()).toEqual([expect.objectContaining(alarm)])
    const { selling, registers } = (await bench.office.get('/v1/overview')) as {
      selling: string
      registers: { id: string; selling: string; reason: string | null }[]
    }
    expect(registers.map((one) => [one.id, one.selling, one.reason])).toEqual([
      [lost.id, 'no', 'key_lost'],
      [other.id, 'yes', null],
    ])
    expect(selling).toBe('yes')
    expect(receiptOf(await sell(other, '1.00')).receipt_number).toBe('2')
    await bench.restart(() => rename(join(bench.config.state, 'kept'), key))
    expect(tasks()).not.toContain(`aes-key-${lost.id}`)
    expect(await alarms()).toEqual([])
    expect(receiptOf(await lost.till.complete(open, [pay('cash', '2.00')])).receipt_number).toBe('3')
    expect(await verifiedDep(bench, lost.id)).toMatchObject({ valid: true, receipts: 3, turnoverCents: 300n })
  },
)

test.each(['at hand', 'away'])(
  'a register whose AES key is lost, its card %s: as failed, ends without a Schlussbeleg, and so does the alarm',
  async (card) => {
    await using bench = await Bench.open({ config: ONE_CARD })
    const lost = await austrianTill(bench)
    const { id, till } = lost
    await sell(lost, '1.00')
    await bench.restart(() => rm(join(bench.config.state, 'sealed', `aes-${id}.sealed`)))
    if (card === 'away') await bench.agent.administration.fault('card-1', 'unplugged@*')
    await till.void(await till.create(goods('sale', id, [['2.00', '0.20']])))
    await till.create(event('session_cash_count', id, { counted_closing_amount: '51.00' }))
    await till.create(event('session_close', id, { business_date: today(), closing_adjustment_amount: '0.00' }))
    const decommission = { path: `/v1/registers/${id}/decommission`, body: {} }
    expect((await bench.office.call(decommission)).json).toMatchObject({ fiscalization_status: 'decommissioned' })
    expect(await closingTypes(lost)).toEqual(['start'])
    const tasks = bench.agent.administration.listTasks() as readonly { id: string; instructions: string[] }[]
    expect(tasks.map((task) => task.id)).not.toContain(`aes-key-${id}`)
    const report = tasks.find((task) => task.id === `finanzonline-register-end-${id}`)
    expect(report?.instructions.join(' ')).toMatch(/nicht behebbarer Ausfall.*there is no Schlussbeleg/)
    const { warnings } = await bench.office.get('/readyz')
    expect(warnings).not.toContainEqual(expect.objectContaining({ code: 'register_key_lost' }))
    if (card === 'away') return
    const location = String((await bench.office.get(`/v1/registers/${id}`))['location_id'])
    expect(receiptOf(await sell(await austrianTill(bench, location), '1.00')).receipt_number).toBe('2')
  },
)
