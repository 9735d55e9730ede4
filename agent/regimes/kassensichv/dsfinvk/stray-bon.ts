import { parseRfc3339 } from '../../../clock.ts'
import type { Members } from '../../../journal/events.ts'
import { ABBRUCH, KASSENBELEG } from '../process-data.ts'
import type { Bon } from './bon.ts'
import type { BonFrame } from './document-bon.ts'
import type { JournalReads, NumberedBon } from './journal-bons.ts'
import { noPayment } from './payments.ts'

/**
 * The end of a transaction that was found open on the TSE after a crash or an outage: AVBelegabbruch without lines.
 * Throws RangeError where the journal does not hold what its row needs.
 */
export function strayBon(
  view: JournalReads,
  { number, note, numberedMs }: Extract<NumberedBon, { kind: 'stray' }>,
  { defaultOperator, tseSerial }: BonFrame,
  times: (startMs: number, endMs: number) => { start: string; end: string },
): Bon {
  const operation = typeof note['operation_id'] === 'string' ? note['operation_id'] : undefined
  const startMs = startOf(view, note, operation)
  if (startMs === undefined)
    throw new RangeError(`the start of the stray transaction ${note['transaction']} is not journalled (TSE_TA_START)`)
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
      serial: typeof note['serial'] === 'string' ? note['serial'] : tseSerial,
      transaction: Number(note['transaction']),
      startMs,
      endMs: Number(note['time_ms']),
      processType: KASSENBELEG,
      processData: ABBRUCH,
      counter: Number(note['counter']),
      signature: String(note['signature']),
    },
  }
}

function startOf(view: JournalReads, note: Members, operation: string | undefined): number | undefined {
  if (typeof note['started_ms'] === 'number') return note['started_ms']
  const tse = (operation === undefined ? undefined : view.document(operation))?.['$tse'] as Members | undefined
  if (Number(tse?.['transaction']) !== Number(note['transaction'])) return undefined
  return parseRfc3339(String(tse?.['started_at']))
}
