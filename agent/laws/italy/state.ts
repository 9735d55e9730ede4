import type { RtBaseline } from '../../../drivers/ports/rt-printer.ts'
import type { EuroPayment } from '../../contract/payment.ts'
import type { Document } from '../../journal/documents/document.ts'
import type { EventBody } from '../../journal/events.ts'
import type { MembersOf } from '../law-words.ts'
import type { ReadTotals } from './printer-act.ts'
import type { PrintedDocument } from './shapes.ts'

/**
 * How far the printing of a document has come. Every act that prints has its own baseline, read before it and durable with
 * its intent.
 */
export type PrintState = {
  /** Counters of the printer before the next act; undefined until they are read, and after the act. */
  readonly baseline?: RtBaseline | undefined
  /** The documents that are printed already. */
  readonly printed: readonly PrintedDocument[]
  /** The printer requires its daily closing before it prints again. */
  readonly closure?: 'due' | 'made' | undefined
  /** Money paid out by the reso of an exchange, as payments of the API; undefined until it is printed. */
  readonly paidOut?: readonly EuroPayment[] | undefined
}

/**
 * One of the resi of a return: the operation on whose document it is, and the amount of each of its lines and of the
 * tip, in cents.
 */
export type Reso = { readonly operation: string; readonly lines: readonly number[]; readonly tip: number }

/** The cause of a closure: requested at a register, due before a sale, made at the printer, or the register's last. */
export type ClosureCause = 'asked' | 'due' | 'printer' | 'final'

/**
 * An entry in the emergency register: its emergency, the day that it counts for, and its payments by the class that the
 * printer would have printed.
 */
export type EntryFacts = {
  readonly emergency: string
  readonly day: string
  readonly payments: readonly { readonly name: string; readonly amount: string }[]
}

/** The printer's report of a document, for the books and for a person who checks the paper. */
export type PrintFacts = {
  /** Sums that were read before a closing. */
  readonly totals?: ReadTotals | undefined
  readonly cause?: ClosureCause | undefined
  /** Files that the printer had not sent to the tax office yet. */
  readonly pendingFiles?: number | undefined
  /** An equal document may have been keyed in at the printer in the same moment. */
  readonly isUncertain?: boolean | undefined
  /** A person read the number from the paper. */
  readonly isByHand?: boolean | undefined
  /** Numbers of the sales that a power loss made of this return, and that were annulled before it. */
  readonly annulled?: readonly string[] | undefined
  /**
   * Its resi, planned before the first one was printed. Only returns of a deposit's capture, or of deposits that their
   * lines name, have several.
   */
  readonly resi?: readonly Reso[] | undefined
  /** Only an operation that no printer has is an entry. */
  readonly entry?: EntryFacts | undefined
}

/** The law's state of a document. */
export type State = {
  /** `none`: nothing is printed or read, or all of it is recorded in the answer. */
  readonly print: 'none' | PrintState
  readonly facts: PrintFacts
}

/** The stored members; all of them are frozen. */
type StateMembers = {
  readonly print?: PrintMembers | null
  readonly totals?: ReadTotals
  readonly cause?: ClosureCause
  readonly pending_files?: number
  readonly uncertain?: true
  readonly by_hand?: true
  readonly annulled?: readonly string[]
  readonly resi?: readonly Reso[]
  readonly entry?: EntryFacts
}
export const STATE: MembersOf<StateMembers & { name: string }> = {
  name: true,
  print: true,
  totals: true,
  cause: true,
  pending_files: true,
  uncertain: true,
  by_hand: true,
  annulled: true,
  resi: true,
  entry: true,
}
type PrintMembers = {
  readonly baseline?: RtBaseline
  readonly printed?: readonly PrintedDocument[]
  readonly closure?: 'due' | 'made'
  readonly paid_out?: readonly EuroPayment[]
}

/** The members as the journal has them. */
type Unchecked<Part> = { readonly [Name in keyof Part]?: unknown }

/** Closings that a printer has made, at the last look: the state of a register's chain. */
export type PrinterCount = { serial: string; z: number }

const NOTHING_PRINTED: PrintState = { printed: [] }

export function stateOf({ law }: Pick<Document, 'law'>): State {
  return stateIn(law?.state)
}

/** The print state of a document, without a distinction between `none` and empty. */
export function printOf(document: Pick<Document, 'law'>): PrintState {
  return orEmpty(stateOf(document))
}

/** The part of the print state that an event sets. */
export function printSetBy({ law }: Pick<EventBody, 'law'>): PrintState {
  return orEmpty(stateIn(law))
}

/** Members of another type are ignored; the contents of a member are not checked. */
function stateIn(stored: unknown): State {
  const {
    print,
    totals,
    cause,
    pending_files: pendingFiles,
    uncertain,
    by_hand: byHand,
    annulled,
    resi,
    entry,
  } = Object(stored) as Unchecked<StateMembers>
  return {
    print: isObject(print) ? printIn(print) : 'none',
    facts: {
      ...(isObject(totals) && { totals: totals as unknown as ReadTotals }),
      ...(isCause(cause) && { cause }),
      ...(typeof pendingFiles === 'number' && { pendingFiles }),
      ...(uncertain === true && { isUncertain: true }),
      ...(byHand === true && { isByHand: true }),
      ...(Array.isArray(annulled) && { annulled: annulled.map(String) }),
      ...(Array.isArray(resi) && { resi: resi as unknown as readonly Reso[] }),
      ...(isObject(entry) && { entry: entry as unknown as EntryFacts }),
    },
  }
}

/**
 * The print state between two requests: no act runs. The printed documents stay known for the next request, and a closing
 * that was made for this document: none is made twice for it.
 */
export function resting({ printed, paidOut, closure }: PrintState): State['print'] {
  const isMade = closure === 'made'
  return printed.length === 0 && !isMade ? 'none' : { printed, paidOut, ...(isMade && { closure }) }
}

/** The stored form of a change; omitted members keep their value. */
export function stateMembers(change: { readonly print?: State['print']; readonly facts?: PrintFacts }): StateMembers {
  const { print, facts = {} } = change
  const { totals, cause, pendingFiles, isUncertain, isByHand, annulled, resi, entry } = facts
  return {
    ...(print !== undefined && { print: print === 'none' ? null : printMembers(print) }),
    ...(totals !== undefined && { totals }),
    ...(cause !== undefined && { cause }),
    ...(pendingFiles !== undefined && { pending_files: pendingFiles }),
    ...(isUncertain === true && { uncertain: true }),
    ...(isByHand === true && { by_hand: true }),
    ...(annulled !== undefined && { annulled }),
    ...(resi !== undefined && { resi }),
    ...(entry !== undefined && { entry }),
  }
}

function orEmpty({ print }: State): PrintState {
  return print === 'none' ? NOTHING_PRINTED : print
}

function printIn({ baseline, printed, closure, paid_out: paidOut }: Unchecked<PrintMembers>): PrintState {
  return {
    printed: Array.isArray(printed) ? (printed as unknown as readonly PrintedDocument[]) : [],
    ...(isObject(baseline) && { baseline: baseline as unknown as RtBaseline }),
    ...((closure === 'due' || closure === 'made') && { closure }),
    ...(Array.isArray(paidOut) && { paidOut: paidOut as unknown as readonly EuroPayment[] }),
  }
}

function printMembers({ baseline, printed, closure, paidOut }: PrintState): PrintMembers {
  return {
    ...(baseline !== undefined && { baseline }),
    ...(printed.length > 0 && { printed }),
    ...(closure !== undefined && { closure }),
    ...(paidOut !== undefined && { paid_out: paidOut }),
  }
}

function isCause(value: unknown): value is ClosureCause {
  return value === 'asked' || value === 'due' || value === 'printer' || value === 'final'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
