import { textIn } from '../../journal/checked.ts'
import type { LawPart } from '../../journal/documents/document.ts'
import type { EventBody, Members } from '../../journal/events.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** The state that this law stores with a document. A register without a signed Startbeleg needs none: its status is `failed`. */
export type State = {
  /** The receipt of a requested closing: its kind, and the month or year that it closes (`''`: none). */
  readonly receipt?: { readonly kind: ReceiptKind; readonly period: string }
  /** Units that did not sign its receipt, or one that was due before. */
  readonly tried?: readonly string[]
  /** The receipt in the Datenerfassungsprotokoll. */
  readonly jws?: string
  /** A sale over 0,00 that no unit signed: only DEP131 has it. */
  readonly isLeftOut?: true
  /** The number of receipts of a report, and its session if it covers one. They distinguish reports of the same date. */
  readonly report?: { readonly receipts: number; readonly session?: string | undefined }
}

/** The members that an event sets. `tried: null`: all units may be tried again. */
type StateChange = Omit<State, 'tried'> & { readonly tried?: readonly string[] | null }

/** The member that holds the receipt, for readers that search the text of an event. */
export const JWS_MEMBER = '$jws'

/** The stored members are frozen. */
type Stored = {
  readonly $receipt_kind?: ReceiptKind
  readonly $period?: string
  readonly $tried?: readonly string[] | null
  readonly [JWS_MEMBER]?: string
  readonly $left_out_in_outage?: true
  readonly $receipts?: number
  readonly $session?: string
}

export function stateOf({ law }: { readonly law: LawPart | undefined }): State {
  const stored = (law?.state ?? {}) as Stored
  const { $receipt_kind: kind, $period: period = '', $tried: tried, [JWS_MEMBER]: jws } = stored
  const { $receipts: receipts, $session: session } = stored
  return {
    ...(kind !== undefined && { receipt: { kind, period } }),
    ...(tried != null && { tried }),
    ...(jws !== undefined && { jws }),
    ...(stored.$left_out_in_outage === true && { isLeftOut: true }),
    ...(receipts !== undefined && { report: { receipts, ...(session !== undefined && { session }) } }),
  }
}

export function stateMembers({ receipt, tried, jws, isLeftOut, report }: StateChange): Members {
  return {
    ...(receipt !== undefined && { $receipt_kind: receipt.kind, $period: receipt.period }),
    ...(tried !== undefined && { $tried: tried }),
    ...(jws !== undefined && { [JWS_MEMBER]: jws }),
    ...(isLeftOut !== undefined && { $left_out_in_outage: isLeftOut }),
    ...(report !== undefined && { $receipts: report.receipts }),
    ...(report?.session !== undefined && { $session: report.session }),
  }
}

/** The receipt that an event completes, as a JWS; undefined for a member of another type in a foreign file. */
export function jwsIn({ set }: Pick<EventBody, 'set'>): string | undefined {
  return textIn(set?.[JWS_MEMBER])
}
