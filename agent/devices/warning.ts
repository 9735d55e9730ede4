import type { Trouble } from './usable.ts'

/** A problem that a person should fix before it stops the shop; `due` is a calendar date. */
export type Warning = Trouble & { readonly due?: string }
