import { textIn } from '../../journal/checked.ts'
import type { LawPart } from '../../journal/documents/document.ts'
import type { EventBody, Members } from '../../journal/events.ts'
import type { ReceiptKind } from './special-receipts.ts'

/** What this law keeps of a document. A register whose Startbeleg no unit signed says so itself: its status is `failed`. */
export type State = {
  /** Of a closing that was asked for: what its receipt is, and the month or year that it closes (`''`: none). */
  readonly receipt?: { readonly kind: ReceiptKind; readonly period: string }
  /** Units that did not sign it, or what was due before it. */
  readonly tried?: readonly string[]
  /** Its receipt in the Datenerfassungsprotokoll. */
  readonly jws?: string
  /** Over 0,00, and no unit signed: it is in DEP131 alone. */
  readonly isLeftOut?: true
  /** Of a report: how many receipts it is over, and their session where it is over one. Another of its date has others. */
  readonly report?: { readonly receipts: number; readonly session?: string | undefined }
}

/** What an event sets of it. `tried: null`: the units are all to be tried again. */
type StateChange = Omit<State, 'tried'> & { readonly tried?: readonly string[] | null }

/** The name under which an event's text has the receipt: whoever does not parse the text looks for it in quotes. */
export const JWS_MEMBER = '$jws'

/** As it is stored: its members are frozen. */
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

/** The receipt that an event makes final, as a JWS. The event may be of a file that anybody wrote. */
export function jwsIn({ set }: Pick<EventBody, 'set'>): string | undefined {
  return textIn(set?.[JWS_MEMBER])
}
