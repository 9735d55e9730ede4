import type { WarningCode } from '../texts/warnings.ts'

/** A problem that a person should fix before it stops the shop; `due` is a calendar date. */
export type Warning = { readonly code: WarningCode; readonly message: string; readonly due?: string }
