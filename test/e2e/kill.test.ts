import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Daemon } from '../cli/command.ts'
import { fiskalEdge, ownTill, runDaemon } from '../cli/command.ts'
import { verifyJournal } from '../verified-journal.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from './bench.ts'
import type { Answer } from './client.ts'
import { Client, completion, processData } from './client.ts'
import { event, goods, pay } from './goods.ts'

async function kill(daemon: Daemon): Promise<void> {
  process.kill(daemon.pid, 'SIGKILL')
  await daemon.ended
}

test('a daemon that is killed within a finish reconciles it at its next start, under the same key, once', async () => {
  const config = ownTill()
  let daemon = await runDaemon(config)
  const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
  const { key } = JSON.parse(out) as { key: string }
  const office = new Client(() => daemon.url, { Authorization: `Bearer ${key}` })
  await office.post('/v1/merchants', GERMAN_MERCHANT)
  const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
  const id = String((await office.post('/v1/registers', { location_id, name: 'K' }))['id'])
  await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
  await office.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  const answered = await office.create(goods('sale', id, [['1.00', '0.07']]))
  const open = await office.create(goods('sale', id, [['3.00', '0.07']]))
  await fiskalEdge('fault', 'tse-1', 'slow=60000@finish', '--config', config)
  const call = completion(open, [pay('cash', '3.00')])
  const lost = office.call(call).then(
    (answer: Answer) => answer.status,
    () => 'no answer',
  )
  await untilIntended(office, open.id)
  await kill(daemon)
  expect(await lost).toBe('no answer')

  daemon = await runDaemon(config)
  const done = await office.call(call)
  expect([done.status, done.json['fiscal']]).toMatchObject([200, { state: 'succeeded' }])
  expect((await office.call(call)).text).toBe(done.text)
  expect(processData(await office.complete(answered, [pay('cash', '1.00')]))).toMatch(/^Beleg\^0.00_1.00/)
  expect(await office.list('/v1/devices')).toMatchObject([{ state: 'ready' }])
  await kill(daemon)

  daemon = await runDaemon(config)
  expect((await office.call(call)).text).toBe(done.text)
  expect(await office.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '54.00' })
  await kill(daemon)
  expect(await verifyJournal(join(dirname(config), 'state'))).toMatchObject({ valid: true })
})

/** The finish of the operation is in the journal, so the request is in progress. */
async function untilIntended(office: Client, op: string): Promise<void> {
  for (let polls = 0; polls < 1000; polls++) {
    const events = (await office.list('/v1/journal?limit=200')) as readonly { op: string; body: string }[]
    if (events.some((event) => event.op === op && event.body.includes('"name":"finish"'))) return
  }
  throw new Error('the finish was never intended')
}
