import type { Document } from '../../journal/documents/document.ts'
import type { Marks, Members, NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Conclusion, Moment } from '../../laws/law.ts'

/** What a document gathers within one commit from the conclusions of its law. Written by {@link take}; a refusal also by who plans. */
export class Gathering {
  /** The document as the law sees it: with what is planned to stand in it at the end, and what was concluded so far. */
  current: Members
  /** For the next question to the law: special receipts that came into being took the number and moved the chain. */
  moment: Moment
  /** Members of the document that were concluded. */
  set: Members = {}
  /** What else the conclusions change: they go into the event that follows. */
  marks: Marks = {}
  /** Documents that came into being, and what else came to light: their events follow that one. */
  readonly born: NewEvent[] = []
  /** The device refused, and the law does not go on without it. */
  refusal: Conclusion['refusal']
  /** The law does not record the document after all. */
  isLeftOut = false
  readonly #view: View

  constructor(view: View, { stored }: Pick<Document, 'stored'>, planned: Members | undefined, moment: Moment) {
    this.#view = view
    this.current = planned === undefined ? stored : { ...stored, ...planned }
    this.moment = moment
  }

  take({
    set,
    transaction,
    enrolled,
    chain,
    documents = [],
    events = [],
    refusal,
    isLeftOut = false,
  }: Conclusion): void {
    const { registerId: register } = this.moment
    this.current = { ...this.current, ...set }
    this.set = { ...this.set, ...set }
    this.marks = {
      ...this.marks,
      ...(transaction !== undefined && { transaction }),
      ...(enrolled !== undefined && { enrolled }),
      ...(chain !== undefined && { chain: { register, state: chain } }),
    }
    this.refusal = refusal
    this.isLeftOut ||= isLeftOut
    if (chain !== undefined) this.moment = { ...this.moment, chain }
    for (const { kind, op, index, set, receipt } of documents) {
      if (this.#view.document(op) !== undefined) continue
      const number = receipt !== undefined && { receipt: { register, number: receipt } }
      this.born.push({ kind, op, body: { ...(index !== undefined && { index }), set, ...number } })
      if (receipt !== undefined) this.moment = { ...this.moment, receiptNumber: this.moment.receiptNumber + 1 }
    }
    this.born.push(...events)
  }
}
