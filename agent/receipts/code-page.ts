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

const UNKNOWN = '?'.charCodeAt(0)

/** Text in Windows-1252: a letter the page has not loses its marks, any other character becomes `?`. */
export function windows1252(text: string): number[] {
  return [...drawable(text).normalize('NFC')].flatMap((character) => bytesOf(character))
}

function bytesOf(character: string): number[] {
  const known = byteOf(character)
  if (known !== undefined) return [known]
  const plain = NEAREST[character] ?? character.normalize('NFKD').replace(/\p{M}/gu, '')
  return [...plain].map((one) => byteOf(one) ?? UNKNOWN)
}

function byteOf(character: string): number | undefined {
  const code = character.codePointAt(0) ?? UNKNOWN
  if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code
  const high = HIGH.indexOf(character)
  return high < 0 || character === '�' ? undefined : 0x80 + high
}
