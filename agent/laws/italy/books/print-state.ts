import type { Members } from '../../../journal/events.ts'
import type { Baseline } from './printer.ts'
import type { PeriodTotals } from './printer-period.ts'

/*
 * What the books read of the state of an Italian document. The journal may be anybody's: a member of another shape makes
 * the event unreadable when it is used.
 */

/** A fiscal document as its printer told of it. */
export type Printed = {
  readonly rt_serial_number: string
  readonly document_number: string
  readonly document_type: string
}

/** What an event sets of the state of an Italian document. `annulled`: sales that were printed instead of a return. */
export type PrintState = {
  readonly baseline: Baseline | undefined
  readonly printed: readonly Printed[]
  readonly annulled: readonly unknown[]
  readonly totals: (Partial<PeriodTotals> & Members) | undefined
  /** It came about at the printer. */
  readonly isOfPrinter: boolean
}

export function printStateIn(state: Members): PrintState {
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
