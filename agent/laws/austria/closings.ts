import type { Clock } from '../../../base/clock.ts'
import { parseRfc3339 } from '../../../base/clock.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { ClosingReports } from '../closing-reports.ts'
import type { DueReceipts, LawChange, ReceiptClosings } from '../law.ts'
import type { ChainState } from './chain-state.ts'
import { chainOfMembers } from './chain-state.ts'
import type { DueReceipt, ReceiptKind } from './special-receipts.ts'
import { closingOnDemand, dueReceipts } from './special-receipts.ts'
import { localStamp } from './stamp.ts'
import { stateMembers, stateOf } from './state.ts'

/** A requested receipt is the Nullbeleg of an inspection, or the Monatsbeleg or Jahresbeleg, due or early. */
export function closingsOf(clock: Pick<Clock, 'now'>, reports: ClosingReports): ReceiptClosings {
  return {
    types: ['monthly', 'annual', 'zero'],
    reports: () => reports,
    asked: (type, chain) => {
      if (type === 'zero') return requested({ kind: 'zero', period: '' })
      if (chain === undefined) throw new FiskalError('register_not_fiscalized', 'The register has no Startbeleg.')
      const state = chainOfMembers(chain)
      const wanted = closingOnDemand(state, localStamp(clock.now()), type === 'annual')
      if (wanted !== undefined) return requested(wanted)
      throw new FiskalError('already_closed', `Register ${state.cashBoxId} has no month or year to close.`, { type })
    },
  }
}

/**
 * The receipts that a register's chain requires: the Sammelbeleg of an outage, and those of past months and years. A
 * register that ended in an outage owes what was due then, and its Schlussbeleg: no later month or year.
 */
export function dueReceiptsOf(clock: Pick<Clock, 'now'>, holdsKey: (register: string) => boolean): DueReceipts {
  const owesEnd = (register: DocumentOf<'register'>, { ended }: ChainState): boolean =>
    stateOf(register).ending === true && !ended && holdsKey(register.id)
  return {
    due: (register, members) => {
      const chain = chainOfMembers(members)
      const { fiscalization_status: status, decommissionedAt: endedAt } = register.shown
      if (status !== 'decommissioned') return requestedDue(dueReceipts(chain, localStamp(clock.now()))[0])
      if (!owesEnd(register, chain)) return undefined
      const [due] = dueReceipts(chain, localStamp(parseRfc3339(endedAt ?? '') ?? clock.now()))
      return requestedDue(due ?? { kind: 'final', period: '' }, true)
    },
    waits: (register, members) => {
      const chain = chainOfMembers(members)
      const isInService = register.shown.fiscalization_status !== 'decommissioned'
      return owesEnd(register, chain) || (isInService && chain.outage !== undefined)
    },
  }
}

function requestedDue(
  due: DueReceipt | { kind: 'final'; period: '' } | undefined,
  isLast = false,
): LawChange | undefined {
  if (due === undefined) return undefined
  return requested({ kind: due.kind, period: due.kind === 'collective' ? '' : due.period }, isLast)
}

/** The members of a closing that is made with a separate receipt. */
function requested({ kind, period }: { kind: ReceiptKind; period: string }, isLast = false): LawChange {
  const receipt = { kind, period, ...(isLast && { is_last: true }) }
  return { set: { type: kind }, law: stateMembers({ receipt }) }
}
