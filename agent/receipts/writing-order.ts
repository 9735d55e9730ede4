/** A part of a line with one direction. */
type Piece = { readonly text: string; readonly rightToLeft: boolean }

/** Bidirectional classes of UAX #9, as far as a line of a receipt needs them. */
type Class = 'left' | 'right' | 'number' | 'separator' | 'terminator' | 'neutral'

const RIGHT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u0640\u061b\u061f]/u
const BRACKETS = new Map([...'()[]{}<>«»‹›'].map((sign, index, all) => [sign, all[index ^ 1] ?? sign]))
const OPENING = '([{'

/** The mirrored bracket for text from right to left. */
export function mirrored(sign: string): string {
  return BRACKETS.get(sign) ?? sign
}

/**
 * A line that begins at the left, in pieces from left to right: UAX #9 without direction marks, which no receipt has
 * (`drawable`). Within a piece the characters keep their logical order; the font reverses them.
 */
export function drawnOrder(line: string): Piece[] {
  if (!RIGHT.test(line)) return [{ text: line, rightToLeft: false }]
  const characters = [...line]
  const levels = levelsOf(characters)
  const pieces: Piece[] = []
  let turned: Piece[] = []
  for (let at = 0; at < characters.length; ) {
    const level = levels[at]
    const end = levels.findIndex((other, index) => index > at && other !== level)
    const text = characters.slice(at, end < 0 ? undefined : end).join('')
    at += [...text].length
    if (level === 0) pieces.push(...turned.splice(0).reverse(), { text, rightToLeft: false })
    else turned.push({ text, rightToLeft: level === 1 })
  }
  turned = turned.reverse()
  return [...pieces, ...turned]
}

/** 0: left to right, 1: right to left, 2: figures within that. */
function levelsOf(characters: readonly string[]): number[] {
  const classes = classesOf(characters)
  joinNumbers(classes)
  joinBrackets(characters, classes)
  // N1 and N2: neutral characters between two right-to-left ones take their direction, all others that of the line.
  return classes.map((own, index) => {
    if (own === 'number') return 2
    if (own !== 'neutral') return own === 'right' ? 1 : 0
    return isRight(before(classes, index)) && isRight(after(classes, index)) ? 1 : 0
  })
}

function classesOf(characters: readonly string[]): Class[] {
  const classes: Class[] = []
  for (const [index, character] of characters.entries()) {
    // W1: a mark has the class of its letter.
    classes.push(/\p{M}/u.test(character) ? (classes[index - 1] ?? 'neutral') : classOf(character))
  }
  return classes
}

function classOf(character: string): Class {
  if (/\p{Nd}/u.test(character)) return 'number'
  if (RIGHT.test(character)) return 'right'
  if (/\p{L}/u.test(character)) return 'left'
  if (/[+\-.,:/\u060c]/.test(character)) return 'separator'
  return /[\p{Sc}%‰°#]/u.test(character) ? 'terminator' : 'neutral'
}

/** W4, W5 and W7: signs in or next to a number join it, and a number after a left-to-right letter joins that. */
function joinNumbers(classes: Class[]): void {
  for (const [index, own] of classes.entries()) {
    if (own !== 'separator') continue
    classes[index] = classes[index - 1] === 'number' && classes[index + 1] === 'number' ? 'number' : 'neutral'
  }
  joinTerminators(classes)
  let strong: Class = 'left'
  for (const [index, own] of classes.entries()) {
    if (own === 'left' || own === 'right') strong = own
    else if (own === 'number' && strong === 'left') classes[index] = 'left'
  }
}

function joinTerminators(classes: Class[]): void {
  for (let at = classes.indexOf('terminator'); at >= 0; at = classes.indexOf('terminator')) {
    let end = at
    while (classes[end] === 'terminator') end++
    const joined = classes[at - 1] === 'number' || classes[end] === 'number'
    classes.fill(joined ? 'number' : 'neutral', at, end)
  }
}

/** N0: both brackets of a pair have one direction. */
function joinBrackets(characters: readonly string[], classes: Class[]): void {
  const open: number[] = []
  const pairs: [from: number, to: number][] = []
  for (const [index, character] of characters.entries()) {
    if (OPENING.includes(character)) open.push(index)
    const at = open.findLastIndex((from) => characters[from] === BRACKETS.get(character))
    if (OPENING.includes(character) || at < 0) continue
    pairs.push([open[at] ?? 0, index])
    open.splice(at)
  }
  for (const [from, to] of pairs.sort(([one], [other]) => one - other)) {
    const within = classes.slice(from + 1, to)
    if (!within.some((own) => own !== 'neutral')) continue
    const right = !within.includes('left') && isRight(before(classes, from))
    classes[from] = right ? 'right' : 'left'
    classes[to] = classes[from]
  }
}

function before(classes: readonly Class[], index: number): Class {
  return classes.slice(0, index).findLast((own) => own !== 'neutral') ?? 'left'
}

function after(classes: readonly Class[], index: number): Class {
  return classes.slice(index + 1).find((own) => own !== 'neutral') ?? 'left'
}

function isRight(own: Class): boolean {
  return own === 'right' || own === 'number'
}
