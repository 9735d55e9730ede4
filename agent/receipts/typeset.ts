import type { Measure } from './fonts.ts'
import { drawable } from './layout.ts'
import type { Face } from './libraries.ts'
import type { QrCode } from './qr.ts'
import { qrCode } from './qr.ts'
import type { Item, Section } from './sheet.ts'

/** Measures of a paper in its own unit: points for PDF, dots for pictures. */
export type Paper = {
  readonly width: number
  /** The limit of one page; a roll is cut at the end of the receipt. */
  readonly height: number
  readonly roll: boolean
  readonly margin: number
  /** `ocr`: the size of OCR-A at ten characters per inch (ANSI X3.17). */
  readonly sizes: { readonly large: number; readonly normal: number; readonly fine: number; readonly ocr: number }
  /** The distance of values from the left edge of the text; undefined: at the right edge. */
  readonly valueColumn: number | undefined
  /** The right edge of quantity and price on the line of the goods; undefined: below the line. */
  readonly countColumn: number | undefined
  /** At most: the side of a QR code with its quiet zone, and the side of a module. `whole`: a module is whole units. */
  readonly code: { readonly side: number; readonly module: number; readonly whole: boolean }
}

export type Mark =
  | {
      kind: 'text'
      x: number
      y: number
      anchor: 'start' | 'middle' | 'end'
      text: string
      size: number
      face: Face
    }
  | { kind: 'rule'; x: number; y: number; width: number }
  | { kind: 'code'; x: number; y: number; module: number; code: QrCode }

/** Marks from the top left corner; `y` of a text is its base line. */
export type Page = { readonly height: number; readonly marks: readonly Mark[] }

const LINE_HEIGHT = 1.3
const ASCENT = 1
const NOTICE_SIZE = 1.1
const TOTAL_SIZE = 1.15
const QUIET_MODULES = 4
/** A letter with its combining marks. */
const LETTERS = /[^\p{M}]\p{M}*|\p{M}+/gu
/** Distance of a rule from the text around it, as a factor of the normal size. */
const RULE_SPACE = 0.5
/** The width of the tax key column, as a factor of the font size. */
const KEY_WIDTH = 1.1
/** The limit for quantity and price on the line of the goods, as a part of the width up to their right edge. */
const COUNT_PART = 0.6

/** Places the sections of a receipt on pages. */
export function typeset(sections: readonly Section[], paper: Paper, measure: Measure): Page[] {
  const setter = new Typesetter(paper, measure)
  for (const [index, section] of sections.entries()) {
    if (index > 0) setter.rule()
    setter.section(section)
  }
  return setter.finish()
}

class Typesetter {
  readonly #paper: Paper
  readonly #measure: Measure
  readonly #pages: Page[] = []
  #marks: Mark[] = []
  #y: number
  #size: number

  constructor(paper: Paper, measure: Measure) {
    this.#paper = paper
    this.#measure = measure
    this.#y = paper.margin
    this.#size = paper.sizes.normal
  }

  get #left(): number {
    return this.#paper.margin
  }

  get #right(): number {
    return this.#paper.width - this.#paper.margin
  }

  section({ items, fine }: Section): void {
    this.#size = fine ? this.#paper.sizes.fine : this.#paper.sizes.normal
    for (const item of items) this.#item(item)
  }

  rule(): void {
    const space = this.#paper.sizes.normal * RULE_SPACE
    this.#reserve(2 * space)
    this.#marks.push({ kind: 'rule', x: this.#left, y: this.#y + space, width: this.#right - this.#left })
    this.#y += 2 * space
  }

  /** The pages, the last one cut on a roll. */
  finish(): Page[] {
    this.#break()
    return this.#pages
  }

  #item(item: Item): void {
    if (item.kind === 'centred') {
      const large = item.size === 'large'
      this.#centred(item.text, large ? this.#paper.sizes.large : this.#size, large ? 'bold' : 'regular')
    } else if (item.kind === 'notice') this.#centred(item.text, this.#size * NOTICE_SIZE, 'bold')
    else if (item.kind === 'labelled') this.#labelled(item.label, item.value)
    else if (item.kind === 'ocr') this.#ocr(item.label, item.value)
    else if (item.kind === 'amount') this.#amount(item)
    else if (item.kind === 'taxes') this.#taxes(item)
    else this.#code(item.data)
  }

  #centred(text: string, size: number, face: Face): void {
    const middle = (this.#left + this.#right) / 2
    for (const line of this.#wrap(text, this.#right - this.#left, size, face)) {
      this.#line(size)
      this.#text(line, middle, 'middle', size, face)
    }
  }

  #labelled(label: string, value: string): void {
    const column = this.#paper.valueColumn
    const available = this.#right - this.#left - (column ?? 0)
    const size = this.#size
    this.#line(size)
    this.#text(`${label}:`, this.#left, 'start', size, 'regular')
    if (column === undefined && this.#measure(`${label}: ${value}`, size, 'regular') <= available) {
      this.#text(value, this.#right, 'end', size, 'regular')
      return
    }
    for (const [index, line] of this.#wrap(value, available, size, 'regular').entries()) {
      if (index > 0 || column === undefined) this.#line(size)
      this.#text(line, this.#left + (column ?? 0), 'start', size, 'regular')
    }
  }

  /** Below its label, over the whole width: ten characters per inch. */
  #ocr(label: string, value: string): void {
    const size = this.#paper.sizes.ocr
    this.#line(this.#size)
    this.#text(`${label}:`, this.#left, 'start', this.#size, 'regular')
    for (const line of this.#wrap(value, this.#right - this.#left, size, 'ocr')) {
      this.#line(size)
      this.#text(line, this.#left, 'start', size, 'ocr')
    }
  }

  #amount({ label, count, amount, key, strong }: Extract<Item, { kind: 'amount' }>): void {
    const face = strong ? 'bold' : 'regular'
    const size = strong ? this.#size * TOTAL_SIZE : this.#size
    const width = this.#right - this.#left
    const available = width - this.#measure(`${amount}  `, size, face) - this.#size * KEY_WIDTH
    const figures = (): void => this.#figures(amount, key, this.#right - this.#size * KEY_WIDTH, size, face)
    if (count === undefined) {
      this.#lines(label, 0, available, size, face, figures)
      return
    }
    const { countColumn: countEnd = 0 } = this.#paper
    const countWidth = this.#measure(`${count}  `, size, face)
    // A long count is printed below the goods, as on narrow paper.
    if (countWidth <= countEnd * COUNT_PART) {
      this.#lines(label, 0, countEnd - countWidth, size, face, () => {
        figures()
        this.#text(count, this.#left + countEnd, 'end', size, face)
      })
      return
    }
    this.#lines(label, 0, width, size, face)
    this.#lines(count, size, available - size, size, face, figures)
  }

  /** The lines of a text, indented; `onFirst` adds further text to the first one. */
  #lines(text: string, indent: number, width: number, size: number, face: Face, onFirst?: () => void): void {
    for (const [index, line] of this.#wrap(text, width, size, face).entries()) {
      this.#line(size)
      this.#text(line, this.#left + indent, 'start', size, face)
      if (index === 0) onFirst?.()
    }
  }

  #figures(amount: string, key: string, end: number, size: number, face: Face): void {
    this.#text(amount, end, 'end', size, face)
    if (key !== '') this.#text(key, this.#right, 'end', size, face)
  }

  #taxes({ head, rows }: Extract<Item, { kind: 'taxes' }>): void {
    const size = this.#size
    const width = this.#right - this.#left - this.#paper.sizes.normal * KEY_WIDTH
    const ends = [0.5, 0.73, 1].map((part) => this.#left + width * part)
    for (const [index, { cells, note }] of [{ cells: head, note: null }, ...rows].entries()) {
      const [name, ...amounts] = cells
      this.#line(size)
      this.#text(name, this.#left, 'start', size, index === 0 ? 'bold' : 'regular')
      for (const [at, amount] of amounts.entries())
        this.#text(amount, ends[at] ?? 0, 'end', size, index === 0 ? 'bold' : 'regular')
      if (note === null) continue
      for (const line of this.#wrap(note, width - size, size, 'regular')) {
        this.#line(size)
        this.#text(line, this.#left + size, 'start', size, 'regular')
      }
    }
  }

  #code(data: string): void {
    const code = qrCode(data)
    const { side, module: largest, whole } = this.#paper.code
    const modules = code.size + 2 * QUIET_MODULES
    const exact = Math.min(largest, side / modules)
    const module = whole ? Math.max(1, Math.floor(exact)) : exact
    this.#reserve(module * modules)
    const x = (this.#paper.width - module * code.size) / 2
    this.#marks.push({ kind: 'code', x: whole ? Math.round(x) : x, y: this.#y + module * QUIET_MODULES, module, code })
    this.#y += module * modules
  }

  /** Moves to the next line; {@link #text} writes on its base line. */
  #line(size: number): void {
    this.#reserve(size * LINE_HEIGHT)
    this.#y += size * LINE_HEIGHT
  }

  #text(text: string, x: number, anchor: 'start' | 'middle' | 'end', size: number, face: Face): void {
    const y = this.#y - size * (LINE_HEIGHT - ASCENT)
    this.#marks.push({ kind: 'text', x, y, anchor, text: drawable(text), size, face })
  }

  /** Begins a new page if the height does not fit on this one. */
  #reserve(height: number): void {
    const empty = this.#y === this.#paper.margin
    if (!empty && this.#y + height > this.#paper.height - this.#paper.margin) this.#break()
  }

  #break(): void {
    const { height, margin, roll } = this.#paper
    this.#pages.push({ height: roll ? Math.ceil(this.#y + margin) : height, marks: this.#marks })
    this.#marks = []
    this.#y = margin
  }

  /** Broken between words; a word too long for a line is broken at the end of the line. */
  #wrap(text: string, width: number, size: number, face: Face): string[] {
    const lines: string[] = []
    let line = ''
    for (const word of drawable(text).split(/ +/)) {
      const longer = line === '' ? word : `${line} ${word}`
      if (this.#measure(longer, size, face) <= width) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = ''
      for (const [letter] of word.matchAll(LETTERS)) {
        if (line !== '' && this.#measure(line + letter, size, face) > width) {
          lines.push(line)
          line = ''
        }
        line += letter
      }
    }
    return line === '' && lines.length > 0 ? lines : [...lines, line]
  }
}
