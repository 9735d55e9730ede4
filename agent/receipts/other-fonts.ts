import { join } from 'node:path'

/** Where Debian's packages put their fonts. */
export const FONT_FOLDER = '/usr/share/fonts'

/** A font that a package of the system may have brought; `name` of one in a collection. */
export type OtherFont = { readonly file: string; readonly name: string | undefined }

/** Of fonts-noto-core, a file for each script. */
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
/** The small font has some of its syllables alone: a word would be of two fonts. */
const KOREAN = /\p{scx=Hangul}/u

/** What is missing by its script, no letter of it, and the package that has it. */
export function missingScript(character: string): { script: string; package: string } {
  if (/\p{Script=Hangul}/u.test(character)) return { script: 'Korean', package: 'fonts-noto-cjk' }
  if (CHINESE_JAPANESE_KOREAN.test(character)) return { script: 'Chinese, Japanese', package: 'fonts-droid-fallback' }
  const noto = NOTO_SCRIPTS.find(({ has }) => has.test(character))
  if (noto !== undefined) return { script: noto.script, package: 'fonts-noto-core' }
  return /\p{Emoji}/u.test(character)
    ? { script: 'emoji', package: 'fonts-symbola' }
    : { script: 'other letters', package: 'fonts-noto-core' }
}

/**
 * The files in which a character is looked for, the first one first. By script, so that none of 20 MB is opened for an
 * emoji; Droid (4 MB, fonts-droid-fallback) before Noto (20 MB, fonts-noto-cjk), which the drawing process would hold.
 */
export function otherFonts(folder: string, character: string, bold: boolean): OtherFont[] {
  const both = (regular: string, strong: string, name?: string): OtherFont[] => {
    const files = bold ? [strong, regular] : [regular]
    return files.map((file) => ({ file: join(folder, file), name }))
  }
  const noto = (part: string) =>
    both(`truetype/noto/NotoSans${part}-Regular.ttf`, `truetype/noto/NotoSans${part}-Bold.ttf`)
  const one = (file: string): OtherFont => ({ file: join(folder, file), name: undefined })
  if (CHINESE_JAPANESE_KOREAN.test(character)) {
    const weight = bold ? 'Bold' : 'Regular'
    const name = `NotoSansCJKsc-${weight}`
    const large = { file: join(folder, `opentype/noto/NotoSansCJK-${weight}.ttc`), name }
    const small = one('truetype/droid/DroidSansFallbackFull.ttf')
    return KOREAN.test(character) ? [large, small] : [small, large]
  }
  const own = NOTO_SCRIPTS.filter(({ has }) => has.test(character)).flatMap(({ script }) => noto(script))
  const general = [
    ...noto(''),
    ...both('truetype/dejavu/DejaVuSans.ttf', 'truetype/dejavu/DejaVuSans-Bold.ttf'),
    ...noto('Symbols'),
    one('truetype/noto/NotoSansSymbols2-Regular.ttf'),
    one('truetype/ancient-scripts/Symbola_hint.ttf'),
  ]
  return [...own, ...general]
}
