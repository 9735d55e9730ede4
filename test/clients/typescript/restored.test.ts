import { cp, rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { cash, line } from '../../../clients/typescript/src/goods.ts'
import { memoryStore } from '../../../clients/typescript/src/store.ts'
import { Bench } from '../../e2e/bench.ts'
import { heavy } from '../../tags.ts'
import { done, openTill, SwitchedLine } from './fault-line.ts'

const BUNS = line({ sku_identifier: 'bun', title: 'Brötchen', quantity: 10, unit_price: '0.45', rate: '0.07' })

test(
  'an agent restored from before the last sale gets pending baskets again, and refuses lost ones by 404',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    const [{ state }, copy] = [bench.config, `${bench.config.state}-before`]
    await bench.restart(() => cp(state, copy, { recursive: true }))
    const store = memoryStore(() => undefined)
    const fragile = new SwitchedLine()
    const till = await openTill(bench, register, { store, fetch: fragile.fetch, timeoutMs: 300 })
    const open = done(await till.begin({ lines: [BUNS], external_id: 'waits' }))
    const paid = done(await till.begin({ lines: [BUNS], external_id: 'paid' }))
    fragile.fault = 'lost'
    expect(await till.complete(paid, { payments: [cash('4.50')] })).toMatchObject({ outcome: 'ask_again' })
    await bench.restart(async () => {
      await rm(state, { recursive: true })
      await cp(copy, state, { recursive: true })
    })
    const later = await openTill(bench, register, { store })
    expect(later.recovered.map(({ outcome }) => outcome)).toMatchObject([
      { outcome: 'done', replayed: false, value: { status: 'open', external_id: 'waits' } },
      { outcome: 'refused', error: { status: 404 } },
    ])
    const [waiting] = later.recovered
    if (waiting?.outcome.outcome !== 'done') throw new Error('not recovered')
    expect(waiting.outcome.value.id).not.toBe(open.id)
    expect(done(await later.complete(waiting.outcome.value, { payments: [cash('4.50')] })).status).toBe('completed')
    expect(later.pending()).toEqual([])
  },
)
