import type { Language } from '../contract/receipt.ts'

/** One text in every language: a row without one of them does not compile. */
export type Text = Readonly<Record<Language, string>>

/** `warning` needs attention, `alarm` needs it today: sales are stopped or will stop, or a legal deadline is near. */
export type Severity = 'warning' | 'alarm'

/** The words of a warning in each language. Commands are the same in all of them. */
export type WarningText = { readonly severity: Severity } & Readonly<
  Record<Language, readonly [message: string, remedy: string]>
>
