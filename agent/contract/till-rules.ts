/** A rule for tills, in one sentence. The id is stable: reports name the rule by it. */
export type TillRule = { readonly id: string; readonly title: string }

export const TILL_RULES: readonly TillRule[] = [
  { id: 'T-1', title: 'Use one `Idempotency-Key` for each act, and a new one only for a new act.' },
  { id: 'T-2', title: 'Send the same request, with the same JSON, until it is answered.' },
  { id: 'T-3', title: 'Begin no second sale while the outcome of the first is unknown.' },
  { id: 'T-4', title: 'Wait as long as the agent may take: 10 s.' },
  { id: 'T-5', title: 'If `retryable` is true, send the request again, and not before `Retry-After`.' },
  { id: 'T-6', title: 'If `retryable` is false, do not send the request again as it is.' },
  {
    id: 'T-7',
    title: 'Send `If-Match` with the version that was answered; after 412 read the operation, then send its version.',
  },
  { id: 'T-8', title: 'Read a completed operation that is `pending` again until it is not.' },
  { id: 'T-9', title: 'Print `fiscal.receipt_text` if there is one.' },
  { id: 'T-10', title: 'Continue when the agent restarts.' },
  { id: 'T-11', title: 'Continue when the till itself restarts.' },
  { id: 'T-12', title: 'Complete or void every open operation before `session_cash_count`.' },
  {
    id: 'T-13',
    title:
      'Keep the order of a shift: `session_open`, sales, `session_cash_count`, `session_close`; the count is the cash in the drawer.',
  },
  { id: 'T-14', title: 'Send amounts as text that add up; cash and its change are two payments.' },
  { id: 'T-15', title: 'Use the register key alone, in its header `X-Register-Api-Key`.' },
  { id: 'T-16', title: 'Italy: after 503 at `/complete` send it again with the same key until it is answered.' },
  { id: 'T-17', title: 'Ignore members and values that it does not know.' },
  { id: 'T-18', title: 'Open a new connection if the old one has ended.' },
]
