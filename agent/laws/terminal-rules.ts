import type { PaymentTerminal, TerminalLink } from '../contract/payment-terminals.ts'
import type { View } from '../journal/projections/view.ts'

/** A payment terminal without what follows from the journal. */
export type UnlinkedTerminal = Omit<PaymentTerminal, 'links'>

/** For a law whose office wants to know which printers payment terminals belong to. */
export type TerminalRules = {
  /** `at`: the time of a change that the journal does not have yet. */
  links(view: View, terminal: UnlinkedTerminal, at?: string): readonly TerminalLink[]
}
