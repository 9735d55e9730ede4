import type { Clock } from '../../../base/clock.ts'
import { FiskalError } from '../../errors.ts'
import type { Change, ClosingReports, DueReceipts, ReceiptClosings } from '../law.ts'
import { chainOfMembers } from './chain-state.ts'
import { closingTypeOf } from './conclusion.ts'
import type { ReceiptKind } from './special-receipts.ts'
import { closingOnDemand, dueReceipts } from './special-receipts.ts'
import { localStamp } from './stamp.ts'
import { stateMembers } from './state.ts'

/** A requested receipt is the Nullbeleg of an inspection, or the Monatsbeleg or Jahresbeleg, due or early. */
export function closingsOf(clock: Pick<Clock, 'now'>, reports: ClosingReports): ReceiptClosings {
  return {
    types: ['monthly', 'annual', 'zero'],
    reports,
    asked: (type, chain) => {
      if (type === 'zero') return requested({ kind: 'null', period: '' })
      if (chain === undefined) throw new FiskalError('register_not_fiscalized', 'The register has no Startbeleg.')
      const state = chainOfMembers(chain)
      const wanted = closingOnDemand(state, localStamp(clock.now()), type === 'annual')
      if (wanted !== undefined) return requested(wanted)
      throw new FiskalError('already_closed', `Register ${state.cashBoxId} has no month or year to close.`, { type })
    },
  }
}

/** The receipts that a register's chain requires: the Sammelbeleg of an outage, and those of past months and years. */
export function dueReceiptsOf(clock: Pick<Clock, 'now'>): DueReceipts {
  return {
    due: (chain) => {
      const [due] = dueReceipts(chainOfMembers(chain), localStamp(clock.now()))
      return due && requested(due.kind === 'collective' ? { kind: due.kind, period: '' } : due)
    },
    hasOpenOutage: (chain) => chainOfMembers(chain).outage !== undefined,
  }
}

/** The members of a closing that is made with a separate receipt. */
function requested({ kind, period }: { kind: ReceiptKind; period: string }): Change {
  return { set: { type: closingTypeOf(kind) }, law: stateMembers({ receipt: { kind, period } }) }
}
