import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtClosure, RtDocument, RtOriginal, RtPrinted } from '../ports/fiscal-printer.ts'
import type { MemoryDocument, MemoryText } from './memory-text.ts'
import { isAfter, isComplete } from './memory-text.ts'

/** Closures made, and the last fiscal document of the running period. */
export type RtCounters = { z: number; number: number }

/** Where a document's commands ended: all were done, the printer must be asked, or it refused one of them. */
export type RtSent = { end: 'done' } | { end: 'unclear' } | { end: 'refused'; error: DeviceError; begun: boolean }

export type RtFound = RtCounters & { printedAt: string | undefined; certain?: boolean }

/** What a family of printers must be able to do and tell for a document to be printed exactly once. */
export type RtUnit<Plan> = {
  /** Connects where needed and tells the serial, as it was told last. */
  ready(signal: AbortSignal): Promise<string>
  /** Asks the printer anew: another one may stand behind a line that never broke. */
  identify(signal: AbortSignal): Promise<string>
  /**
   * One step towards rest (an open document is aborted), else the counters. `again` after each step: the answer to an
   * abort proves nothing.
   */
  restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'>
  baseline(signal: AbortSignal): Promise<RtBaseline>
  /** Never throws for a lost reply: that is `unclear`. Throws effect `none` when nothing was begun. */
  send(plan: Plan, fresh: RtBaseline, signal: AbortSignal): Promise<RtSent>
  /** One try; undefined where the reply is lost or the sequence was wrong. Throws a refusal. */
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
  pause(ms: number, signal: AbortSignal): Promise<void>
}

export type Search = (now: RtCounters, signal: AbortSignal) => Promise<RtFound | Mistaken | undefined | 'again'>

/** A sale that stands on paper in the place of our return: power was lost behind the command that opened it. */
type Mistaken = { mistaken: RtOriginal }

/** Looks at an unreachable or unready printer, at most; each is paced. The deadline comes far earlier. */
const looksMax = 100_000
/** Looks are this many pauses apart, at most: the first ones follow each other at once. */
const backOffMax = 5
/** Tries of a document or closure that certainly was not made. */
const roundsMax = 10

type Pace = {
  pollMs: number
  recent: RecentDocuments
  /** The texts of the memory are being read: on a slow line that takes its time, and is not given up for it. */
  searching: boolean
}

const recentMax = 1000

/** What this process printed itself: only documents of others have to be looked for in the printer's memory. */
export class RecentDocuments {
  readonly #names = new Map<string, string>()

  note(document: RtDocument, { serial, z, number }: RtPrinted): void {
    if (document.kind === 'non_fiscal' || document.kind === 'cash') return
    if (this.#names.size >= recentMax) this.#names.clear()
    this.#names.set(`${serial} ${z}-${number}`, nameOf(document))
  }

  /** True when every document since the baseline was printed by this process, and none is this one. */
  exclude(document: RtDocument, baseline: RtBaseline, now: RtCounters): boolean {
    if (now.z !== baseline.z || now.number < baseline.number) return false
    for (let number = baseline.number + 1; number <= now.number; number += 1) {
      const name = this.#names.get(`${baseline.serial} ${now.z + 1}-${number}`)
      if (name === undefined || name === nameOf(document)) return false
    }
    return true
  }
}

const nameOf = (document: RtDocument): string => {
  if (document.kind === 'void') return `void ${document.original.z}-${document.original.number}`
  return document.kind === 'sale' || document.kind === 'return' ? `${document.kind} ${document.reference}` : ''
}

type Work<Plan> = {
  document: RtDocument
  /** Pure. Throws effect `none` for what could not be printed whole. */
  planOf: (document: RtDocument) => Plan
  baseline: RtBaseline
  known: boolean
}

/**
 * Settles what became of a document: printed, or certainly not (undefined). Aborts an open one: it has no number, and a
 * finished one cannot be aborted. Throws effect `unknown` when given up before the printer told, `foreign` for another
 * printer than the baseline's.
 */
export const settleDocument = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  document: RtDocument,
  baseline: RtBaseline,
  signal: AbortSignal,
): Promise<RtPrinted | undefined> => {
  const settled = await lookFor(unit, pace, document, baseline, signal)
  return settled && 'mistaken' in settled ? undefined : settled
}

const lookFor = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  document: RtDocument,
  baseline: RtBaseline,
  signal: AbortSignal,
): Promise<RtPrinted | Mistaken | undefined> => {
  const search = unit.search(document, baseline)
  const look = async (): Promise<{ settled: RtPrinted | Mistaken | undefined } | 'again'> => {
    const now = await unit.restingCounters(signal)
    if (now === 'again') return 'again'
    const found = await seen(unit, pace, { document, baseline, search }, now, signal)
    if (found === 'again') return 'again'
    const isPrinted = found !== undefined && !('mistaken' in found)
    return { settled: isPrinted ? await printedOf(unit, document, found, signal) : found }
  }
  return await untilSettled(unit, pace, baseline, signal, look).finally(() => {
    pace.searching = false
  })
}

/** A slip by its counter, a document by what the printer recorded since the baseline. */
const seen = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  { document, baseline, search }: { document: RtDocument; baseline: RtBaseline; search: Search },
  now: RtCounters,
  signal: AbortSignal,
): Promise<RtFound | Mistaken | undefined | 'again'> => {
  if (document.kind === 'non_fiscal' || document.kind === 'cash') return await unit.findSlip(baseline, now, signal)
  if (now.z === baseline.z && now.number === baseline.number) return undefined
  if (pace.recent.exclude(document, baseline, now)) return undefined
  pace.searching = true
  return await search(now, signal)
}

/** By the closure counter alone, never by totals. */
export const settleClosure = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  baseline: RtBaseline,
  signal: AbortSignal,
): Promise<RtClosure | undefined> =>
  await untilSettled(unit, pace, baseline, signal, async () => {
    const now = await unit.restingCounters(signal)
    if (now === 'again') return 'again'
    if (now.z <= baseline.z) return { settled: undefined }
    const closedAt = await unit.clockText(signal)
    return { settled: { z: now.z, closedAt, pendingFiles: await unit.pendingFiles(signal) } }
  })

/**
 * Prints one document: every round begins with the certainty that it was not printed. `known` tells that nothing
 * happened since the baseline was read. A sale that came out in the place of a return is annulled first.
 */
export const printDocument = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  work: Work<Plan>,
  signal: AbortSignal,
): Promise<RtPrinted> => {
  const { document, planOf, baseline, known } = work
  const plan = planOf(document)
  const annulled: string[] = []
  const told = (printed: RtPrinted) => (annulled.length === 0 ? printed : { ...printed, annulled })
  let fresh = known ? baseline : undefined
  for (let round = 0; round < roundsMax; round += 1) {
    if (!fresh) {
      const settled = await lookFor(unit, pace, document, baseline, signal)
      if (settled && !('mistaken' in settled)) return told(settled)
      if (settled) annulled.push(await annul(unit, pace, settled.mistaken, { planOf, baseline }, signal))
      fresh = await freshBaseline(unit, baseline, signal)
    }
    const printed = await printOnce(unit, pace, { document, plan }, fresh, signal)
    if (printed) return told(printed)
    fresh = undefined
  }
  const found = await settleDocument(unit, pace, document, baseline, signal)
  if (found) return told(found)
  throw new DeviceError('unavailable', 'none', 'not printed: every try was lost')
}

/** The number of what was annulled. A printer that refuses leaves it to people, who are told which one. */
const annul = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  original: RtOriginal,
  { planOf, baseline }: Pick<Work<Plan>, 'planOf' | 'baseline'>,
  signal: AbortSignal,
): Promise<string> => {
  const name = documentNumberOf(original.z, original.number)
  try {
    await printDocument(unit, pace, { document: { kind: 'void', original }, planOf, baseline, known: false }, signal)
    return name
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    const words = `power was lost in a return, and ${name} came out as a sale: it must be annulled (${error.message})`
    throw new DeviceError(error.effect === 'none' ? 'annulment_due' : error.code, error.effect, words, error.deviceCode)
  }
}

/** One round; undefined where the printer must be asked. Throws a refusal after what was open has been aborted. */
const printOnce = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  { document, plan }: { document: RtDocument; plan: Plan },
  fresh: RtBaseline,
  signal: AbortSignal,
): Promise<RtPrinted | undefined> => {
  const sent = await unit.send(plan, fresh, signal)
  if (sent.end === 'done') return await confirmed(unit, document, fresh, signal)
  if (sent.end === 'unclear') return undefined
  const found = sent.begun ? await settleDocument(unit, pace, document, fresh, signal) : undefined
  if (found) return found
  throw sent.error
}

/** One closure, however often it is asked for with the same baseline. */
export const makeClosure = async <Plan>(
  unit: RtUnit<Plan>,
  pace: Pace,
  baseline: RtBaseline,
  signal: AbortSignal,
): Promise<RtClosure> => {
  for (let round = 0; round < roundsMax; round += 1) {
    const made = await settleClosure(unit, pace, baseline, signal)
    if (made) return made
    await unit.closeOnce(signal)
  }
  const made = await settleClosure(unit, pace, baseline, signal)
  if (made) return made
  throw new DeviceError('unavailable', 'none', 'no closure: every try was lost')
}

/** Reads a detail memory for a document, as often as it must. */
export const memorySearch = (
  document: RtDocument,
  baseline: RtBaseline,
  read: (now: RtCounters, signal: AbortSignal) => Promise<MemoryText | undefined>,
): Search => {
  let absentAt: RtCounters | undefined
  return async (now, signal) => {
    const text = await read(now, signal)
    if (!text || !isComplete(text, baseline, now)) return 'again'
    const found = text.documents.find((each) => isAfter(each, baseline) && isOurs(each, document))
    if (found) return found
    const mistaken = text.documents.find((each) => isAfter(each, baseline) && isMistaken(each, document, text))
    if (mistaken) return { mistaken: originalOf(mistaken, baseline) }
    // A flipped bit in a text has no check digit: "not among them" is believed when it was read twice.
    const isSecond = absentAt?.z === now.z && absentAt.number === now.number
    absentAt = now
    return isSecond ? undefined : 'again'
  }
}

/** The line that tells our document from an equal one. */
export const markerOf = (reference: string): string => `REF ${reference}`

export const documentNumberOf = (z: number, number: number): string => `${four(z)}-${four(number)}`

export const withEffect = (error: unknown, effect: 'none' | 'unknown'): unknown =>
  error instanceof DeviceError && error.effect !== effect
    ? new DeviceError(error.code, effect, error.message, error.deviceCode)
    : error

const untilSettled = async <Plan, T>(
  unit: RtUnit<Plan>,
  { pollMs }: Pace,
  baseline: RtBaseline,
  signal: AbortSignal,
  look: () => Promise<{ settled: T } | 'again'>,
): Promise<T> => {
  let failure: unknown = new DeviceError('timeout', 'unknown', 'the printer did not tell in time')
  for (let turn = 0; turn < looksMax && !signal.aborted; turn += 1) {
    try {
      const serial = await unit.identify(signal)
      if (serial !== baseline.serial) throw new DeviceError('foreign', 'unknown', `another printer answers: ${serial}`)
      const seen = await look()
      if (seen !== 'again') return seen.settled
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code === 'foreign' || error.code === 'undecidable') throw error
      if (error.code !== 'aborted') failure = error
    }
    await unit.pause(pollMs * Math.min(turn, backOffMax), signal).catch(() => undefined)
  }
  throw withEffect(failure, 'unknown')
}

const printedOf = async <Plan>(
  unit: RtUnit<Plan>,
  { kind }: RtDocument,
  { z, number, printedAt, certain = true }: RtFound,
  signal: AbortSignal,
): Promise<RtPrinted> => ({
  kind,
  serial: await unit.ready(signal),
  z,
  number,
  documentNumber: kind === 'non_fiscal' || kind === 'cash' ? String(number) : documentNumberOf(z, number),
  // The memory has minutes only.
  printedAt: printedAt?.length === 16 ? `${printedAt}:00` : printedAt,
  pendingFiles: await unit.pendingFiles(signal),
  certain,
})

const confirmed = async <Plan>(
  unit: RtUnit<Plan>,
  document: RtDocument,
  fresh: RtBaseline,
  signal: AbortSignal,
): Promise<RtPrinted | undefined> => {
  try {
    const found = await unit.justPrinted(document, fresh, signal)
    return found && (await printedOf(unit, document, found, signal))
  } catch (error) {
    if (error instanceof DeviceError) return undefined
    throw error
  }
}

/** Settled just before: certainly not printed, whatever happens here. */
const freshBaseline = async <Plan>(
  unit: RtUnit<Plan>,
  baseline: RtBaseline,
  signal: AbortSignal,
): Promise<RtBaseline> => {
  try {
    const fresh = await unit.baseline(signal)
    if (fresh.serial !== baseline.serial) throw new DeviceError('foreign', 'none', 'another printer answers')
    return fresh
  } catch (error) {
    throw withEffect(error, 'none')
  }
}

const isOurs = (found: MemoryDocument, document: RtDocument): boolean => {
  if (found.kind !== document.kind) return false
  if (document.kind === 'void')
    return found.original?.z === document.original.z && found.original.number === document.original.number
  return (document.kind === 'sale' || document.kind === 'return') && found.texts.includes(markerOf(document.reference))
}

/** It carries our reference, but is a sale, and nobody has annulled it. */
const isMistaken = (found: MemoryDocument, document: RtDocument, { documents }: MemoryText): boolean => {
  if (document.kind !== 'return' || found.kind !== 'sale' || !found.texts.includes(markerOf(document.reference)))
    return false
  return !documents.some(
    ({ kind, original }) => kind === 'void' && original?.z === found.z && original.number === found.number,
  )
}

const originalOf = ({ z, number, printedAt }: MemoryDocument, { serial, at }: RtBaseline): RtOriginal => ({
  ...{ z, number, serial },
  date: (printedAt ?? at).slice(0, 10),
})

const four = (value: number): string => String(value).padStart(4, '0')
