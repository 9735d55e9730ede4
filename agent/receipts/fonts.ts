import { existsSync } from 'node:fs'
import type { Font } from 'fontkit'
import type { Face } from './libraries.ts'
import { fontFile, fontkit } from './libraries.ts'
import { FONT_FOLDER, otherFonts } from './other-fonts.ts'
import { drawnOrder, mirrored } from './writing-order.ts'

/** Width of a text set in the receipt's fonts; in the unit of `size`. */
export type Measure = (text: string, size: number, face: Face) => number

/** An open font. `own`: one of the receipt's own files. */
export type OpenFont = { readonly file: string; readonly font: Font; readonly own: boolean }

/** The part of a line that one font draws. */
export type Span = { readonly text: string; readonly font: OpenFont }

/** More letters than any menu needs; some 5 MB. */
const KEPT_LETTERS = 2000

/**
 * The receipt's fonts, and for other characters the fonts of installed packages. Each file is read when it is first
 * needed (0.6 MB for both of PT Sans).
 */
export class Fonts {
  readonly #folder: string
  readonly #opened = new Map<string, OpenFont | undefined>()
  readonly #chosen: Record<Face, Map<string, { font: OpenFont; advance: number }>> = {
    regular: new Map(),
    bold: new Map(),
    ocr: new Map(),
  }

  constructor(folder = FONT_FOLDER) {
    this.#folder = folder
  }

  /** Called before each receipt: an open font keeps more data with each letter that it draws. */
  tidy(): void {
    const choices = Object.values(this.#chosen)
    if (choices.reduce((sum, { size }) => sum + size, 0) <= KEPT_LETTERS) return
    for (const chosen of choices) chosen.clear()
    this.#opened.clear()
  }

  /** Uses the advance widths of the font files, without kerning: a line is never drawn wider than measured. */
  readonly measure: Measure = (text, size, face) => {
    let width = 0
    for (const character of text) width += this.#choice(character, face).advance
    return width * size
  }

  /** False if no font has it: it is drawn as a box. */
  has(character: string): boolean {
    return this.#choice(character, 'regular').font.font.hasGlyphForCodePoint(character.codePointAt(0) ?? 0)
  }

  /** The line in pieces of one font each, in drawing order from left to right. */
  spans(text: string, face: Face): Span[] {
    return drawnOrder(text).flatMap(({ text: piece, rightToLeft }) => {
      const spans = this.#byFont(piece, face)
      // The font reverses letters and joins them; pieces without letters are reversed here.
      return rightToLeft ? spans.reverse().map((span) => (/\p{L}/u.test(span.text) ? span : turned(span))) : spans
    })
  }

  /** The line unchanged, in the font that has most of its characters. */
  whole(text: string, face: Face): Span {
    const counts = new Map<OpenFont, number>()
    for (const character of text) {
      const { font } = this.#choice(character, face)
      counts.set(font, (counts.get(font) ?? 0) + 1)
    }
    const [[font] = [this.#own(face)]] = [...counts].sort(([, one], [, other]) => other - one)
    return { text, font }
  }

  #byFont(text: string, face: Face): Span[] {
    const spans: { text: string; font: OpenFont }[] = []
    for (const character of text) {
      const { font } = this.#choice(character, face)
      const last = spans.at(-1)
      if (last?.font === font) last.text += character
      else spans.push({ text: character, font })
    }
    return spans
  }

  #choice(character: string, face: Face): { font: OpenFont; advance: number } {
    const chosen = this.#chosen[face]
    const choice = chosen.get(character)
    if (choice !== undefined) return choice
    const codePoint = character.codePointAt(0) ?? 0
    const font = this.#fontOf(character, codePoint, face)
    const advance = font.font.glyphForCodePoint(codePoint).advanceWidth / font.font.unitsPerEm
    const fresh = { font, advance }
    chosen.set(character, fresh)
    return fresh
  }

  #fontOf(character: string, codePoint: number, face: Face): OpenFont {
    const own = this.#own(face)
    if (own.font.hasGlyphForCodePoint(codePoint)) return own
    for (const other of otherFonts(this.#folder, character, face === 'bold')) {
      const font = this.#other(other)
      if (font?.font.hasGlyphForCodePoint(codePoint)) return font
    }
    return own
  }

  #own(face: Face): OpenFont {
    const file = fontFile(face)
    const opened = this.#opened.get(file) ?? { file, font: fontkit().openSync(file) as Font, own: true }
    this.#opened.set(file, opened)
    return opened
  }

  /** Undefined if the file does not exist or cannot be read. */
  #other(file: string): OpenFont | undefined {
    if (!this.#opened.has(file)) this.#opened.set(file, opened(file))
    return this.#opened.get(file)
  }
}

function opened(file: string): OpenFont | undefined {
  if (!existsSync(file)) return undefined
  try {
    return { file, font: fontkit().openSync(file) as Font, own: false }
  } catch {
    return undefined
  }
}

function turned({ text, font }: Span): Span {
  return { text: [...text].reverse().map(mirrored).join(''), font }
}
