// @module-tag heavy
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { issueKey } from '../../agent/till/set-up/keys.ts'
import { austrianTill, ONE_CARD, receiptOf, sell, verifiedDep } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { completion, signed } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { insiderAt } from '../edited-states.ts'
import { verifyJournal } from '../verified-journal.ts'

// The insider is root: the agent is stopped, and sqlite3 edits a table that a sale, a count or a login uses.

async function sale({ id, till }: Register, amount = '4.50') {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

/** The agent's answer from its tables, and the verification of them in that state. */
async function toldOf(bench: Bench) {
  const logged = bench.lines.filter(({ fields }) => fields['code'] === 'projections_differ')
  const { valid, codes } = await verifyJournal(bench.config.state)
  return { logged: logged.length > 0, valid, codes: codes.map(({ code }) => code) }
}
const TOLD = { logged: true, valid: false, codes: ['projections_differ'] }

test('cash taken out of the drawer and of the table is missed by the count', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  await bench.restart(async () => insiderAt(bench.config.state).run('UPDATE session SET cash = 5000'))
  expect(await toldOf(bench)).toEqual(TOLD)
  expect(await counted(register, '50.00')).toMatchObject({
    expected_closing_amount: '54.50',
    closing_cashcount_diff: '-4.50',
  })
})

test('a count after the table was edited takes the cash of the events, and reports the difference', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  // A list request writes the rows that the tables lag behind.
  await register.till.list(`/v1/operations?register_id=${register.id}&limit=1`)
  insiderAt(bench.config.state).run('UPDATE session SET cash = 5000')
  expect(await counted(register, '54.50')).toMatchObject({ closing_cashcount_diff: '0.00' })
  expect(await toldOf(bench)).toEqual(TOLD)
})

test('a receipt number that was deleted from the table is not assigned twice, one that was inserted leaves no gap', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  const last = 'number = (SELECT max(number) FROM receipt)'
  await bench.restart(async () => insiderAt(bench.config.state).run(`DELETE FROM receipt WHERE ${last}`))
  expect((await toldOf(bench)).logged).toBe(true)
  expect(signed(await sale(register)).receipt_number).toBe('3')
  await bench.restart(async () =>
    insiderAt(bench.config.state).run(`INSERT INTO receipt SELECT register, 900, seq FROM receipt WHERE ${last}`),
  )
  expect(signed(await sale(register)).receipt_number).toBe('4')
  await bench.restart(async () =>
    insiderAt(bench.config.state).run(`INSERT INTO receipt SELECT register, 5, seq FROM receipt WHERE number = 4`),
  )
  expect(signed(await sale(register)).receipt_number).toBe('5')
  expect(await toldOf(bench)).toEqual(TOLD)
})

test('a day that was deleted from the table keeps its Z number', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  await bench.restart(async () => insiderAt(bench.config.state).run('DELETE FROM session'))
  expect((await toldOf(bench)).logged).toBe(true)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  const numbers = bench
    .journal()
    .filter(({ kind }) => kind === 'session.closed')
    .map(({ body }) => (JSON.parse(body) as { session: { own: object } }).session.own)
  expect(numbers).toMatchObject([{ z_number: 1 }, { z_number: 2 }])
})

test('a session that was deleted from the table sells on, and its count has the cash of its sales', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register)
  await bench.restart(async () => insiderAt(bench.config.state).run('DELETE FROM session'))
  await sale(register)
  expect(await counted(register, '59.00')).toMatchObject({ closing_cashcount_diff: '0.00' })
  expect(await toldOf(bench)).toEqual(TOLD)
})

test('a session that was closed in the table alone is still the one that runs', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await bench.restart(async () => insiderAt(bench.config.state).run("UPDATE session SET state = 'closed'"))
  expect((await toldOf(bench)).logged).toBe(true)
  const refused = await register.till.refused({
    path: '/v1/operations',
    body: event('session_open', register.id, { opening_balance_amount: '0.00' }),
    key: 'another',
  })
  expect(refused).toMatchObject({ code: 'session_invalid_state', details: { state: 'open' } })
  expect(await counted(register, '50.00')).toMatchObject({ closing_cashcount_diff: '0.00' })
})

test('an Austrian turnover counter and chain that were edited in the table are not what the card signs', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await sell(register, '12.00')
  const edit = `UPDATE chain_state SET state = json_set(state, '$.turnover_cents', '0', '$.number', 40)`
  await bench.restart(async () => insiderAt(bench.config.state).run(edit))
  expect((await toldOf(bench)).logged).toBe(true)
  expect(receiptOf(await sell(register, '8.00')).receipt_number).toBe('3')
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 3, turnoverCents: 2000n })
})

test('a key that was written into the table opens nothing, and a revoked one stays revoked', async () => {
  await using bench = await Bench.open()
  const random = (length: number) => new Uint8Array(length).fill(7)
  const { id, token } = issueKey('platform', undefined, random)
  const hash = createHash('sha256').update(token).digest('hex')
  const revoked = await bench.agent.administration.createKey('platform')
  await bench.agent.administration.revokeKey(revoked.id)
  await bench.restart(async () =>
    insiderAt(bench.config.state).run(
      `INSERT INTO api_key VALUES ('${id}', 'platform', NULL, x'${hash}', '2026-01-01T00:00:00.000Z', NULL, NULL)`,
      `UPDATE api_key SET revoked_at = NULL WHERE id = '${revoked.id}'`,
    ),
  )
  for (const key of [token, revoked.key]) {
    const answer = await bench.client({ Authorization: `Bearer ${key}` }).call({ path: '/v1/merchants' })
    expect(answer.status).toBe(401)
  }
  expect(await toldOf(bench)).toEqual(TOLD)
})

test('another TSE that was written into the table is not the one of this shop', async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  const before = bench.agent.application.devices()[0]?.['serial']
  const other = 'ab'.repeat(32)
  await bench.restart(async () => insiderAt(bench.config.state).run(`UPDATE device_enrolment SET serial = '${other}'`))
  await bench.untilDevice('ready')
  expect(bench.agent.application.devices()[0]?.['serial']).toBe(before)
  expect(await toldOf(bench)).toEqual(TOLD)
})

test('an act that was deleted from the table of open ones is still reconciled', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 1000 } })
  const register = await bench.till('50.00')
  const open = await register.till.create(goods('sale', register.id, [['4.50', '0.07']]))
  await bench.fault('slow=3600000@finish')
  const answer = await register.till.call(completion(open, [pay('cash', '4.50')]))
  expect(answer.json['fiscal']).toMatchObject({ state: 'pending' })
  await bench.restart(async () => insiderAt(bench.config.state).run('DELETE FROM pending WHERE device IS NOT NULL'))
  expect((await toldOf(bench)).logged).toBe(true)
  const done = await bench.until(async () => {
    const seen = await register.till.read(open.id)
    return seen.fiscal.state !== 'pending' && seen
  })
  expect(done).toMatchObject({ status: 'completed', resource_version: 2 })
})
