/** Control characters, line separators and marks that turn the direction: a printer or a reader would obey them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu

/** With the blanks behind it. */
const WORDS = /[^ ]+ *| +/g

/** The text with a blank for each character that is none to look at. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ')
}

/** Soft hyphens, joiners, marks of variants: copied along from web pages, and drawn as a box or `?` where a font has none. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu

/** As {@link printable}, without what shows nothing: for fonts and code pages that know no such characters. */
export function drawable(text: string): string {
  return printable(text).replace(INVISIBLE, '')
}

/** Lines of a printer with fixed columns, counted in code points. */
export type Grid = {
  /** Between the parts of a receipt. */
  readonly rule: string
  readonly width: number
  /**
   * The text in lines of the width, broken behind blanks, a longer word at the edge; joined they are the text, unprintable
   * characters as blanks.
   */
  wrapped(text: string): string[]
  /** In the middle, each line of it. */
  centred(text: string): string[]
  /** Text at the left, a short amount at the right; on a line of its own where both do not fit into one. */
  row(left: string, right: string): string[]
  /**
   * `label:` and the value at the right of it. A value too long for that stands below its label, from column 1, and
   * ends with the first line that is not full; after a last full line comes an empty one. So a program can join it again.
   */
  labelledRows(label: string, value: string): string[]
}

/** `shown`: a text as it comes out. */
export function gridOf(width: number, shown: (text: string) => string = printable): Grid {
  const pointsOf = (text: string): string[] => [...shown(text)]
  const cut = (points: readonly string[]): string[] => {
    const lines: string[] = []
    for (let at = 0; at < points.length; at += width) lines.push(points.slice(at, at + width).join(''))
    return lines
  }
  const wrapped = (text: string): string[] => {
    const lines: string[] = []
    const line: string[] = []
    for (const [word] of shown(text).matchAll(WORDS)) {
      const points = [...word]
      if (line.length > 0 && line.length + points.length > width) lines.push(line.splice(0).join(''))
      line.push(...points)
      while (line.length > width) lines.push(line.splice(0, width).join(''))
    }
    return line.length > 0 ? [...lines, line.join('')] : lines
  }
  const centred = (text: string): string[] =>
    wrapped(text).map((line) => {
      const room = width - pointsOf(line.trimEnd()).length
      return (' '.repeat(Math.floor(room / 2)) + line).trimEnd()
    })
  const row = (left: string, right: string): string[] => {
    const room = width - pointsOf(left).length - right.length
    if (room >= 1) return [(shown(left) + ' '.repeat(room) + right).trimEnd()]
    return [...wrapped(left), right.padStart(width).trimEnd()]
  }
  const labelledRows = (label: string, value: string): string[] => {
    const length = pointsOf(value).length
    const room = width - pointsOf(label).length - 1 - length
    if (room >= 1) return [`${shown(label)}:${' '.repeat(room)}${shown(value)}`]
    return [...wrapped(`${label}:`), ...cut(pointsOf(value)), ...(length % width === 0 ? [''] : [])]
  }
  return { rule: '-'.repeat(width), width, wrapped, centred, row, labelledRows }
}
