import { parseRfc3339 } from '../../../../base/clock.ts'
import { journalledDocument } from '../journalled-document.ts'
import { ABBRUCH, KASSENBELEG } from '../process-data.ts'
import type { Bon } from './bon.ts'
import type { BonFrame } from './document-bon.ts'
import type { JournalReads, NumberedBon, StrayNote } from './journal-bons.ts'
import { noPayment } from './payments.ts'

/**
 * The end of a transaction that was found open on the TSE after a crash or an outage: AVBelegabbruch without lines.
 * Throws RangeError where the journal does not hold what its row needs.
 */
export function strayBon(
  view: JournalReads,
  { number, note, numberedMs }: Extract<NumberedBon, { kind: 'stray' }>,
  { defaultOperator }: BonFrame,
  times: (startMs: number, endMs: number) => { start: string; end: string },
): Bon {
  const operation = note.operation_id ?? undefined
  const startMs = startOf(view, note, operation)
  if (startMs === undefined)
    throw new RangeError(`the start of the stray transaction ${note.transaction} is not journalled (TSE_TA_START)`)
  return {
    id: number,
    type: 'AVBelegabbruch',
    ...times(startMs, numberedMs),
    operator: { id: defaultOperator },
    note: operation === undefined ? undefined : `op=${operation}`,
    lines: [],
    payments: noPayment('EUR'),
    tse: {
      state: 'signed',
      serial: note.serial,
      transaction: note.transaction,
      startMs,
      endMs: note.time_ms,
      processType: KASSENBELEG,
      processData: ABBRUCH,
      counter: note.counter,
      signature: note.signature,
    },
  }
}

function startOf(view: JournalReads, note: StrayNote, operation: string | undefined): number | undefined {
  if (note.started_ms !== undefined) return note.started_ms
  const document = operation === undefined ? undefined : view.document(operation)
  const begun = document && journalledDocument(document).$tse
  return begun?.transaction === note.transaction ? parseRfc3339(begun.started_at) : undefined
}
