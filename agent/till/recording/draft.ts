import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { Marks, Members, NewEvent, Parts } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Conclusion, Moment } from '../../laws/law.ts'
import { joined } from './request-ends.ts'

/** The members of goods, which a completion may replace. */
const GOODS = [
  'line_items',
  'cart_level_discounts',
  'cancelled_line_items',
  'pretax_amount',
  'tax_amount',
  'tip_amount',
  'total_amount',
] as const

/**
 * The changes of a document within one commit, from the conclusions of its law. Written by {@link take}; the planner
 * may also set a verdict.
 */
export class Draft {
  /** The document for the law: with the members planned for its end, and the conclusions so far. */
  current: RecordedDocument
  /** For the next call of the law: special receipts that were created took the number and moved the chain. */
  moment: Moment
  /** The concluded changes of the document. */
  change: Parts = { set: {} }
  /** Other changes by the conclusions: they become part of the event that follows. */
  marks: Marks = {}
  /** Created documents and further facts: their events follow that one. */
  readonly furtherEvents: NewEvent[] = []
  verdict: Conclusion['verdict']
  /** The law does not record the document after all. */
  isLeftOut = false
  readonly #view: View
  readonly #document: RecordedDocument
  readonly #planned: Parts
  /** False if {@link current} is the document without planned members. */
  readonly #isPlanned: boolean

  constructor(view: View, document: RecordedDocument, planned: Parts, moment: Moment) {
    this.#view = view
    this.#document = document
    this.#planned = planned
    this.current = document.with(planned)
    this.#isPlanned = this.current !== document
    this.moment = moment
  }

  /**
   * The parts that the event sets, and the document after it: one place makes both, so that they agree. `final`: the
   * members of the end, if the document gets there.
   */
  reached(final: Parts): { readonly parts: Parts; readonly after: RecordedDocument } {
    const parts = joined(this.change, final)
    // The planned members are set by `final` alone: a request that continues does not have them.
    return { parts, after: this.#isPlanned ? this.#document.with(parts) : this.current.with(final) }
  }

  take({
    set,
    law,
    transaction,
    enrolled,
    chain,
    documents = [],
    events = [],
    verdict,
    isLeftOut = false,
    fixesGoods = false,
  }: Conclusion): void {
    const { registerId: register } = this.moment
    this.#change(set, law)
    if (fixesGoods) this.#change(goodsIn(this.#planned), undefined)
    if (transaction !== undefined) this.marks = { ...this.marks, transaction }
    if (enrolled !== undefined) this.marks = { ...this.marks, enrolled }
    if (chain !== undefined) this.marks = { ...this.marks, chain: { register, state: chain } }
    this.verdict = verdict
    this.isLeftOut ||= isLeftOut
    if (chain !== undefined) this.moment = { ...this.moment, chain }
    for (const { kind, op, index, set, law, receipt } of documents) {
      if (this.#view.document(op) !== undefined) continue
      const number = receipt !== undefined && { receipt: { register, number: receipt } }
      this.furtherEvents.push({
        kind,
        op,
        body: { ...(index !== undefined && { index }), set, ...(law && { law }), ...number },
      })
      if (receipt !== undefined) this.moment = { ...this.moment, receiptNumber: this.moment.receiptNumber + 1 }
    }
    this.furtherEvents.push(...events)
  }

  #change(set: Members | undefined, law: Members | undefined): void {
    if (set === undefined && law === undefined) return
    const stated = { ...(set && { set }), ...(law && { law }) }
    this.current = this.current.with(stated)
    this.change = joined(this.change, stated)
  }
}

/** The goods that came with the completion; undefined without any. */
function goodsIn({ set = {} }: Parts): Members | undefined {
  const goods = GOODS.flatMap((name) => {
    const member = set[name]
    return member === undefined ? [] : [[name, member] as const]
  })
  return goods.length === 0 ? undefined : Object.fromEntries(goods)
}
