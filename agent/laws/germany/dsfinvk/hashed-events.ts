import { NumberSpans } from '../../../../base/number-spans.ts'
import { ZERO_HASH } from '../../../journal/chain.ts'
import type { Chains } from '../../../journal/chains.ts'
import { chainAt, hashIn } from '../../../journal/chains.ts'
import type { StoredEvent, UnhashedEvent } from '../../../journal/events.ts'
import { DsfinvkRefusedError } from './refused.ts'

type Stored = (seq: number) => Pick<StoredEvent, 'hash'> | undefined

/**
 * Compares events with their hashes, each of them once: registers that sell on the same days share most of the events
 * that their closings read.
 */
export class HashedEvents {
  readonly #stored: Stored
  readonly #chains: Chains
  readonly #compared = new NumberSpans()
  #last: { seq: number; hash: Uint8Array } | undefined

  constructor(stored: Stored, chains: Chains) {
    this.#stored = stored
    this.#chains = chains
  }

  /** The next events after a seq. Throws DsfinvkRefusedError for one that was changed, and for one after a missing one. */
  compare(events: readonly UnhashedEvent[], after: number): void {
    const [first, last] = [events.at(0), events.at(-1)]
    if (first === undefined || last === undefined) return
    if (first.seq === after + 1 && this.#compared.missing(first.seq, last.seq).length === 0) return
    const before = this.#hashOf(after)
    let head = before
    for (const event of events) head = hashIn(chainAt(this.#chains, event.seq), head, event)
    const stored = this.#stored(last.seq)?.hash
    if (stored?.equals(head) !== true) throw damaged(this.#firstDamaged(events, before) ?? last)
    this.#compared.add(first.seq, last.seq)
    this.#last = { seq: last.seq, hash: stored }
  }

  #hashOf(seq: number): Uint8Array {
    return this.#last?.seq === seq ? this.#last.hash : (this.#stored(seq)?.hash ?? ZERO_HASH)
  }

  #firstDamaged(events: readonly UnhashedEvent[], before: Uint8Array): UnhashedEvent | undefined {
    let previous = before
    return events.find((event) => {
      const expected = hashIn(chainAt(this.#chains, event.seq), previous, event)
      previous = this.#stored(event.seq)?.hash ?? expected
      return !expected.equals(previous)
    })
  }
}

function damaged({ seq, op, kind, body }: UnhashedEvent): DsfinvkRefusedError {
  const bon = /"receipt":\{"number":(\d+)/.exec(body)?.[1]
  const what = `event ${seq} of the journal (${kind}${op === '' ? '' : ` of ${op}`}) is not as it was written: verify the journal`
  return new DsfinvkRefusedError([{ bon, what, rule: '§ 12' }], 1)
}
