// @module-tag heavy
import { expect, test } from 'vitest'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { memoryStore } from '../../../clients/typescript/src/store.ts'
import { Bench } from '../../e2e/bench.ts'
import { signed } from '../../e2e/client.ts'
import type { Fault as ProxyFault } from '../../sync/servers/fault-proxy.ts'
import { FaultProxy } from '../../sync/servers/fault-proxy.ts'
import { today } from '../../today.ts'
import { done, openTill } from './fault-line.ts'

const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })
const CAKE = line({ sku_identifier: 'cake', title: 'Käsekuchen', quantity: 1, unit_price: '2.50', rate: '0.07' })
const PAID = [cash('5.00'), cash('-0.50')]

async function completedSales(bench: Bench): Promise<number> {
  return (await bench.office.list('/v1/operations?type=sale&status=completed')).length
}

test('a shift is opened, sold, counted and closed, and leaves nothing in the store', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const store = memoryStore(() => undefined)
  const till = await openTill(bench, await bench.register(locationId), { store })
  done(await till.openSession('50.00'))
  const sale = await till.sell({ lines: [BUNS], payments: PAID })
  expect(sale).toMatchObject({ outcome: 'done', final: true, replayed: false, receiptText: undefined })
  expect(done(sale)).toMatchObject({ status: 'completed', total_amount: '4.50' })
  expect(signed(done(sale) as never).end_event.process_type).toBe('Kassenbeleg-V1')
  const begun = done(await till.begin())
  const amended = done(await till.amend(begun, { lines: [BUNS, CAKE] }))
  expect(amended).toMatchObject({ resource_version: 2, total_amount: '7.00' })
  expect(done(await till.void(amended))).toMatchObject({ status: 'voided' })
  const open = done(await till.begin({ lines: [CAKE], external_id: 'bon-1' }))
  expect(done(await till.complete(open, { payments: [cash('2.50')] }))).toMatchObject({ external_id: 'bon-1' })
  done(await till.adjust('-20.00', { note: 'Tresor' }))
  const opening = await till.drawerOpened({ occurred_at: new Date().toISOString(), reason: 'Wechselgeld' })
  expect(done(opening)).toMatchObject({ register_id: till.register.id })
  expect(done(await till.issued(done(sale).id, 'paper'))).toMatchObject({ issued_as: 'paper' })
  expect(till.pending()).toEqual([])
  done(await till.count('37.00'))
  done(await till.closeSession(today(), { closing_adjustment_amount: '0.00' }))
  expect(await till.receipt(done(sale).id)).toMatchObject({ outcome: 'done', value: { total: { value: '4.50' } } })
  // A busy machine draws no PDF within the time of a read: the till is told to ask again.
  const pdf = await bench.until(async () => {
    const read = await till.receiptBytes(done(sale).id, 'pdf')
    return read.outcome !== 'ask_again' && read
  })
  expect(pdf.outcome === 'done' && Buffer.from(pdf.value.slice(0, 4)).toString()).toBe('%PDF')
  await till.close()
  expect(await store.list()).toEqual([{ ref: 'register', registerId: till.register.id }])
})

/** A proxy that fails at each request of a change, and lets its repetition pass. */
async function eachOnce(fault: ProxyFault): Promise<{ proxy: FaultProxy; url: string } & AsyncDisposable> {
  const failed = new Set<string>()
  const proxy = new FaultProxy((method, path) => {
    const request = `${method} ${path}`
    if (method === 'GET' || failed.delete(request)) return 'pass'
    failed.add(request)
    return fault
  }, 0)
  const url = await proxy.listen('http://127.0.0.1:1')
  return { proxy, url, [Symbol.asyncDispose]: () => proxy.close() }
}

const FAULTS = [
  'reset',
  'swallow-request',
  'swallow-answer',
  'cut-request',
  'cut-answer',
  'captive-portal',
  'truncated-json',
  'redirect',
  'twice',
] as const satisfies readonly ProxyFault[]

test.concurrent.each(FAULTS)(
  'each act of a shift is done once through a proxy that fails at each request: %s',
  async (fault) => {
    await using failing = await eachOnce(fault)
    const { proxy, url } = failing
    await using bench = await Bench.open({ config: { allowedHosts: [new URL(url).host] } })
    proxy.redirectTo(bench.url)
    const { locationId } = await bench.shop()
    const till = await openTill(bench, await bench.register(locationId), {
      url,
      answerWithinMs: 300,
      timeoutMs: 30_000,
    })
    done(await till.openSession('50.00'))
    for (let sold = 0; sold < 3; sold++) done(await till.sell({ lines: [BUNS], payments: PAID }))
    const open = done(await till.begin({ lines: [CAKE] }))
    const amended = done(await till.amend(open, { lines: [BUNS] }))
    done(await till.complete(amended, { payments: PAID }))
    done(await till.void(done(await till.begin({ lines: [CAKE] }))))
    done(await till.count('68.00'))
    done(await till.closeSession(today()))
    expect(till.pending()).toEqual([])
    expect(await completedSales(bench)).toBe(4)
  },
)
