import { ZERO_HASH } from '../sync/protocol/chain-hash.ts'
import { batchLine, endLine, eventLine } from '../sync/protocol/envelope.ts'
import type { Store, StoredChain } from './store.ts'
import { StoreInvariantError } from './store.ts'

const PORTION = 200

/**
 * A chain from the event after `from` to the highest signed head, as the lines of a journal export; undefined if no
 * head is signed there yet. One portion is in memory at a time.
 */
export async function exportChain(
  store: Store,
  chain: StoredChain,
  from: number,
): Promise<AsyncGenerator<string> | undefined> {
  const signed = await store.lastCheckpoint(chain.chainId, chain.headSeq)
  if (signed === undefined || signed.seq <= from) return undefined
  const { seq: last, head, checkpoint } = signed
  const [before] = from === 0 ? [{ hash: ZERO_HASH }] : await store.events(chain.chainId, from - 1, 1)
  const prev = before?.hash ?? ZERO_HASH
  async function* lines(): AsyncGenerator<string> {
    yield batchLine({ chain: chain.chainId, epoch: chain.epoch, first: from + 1, last, prev })
    for (let after = from; after < last; ) {
      const events = await store.events(chain.chainId, after, Math.min(PORTION, last - after))
      if (events.length === 0) throw new StoreInvariantError(`event ${after + 1} is missing below the head`)
      yield events.map(eventLine).join('')
      after += events.length
    }
    yield endLine(last, head, checkpoint)
  }
  return lines()
}
