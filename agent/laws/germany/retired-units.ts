import type { DeviceLogs } from '../../journal/books/device-logs.ts'
import { EXPECTED_FINISH, MET_FINISH } from '../../journal/books/log-index.ts'
import { readKassenbeleg } from './process-data.ts'
import type { RecordedEvents } from './recorded-acts.ts'
import { recordedData, withActs } from './recorded-acts.ts'

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
  for await (const { seq, body, act } of withActs(events)) {
    const serial = unmet.get(seq)
    if (serial === undefined) continue
    const { bons, cents } = sums.get(serial) ?? NOTHING
    sums.set(serial, { bons: bons + 1, cents: cents + grossOf(recordedData(body, act)) })
  }
  return sums
}

/** The sum of the slots that the TSE was asked to sign. */
function grossOf(processData: string): bigint {
  return (readKassenbeleg(processData)?.gross ?? []).reduce((sum, cents) => sum + cents, 0n)
}
