/** Substitutes for letters and signs that do not decompose into ASCII. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  ß: 'ss',
  ẞ: 'SS',
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
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ħ: 'h',
  Ħ: 'H',
  ŧ: 't',
  Ŧ: 'T',
  ı: 'i',
  '°': 'o',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '\u2010': '-',
  '\u2011': '-',
  '\u2212': '-',
  '\u2044': '-',
  '×': 'x',
  µ: 'u',
}

/** The accent of Italian, at the end of a word only. */
const ACCENT = /[ÀÈÌÒÙàèìòù](?![\p{L}\p{M}\p{N}])/gu

/**
 * A text in printable ASCII, on one line. An Italian accent becomes an apostrophe (CAFFÈ → CAFFE'), other letters lose
 * their marks, and a character without a substitute is omitted.
 */
export function asciiText(text: string): string {
  const accented = text.normalize('NFC').replace(ACCENT, "$&'")
  return [...accented].map(asciiOf).join('').replace(/\s+/g, ' ').trim()
}

function asciiOf(character: string): string {
  if (/[ -~]/.test(character)) return character
  if (/\s/.test(character)) return ' '
  const substitute = SUBSTITUTES[character]
  if (substitute !== undefined) return substitute
  // The parts of a fraction: ½ becomes 1-2.
  return [...character.normalize('NFKD')]
    .map((part) => (/[ -~]/.test(part) ? part : (SUBSTITUTES[part] ?? '')))
    .join('')
}
