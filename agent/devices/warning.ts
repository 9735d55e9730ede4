/** What a human should mend before it stops the shop; `due` is a calendar date. */
export type Warning = { code: string; message: string; due?: string }
