import type { DeviceLogs } from '../../journal/books/device-logs.ts'
import { EXPECTED_FINISH, MET_FINISH } from '../../journal/books/log-index.ts'
import { partsOf } from '../../journal/documents/parts.ts'
import type { Act, EventBody } from '../../journal/events.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import { endOfDocument } from '../../journal/tse-logs.ts'
import type { RecordedEvents } from './archive-match.ts'
import { readKassenbeleg } from './process-data.ts'

/** A TSE out of service, and the bons that it signed and no archive has; `cents`: their gross sum. */
export type RetiredUnit = {
  readonly serial: string
  readonly at: string
  readonly reason: string | undefined
  readonly bons: number
  readonly cents: bigint
}

/** The retirements of a journal whose archives were compared. */
export async function retiredUnits(logs: DeviceLogs, events: () => RecordedEvents): Promise<RetiredUnit[]> {
  const unmet = new Map<number, string>()
  for (const { serial } of logs.retirements())
    for (const { seq } of logs.units.get(serial)?.lacking(EXPECTED_FINISH, MET_FINISH) ?? []) unmet.set(seq, serial)
  const sums = unmet.size === 0 ? new Map<string, Sum>() : await sumsOf(unmet, events())
  return logs.retirements().map((retirement) => ({ ...retirement, ...(sums.get(retirement.serial) ?? NOTHING) }))
}

type Sum = { readonly bons: number; readonly cents: bigint }
const NOTHING: Sum = { bons: 0, cents: 0n }

async function sumsOf(unmet: ReadonlyMap<number, string>, events: RecordedEvents): Promise<Map<string, Sum>> {
  const sums = new Map<string, Sum>()
  const acts = new Map<number, Act>()
  for await (const { seq, body } of events) {
    const act = body.ref === undefined ? undefined : acts.get(body.ref)
    if (body.ref !== undefined) acts.delete(body.ref)
    if (body.act?.name === 'finish') acts.set(seq, body.act)
    const serial = unmet.get(seq)
    if (serial === undefined) continue
    const { bons, cents } = sums.get(serial) ?? NOTHING
    sums.set(serial, { bons: bons + 1, cents: cents + grossIn(body, act) })
  }
  return sums
}

/** The sum of the slots that the TSE was asked to sign. */
function grossIn(body: EventBody, act: Act | undefined): bigint {
  const signed = endOfDocument(partsOf(body))?.processData ?? transactionFacts(body).process_data
  const beleg = readKassenbeleg(String(signed ?? act?.['process_data'] ?? ''))
  return (beleg?.gross ?? []).reduce((sum, cents) => sum + cents, 0n)
}
