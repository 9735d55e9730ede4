/** Text that says something; undefined where there is none, or blanks alone. */
export function said(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === '' ? undefined : text
}

const UNSEEN = /[\p{Cc}\p{Z}\s\p{Default_Ignorable_Code_Point}\ufffe\uffff]/gu

/** True for a text of which nothing is seen on paper. */
export function showsNothing(text: string): boolean {
  return text.replace(UNSEEN, '') === ''
}

const HIDDEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Words of others on one line: control characters and those that turn the writing direction stand as `\\u…`, as in JSON. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped)
}

/** The same of a text that has lines and columns. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (hidden) => (hidden === '\n' || hidden === '\t' ? hidden : escaped(hidden)))
}

function escaped(hidden: string): string {
  return `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`
}
