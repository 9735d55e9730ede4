import type { Members } from '../events.ts'
import type { Reversal } from './own.ts'

/** What an event sets of a document's own part; members that are left out stay. */
export type OwnChange = {
  readonly receiptNumber?: number
  readonly countedStatuses?: readonly string[]
  readonly captures?: readonly string[]
  readonly returns?: readonly string[]
  readonly reversal?: Reversal
  readonly originalUnrecorded?: boolean
  readonly secret?: string
  /** null: it has taken effect, or is taken back. */
  readonly pending?: { readonly shown: Members; readonly untilClosed: readonly string[] } | null
  readonly origin?: 'outside'
  readonly zNumber?: number
  readonly books?: Members
  readonly merchantId?: string
  readonly written?: Members
}

/** The stored members of a change of the own part. */
export function ownMembers(change: OwnChange): Members {
  const { reversal, pending, origin } = change
  return {
    ...(change.receiptNumber !== undefined && { $receipt: change.receiptNumber }),
    ...(change.countedStatuses !== undefined && { $signed_statuses: change.countedStatuses }),
    ...(change.captures !== undefined && { $captures: change.captures }),
    ...(change.returns !== undefined && { $returns: change.returns }),
    ...(reversal !== undefined && reversalMembers(reversal)),
    ...(change.originalUnrecorded === true && { $original_unrecorded: true }),
    ...(change.secret !== undefined && { $fisconline: change.secret }),
    ...(pending === null && { $pending: null, $awaited: null }),
    ...(pending != null && { $pending: pending.shown, $awaited: pending.untilClosed }),
    ...(origin === 'outside' && { $left_over: true }),
    ...(change.zNumber !== undefined && { $z_number: change.zNumber }),
    ...(change.books !== undefined && { $books: change.books }),
    ...(change.merchantId !== undefined && { $merchant: change.merchantId }),
    ...(change.written !== undefined && { $written: change.written }),
  }
}

function reversalMembers(reversal: Reversal): Members {
  switch (reversal.state) {
    case 'none':
      return { $reversed_by: null }
    case 'reversed':
      return { $reversed_by: reversal.by }
    case 'refused':
      return { $reversed_by: null, $reversal_refused: reversal.by }
    default:
      return reversal satisfies never
  }
}

/** What an event sets of the law's part, as far as the till writes it: the rest is the law's own. */
export function lawMembers({ name, isGivenUp }: { name?: string | undefined; isGivenUp?: boolean }): Members {
  return {
    ...(name !== undefined && { $law: name }),
    ...(isGivenUp !== undefined && { $given_up: isGivenUp }),
  }
}

/** What an event sets of the requests that did not go straight: null where one has come to its end. */
export function requestMembers(change: {
  readonly undecided?: number | null
  readonly awaiting?: number | null
  readonly isRefused?: true
}): Members {
  const { undecided, awaiting, isRefused } = change
  return {
    ...(undecided !== undefined && { $undecided: undecided }),
    ...(awaiting !== undefined && { $awaiting: awaiting }),
    ...(isRefused !== undefined && { $refused: isRefused }),
  }
}
