import { parseRfc3339 } from '../../base/clock.ts'
import type { HostTime } from '../../drivers/ports/time-gate.ts'
import { partsOf } from '../journal/documents/parts.ts'
import type { EventBody } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import { transactionFacts } from '../journal/transaction-facts.ts'
import { endOfDocument, startOfDocument } from '../journal/tse-logs.ts'
import type { StepWatch } from '../process/clock-steps.ts'
import { newestNaming } from './journalled-numbers.ts'

/** Events with a log that are enough to know the newest: units sign in the order of their times, to a minute. */
const ENOUGH = 64

/** The times that the journal has for the TSE of a device. */
export function hostTimeOf(journal: Journal, device: string, steps: StepWatch): HostTime {
  const { view, clockWatch } = journal
  let newestLog: { serial: string; vouchedAt: number; newestMs: number | undefined } | undefined
  const serial = keepLast(() => view.enrolledSerial(device))
  const newest = keepLast(() => {
    const unit = serial()
    const { vouchedAt } = clockWatch
    if (unit === undefined) return undefined
    // Looked for once: what is signed from here on the gate itself has seen.
    if (newestLog?.serial !== unit || newestLog.vouchedAt !== vouchedAt)
      newestLog = { serial: unit, vouchedAt, newestMs: newestLogMs(journal, device, unit, vouchedAt) }
    return newestLog.newestMs
  })
  let confirmed: { seq: number; ms: number | undefined } = { seq: 0, ms: undefined }
  const vouchedMs = keepLast(() => {
    const { vouchedAt: seq } = clockWatch
    if (confirmed.seq !== seq) confirmed = { seq, ms: parseRfc3339(view.event(seq)?.at ?? '') }
    return confirmed.ms
  })
  return {
    serial,
    newestEventMs: () => {
      // Asked before each act: a step is seen before anything is signed.
      steps.compareClocks()
      return clockWatch.newestMs
    },
    newestLogMs: newest,
    vouchedAt: () => clockWatch.vouchedAt,
    vouchedMs,
    partedNs: () => steps.partedNs,
  }
}

/** If a disk cannot be read, or the journal is closed, the last value stays. */
function keepLast<T>(read: () => T): () => T | undefined {
  let last: T | undefined
  return () => {
    try {
      last = read()
    } catch {
      // The journal itself reports that to a caller who records something.
    }
    return last
  }
}

/** The newest logTime of a unit after an event, from the newest events of its device. */
export function newestLogMs(
  { view, headSeq }: Pick<Journal, 'view' | 'headSeq'>,
  device: string,
  serial: string,
  after: number,
): number | undefined {
  let newest: number | undefined
  let count = 0
  for (const event of newestNaming(view, device, headSeq)) {
    if (event.seq <= after || count === ENOUGH) break
    const times = logTimesIn(bodyOf(event), serial)
    if (times.length === 0) continue
    newest = Math.max(newest ?? 0, ...times)
    count++
  }
  return newest
}

/** The times of a start and a finish, of a transaction that was aborted, and of one that was adopted. */
function logTimesIn(body: EventBody, serial: string): number[] {
  const facts = transactionFacts(body)
  const parts = partsOf(body)
  const [start, ended] = [startOfDocument(parts), endOfDocument(parts)]
  const texts = [
    ...(start?.serial === serial ? [start.at] : []),
    ...(ended?.serial === serial ? [ended.at] : []),
    ...(facts.serial === serial ? [facts.started?.log_time, facts.finished?.log_time] : []),
  ]
  const aborted = facts.serial === serial ? facts.time_ms : undefined
  const times = texts.map((text) => (text === undefined ? undefined : parseRfc3339(text)))
  return [...times, aborted].filter((ms) => typeof ms === 'number')
}
