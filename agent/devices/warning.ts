import type { Trouble } from './usable.ts'

/** What a human should mend before it stops the shop; `due` is a calendar date. */
export type Warning = Trouble & { readonly due?: string }
