import type { StoredParts } from '../../../journal/documents/document.ts'
import type { Baseline } from './printer.ts'
import type { PeriodTotals } from './printer-period.ts'

/*
 * The parts of an Italian document's state that the books read. The journal may come from anywhere: a member of another
 * shape makes the event unreadable when it is used.
 */

/** A fiscal document as its printer reported it. */
export type Printed = {
  readonly rt_serial_number: string
  readonly document_number: string
  readonly document_type: string
}

/**
 * The state members of an Italian document that an event sets. `annulled`: sales that were printed instead of a return.
 */
export type PrintState = {
  readonly baseline: Baseline | undefined
  readonly printed: readonly Printed[]
  readonly annulled: readonly unknown[]
  readonly totals: Partial<PeriodTotals> | undefined
  /** It was made at the printer. */
  readonly isOfPrinter: boolean
}

export function printStateIn(state: StoredParts['law']): PrintState {
  const { baseline, printed = [] } = Object(state['print']) as { baseline?: Baseline; printed?: readonly Printed[] }
  const annulled = state['annulled']
  return {
    baseline,
    printed,
    annulled: Array.isArray(annulled) ? annulled : [],
    totals: state['totals'] as PrintState['totals'],
    isOfPrinter: state['cause'] === 'printer',
  }
}
