import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { bodies } from '../shift.ts'

test('an opening of the drawer whose signature was in doubt answers the same once it is settled', async () => {
  await using bench = await Bench.open({
    clock: new FastClock(10),
    config: { dsfinvk: { exportDrawerOpenings: true }, deadlineMs: 500 },
  })
  const { till } = await bench.till()
  const path = '/v1/cash-drawer-openings'
  await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
  const { occurred_at, ...made } = await till.post(path, { occurred_at: '2026-03-02T12:00:00Z' })
  await bench.fault('clear')
  await bench.until(() => bodies(bench, 'operation.settled').length > 0)
  expect(await till.get(`${path}/${String(made['id'])}`)).toEqual({ occurred_at, ...made })
})

test('a signed opening of the drawer stands in the journal as AVSonstige', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { till } = await bench.till()
  await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
  const signed = bench
    .journal()
    .map(({ body }) => JSON.parse(body) as { set?: { $fiscal_information?: Members } })
    .flatMap(({ set }) => set?.$fiscal_information ?? [])
  expect(signed).toMatchObject([{ document_type: 'AVSonstige', end_event: { process_type: 'SonstigerVorgang' } }])
})
