import type { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtOriginal } from '../ports/rt-printer.ts'

/** Closures made, and the last fiscal document of the running period; `day_counters` as in the baseline. */
export type RtCounters = { z: number; number: number; day_counters?: string }

/** The end of a document's commands: all were done, the outcome is unknown, or the printer refused one of them. */
export type RtSent = { end: 'done' } | { end: 'unclear' } | { end: 'refused'; error: DeviceError; isBegun: boolean }

/** `serial` if the printer returned it with the document. */
export type RtFound = RtCounters & {
  printedAt: string | undefined
  certain?: boolean
  serial?: string
  annulled?: readonly string[]
}

/** The requirements on a family of printers for printing a document exactly once. */
export type RtUnit<Plan> = {
  /** Connects if needed and returns the last known serial. */
  ready(signal: AbortSignal): Promise<string>
  /** Asks the printer for its serial again: a different one may answer on a line that never broke. */
  identify(signal: AbortSignal): Promise<string>
  /**
   * The counters of an idle printer. Otherwise takes one step towards idle (aborts an open document) and returns
   * `again`.
   */
  restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'>
  baseline(signal: AbortSignal): Promise<RtBaseline>
  /** Never throws for a lost reply: that is `unclear`. Throws effect `none` if nothing was begun. */
  send(plan: Plan, fresh: RtBaseline, signal: AbortSignal): Promise<RtSent>
  /** One try, which the closure counter confirms: a lost reply is not an error. Throws a refusal. */
  closeOnce(signal: AbortSignal): Promise<void>
  /** The printer's own records after the baseline; `again` if the reading was incomplete. */
  search(document: RtDocument, baseline: RtBaseline): Search
  /** Undefined if the counter of slips shows that none was printed. */
  findSlip(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<RtFound | undefined>
  /** Called when the printer is idle, all commands were done and its counters moved by exactly one. */
  justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined>
  /** Undefined if it cannot be read: a printed document does not depend on it. */
  clockText(signal: AbortSignal): Promise<string | undefined>
  pendingFiles(signal: AbortSignal): Promise<number | undefined>
}

export type Search = (now: RtCounters, signal: AbortSignal) => Promise<RtFound | Mistaken | undefined | 'again'>

/**
 * Sales printed instead of our return, because power failed after the command that opened it. One that is still valid,
 * and the numbers of those already annulled.
 */
export type Mistaken = { mistaken: RtOriginal | undefined; annulled: readonly string[] }
