import type { Gap, GapKind } from '../../../../verify/dsfinvk/number-gaps.ts'
import { gapText } from '../../../../verify/dsfinvk/number-gaps.ts'
import type { RecordedAside } from '../../../journal/set-aside.ts'
import { asidesOf } from '../../../journal/set-aside.ts'
import type { Bon } from './bon.ts'
import type { JournalReads } from './journal-bons.ts'
import type { ClosedSession } from './journal-closings.ts'

/** Writes into the first bon after a gap which numbers of bons or closings were set aside (DSFinV-K § 4.3). */
export class NumberGaps {
  readonly #bons: ReadonlyMap<number, Gap>
  #closing: Gap | undefined

  constructor(view: JournalReads, { registerId, number }: ClosedSession) {
    const asides = asidesOf(view, registerId)
    const gapsOf = (wanted: GapKind) => byNumberAfter(asides.filter(({ kind }) => kind === wanted))
    this.#bons = gapsOf('bon')
    this.#closing = gapsOf('z').get(number)
  }

  /** The bons of a closing in their order. */
  named(bon: Bon): Bon {
    const gap = this.#bons.get(bon.id)
    const texts = [...(gap ? [gapText('bon', gap)] : []), ...(this.#closing ? [gapText('z', this.#closing)] : [])]
    this.#closing = undefined
    if (texts.length === 0) return bon
    return { ...bon, note: [...texts, ...(bon.note === undefined ? [] : [bon.note])].join('; ') }
  }
}

/** By the number after it; neighbours are one gap. A TSE that was ahead has the words that earlier programs gave it. */
function byNumberAfter(asides: readonly RecordedAside[]): Map<number, Gap> {
  const gaps = new Map<number, Gap>()
  for (const { from, to, why } of asides) {
    const before = gaps.get(from)
    gaps.delete(from)
    gaps.set(to + 1, { from: before?.from ?? from, to, isPutBack: why === 'rollback' })
  }
  return gaps
}
