import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { Marks, Members, NewEvent, Parts } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Conclusion, Moment } from '../../laws/law.ts'

/** What a document gathers within one commit from the conclusions of its law. Written by {@link take}; a verdict also by who plans. */
export class Draft {
  /** The document as the law sees it: with what is planned to stand in it at the end, and what was concluded so far. */
  current: RecordedDocument
  /** For the next question to the law: special receipts that came into being took the number and moved the chain. */
  moment: Moment
  /** What was concluded of the document. */
  change: { readonly set: Members; readonly law?: Members } = { set: {} }
  /** What else the conclusions change: they go into the event that follows. */
  marks: Marks = {}
  /** Documents that came into being, and what else came to light: their events follow that one. */
  readonly born: NewEvent[] = []
  verdict: Conclusion['verdict']
  /** The law does not record the document after all. */
  isLeftOut = false
  readonly #view: View

  constructor(view: View, document: RecordedDocument, planned: Parts, moment: Moment) {
    this.#view = view
    this.current = document.with(planned)
    this.moment = moment
  }

  take({
    set = {},
    law,
    transaction,
    enrolled,
    chain,
    documents = [],
    events = [],
    verdict,
    isLeftOut = false,
  }: Conclusion): void {
    const { registerId: register } = this.moment
    this.current = this.current.with({ set, ...(law && { law }) })
    const stated = this.change.law === undefined ? law : { ...this.change.law, ...law }
    this.change = { set: { ...this.change.set, ...set }, ...(stated && { law: stated }) }
    this.marks = {
      ...this.marks,
      ...(transaction !== undefined && { transaction }),
      ...(enrolled !== undefined && { enrolled }),
      ...(chain !== undefined && { chain: { register, state: chain } }),
    }
    this.verdict = verdict
    this.isLeftOut ||= isLeftOut
    if (chain !== undefined) this.moment = { ...this.moment, chain }
    for (const { kind, op, index, set, law, receipt } of documents) {
      if (this.#view.document(op) !== undefined) continue
      const number = receipt !== undefined && { receipt: { register, number: receipt } }
      this.born.push({ kind, op, body: { ...(index !== undefined && { index }), set, ...(law && { law }), ...number } })
      if (receipt !== undefined) this.moment = { ...this.moment, receiptNumber: this.moment.receiptNumber + 1 }
    }
    this.born.push(...events)
  }
}
