/** State directories whose journal a test edits by SQLite: their documents are what the test makes of them. */
export const EDITED_STATES = new Set<string>()
