import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { austrianShop, austrianTill, ONE_CARD, receiptOf, sell, verifiedDep } from './austria.ts'
import { Bench } from './bench.ts'
import { completion } from './client.ts'
import { goods, pay } from './goods.ts'

test('a register whose AES key is lost refuses with the mend and gets no other key; all others sell, and it goes on when the key is back', async () => {
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
  const alarm = { code: 'register-key-lost', severity: 'alarm', detail: expect.stringContaining(lost.clientId) }
  expect(await alarms()).toEqual([expect.objectContaining(alarm)])
  expect(receiptOf(await sell(other, '1.00')).receipt_number).toBe('2')
  await bench.restart(() => rename(join(bench.config.state, 'kept'), key))
  expect(tasks()).not.toContain(`aes-key-${lost.id}`)
  expect(await alarms()).toEqual([])
  expect(receiptOf(await lost.till.complete(open, [pay('cash', '2.00')])).receipt_number).toBe('3')
  expect(await verifiedDep(bench, lost.id)).toMatchObject({ valid: true, receipts: 3, turnoverCents: 300n })
})
