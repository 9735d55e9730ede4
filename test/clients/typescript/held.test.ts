// @module-tag heavy
import { expect, test } from 'vitest'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { memoryStore, StoreError } from '../../../clients/typescript/src/store.ts'
import { Bench } from '../../e2e/bench.ts'
import { pay } from '../../e2e/goods.ts'
import { done, openTill, SwitchedLine } from './fault-line.ts'

const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })
const CAKE = line({ sku_identifier: 'cake', title: 'Käsekuchen', quantity: 1, unit_price: '4.50', rate: '0.07' })
const PAID = [cash('4.50')]

test('no second sale begins while the outcome of the first is unknown, and its retry is the first one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const line = new SwitchedLine()
  const till = await openTill(bench, register, { fetch: line.fetch, timeoutMs: 300 })
  line.fault = 'lost'
  const first = await till.sell({ lines: [BUNS], payments: PAID, external_id: 'first' })
  if (first.outcome !== 'ask_again') throw new Error(first.outcome)
  line.fault = undefined
  expect(await till.sell({ lines: [CAKE], payments: PAID, external_id: 'second' })).toEqual({
    outcome: 'held',
    by: first.ref,
  })
  expect(await till.begin()).toEqual({ outcome: 'held', by: first.ref })
  expect(await till.count('54.50')).toEqual({ outcome: 'held', by: first.ref })
  expect(done(await till.retry(first.ref))).toMatchObject({ status: 'completed', external_id: 'first' })
  expect(done(await till.sell({ lines: [CAKE], payments: PAID, external_id: 'second' }))).toMatchObject({
    external_id: 'second',
  })
  expect(await bench.office.list('/v1/operations?type=sale')).toHaveLength(2)
})

test('a refused attempt holds up nothing, and other open baskets end while one is unknown', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const line = new SwitchedLine()
  const till = await openTill(bench, register, { fetch: line.fetch, timeoutMs: 300 })
  const [one, other, third] = [
    done(await till.begin({ lines: [BUNS] })),
    done(await till.begin({ lines: [CAKE] })),
    done(await till.begin({ lines: [CAKE] })),
  ]
  line.fault = 'lost'
  const unknown = await till.complete(one, { payments: PAID })
  if (unknown.outcome !== 'ask_again') throw new Error(unknown.outcome)
  line.fault = undefined
  // Its completion may be recorded: other payments would be another request under its key.
  expect(await till.complete(one, { payments: [cash('5.00'), cash('-0.50')] })).toEqual({
    outcome: 'held',
    by: unknown.ref,
  })
  expect(await till.void(one)).toEqual({ outcome: 'held', by: unknown.ref })
  expect(done(await till.complete(other, { payments: PAID }))).toMatchObject({ status: 'completed' })
  expect(done(await till.void(third))).toMatchObject({ status: 'voided' })
  expect(await till.retry(unknown.ref)).toMatchObject({ outcome: 'done', replayed: true })
  line.fault = 'busy'
  const busy = await till.sell({ lines: [BUNS], payments: PAID })
  expect(busy).toMatchObject({ outcome: 'ask_again', error: { code: 'fiscal_device_busy' } })
  line.fault = undefined
  expect(await till.sell({ lines: [BUNS], payments: PAID })).toMatchObject({ outcome: 'done' })
})

test('a second sell while one runs is a TypeError: a double tap sells once', async () => {
  await using bench = await Bench.open()
  const till = await openTill(bench, await bench.till())
  const running = till.sell({ lines: [BUNS], payments: PAID })
  await expect(till.sell({ lines: [BUNS], payments: PAID })).rejects.toThrow(TypeError)
  done(await running)
  expect(await bench.office.list('/v1/operations?type=sale')).toHaveLength(1)
})

test('a basket that another till has amended is not completed unseen: refused, with the basket as it is now', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const [till, handheld] = [await openTill(bench, register), await openTill(bench, register)]
  const open = done(await till.begin({ lines: [BUNS] }))
  expect(await handheld.orphans()).toMatchObject({ outcome: 'done', value: [{ id: open.id }] })
  done(await handheld.amend(open, { lines: [CAKE] }))
  const refused = await till.complete(open, { payments: PAID })
  expect(refused).toMatchObject({
    outcome: 'refused',
    error: { status: 412 },
    open: { resource_version: 2, line_items: [{ sku_identifier: 'cake' }] },
  })
  if (refused.outcome !== 'refused' || refused.open === undefined) throw new Error('no basket')
  const [entry] = till.pending()
  expect(entry).toMatchObject({ step: 'open', version: 2 })
  expect(done(await till.complete(refused.open, { payments: PAID }))).toMatchObject({ status: 'completed' })
  expect(till.pending()).toEqual([])
})

test('a refused completion leaves the basket open, and its key takes other payments', async () => {
  await using bench = await Bench.open()
  const till = await openTill(bench, await bench.till())
  const refused = await till.sell({ lines: [BUNS], payments: [cash('4.00')] })
  expect(refused).toMatchObject({
    outcome: 'refused',
    error: { code: 'payment_total_mismatch' },
    open: { status: 'open' },
  })
  if (refused.outcome !== 'refused' || refused.open === undefined) throw new Error('no basket')
  expect(done(await till.complete(refused.open, { payments: PAID }))).toMatchObject({ id: refused.open.id })
  expect(till.pending()).toEqual([])
})

test('a refused create leaves nothing: a basket of 1,001 lines, one beyond 1 MiB, and one before the session', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const till = await openTill(bench, await bench.register(locationId))
  expect(await till.sell({ lines: [BUNS], payments: PAID })).toMatchObject({
    outcome: 'refused',
    error: { code: 'no_open_session' },
  })
  done(await till.openSession('50.00'))
  const many = (lines: number, more = {}) =>
    till.begin({ lines: Array.from({ length: lines }, () => ({ ...BUNS, ...more })) })
  expect(await many(1001)).toMatchObject({ outcome: 'refused', error: { code: 'invalid_request' } })
  expect(await many(1000, { title: 'x'.repeat(900), unit: 'y'.repeat(40), group: 'z'.repeat(200) })).toMatchObject({
    outcome: 'refused',
    error: { code: 'payload_too_large' },
  })
  expect(till.pending()).toEqual([])
  done(await till.void(done(await many(1000))))
})

test('a key of the till or an unknown ref is a wrong call, and sends nothing', async () => {
  await using bench = await Bench.open()
  const till = await openTill(bench, await bench.till())
  const head = bench.head()
  const basket = { lines: [BUNS], payments: PAID, ref: 'bon-17' }
  await expect(till.sell(basket)).rejects.toThrow('pass your own number as external_id')
  await expect(till.retry('bon-17')).rejects.toThrow(TypeError)
  await expect(till.get('v1/operations')).rejects.toThrow(TypeError)
  await till.close()
  await expect(till.sell({ lines: [BUNS], payments: PAID })).rejects.toThrow('closed')
  expect(bench.requestedSince(head)).toEqual([])
})

test('a request that a person set aside holds up no sale, is read at each start, and is sent by no one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const line = new SwitchedLine()
  const store = memoryStore(() => undefined)
  const till = await openTill(bench, register, { store, fetch: line.fetch, timeoutMs: 300 })
  line.fault = 'lost'
  const first = await till.begin({ lines: [BUNS] })
  if (first.outcome !== 'ask_again') throw new Error(first.outcome)
  line.fault = undefined
  await till.setAside(first.ref, 'rung up again as Bon 18')
  await expect(till.retry(first.ref)).rejects.toThrow('set aside')
  done(await till.sell({ lines: [BUNS], payments: PAID }))
  const seen = line.calls.length
  const later = await openTill(bench, register, { store, fetch: line.fetch })
  expect(later.recovered).toMatchObject([
    { entry: { setAside: 'rung up again as Bon 18' }, outcome: { outcome: 'done', value: { status: 'open' } } },
  ])
  expect(line.calls.slice(seen).map(({ method }) => method)).toEqual(['GET', 'GET'])
  const [recovered] = later.recovered
  if (recovered?.outcome.outcome !== 'done') throw new Error('not read')
  await expect(later.complete(recovered.outcome.value, { payments: PAID })).rejects.toThrow('only be voided')
  done(await later.void(recovered.outcome.value))
  expect(later.pending()).toEqual([])
  expect(await bench.office.list('/v1/operations?type=sale&status=completed')).toHaveLength(1)
})

test('a revoked key refuses nothing after a lost answer; the renewed one gets the first answer', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const line = new SwitchedLine()
  let key = register.key
  const till = await openTill(bench, register, { fetch: line.fetch, key: async () => key, timeoutMs: 300 })
  line.fault = 'lost'
  const first = await till.sell({ lines: [BUNS], payments: PAID })
  if (first.outcome !== 'ask_again') throw new Error(first.outcome)
  line.fault = undefined
  key = `${key.slice(0, -1)}${key.endsWith('_') ? '-' : '_'}`
  const barred = await till.retry(first.ref)
  expect(barred).toMatchObject({ outcome: 'ask_again', error: { status: 401 } })
  expect(JSON.stringify(barred)).not.toContain(key)
  expect(till.pending()).toHaveLength(1)
  key = register.key
  expect(done(await till.retry(first.ref))).toMatchObject({ status: 'completed' })
  key = 'wrong'
  expect(await till.sell({ lines: [BUNS], payments: PAID })).toMatchObject({
    outcome: 'refused',
    error: { status: 401 },
  })
  expect(till.pending()).toEqual([])
})

test('the key of another register does not open the store, also if nothing is pending', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, other] = [await bench.register(locationId), await bench.register(locationId)]
  const store = memoryStore(() => undefined)
  await (await openTill(bench, one, { store })).close()
  await expect(openTill(bench, other, { store })).rejects.toThrow(
    `belongs to register ${one.id}, and the key to ${other.id}`,
  )
  await (await openTill(bench, one, { store })).close()
})

test('an agent that does not answer, or refuses the key, opens no till and loses nothing', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const unreachable = { url: 'http://127.0.0.1:9', timeoutMs: 100 }
  await expect(openTill(bench, register, unreachable)).rejects.toMatchObject({ name: 'Unreachable', error: undefined })
  await expect(openTill(bench, register, { key: 'wrong' })).rejects.toMatchObject({ error: { status: 401 } })
  await expect(openTill(bench, register, { key: '' })).rejects.toThrow('FISKAL_EDGE_REGISTER_KEY')
})

test('a store that fails sends nothing, and after the create the retry completes the basket', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const store = memoryStore(() => undefined)
  let full = ''
  const put: typeof store.put = async (entry) => {
    if ('step' in entry && entry.step === full) throw new Error('ENOSPC: no space left on device')
    await store.put(entry)
  }
  const till = await openTill(bench, register, { store: { ...store, put } })
  full = 'create'
  const head = bench.head()
  await expect(till.sell({ lines: [BUNS], payments: PAID })).rejects.toThrow(StoreError)
  expect([bench.requestedSince(head), till.pending()]).toEqual([[], []])
  full = 'complete'
  const failed: unknown = await till.sell({ lines: [BUNS], payments: PAID }).catch((error: unknown) => error)
  const ref = (failed as StoreError).ref ?? ''
  expect(failed).toMatchObject({ name: 'StoreError', message: expect.stringContaining('ENOSPC') })
  expect(till.pending()).toMatchObject([{ ref, step: 'create' }])
  full = ''
  expect(done(await till.retry(ref))).toMatchObject({ status: 'completed' })
  expect(await bench.office.list('/v1/operations?type=sale')).toHaveLength(1)
})

test('an entry that cannot be removed after its end changes no outcome, and the next start looks at it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const store = memoryStore(() => undefined)
  const failures: string[] = []
  const remove = () => Promise.reject(new Error('EROFS: read-only file system'))
  const log = ({ failure }: { failure?: string }) => void (failure !== undefined && failures.push(failure))
  const till = await openTill(bench, register, { store: { ...store, remove }, log })
  done(await till.sell({ lines: [BUNS], payments: PAID }))
  expect(failures).toEqual(['Error: EROFS: read-only file system'])
  const later = await openTill(bench, register, { store })
  expect(later.recovered).toMatchObject([
    { outcome: { outcome: 'done', replayed: true, value: { status: 'completed' } } },
  ])
  expect(await store.list()).toHaveLength(1)
})

test('a basket that someone else has ended is refused, and no longer pending', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const till = await openTill(bench, register)
  const open = done(await till.begin({ lines: [BUNS] }))
  await register.till.complete(open, [pay('cash', '4.50')])
  expect(await till.void(open)).toMatchObject({ outcome: 'refused', error: { status: 412 } })
  expect(till.pending()).toEqual([])
})
