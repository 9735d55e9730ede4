// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { bodies, closing, counted } from '../shift.ts'

/** Ends after the intent of a finish, once it is due. */
function openCrashing(crash: { isDue: boolean }): Promise<Bench> {
  const atPoint = (point: string): void => {
    if (crash.isDue && point === 'device.before-finish') throw new Error('cut off')
  }
  return Bench.open({ atPoint })
}

test('no session opens before the bon of the last close has its number: it would be in the next closing', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 20_000 } })
  const register = await bench.till()
  const { id, till } = register
  await counted(register, '50.00')
  await bench.fault('slow=5000@finish')
  const path = '/v1/operations'
  const closed = till.call({ path, body: closing(register, '-50.00'), key: 'close' })
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'session.closed'))
  const opening = { path, body: event('session_open', id, { opening_balance_amount: '0.00' }), key: 'open' }
  const refusal = await till.refused(opening)
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  expect((await closed).status).toBe(201)
  expect((await till.call(opening)).status).toBe(201)
  const numbers = bench.journal().flatMap(({ body }) => {
    const { receipt } = JSON.parse(body) as { receipt?: { number: number } }
    return receipt === undefined ? [] : [receipt.number]
  })
  expect(numbers).toEqual([1, 2, 3, 4])
})

test('a close that a crash left without a number, and a lost TSE: the next session still opens', async () => {
  const crash = { isDue: false }
  await using bench = await openCrashing(crash)
  const register = await bench.till()
  const { id, till } = register
  await counted(register, '50.00')
  crash.isDue = true
  expect((await till.call({ path: '/v1/operations', body: closing(register, '-50.00'), key: 'close' })).status).toBe(
    500,
  )
  await bench.loseTse()
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const numbered = bench.journal().filter(({ body }) => body.includes('"receipt":{'))
  expect(numbered.map(({ kind }) => kind)).toEqual([
    'operation.completed',
    'operation.completed',
    'operation.completed',
    'session.opened',
  ])
})

test('a close that a crash left without a number, and a lost TSE: the earlier closings are handed over', async () => {
  const crash = { isDue: false }
  await using bench = await openCrashing(crash)
  const register = await bench.till()
  const { id, till } = register
  await counted(register, '50.00')
  await till.create(closing(register, '-50.00'))
  await till.create(event('session_open', id, { opening_balance_amount: '20.00' }))
  await counted(register, '20.00')
  const begun = new Date().toISOString()
  crash.isDue = true
  await till.call({ path: '/v1/operations', body: closing(register, '-20.00'), key: 'close' })
  await bench.loseTse()
  const closings = await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    return (
      String((await filesOf(file)).get('cashpointclosing.csv'))
        .trimEnd()
        .split('\r\n').length - 1
    )
  })
  expect(closings).toBe(1)
  expect(bodies(bench, 'export.completed').map(({ set }) => set)).toMatchObject([{ open_session_excluded: true }])
  const since = { type: 'dsfinvk', from: begun, to: '9999-12-31T23:59:59Z' }
  expect((await bench.office.post('/v1/exports', since, 422))['code']).toBe('export_dsfinvk_no_closed_sessions')
})

/** Kinds of the events that took a receipt number, in their order. */
function numbered(bench: Bench): string[] {
  return bench.journal().flatMap(({ op, body }) => {
    const { receipt } = JSON.parse(body) as { receipt?: object }
    return receipt === undefined ? [] : [String(typeOf(bench, op))]
  })
}

function typeOf(bench: Bench, op: string): unknown {
  const [made] = bench.journal().filter((row) => row.op === op)
  return (JSON.parse(made?.body ?? '{}') as { set: { type?: string } }).set.type
}

test('a count that a crash left without a number, and a lost TSE: it has its number before the close', async () => {
  const crash = { isDue: false }
  await using bench = await openCrashing(crash)
  const register = await bench.till()
  crash.isDue = true
  await expect(counted(register, '50.00')).rejects.toThrow()
  await bench.loseTse()
  await register.till.create(closing(register, '-50.00'))
  expect(numbered(bench)).toEqual(['session_open', 'session_cash_count', 'session_close'])
})

test('an opening of a session that a crash left without a number has it before the count, with its cash', async () => {
  const crash = { isDue: false }
  await using bench = await openCrashing(crash)
  const { locationId } = await bench.shop()
  const register = await bench.register(locationId)
  const { id, till } = register
  crash.isDue = true
  await till.call({ path: '/v1/operations', body: event('session_open', id, { opening_balance_amount: '50.00' }) })
  await bench.loseTse()
  await counted(register, '50.00')
  await till.create(closing(register, '-50.00'))
  expect(numbered(bench)).toEqual(['session_open', 'session_cash_count', 'session_close'])
})

test('nothing is counted while a reversal is in progress: its cash is not in the drawer yet', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 20_000 } })
  const register = await bench.till()
  const { id, till } = register
  const sale = await till.create(goods('sale', id, [['7.00', '0.19']]))
  await till.complete(sale, [pay('cash', '7.00')])
  await bench.fault('slow=5000@finish')
  const reversal = { type: 'void', register_id: id, currency: 'EUR', related_operation_id: sale.id }
  const voided = till.call({ path: '/v1/operations', body: reversal, key: 'void' })
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'operation.reversal_requested'))
  const count = { path: '/v1/operations', body: event('session_cash_count', id, { counted_closing_amount: '50.00' }) }
  const refusal = await till.refused({ ...count, key: 'count' })
  expect([refusal.status, refusal.code, refusal.fiscal_effect]).toEqual([503, 'reconciling', 'none'])
  expect((await voided).status).toBe(201)
  const { json } = await till.call({ ...count, key: 'count' })
  expect(json).toMatchObject({ expected_closing_amount: '50.00', closing_cashcount_diff: '0.00' })
})
