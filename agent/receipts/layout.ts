/** Columns of a receipt printer, in code points. */
const WIDTH = 42

/** Between the parts of a receipt. */
export const RULE = '-'.repeat(WIDTH)

/** Control characters, line separators and marks that turn the direction: a printer or a reader would obey them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The text in lines of the width, broken at the edge; joined they are the text, unprintable characters as blanks. */
export function wrapped(text: string): string[] {
  const points = pointsOf(text)
  const lines: string[] = []
  for (let at = 0; at < points.length; at += WIDTH) lines.push(points.slice(at, at + WIDTH).join(''))
  return lines
}

/** In the middle where it fits into a line. */
export function centred(text: string): string[] {
  const room = WIDTH - pointsOf(text).length
  if (room < 0) return wrapped(text)
  return [(' '.repeat(Math.floor(room / 2)) + pointsOf(text).join('')).trimEnd()]
}

/** Text at the left, a short amount at the right; on a line of its own where both do not fit into one. */
export function row(left: string, right: string): string[] {
  const room = WIDTH - pointsOf(left).length - right.length
  if (room >= 1) return [(pointsOf(left).join('') + ' '.repeat(room) + right).trimEnd()]
  return [...wrapped(left), right.padStart(WIDTH).trimEnd()]
}

/**
 * `label:` and the value at the right of it. A value too long for that stands below its label, from column 1, and ends
 * with the first line that is not full; after a last full line comes an empty one. So a program can join it again.
 */
export function labelledRows(label: string, value: string): string[] {
  const room = WIDTH - pointsOf(label).length - 1 - pointsOf(value).length
  if (room >= 1) return [`${pointsOf(label).join('')}:${' '.repeat(room)}${pointsOf(value).join('')}`]
  const isFull = pointsOf(value).length % WIDTH === 0
  return [...wrapped(`${label}:`), ...wrapped(value), ...(isFull ? [''] : [])]
}

function pointsOf(text: string): string[] {
  return [...text.replace(UNPRINTABLE, ' ')]
}
