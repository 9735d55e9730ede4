import { expect, test } from 'vitest'
import type { Route } from '../../agent/contract/route.ts'
import { routes } from '../../agent/contract/routes.ts'
import { startHttp } from './harness.ts'
import { goodSale } from './memory-application.ts'

const ROWS: readonly Route[] = Object.values(routes)

test('an empty query value counts as left out, alone, repeated and with values', async () => {
  await using http = await startHttp()
  for (const query of ['cursor=&type=', 'limit=', 'cursor', 'register_id=&&', '=', 'cursor=&cursor=', 'unknown=']) {
    const answer = await http.call({ path: `/v1/operations?${query}` })
    expect([query, answer.status, http.application.calls.splice(0)]).toEqual([query, 200, ['list 10 -']])
  }
  expect((await http.call({ path: '/v1/operations?limit=&cursor=5&cursor=&limit=3' })).status).toBe(200)
  expect(http.application.calls.splice(0)).toEqual(['list 3 5'])
  expect((await http.call({ path: '/v1/journal?after=&limit=' })).status).toBe(200)
  expect(http.application.calls).toEqual(['journal 0 50'])
})

test('a query value that is not empty is checked as before, also next to empty ones', async () => {
  await using http = await startHttp()
  for (const query of [
    'limit=0&cursor=',
    'limit=%20',
    'limit=0x10',
    'limit=1e1',
    'limit=%201',
    'cursor=1&cursor=2&cursor=',
    'type=+',
    'page=2&limit=',
    '=x',
  ]) {
    const answer = await http.json({ path: `/v1/operations?${query}` })
    expect([query, answer.status, answer.json.details['reason']]).toEqual([query, 400, 'schema'])
  }
})

test('a position in the journal is a whole number in digits: a blank is not the beginning', async () => {
  await using http = await startHttp()
  for (const after of ['%20', '0x1', '1e1', '-1', '1.5', 'x']) {
    const { status, json } = await http.json({ path: `/v1/journal?after=${after}` })
    expect([after, status, json.details['reason']]).toEqual([after, 400, 'schema'])
  }
  await http.call({ path: '/v1/journal?after=007' })
  expect(http.application.calls).toEqual(['journal 7 50'])
})

test('every route with a query answers the same with all of its optional members empty', async () => {
  await using http = await startHttp()
  const sale = await http.json({ path: '/v1/operations', body: goodSale() })
  const listed = ROWS.filter(({ query }) => query !== undefined)
  expect(listed.length).toBeGreaterThan(8)
  for (const { path, lastEventId } of listed) {
    // A stream does not end: events have a test of their own.
    if (lastEventId === true) continue
    const place = path.replace('{id}', String(sale.json['id']))
    const [without, empty] = [
      await http.call({ path: place }),
      await http.call({ path: `${place}?limit=&copy=&type=` }),
    ]
    expect([path, empty.status]).toEqual([path, without.status])
  }
})
