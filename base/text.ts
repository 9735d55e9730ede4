/** Text with content; undefined if it is missing or blank. */
export function said(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === '' ? undefined : text
}

const UNSEEN = /[\p{Cc}\p{Z}\s\p{Default_Ignorable_Code_Point}\ufffe\uffff]/gu

/** True for a text that shows nothing on paper. */
export function showsNothing(text: string): boolean {
  return text.replace(UNSEEN, '') === ''
}

const HIDDEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * Foreign text on one line: control characters, line ends and those that change the writing direction become `\\u…`, as in
 * JSON. Twice is the same as once.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped)
}

/** JSON of ASCII characters alone: no encoding and no editor changes a byte of it. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[^ -~]/g, escaped)
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** `1–3, 5` of ascending numbers. */
export function spansOf(numbers: readonly number[], shown: (number: number) => string = String): string {
  const spans: [first: number, last: number][] = []
  for (const number of numbers) {
    const span = spans.at(-1)
    if (span !== undefined && number === span[1] + 1) span[1] = number
    else spans.push([number, number])
  }
  return spans.map(([first, last]) => (first === last ? shown(first) : `${shown(first)}–${shown(last)}`)).join(', ')
}

/** A number with its noun. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
