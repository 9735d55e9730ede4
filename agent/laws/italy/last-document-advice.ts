import type { RtBaseline } from '../../../drivers/ports/rt-printer.ts'
import { four } from './original.ts'

/** The place of a fiscal document: `z` is the closure number as printed. */
export type Place = { z: number; number: number }

export type Compared = {
  device: string
  /** Matricola of the printer enrolled for this device. */
  enrolled: string | undefined
  /** The printer's report; `last`: undefined in a period without a document; `closures`: made so far. */
  report: { serial: string; last: Marked | undefined; closures: number } | { trouble: { message: string } }
  recorded: (Place & { operation: string }) | undefined
  /**
   * The last document at the previous query, including those found there without an operation. `isRestored`: the journal
   * was set back since.
   */
  known: (Place & { isRestored?: boolean }) | undefined
  unresolved: { operation: string; reference: string | undefined; baseline: RtBaseline } | undefined
  /** The documents after that one, if they were read. */
  newer?: { documents: readonly Marked[]; unread: { last: Place } | undefined } | undefined
}
type Marked = Place & { reference: string | undefined }

/**
 * Printer and journal differ. A document printed by an agent, or a memory with less than the journal, is an error; one
 * that may have been keyed in at the printer is a note.
 */
export type Difference = { code: 'rt_memory_ahead' | 'rt_memory_behind'; level: 'error' | 'note' }

/** `agrees`: null if unknown. `advice`: one or two sentences on what to do. */
export type Comparison = { agrees: boolean | null; advice: string } & Partial<Difference>

type Known = Omit<Compared, 'report'> & { report: Extract<Compared['report'], { serial: string }> }

export function comparison(compared: Compared): Comparison {
  const { device, enrolled, report } = compared
  if ('trouble' in report) return { agrees: null, advice: unreachable(compared, report.trouble.message) }
  const known = { ...compared, report }
  if (enrolled !== undefined && enrolled !== report.serial) {
    const then = `look at the paper of ${enrolled} first; then "fiskal-edge device init ${device}" takes this one for the shop.`
    return { agrees: null, advice: `This is printer ${report.serial}, the shop's is ${enrolled}: ${then}` }
  }
  if (compared.unresolved !== undefined) return { agrees: null, advice: openDocumentAdvice(known, compared.unresolved) }
  return settled(known)
}

export function isAfter(one: Place, other: Place): boolean {
  return one.z > other.z || (one.z === other.z && one.number > other.number)
}

function unreachable({ device, unresolved, recorded }: Compared, message: string): string {
  const until = recorded === undefined ? '' : ` Its paper should end with ${nameOf(recorded)}.`
  const why = `The printer does not report it: ${message}.`.replace(/\.+$/, '.')
  if (unresolved === undefined) return `${why}${until} Fix that first: "fiskal-edge device status ${device}".`
  return `${why} Operation ${unresolved.operation} may be printed: do not key it in. The agent finds out when the printer answers; look for ${markOf(unresolved)} on its paper.`
}

function openDocumentAdvice(
  { device, report: { last } }: Known,
  unresolved: NonNullable<Compared['unresolved']>,
): string {
  const { operation, reference, baseline } = unresolved
  const isNew = last !== undefined && isAfter(last, { z: baseline.z + 1, number: baseline.number })
  const same = 'Let the till repeat the same completion, and do not key it in'
  if (!isNew) return `Operation ${operation} is not printed yet, and is being settled. ${same}.`
  if (reference !== undefined && last.reference === reference)
    return `Operation ${operation} is printed as ${nameOf(last)}, and is being recorded. ${same}.`
  const hand = `if the printer cannot report it (warning print_unresolved), "fiskal-edge device resolve ${device}" records what its paper says`
  return `${nameOf(last)} was printed since operation ${operation} began, which is being settled: look for ${markOf(unresolved)} on the paper. ${same}; ${hand}.`
}

function settled(compared: Known): Comparison {
  const { recorded, known, newer } = compared
  const { last, closures } = compared.report
  // A closing at the keys of the printer ends the period of the newest documents.
  const end = last ?? newer?.documents.at(-1) ?? newer?.unread?.last
  // A printer that this journal has not used yet may report a document of before.
  const isOfBefore = end !== undefined && recorded === undefined && known === undefined && end.z <= closures
  if (end === undefined || isOfBefore) {
    if (recorded !== undefined && recorded.z > closures) return journalAhead(recorded, undefined)
    return { agrees: true, advice: `Nothing was printed since closing ${four(closures)}: nothing is missing.` }
  }
  if (recorded === undefined || isAfter(end, recorded)) return printerAhead(compared, end)
  if (isAfter(recorded, end)) return journalAhead(recorded, end)
  return { agrees: true, advice: agreeing(recorded) }
}

function printerAhead(compared: Known, end: Place): Comparison {
  const { known, newer, report } = compared
  const isNoted = known !== undefined && !isAfter(end, known)
  const ours = [...(newer?.documents ?? []), ...(report.last === undefined ? [] : [report.last])].find(isMarked)
  const isExplained = isNoted || known?.isRestored === true
  return {
    agrees: false,
    advice: isNoted ? noted(end) : longer(end, compared, ours),
    code: 'rt_memory_ahead',
    level: isExplained || ours === undefined ? 'note' : 'error',
  }
}

function isMarked({ reference }: Marked): boolean {
  return reference !== undefined
}

export function agreeing(recorded: NonNullable<Known['recorded']>): string {
  return `Printer and journal agree: ${nameOf(recorded)} is operation ${recorded.operation}.`
}

/** A later act on the printer recorded it. */
function noted(last: Place): string {
  return `${nameOf(last)} came out of the printer without this agent, and the journal has recorded that it was found: "fiskal-edge journal verify" says what it is.`
}

/** The printer has more than the journal. `ours`: one of these with the mark of an agent. */
function longer(end: Place, { recorded, known, device }: Known, ours: Marked | undefined): string {
  const journal =
    recorded === undefined ? 'the journal has no document of this printer' : `the journal ends with ${nameOf(recorded)}`
  const begin = `The printer ended with ${nameOf(end)}, ${journal}.`
  if (known?.isRestored === true)
    return `${begin} The journal was restored since: the next sale or Z on ${device} records what is between. Look at its paper, sell nothing twice, and note it for the accountant.`
  // Not every printer reports the reference of its last document; an annulment has no reference.
  if (ours?.reference === undefined)
    return `${begin} What is between was keyed in at the printer, or the journal lost it (an older backup was restored): look at its paper, sell nothing twice, and note it for the accountant.`
  return `${begin} ${isSame(ours, end) ? 'The last one' : nameOf(ours)} carries REF ${ours.reference}, as an agent prints it: another one sells on ${device}, or an older backup was restored. Sell nothing twice: look on the paper for documents that the journal does not have, and note them for the accountant.`
}

function journalAhead(recorded: NonNullable<Known['recorded']>, last: Place | undefined): Comparison {
  return { agrees: false, advice: shorter(recorded, last), code: 'rt_memory_behind', level: 'error' }
}

/** The printer's memory has less than the journal. */
function shorter(recorded: NonNullable<Known['recorded']>, last: Place | undefined): string {
  const end = last === undefined ? 'has no document of its running period' : `ends with ${nameOf(last)}`
  return `The journal has ${nameOf(recorded)} (operation ${recorded.operation}), the memory of the printer ${end}: it was reset or replaced. Stop selling on it and call its technician.`
}

function markOf({ reference }: { reference: string | undefined }): string {
  return reference === undefined ? 'its annulment' : `REF ${reference}`
}

function isSame(one: Place, other: Place): boolean {
  return one.z === other.z && one.number === other.number
}

export function nameOf({ z, number }: Place): string {
  return `${four(z)}-${four(number)}`
}
