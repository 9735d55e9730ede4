import { setImmediate } from 'node:timers/promises'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { StoredEvent } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import { transactionFacts } from '../journal/transaction-facts.ts'
import type { LostTransaction } from './lost-transactions.ts'

type Journalled = Pick<View, 'portionNaming'>

/** Events that are looked through in one turn of the event loop. */
const WINDOW = 20_000

/**
 * Transactions that the agent ended as aborted and whose start the journal lost: when it was lost, they were open.
 * `recall` has their start alone, as their end is a bon already. Throws DeviceError.
 */
export async function unrecordedStarts(
  view: Journalled,
  headSeq: number,
  serial: string,
  tse: Pick<Tse, 'recall'>,
): Promise<LostTransaction[]> {
  const ended = new Map<number, string>()
  for await (const body of bodiesNaming(view, headSeq, '"operation_id":null')) {
    const { transaction } = body
    const facts = transactionFacts(body)
    if (transaction?.state === 'closed' && facts.serial === serial && facts.register_id !== undefined)
      ended.set(transaction.number, facts.register_id)
  }
  if (ended.size === 0) return []
  for await (const body of bodiesNaming(view, headSeq, '"started":{')) {
    const facts = transactionFacts(body)
    if (facts.serial === serial && facts.transaction !== undefined) ended.delete(facts.transaction)
  }
  const starts: LostTransaction[] = []
  for (const [number, register] of ended) {
    const recall = await tse.recall(number)
    if (recall?.start !== undefined)
      starts.push({ number, register, recall: { ...recall, finish: undefined }, isEnded: true })
  }
  return starts
}

/** The bodies of the journal that contain the text, newest first; tills have their turn in between. */
async function* bodiesNaming(
  view: Journalled,
  headSeq: number,
  text: string,
): AsyncGenerator<ReturnType<typeof bodyOf>> {
  for (let before = headSeq + 1; before > 1; ) {
    const from = Math.max(1, before - WINDOW)
    const events: StoredEvent[] = view.portionNaming(text, from, before)
    yield* events.map(bodyOf)
    before = events.at(-1)?.seq ?? from
    await setImmediate()
  }
}
