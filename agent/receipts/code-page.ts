import { drawable } from './layout.ts'

/** Bytes 0x80 to 0x9F of Windows-1252; U+FFFD where the page has none. The rest of the page is ISO 8859-1. */
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
/** As most of a receipt is: nothing of it becomes another. */
const PLAIN = /^[ -~]*$/
/** Where the page and ISO 8859-1 are the same. */
const LATIN_1 = /^[ -~\u00a0-\u00ff]*$/

/** What stands for letters that the page has not. */
const found = new Map<string, string>()
const FOUND_MAX = 1000

/**
 * The text in characters of Windows-1252, as it is printed: a letter the page has not loses its marks, any other character
 * becomes `?`. Lines are counted behind it, since `ﬁ` takes two columns and an `é` in two parts one.
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

/** As {@link nearestOf}, which takes long: letters come again and again, and a receipt may have half a million of them. */
function nearest(character: string): string {
  const kept = found.get(character)
  if (kept !== undefined) return kept
  if (found.size >= FOUND_MAX) found.clear()
  const fresh = nearestOf(character)
  found.set(character, fresh)
  return fresh
}

/** What falls apart into signs of which the page lacks one is unknown as a whole: one sign of Arabic is four words. */
function nearestOf(character: string): string {
  // A third as one character falls apart around the slash of fractions.
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
