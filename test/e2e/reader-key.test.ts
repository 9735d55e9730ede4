import { expect, test } from 'vitest'
import type { Route } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { heavy } from '../tags.ts'
import { Bench } from './bench.ts'
import type { Client, Members } from './client.ts'
import { event, goods, pay } from './goods.ts'

/** Two merchants with a register and a sale each; the key reads what is of the first one. */
async function shops(bench: Bench) {
  const sold = []
  for (const float of ['10.00', '20.00']) {
    const { merchantId, locationId } = await bench.shop()
    const office = bench.office.forMerchant(merchantId)
    const register = await bench.register(locationId, office)
    await register.till.create(event('session_open', register.id, { opening_balance_amount: float }))
    const sale = await register.till.create(goods('sale', register.id, [['3.00', '0.07']]))
    await register.till.complete(sale, [pay('cash', '3.00')])
    sold.push({ merchantId, office, registerId: register.id, saleId: sale.id })
  }
  return sold as [(typeof sold)[0] & {}, (typeof sold)[0] & {}]
}

async function readerOf(bench: Bench, merchantId?: string): Promise<{ reader: Client; key: string; id: string }> {
  const { key, id } = await bench.agent.administration.createKey('reader', merchantId)
  return { reader: bench.client({ Authorization: `Bearer ${key}` }), key, id }
}

test('a reader key changes nothing on any route, and reads nothing that needs a platform key', heavy(), async () => {
  await using bench = await Bench.open()
  const [own] = await shops(bench)
  const { reader, key } = await readerOf(bench, own.merchantId)
  expect(key).toMatch(/^ofk_read_/)
  const before = bench.journal().length
  const keyed = Object.values<Route>(routes).filter(({ auth }) => auth !== 'none')
  for (const { methods, path, auth } of keyed) {
    const [method] = methods
    const at = path.replace('{id}', path.includes('operations') ? own.saleId : own.registerId)
    if (method === 'get' && auth !== 'platform') continue
    const call = { method: method.toUpperCase() as 'GET', path: at, ...(method !== 'get' && { body: {} }) }
    const refusal = await reader.refused(call)
    expect([method, path, refusal.status, refusal.code]).toEqual([method, path, 403, 'forbidden'])
  }
  expect(bench.journal()).toHaveLength(before)
})

test(
  'a reader key reads overview, lists and receipts of its merchant, and nothing of another one',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const [own, other] = await shops(bench)
    const { reader } = await readerOf(bench, own.merchantId)
    const ids = async (path: string) => (await reader.list(path)).map(({ id }) => id)
    expect(await ids('/v1/registers')).toEqual([own.registerId])
    expect(await ids('/v1/operations?type=sale')).toEqual([own.saleId])
    expect((await reader.call({ path: `/v1/operations/${own.saleId}/receipt` })).status).toBe(200)
    expect(await ids('/v1/duties')).toEqual(
      (await own.office.list('/v1/duties'))
        .filter(({ register_id }) => register_id === own.registerId || register_id === null)
        .map(({ id }) => id),
    )
    const overview = await reader.get('/v1/overview')
    expect((overview['registers'] as Members[]).map(({ id }) => id)).toEqual([own.registerId])
    const foreign = (await own.office.list('/v1/duties')).find(({ register_id }) => register_id === other.registerId)
    for (const path of [
      `/v1/registers/${other.registerId}`,
      `/v1/operations/${other.saleId}`,
      `/v1/operations/${other.saleId}/receipt`,
      `/v1/registers/${other.registerId}/closings`,
      `/v1/duties/${String(foreign?.['id'])}`,
    ])
      expect([path, (await reader.refused({ path })).code]).toEqual([path, 'not_found'])
    const named = await reader.forMerchant(other.merchantId).refused({ path: '/v1/operations' })
    expect([named.status, named.code]).toEqual([403, 'forbidden'])
  },
)

test('a reader key names no merchant where there is one, and is refused without one or with several', async () => {
  await using bench = await Bench.open()
  await expect(readerOf(bench)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('none yet'),
  })
  const { merchantId } = await bench.shop()
  const { id, key, reader } = await readerOf(bench)
  expect(bench.agent.administration.listKeys()).toContainEqual(
    expect.objectContaining({ id, kind: 'reader', merchant_id: merchantId, register_id: null }),
  )
  await expect(readerOf(bench, 'merchant_none')).rejects.toMatchObject({ code: 'not_found' })
  await bench.shop()
  await expect(readerOf(bench)).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('several'),
  })
  await bench.restart()
  expect((await reader.get('/v1/overview'))['registers']).toEqual([])
  const till = await bench.client({ 'X-Register-Api-Key': key }).refused({ path: '/v1/overview' })
  expect([till.status, till.details]).toEqual([401, { reason: 'header', header: 'Authorization' }])
  await bench.agent.administration.revokeKey(id)
  expect((await reader.refused({ path: '/v1/overview' })).status).toBe(401)
})
