// @module-tag heavy
import { expect, test } from 'vitest'
import { rfc3339 } from '../../base/clock.ts'
import { Bench } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import type { Client } from './client.ts'
import { event, goods, goodsOf, pay } from './goods.ts'

async function pages(client: Client, path: string, limit: number): Promise<string[][]> {
  const violations: string[][] = []
  for (let cursor = ''; ; ) {
    const page = await client.get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`)
    const rows = page['data'] as { id: string }[]
    violations.push(rows.map(({ id }) => id))
    if (page['next_cursor'] === null) return violations
    cursor = `&cursor=${String(page['next_cursor'])}`
  }
}

test('pages of a list are complete, in order, without repetition, and include items that are made between two pages', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const ids: string[] = []
  for (let sales = 0; sales < 6; sales++) ids.push((await till.create(goods('sale', id, [['1.00', '0.07']]))).id)
  expect(await pages(till, '/v1/operations?type=sale', 2)).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
  expect((await pages(till, '/v1/operations?type=sale', 6)).length).toBe(1)
  const first = await till.get('/v1/operations?type=sale&limit=4')
  const late = await till.create(goods('sale', id, [['1.00', '0.07']]))
  const second = await till.get(`/v1/operations?type=sale&limit=4&cursor=${String(first['next_cursor'])}`)
  expect((second['data'] as { id: string }[]).map((row) => row.id)).toEqual([...ids.slice(4), late.id])
})

test('operations are found by register, session, type, status and time; sessions by state', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  const opened = await one.till.create(event('session_open', one.id, { opening_balance_amount: '0.00' }))
  await two.till.create(event('session_open', two.id, { opening_balance_amount: '0.00' }))
  const sale = await one.till.create(goods('sale', one.id, [['1.00', '0.07']]))
  const done = await one.till.complete(sale, [pay('cash', '1.00')])
  const given = await one.till.create(goods('sale', one.id, [['1.00', '0.07']]))
  await one.till.void(given)
  const left = await two.till.create(goods('sale', two.id, [['1.00', '0.07']]))
  const idsOf = async (query: string) =>
    (await bench.office.list(`/v1/operations?${query}`)).map((operation) => operation['id'])
  expect(await idsOf(`register_id=${one.id}`)).toEqual([opened.id, sale.id, given.id])
  expect(await idsOf(`session_id=${String(opened.session_id)}&type=sale`)).toEqual([sale.id, given.id])
  expect(await idsOf('status=completed&type=sale')).toEqual([sale.id])
  expect(await idsOf('status=voided')).toEqual([given.id])
  expect(await idsOf('status=open')).toEqual([left.id])
  expect(await idsOf(`from=${encodeURIComponent(done.created_at)}&type=sale&limit=1`)).toEqual([sale.id])
  expect(await idsOf(`to=${encodeURIComponent(opened.created_at)}`)).toEqual([])
  expect(await idsOf('register_id=reg_nowhere')).toEqual([])
  expect(await bench.office.list('/v1/sessions?state=open')).toHaveLength(2)
  expect(await bench.office.list('/v1/sessions?state=closed')).toEqual([])
  expect(await bench.office.list(`/v1/sessions?register_id=${two.id}`)).toMatchObject([{ register_id: two.id }])
})

test('operations are found by the person who made them, after an amendment by its new one', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sold = (operator_id?: string) =>
    till.create({ ...goods('sale', id, [['1.00', '0.07']]), ...(operator_id && { operator_id }) })
  const [anna, ben, nobody] = [await sold('emp-7'), await sold('emp-70'), await sold()]
  const late = await sold('emp-7')
  const cash = { cash_amount: '-5.00', operator_id: 'emp-7' }
  const drop = await till.create(event('session_cash_adjustment', id, cash))
  const idsOf = async (query: string) => (await pages(till, `/v1/operations?${query}`, 2)).flat()
  expect(await idsOf('operator_id=emp-7')).toEqual([anna.id, late.id, drop.id])
  expect(await idsOf('operator_id=emp-7&type=sale&order=desc')).toEqual([late.id, anna.id])
  expect(await idsOf('operator_id=EMP-7')).toEqual([])
  await till.amend(ben, { ...goodsOf(goods('sale', id, [['1.00', '0.07']])), operator_id: 'emp-7' })
  expect(await idsOf('operator_id=emp-7&type=sale')).toEqual([anna.id, ben.id, late.id])
  expect(await idsOf('operator_id=emp-70')).toEqual([])
  expect((await idsOf('type=sale')).includes(nobody.id)).toBe(true)
})

test('a drawer opening is journalled at once, kept with its note, and never signed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const before = (await bench.office.list('/v1/devices')).map((device) => device['health'])
  const body = { occurred_at: '2026-03-02T08:00:00+01:00', reason: 'Wechselgeld', note: 'x', cashier: { id: 'u7' } }
  const made = await till.post('/v1/cash-drawer-openings', body)
  const utc = { ...body, occurred_at: '2026-03-02T07:00:00.000Z' }
  expect(made).toMatchObject({ ...utc, register_id: id, object: 'cash_drawer_opening', fiscal: null })
  expect(made).toMatchObject({ id: expect.stringMatching(/^cdo_/), occurred_at_deviates: true })
  const named = { ...body, occurred_at: new Date().toISOString(), register_id: id }
  expect(await bench.office.post('/v1/cash-drawer-openings', named)).toMatchObject({ occurred_at_deviates: false })
  await till.post(`/v1/registers/${id}/cash-drawer-openings`, body)
  const other = await bench.office.refused({
    path: `/v1/registers/${id}/cash-drawer-openings`,
    body: { ...body, register_id: 'reg_x' },
  })
  expect(other.details['reason']).toBe('schema')
  for (const operation_id of ['op_other', String(made['id'])]) {
    const linked = { path: '/v1/cash-drawer-openings', body: { ...body, operation_id } }
    expect((await till.refused(linked)).code).toBe('related_operation_invalid')
  }
  const unnamed = await bench.office.refused({ path: '/v1/cash-drawer-openings', body })
  expect(unnamed.details['reason']).toBe('schema')
  expect(await till.get(`/v1/cash-drawer-openings/${String(made['id'])}`)).toEqual(made)
  expect(await till.list('/v1/cash-drawer-openings')).toHaveLength(3)
  expect((await bench.office.list('/v1/devices')).map((device) => device['health'])).toEqual(before)
})

test('the journal is read by the holder of a platform key, page by page, without a gap', async () => {
  await using bench = await Bench.open()
  await bench.till()
  const events: { seq: number }[] = []
  for (let after = 0; ; ) {
    const page = await bench.office.get(`/v1/journal?after=${after}&limit=3`)
    events.push(...(page['data'] as { seq: number }[]))
    if (page['next_cursor'] === null) break
    after = Number(page['next_cursor'])
  }
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.length).toBeGreaterThan(8)
})

/** Each look at it is a millisecond later. */
class TickingClock extends CalendarClock {
  #ms = 0

  override now(): number {
    return super.now() + this.#ms++
  }
}

test('a range of operations applies to the time of the operations', async () => {
  await using bench = await Bench.open({ clock: new TickingClock('2026-03-02T08:00:00Z') })
  const { id, till } = await bench.till()
  const { created_at: created, id: sale } = await till.create(goods('sale', id, [['3.00', '0.07']]))
  const behind = rfc3339(Date.parse(String(created)) + 1)
  const within = await till.list(`/v1/operations?from=${created}&to=${behind}`)
  expect(within.map((operation) => operation['id'])).toEqual([sale])
  expect(await till.list(`/v1/operations?from=${behind}`)).toEqual([])
})
