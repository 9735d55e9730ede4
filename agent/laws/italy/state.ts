import type { RtBaseline } from '../../../drivers/ports/fiscal-printer.ts'
import type { Payment } from '../../contract/goods.ts'
import type { JournalledDocument, PrintStateMembers } from './journalled-document.ts'
import type { PrintedDocument } from './shapes.ts'

/**
 * How far a document has come. Every act that prints has a baseline of its own, read before it and durable with its
 * intent.
 */
export type PrintState = {
  /** What the printer had done before the act to come; none before it was read, and none after the act. */
  baseline: RtBaseline | undefined
  /** What was printed of it already. */
  printed: readonly PrintedDocument[]
  /** The printer wants its daily closing before it prints on. */
  closure: 'due' | 'made' | undefined
  /** What the reso of an exchange paid out, as payments of the API; undefined before it is printed. */
  paidOut?: readonly Payment[] | undefined
}

export function stateOf({ $rt }: Pick<JournalledDocument, '$rt'>): PrintState {
  return { baseline: $rt?.baseline, printed: $rt?.printed ?? [], closure: $rt?.closure, paidOut: $rt?.paid_out }
}

/** `$rt` with some of it changed. */
export function stateMembers({ baseline, printed, closure, paidOut }: PrintState): { $rt: PrintStateMembers } {
  return {
    $rt: {
      ...(baseline !== undefined && { baseline }),
      ...(printed.length > 0 && { printed }),
      ...(closure !== undefined && { closure }),
      ...(paidOut !== undefined && { paid_out: paidOut }),
    },
  }
}

/** Nothing is under way any more; what was printed of a document that goes on later stays known. */
export function restingMembers({ printed, paidOut }: PrintState): { $rt: PrintStateMembers | null } {
  if (printed.length === 0) return { $rt: null }
  return stateMembers({ baseline: undefined, printed, closure: undefined, paidOut })
}

/** What the printer of a register had counted when it was last looked at: the register's chain. */
export type PrinterCount = { serial: string; z: number }
