// A shift at a fiskal-edge agent: open, sell 4.50 in cash, print, count, close.
// In a project of your own these are '@fiskal-edge/client' and '@fiskal-edge/client/node'.
import type { Operation, Outcome } from '../../typescript/src/index.ts'
import { cash, line, Till, Unreachable } from '../../typescript/src/index.ts'
import { fileStore } from '../../typescript/src/node.ts'

type Settled = Extract<Outcome<Operation>, { outcome: 'done' | 'refused' }>

const till = await openTill()
const bun = line({ sku_identifier: 'bun-6', title: 'Brötchen, 6 Stück', quantity: 1, unit_price: '4.50', rate: '0.07' })

await voidLeft()
if ((await settled(() => till.openSession('50.00'))).outcome === 'refused') {
  await endShift('50.00') // the shift of a till that ended early
  await settled(() => till.openSession('50.00'))
}
const sale = await settled(() => till.sell({ lines: [bun], payments: [cash('5.00'), cash('-0.50')] }))
if (sale.outcome === 'done') {
  const { id } = await till.untilFinal(sale.value)
  const receipt = await till.receiptBytes(id, 'txt')
  console.log(receipt.outcome === 'done' ? new TextDecoder().decode(receipt.value) : receipt.error?.message)
} else {
  console.log(sale.error.message)
  await voidLeft()
}
await endShift(sale.outcome === 'done' ? '54.50' : '50.00')
await till.close()

/** Waits for an agent that does not answer yet; requests that a crash left are sent again first. */
async function openTill(): Promise<Till> {
  for (;;) {
    try {
      return await Till.open({ store: fileStore('./pending'), userAgent: 'example-typescript' })
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
    }
  }
}

/** The outcome of a change, after that of an earlier one whose answer is missing. */
async function settled(act: () => Promise<Outcome<Operation>>): Promise<Settled> {
  for (;;) {
    const outcome = await act()
    if (outcome.outcome === 'done' || outcome.outcome === 'refused') return outcome
    if (outcome.outcome === 'held') await settled(() => till.retry(outcome.by))
    else {
      await new Promise((resolve) => setTimeout(resolve, outcome.retryAfterMs))
      return settled(() => till.retry(outcome.ref))
    }
  }
}

/** Baskets that are still open; a till with a screen shows them, and the cashier decides. */
async function voidLeft(): Promise<void> {
  const open = await till.get<{ data: Operation[] }>('/v1/operations?status=open')
  if (open.outcome === 'done') for (const left of open.value.data) await settled(() => till.void(left))
}

async function endShift(counted: string): Promise<void> {
  await settled(() => till.count(counted))
  console.log((await settled(() => till.closeSession(new Date().toLocaleDateString('sv')))).outcome)
}
