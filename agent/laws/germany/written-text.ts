/** ARTIKELTEXT (DSFinV-K), which a TSE signs as the text of an ordered line. */
export const ARTICLE_TEXT_MAX = 255
/** The text of a mandatory column without readable content. */
export const NOTHING = '-'

/** A text as it is written to a field of that many characters. */
export function writtenText(text: string, size: number): string {
  return cut(oneLine(text), size)
}

/**
 * The same in a mandatory column: a till may send only blanks and control characters as a name, and its books must be
 * written anyway.
 */
export function mandatoryText(text: string, size: number): string {
  const shown = writtenText(text, size)
  return shown.trim() === '' ? NOTHING : shown
}

/** True for a text without visible characters. */
export function isBlank(text: string | undefined): boolean {
  return (
    text === undefined ||
    oneLine(text)
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      .trim() === ''
  )
}

/**
 * Control characters and directional formatting (UAX #9): without its end it would reverse the following fields, too.
 */
const UNWRITTEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

/** Readers split at CR LF, so no field contains a line end. (A signed text is not changed.) */
export function oneLine(text: string): string {
  if (!/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(text)) return text
  return text.replace(/\r\n|[\n\r\t\u2028\u2029]/g, ' ').replace(UNWRITTEN, '')
}

/** At most `size` UTF-16 units; never splits a surrogate pair. */
export function cut(text: string, size: number): string {
  if (text.length <= size) return text
  const shortened = text.slice(0, size)
  return /[\uD800-\uDBFF]$/.test(shortened) ? shortened.slice(0, -1) : shortened
}
