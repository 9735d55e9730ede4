import type { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtOriginal } from '../ports/fiscal-printer.ts'

/** Closures made, and the last fiscal document of the running period. */
export type RtCounters = { z: number; number: number }

/** Where a document's commands ended: all were done, the printer must be asked, or it refused one of them. */
export type RtSent = { end: 'done' } | { end: 'unclear' } | { end: 'refused'; error: DeviceError; begun: boolean }

/** `serial` where the printer told it with the document. */
export type RtFound = RtCounters & {
  printedAt: string | undefined
  certain?: boolean
  serial?: string
  annulled?: readonly string[]
}

/** What a family of printers must be able to do and tell for a document to be printed exactly once. */
export type RtUnit<Plan> = {
  /** Connects where needed and tells the serial, as it was told last. */
  ready(signal: AbortSignal): Promise<string>
  /** Asks the printer anew: another one may stand behind a line that never broke. */
  identify(signal: AbortSignal): Promise<string>
  /** The counters of a printer at rest. Else one step towards it (an open document is aborted) and `again`: look anew. */
  restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'>
  baseline(signal: AbortSignal): Promise<RtBaseline>
  /** Never throws for a lost reply: that is `unclear`. Throws effect `none` when nothing was begun. */
  send(plan: Plan, fresh: RtBaseline, signal: AbortSignal): Promise<RtSent>
  /** One try, which the closure counter tells of: a lost reply is no error. Throws a refusal. */
  closeOnce(signal: AbortSignal): Promise<void>
  /** What the printer itself recorded after the baseline; `again` where the reading was not complete. */
  search(document: RtDocument, baseline: RtBaseline): Search
  /** Undefined where the counter of slips tells that none was printed. */
  findSlip(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<RtFound | undefined>
  /** Where the printer is at rest, all commands were done and its counters moved by exactly one. */
  justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined>
  /** Undefined where it cannot be read: a printed document does not depend on it. */
  clockText(signal: AbortSignal): Promise<string | undefined>
  pendingFiles(signal: AbortSignal): Promise<number | undefined>
}

export type Search = (now: RtCounters, signal: AbortSignal) => Promise<RtFound | Mistaken | undefined | 'again'>

/**
 * Sales that are on paper in the place of our return, which is not: power was lost behind the command that opened it. One
 * that stands, and the numbers of those that are annulled.
 */
export type Mistaken = { mistaken: RtOriginal | undefined; annulled: readonly string[] }
