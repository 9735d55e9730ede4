import { drawable } from './layout.ts'

/** Bytes 0x80 to 0x9F of Windows-1252; U+FFFD if undefined. The rest of the page is ISO 8859-1. */
const HIGH = '€�‚ƒ„…†‡ˆ‰Š‹Œ�Ž��‘’“”•–—˜™š›œ�žŸ'

/** Letters that do not fall apart into a base letter and its marks. */
const NEAREST: Readonly<Record<string, string>> = {
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  ẞ: 'SS',
  '\u2212': '-',
  '\u2011': '-',
  '\u202f': ' ',
  '\u2009': ' ',
}

const UNKNOWN = '?'
/** Most of a receipt: these characters are never replaced. */
const PLAIN = /^[ -~]*$/
/** The characters that the page shares with ISO 8859-1. */
const LATIN_1 = /^[ -~\u00a0-\u00ff]*$/

/** Replacements of letters that the page does not have. */
const replacements = new Map<string, string>()
const REPLACEMENTS_MAX = 1000

/**
 * The text in characters of Windows-1252, as it is printed: a letter that the page does not have loses its marks, any
 * other character becomes `?`. Columns are counted afterwards, since `ﬁ` takes two columns and an `é` in two parts one.
 */
export function onPage(text: string): string {
  if (PLAIN.test(text)) return text
  return [...drawable(text).normalize('NFC')].map((one) => (byteOf(one) === undefined ? nearest(one) : one)).join('')
}

/** Bytes of a text that is on the page. */
export function windows1252(text: string): Uint8Array {
  if (LATIN_1.test(text)) return Buffer.from(text, 'latin1')
  return Uint8Array.from(text, (one) => byteOf(one) ?? UNKNOWN.charCodeAt(0))
}

/** A cache for {@link nearestOf}, which is slow: a receipt may have half a million letters, mostly the same ones. */
function nearest(character: string): string {
  const cached = replacements.get(character)
  if (cached !== undefined) return cached
  if (replacements.size >= REPLACEMENTS_MAX) replacements.clear()
  const fresh = nearestOf(character)
  replacements.set(character, fresh)
  return fresh
}

/**
 * A character that decomposes into signs is unknown if the page has no sign for one of them: an Arabic ligature is four
 * words.
 */
function nearestOf(character: string): string {
  // The character for a third decomposes around the fraction slash.
  const plain = NEAREST[character] ?? character.normalize('NFKD').replace(/\p{M}/gu, '').replace('\u2044', '/')
  const isOnPage = Array.from(plain).every((one) => byteOf(one) !== undefined)
  return isOnPage ? plain : UNKNOWN
}

function byteOf(character: string): number | undefined {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code
  const high = HIGH.indexOf(character)
  return high < 0 || character === '�' ? undefined : 0x80 + high
}
