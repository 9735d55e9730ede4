import type { Font } from 'fontkit'
import type { Face } from './libraries.ts'
import { fontFile, fontkit } from './libraries.ts'

/** Width of a text set in the receipt's font; in the unit of `size`. */
export type Measure = (text: string, size: number, face: Face) => number

/**
 * Measures by the advance widths of the font files, without kerning: a line comes out no wider than measured. Reads
 * each file when it is first used (0.6 MB both of PT Sans).
 */
export function openMeasure(): Measure {
  const opened = new Map<Face, (character: string) => number>()
  return (text, size, face) => {
    const advance = opened.get(face) ?? advances(fontFile(face))
    opened.set(face, advance)
    let width = 0
    for (const character of text) width += advance(character)
    return width * size
  }
}

/** Advance width of a character as part of the font size. */
function advances(file: string): (character: string) => number {
  const font = fontkit().openSync(file) as Font
  const known = new Map<string, number>()
  return (character) => {
    const width = known.get(character)
    if (width !== undefined) return width
    const glyph = font.glyphForCodePoint(character.codePointAt(0) ?? 0)
    const fresh = glyph.advanceWidth / font.unitsPerEm
    known.set(character, fresh)
    return fresh
  }
}
