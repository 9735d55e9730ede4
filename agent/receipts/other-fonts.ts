import { join } from 'node:path'

/** The font folder of Debian packages. */
export const FONT_FOLDER = '/usr/share/fonts'

/** The scripts of the package fonts-noto-core, which has a file for each. */
const NOTO_SCRIPTS = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Syriac',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
].map((script) => ({ script, has: new RegExp(`\\p{Script_Extensions=${script}}`, 'u') }))

/** Letters of China, Japan and Korea, with the punctuation and the wide figures that go with them. */
const CHINESE_JAPANESE_KOREAN =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\uff00-\uffef]/u
/** The font for Chinese has only some Korean syllables: a word would mix two fonts. */
const KOREAN = /\p{Script=Hangul}/u

/** The script of a missing character, and the package that has it. The character itself is not revealed. */
export function missingScript(character: string): { script: string; package: string } {
  if (KOREAN.test(character)) return { script: 'Korean', package: 'fonts-nanum' }
  if (CHINESE_JAPANESE_KOREAN.test(character)) return { script: 'Chinese, Japanese', package: 'fonts-droid-fallback' }
  const noto = NOTO_SCRIPTS.find(({ has }) => has.test(character))
  if (noto !== undefined) return { script: noto.script, package: 'fonts-noto-core' }
  return /\p{Emoji}/u.test(character)
    ? { script: 'emoji', package: 'fonts-symbola' }
    : { script: 'other letters', package: 'fonts-noto-core' }
}

/**
 * The files to search for a character, in this order. Chosen by script, so that few are read. None of the 20 MB files
 * of fonts-noto-cjk: reading one takes three times as much of the service's limited memory.
 */
export function otherFonts(folder: string, character: string, bold: boolean): string[] {
  const one = (file: string): string[] => [join(folder, 'truetype', file)]
  const both = (regular: string, strong: string): string[] => [...(bold ? one(strong) : []), ...one(regular)]
  const noto = (part: string) => both(`noto/NotoSans${part}-Regular.ttf`, `noto/NotoSans${part}-Bold.ttf`)
  if (CHINESE_JAPANESE_KOREAN.test(character)) {
    const korean = both('nanum/NanumGothic.ttf', 'nanum/NanumGothicBold.ttf')
    const chinese = one('droid/DroidSansFallbackFull.ttf')
    return KOREAN.test(character) ? [...korean, ...chinese] : [...chinese, ...korean]
  }
  const own = NOTO_SCRIPTS.filter(({ has }) => has.test(character)).flatMap(({ script }) => noto(script))
  const general = [
    ...noto(''),
    ...both('dejavu/DejaVuSans.ttf', 'dejavu/DejaVuSans-Bold.ttf'),
    ...noto('Symbols'),
    ...one('noto/NotoSansSymbols2-Regular.ttf'),
    ...one('ancient-scripts/Symbola_hint.ttf'),
  ]
  return [...own, ...general]
}
