import { parseRfc3339 } from '../../../../base/clock.ts'
import { isRecorded } from '../../../journal/documents/document.ts'
import type { TransactionFacts } from '../../../journal/transaction-facts.ts'
import { ABBRUCH, KASSENBELEG } from '../process-data.ts'
import { stateOf } from '../state.ts'
import type { Bon } from './bon.ts'
import type { BonTime } from './bon-times.ts'
import type { BonFrame } from './document-bon.ts'
import type { JournalReads, NumberedBon } from './journal-bons.ts'
import { noPayment } from './payments.ts'

/**
 * The finish of a transaction that was found open on the TSE after a crash or an outage: AVBelegabbruch without lines.
 * Throws RangeError if the journal does not hold what its row needs.
 */
export function orphanBon(
  view: JournalReads,
  { number, told, numberedMs }: Extract<NumberedBon, { kind: 'stray' }>,
  { defaultOperator }: BonFrame,
  times: (startMs: number, endMs: number) => BonTime,
): Bon {
  const operation = told.operation_id ?? undefined
  const startMs = startOf(view, told, operation)
  const tse = startMs === undefined ? undefined : tseOf(told, startMs)
  if (startMs === undefined || tse === undefined)
    throw new RangeError(`the start of the stray transaction ${told.transaction} is not journalled (TSE_TA_START)`)
  const { start, end, onPaper } = times(startMs, numberedMs)
  const notes = [operation === undefined ? undefined : `op=${operation}`, onPaper].filter((note) => note !== undefined)
  return {
    id: number,
    type: 'AVBelegabbruch',
    start,
    end,
    operator: { id: defaultOperator },
    note: notes.length === 0 ? undefined : notes.join(' '),
    lines: [],
    payments: noPayment('EUR'),
    tse,
  }
}

/** Undefined if the journal does not have all of its members. */
function tseOf(told: TransactionFacts, startMs: number): Bon['tse'] | undefined {
  const { serial, transaction, time_ms: endMs, counter, signature } = told
  if (serial === undefined || transaction === undefined || endMs === undefined) return undefined
  if (counter === undefined || signature === undefined) return undefined
  const process = { processType: KASSENBELEG, processData: ABBRUCH }
  return { state: 'signed', serial, transaction, startMs, endMs, ...process, counter, signature }
}

function startOf(view: JournalReads, told: TransactionFacts, operation: string | undefined): number | undefined {
  if (told.started_ms !== undefined) return told.started_ms
  const document = operation === undefined ? undefined : view.document(operation)
  const transaction = document && isRecorded(document) ? stateOf(document).transaction : undefined
  return transaction !== undefined && transaction.transaction === told.transaction
    ? parseRfc3339(transaction.started_at)
    : undefined
}
