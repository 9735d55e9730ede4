/** Substitutes for letters outside the printer's ASCII. An accented capital becomes È → E'. */
const substitutes: Readonly<Record<string, string>> = {
  '€': 'EUR',
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  ø: 'o',
  Ø: 'O',
  œ: 'oe',
  Œ: 'OE',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  '°': 'o',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '×': 'x',
  '½': '1-2',
  '£': 'GBP',
  '\u00a0': ' ',
}

const GRAVE_OR_ACUTE = /^[AEIOUaeiou][\u0300\u0301]/

/** Printable ASCII only; nothing is dropped: a character without a substitute becomes `?`. */
export function transliterate(text: string): string {
  return [...text.normalize('NFC')].map(asciiOf).join('').replace(/\s+/g, ' ').trim()
}

function asciiOf(character: string): string {
  if (/[ -~]/.test(character)) return character
  if (/\s/.test(character)) return ' '
  const substitute = substitutes[character]
  if (substitute !== undefined) return substitute
  const parts = character.normalize('NFD')
  const letter = parts.charAt(0)
  if (!/[ -~]/.test(letter)) return '?'
  return GRAVE_OR_ACUTE.test(parts) ? `${letter}'` : letter
}
