/**
 * A rule for tills, in one sentence. The id is stable: reports name the rule by it. `fault`: how `fiskal-edge
 * conformance` shows it, undefined if requests alone do; `broken`: when that run calls it broken.
 */
export type TillRule = {
  readonly id: string
  readonly title: string
  readonly fault: string | undefined
  readonly broken: string
}

export const TILL_RULES = [
  {
    id: 'T-1',
    title: 'Use one `Idempotency-Key` for each act, and a new one only for a new act.',
    fault: undefined,
    broken: 'A change has no key, or a key that was answered with 2xx has another request.',
  },
  {
    id: 'T-2',
    title: 'Send the same request, with the same JSON, until it is answered.',
    fault: 'The answer is lost: once after the create, once after the completion.',
    broken: 'The till stops, or changes body or key.',
  },
  {
    id: 'T-3',
    title: 'Begin no second sale while the outcome of the first is unknown.',
    fault: 'The answer of a completion is lost three times.',
    broken: 'The till creates the next one before it has an answer, or has read the operation.',
  },
  {
    id: 'T-4',
    title: 'Wait as long as the agent may take: 10 s.',
    fault: 'The answer comes after 8 s.',
    broken: 'The till closes the connection earlier.',
  },
  {
    id: 'T-5',
    title: 'If `retryable` is true, send the request again, and not before `Retry-After`.',
    fault: 'A completion is answered 503 `fiscal_device_busy`, `Retry-After: 2`.',
    broken: 'The till sends it again earlier, never, or more than 4 times a second.',
  },
  {
    id: 'T-6',
    title: 'If `retryable` is false, do not send the request again as it is.',
    fault: 'A completion is answered 422 `payment_total_mismatch`, each time.',
    broken:
      'The till sends the same body to the same path more than twice. Whether it is sent again after the run is not seen.',
  },
  {
    id: 'T-7',
    title: 'Send `If-Match` with the version that was answered; after 412 read the operation, then send its version.',
    fault: 'The run amends the operation before it passes the completion on.',
    broken: 'The version is another one; after 412 the till completes without reading the operation, or does nothing.',
  },
  {
    id: 'T-8',
    title: 'Read a completed operation that is `pending` again until it is not.',
    fault: 'The device is slow at the finish, so that the completion is `pending`.',
    broken: 'The till does not look at it again before the close.',
  },
  {
    id: 'T-9',
    title: 'Print `fiscal.receipt_text` if there is one.',
    fault: 'The device is unplugged for two sales.',
    broken: 'A person reports it. Fetching a form of the receipt keeps it.',
  },
  {
    id: 'T-10',
    title: 'Continue when the agent restarts.',
    fault: 'The agent is killed after a create, before the till has the answer, and is back after 3 s.',
    broken: 'The operation is neither completed nor voided.',
  },
  {
    id: 'T-11',
    title: 'Continue when the till itself restarts.',
    fault: 'The till is killed after a create, before it has the answer.',
    broken: 'The till looks at the operation, and neither completes nor voids it.',
  },
  {
    id: 'T-12',
    title: 'Complete or void every open operation before `session_cash_count`.',
    fault: undefined,
    broken: 'The count is answered 409 `open_operations` for others than those of T-10 and T-11.',
  },
  {
    id: 'T-13',
    title:
      'Keep the order of a shift: `session_open`, sales, `session_cash_count`, `session_close`; the count is the cash in the drawer.',
    fault: undefined,
    broken:
      'An answer names the order, such as `no_open_session`. Whether the count is the cash in the drawer is not seen.',
  },
  {
    id: 'T-14',
    title: 'Send amounts as text that add up; cash and its change are two payments.',
    fault: undefined,
    broken: 'An amount is answered 400 or 422. That change is a second payment is not seen.',
  },
  {
    id: 'T-15',
    title: 'Use the register key alone, in its header `X-Register-Api-Key`.',
    fault: undefined,
    broken: 'A sale has another key, or a URL contains one.',
  },
  {
    id: 'T-16',
    title: 'Italy: after 503 at `/complete` send it again with the same key until it is answered.',
    fault: 'The paper ends; the answer of the printer is lost.',
    broken: 'The till voids, or begins a new sale.',
  },
  {
    id: 'T-17',
    title: 'Ignore members and values that it does not know.',
    fault: 'Each answer has an unknown member and an unknown hint.',
    broken: 'No act follows.',
  },
  {
    id: 'T-18',
    title: 'Open a new connection if the old one has ended.',
    fault: 'The connection is closed after each answer without notice, and idle ones too.',
    broken: 'No act follows.',
  },
] as const satisfies readonly TillRule[]

export type TillRuleId = (typeof TILL_RULES)[number]['id']
