// @module-tag heavy
import { rmSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import type { Members, Operation } from '../e2e/client.ts'
import { Client } from '../e2e/client.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { today } from '../today.ts'
import { complaintsOf } from './agent-process.ts'
import type { Daemon } from './daemon.ts'
import { ownPlace, platformKey, runDaemon } from './daemon.ts'

/** More of them than the heap of the daemon holds, each near the limit of a sale, which leaves space for its void. */
const SALES = 72
const LINES = 1000
const TITLE = 'T'.repeat(560)

test('sales of a thousand lines are listed, survive a kill and are closed, in the heap as shipped', async () => {
  const place = ownPlace()
  onTestFinished(() => rmSync(place.folder, { recursive: true, force: true }))
  let daemon: Daemon = runDaemon(place.config)
  onTestFinished(() => void daemon.child.kill('SIGKILL'))
  let url = String(await daemon.ready)
  const key = await platformKey(place.state)
  const office = new Client(() => url, { Authorization: `Bearer ${key}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id: location } = await office.post('/v1/locations', GERMAN_LOCATION)
  const { id } = await office.post('/v1/registers', { location_id: location, name: 'Großhandel' })
  const register = String(id)
  await office.post(`/v1/registers/${register}/fiscalize`, {}, 202)
  await office.create(event('session_open', register, { opening_balance_amount: '0.00' }))
  const body = largeSale(register)
  const opened: Operation[] = []
  for (let sale = 0; sale < SALES; sale++) opened.push(await office.create(body))

  const listed = await all(office, '/v1/operations?limit=200')
  expect(listed.map((row) => row['id']).slice(1)).toEqual(opened.map((sale) => sale.id))
  const first = await office.get('/v1/journal?limit=200')
  expect(first['next_cursor']).not.toBeNull()

  daemon.child.kill('SIGKILL')
  await daemon.ended
  daemon = runDaemon(place.config)
  url = String(await daemon.ready)
  for (const sale of opened) await office.complete(sale, [pay('cash', '1000.00')])
  await office.create(event('session_cash_count', register, { counted_closing_amount: `${SALES}000.00` }))
  await office.create(event('session_close', register, { business_date: today() }))
  const report = await office.post(`/v1/registers/${register}/closings`, {})
  const { payments } = report['totals'] as { payments: readonly Members[] }
  expect(payments).toContainEqual({ name: 'Bargeld', amount: `${SALES}000.00` })
  daemon.child.kill('SIGTERM')
  const { code, errors } = await daemon.ended
  expect({ code, errors: complaintsOf(errors) }).toEqual({ code: 0, errors: '' })
})

function largeSale(register: string): Members {
  const sale = goods(
    'sale',
    register,
    Array.from({ length: LINES }, (): [string, string] => ['1.00', '0.07']),
  )
  const lines = sale['line_items'] as readonly Members[]
  return { ...sale, line_items: lines.map((line) => ({ ...line, title: TITLE })) }
}

/** All rows of a list, page by page. */
async function all(client: Client, path: string): Promise<Members[]> {
  const rows: Members[] = []
  for (let cursor: unknown = ''; cursor !== null; ) {
    const page = await client.get(cursor === '' ? path : `${path}&cursor=${cursor}`)
    rows.push(...(page['data'] as readonly Members[]))
    cursor = page['next_cursor']
  }
  return rows
}
