import { cash, line } from '../../../../clients/typescript/src/goods.ts'
import type { TillOptions } from '../../../../clients/typescript/src/options.ts'
import type { Outcome } from '../../../../clients/typescript/src/outcome.ts'
import { Till } from '../../../../clients/typescript/src/till.ts'
import { today } from '../../../today.ts'

type Operation = Awaited<ReturnType<Till['untilFinal']>>

/** What a till does that keeps every rule, and what it leaves out. */
export type Habits = {
  readonly sales: number
  readonly rate?: string
  readonly sellsBeforeItOpens?: true
  readonly leavesABasketOpen?: true
  readonly leavesWhatItFinds?: true
  readonly readsNothingAgain?: true
  readonly printsByItself?: true
  readonly givesUp?: true
}

const PAID = [cash('5.00'), cash('-0.50')]
const LOOK_MS = 250

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The agent may be away. */
export async function opened(options: TillOptions): Promise<Till> {
  for (;;) {
    try {
      return await Till.open(options)
    } catch (error) {
      if (!(error instanceof Error && error.name === 'Unreachable')) throw error
      await later(LOOK_MS)
    }
  }
}

/** Until it is done. What was refused is voided, and after 412 completed as it is now. */
async function settled(till: Till, first: Outcome<Operation>, { givesUp }: Habits): Promise<Operation> {
  for (let outcome = first; ; ) {
    if (outcome.outcome === 'done') return outcome.value
    if (outcome.outcome === 'held') outcome = await till.retry(outcome.by)
    else if (outcome.outcome === 'ask_again') {
      if (givesUp === true) throw new Error('no answer')
      await later(outcome.retryAfterMs)
      outcome = await till.retry(outcome.ref)
    } else if (outcome.open === undefined) throw new Error(`refused: ${outcome.error.code}`)
    else if (outcome.error.code === 'precondition_failed')
      outcome = await till.complete(outcome.open, { payments: PAID })
    else outcome = await till.void(outcome.open)
  }
}

async function finishRecovered(till: Till, habits: Habits): Promise<void> {
  for (const { outcome } of till.recovered) {
    const operation = await settled(till, outcome, habits)
    if (operation.status !== 'open' || habits.leavesWhatItFinds === true) continue
    await settled(till, await till.complete(operation, { payments: PAID }), habits)
  }
}

/** A shift by the client's methods, and by its habits. */
export async function workShift(till: Till, habits: Habits): Promise<void> {
  const { sales, rate = '0.07', sellsBeforeItOpens, leavesABasketOpen, readsNothingAgain, printsByItself } = habits
  const lines = [line({ sku_identifier: 'bun', title: 'Bun', quantity: 10, unit_price: '0.45', rate })]
  const basket = { lines, payments: PAID }
  await finishRecovered(till, habits)
  if (sellsBeforeItOpens === true) await till.sell(basket)
  const session = await till.get(`/v1/registers/${till.register.id}/session`)
  if (session.outcome !== 'done') await settled(till, await till.openSession('50.00'), habits)
  for (let sold = 0; sold < sales; sold++) {
    const answered = await settled(till, await till.sell(basket), habits)
    const sale = readsNothingAgain === true ? answered : await till.untilFinal(answered)
    if (sale.status === 'completed' && printsByItself !== true) await till.receiptBytes(sale.id, 'txt')
  }
  if (leavesABasketOpen === true) await till.begin({ lines })
  await settled(till, await till.adjust('-20.00'), habits)
  await settled(till, await till.count('30.00'), habits)
  await settled(till, await till.closeSession(today()), habits)
  await till.close()
}
