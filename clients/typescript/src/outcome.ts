import type { ErrorDto, Operation } from './contract.ts'

/** The one answer of each change. */
export type Outcome<T> =
  | {
      readonly outcome: 'done'
      readonly ref: string
      readonly value: T
      /** The agent had answered this request before. */
      readonly replayed: boolean
      /** False while the law's outcome of a completed operation is pending: `untilFinal` waits for it. */
      readonly final: boolean
      /** Must be printed on the receipt if there is one. */
      readonly receiptText: string | undefined
    }
  /** Nothing of it was recorded, unless `error.fiscal_effect` is `recorded`. `open`: complete it otherwise, or void it. */
  | { readonly outcome: 'refused'; readonly ref: string; readonly error: ErrorDto; readonly open?: Operation }
  /** Kept in the store: `retry(ref)` or the next start continues. */
  | { readonly outcome: 'ask_again'; readonly ref: string; readonly error?: ErrorDto; readonly retryAfterMs: number }
  /** Neither kept nor sent, because the outcome of `by` is unknown: `retry(by)`, then call again. */
  | { readonly outcome: 'held'; readonly by: string }

/** The one answer of each read. */
export type Read<T> =
  | { readonly outcome: 'done'; readonly value: T }
  | { readonly outcome: 'refused'; readonly error: ErrorDto }
  | { readonly outcome: 'ask_again'; readonly error?: ErrorDto; readonly retryAfterMs: number }
