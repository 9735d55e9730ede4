import { expect, test } from 'vitest'
import { heavy } from '../../tags.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { signed } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'

async function sell({ id, till }: Register) {
  return till.complete(await till.create(goods('sale', id, [['3.00', '0.07']])), [pay('cash', '3.00')])
}

async function closeSession({ id, till }: Register): Promise<void> {
  const session = await till.get(`/v1/registers/${id}/session`)
  await till.create(event('session_cash_count', id, { counted_closing_amount: session['expected_closing_amount'] }))
  await till.create(event('session_close', id, { business_date: String(session['opened_at']).slice(0, 10) }))
}

test(
  'a register of a TSE that does not answer stays, and the refusal names device retire; of a retired one it ends',
  heavy(),
  async () => {
    await using bench = await Bench.open({ clock: new FastClock(10) })
    const register = await bench.till()
    signed(await sell(register))
    await bench.fault('unplugged@*')
    expect((await sell(register)).fiscal.state).toBe('failed')
    await closeSession(register)
    const path = `/v1/registers/${register.id}/decommission`
    const refusal = await bench.office.refused({ path, body: {} })
    expect(refusal).toMatchObject({ status: 503, code: 'fiscal_device_unavailable', fiscal_effect: 'none' })
    expect(refusal.message).toContain('fiskal-edge device retire tse-1 --reason TEXT')
    await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
    const ended = await bench.office.post(path, {}, 200)
    expect(ended).toMatchObject({ fiscalization_status: 'decommissioned', decommissionedAt: expect.any(String) })
    const acts = bench.journal().filter(({ kind }) => kind === 'register.decommission_requested')
    expect(JSON.stringify(acts.at(-1))).not.toContain('deregister_client')
    expect(Buffer.from(await bench.exported('dsfinvk')).length).toBeGreaterThan(0)
    expect(await bench.office.refused({ path, body: {} })).toMatchObject({ code: 'decommission_conflict' })
  },
)

test('a register whose retired TSE has a successor is deregistered there', async () => {
  const devices = [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-simulator' },
  ]
  await using bench = await Bench.open({ config: { devices } })
  const { locationId } = await bench.shop()
  const newRegister = await bench.office.post('/v1/registers', {
    ...{ location_id: locationId, name: 'Kasse', fiscal_device: 'tse-1' },
  })
  await bench.office.post(`/v1/registers/${newRegister['id']}/fiscalize`, {}, 202)
  await bench.agent.administration.retireTse('tse-1', 'Sturz', 'tse-2')
  await bench.office.post(`/v1/registers/${newRegister['id']}/decommission`, {}, 200)
  const acts = bench.journal().filter(({ kind }) => kind === 'register.decommission_requested')
  expect(acts.map(({ body }) => JSON.stringify(body))).toEqual([expect.stringContaining('deregister_client')])
})
