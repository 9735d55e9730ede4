/** Control characters, line separators and direction marks: a printer or a reader would execute them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu

/** A word with the blanks after it. */
const WORDS = /[^ ]+ *| +/g

/** The text with a blank for each unprintable character. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ')
}

/** Soft hyphens, joiners, variation selectors: they come from web pages, and a font without them draws a box or `?`. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu

/** As {@link printable}, without invisible characters, which many fonts and code pages do not have. */
export function drawable(text: string): string {
  return printable(text).replace(INVISIBLE, '')
}

/** Lines of a printer with fixed columns, counted in code points. */
export type Grid = {
  /** Between the parts of a receipt. */
  readonly rule: string
  readonly width: number
  /**
   * The text in lines of the width, broken after blanks, a longer word at the edge; joined they give the text, with
   * unprintable characters as blanks.
   */
  wrapped(text: string): string[]
  /** Each line centred. */
  centred(text: string): string[]
  /** Text at the left, a short amount at the right; on a separate line if both do not fit on one. */
  row(left: string, right: string): string[]
  /**
   * `label:` and the value to the right of it. A longer value is printed below its label, from column 1, and ends with
   * the first line that is not full; an empty line follows a full last line. So a program can join the value again.
   */
  labelledRows(label: string, value: string): string[]
}

/** `shown`: returns a text as it is printed. */
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
      const gap = width - pointsOf(line.trimEnd()).length
      return (' '.repeat(Math.floor(gap / 2)) + line).trimEnd()
    })
  const row = (left: string, right: string): string[] => {
    const gap = width - pointsOf(left).length - right.length
    if (gap >= 1) return [(shown(left) + ' '.repeat(gap) + right).trimEnd()]
    return [...wrapped(left), right.padStart(width).trimEnd()]
  }
  const labelledRows = (label: string, value: string): string[] => {
    const length = pointsOf(value).length
    const gap = width - pointsOf(label).length - 1 - length
    if (gap >= 1) return [`${shown(label)}:${' '.repeat(gap)}${shown(value)}`]
    return [...wrapped(`${label}:`), ...cut(pointsOf(value)), ...(length % width === 0 ? [''] : [])]
  }
  return { rule: '-'.repeat(width), width, wrapped, centred, row, labelledRows }
}
