import { CONFIGURED_LAWS } from '../../laws/settings.ts'
import type { CheckedCode, Given, Verdict } from '../../laws/verify-rules.ts'

/** One code of a text, and the line in which it begins. */
export type CodeVerdict = Pick<Verdict, 'valid' | 'summary' | 'findings' | 'uncertified'> & { line: number }

/** The rules of the laws for codes; what begins like no code is checked by the first. */
const CODES = CONFIGURED_LAWS.flatMap(({ verify }) => verify?.codes ?? [])

/** True for a text that is a receipt's code or begins like one. */
export function isCode(text: string): boolean {
  return ruleFor(text.trimStart()) !== undefined
}

function ruleFor(code: string): (typeof CODES)[number] | undefined {
  return CODES.find(({ start }) => start.test(code))
}

type Check = (code: string) => Promise<CheckedCode>

/** Checks codes, each by the law that it begins like. */
function checkOver(given: Given): Check {
  const opened = new Map(CODES.map((rule) => [rule, rule.open(given)]))
  const [first] = opened.values()
  return async (code) => {
    const rule = ruleFor(code)
    const check = rule === undefined ? first : opened.get(rule)
    if (check === undefined) throw new Error('no law has a code')
    return check(code)
  }
}

/**
 * Checks a text of codes. A code may be broken over lines, as receipts print it: the next one begins where a line begins
 * like one. `given` is read if a code needs it.
 */
export async function judgeCodes(text: string, given: Given): Promise<CodeVerdict[]> {
  const check = checkOver(given)
  // The rest of a code may begin like another one: what verifies as a whole is one.
  const whole = await judged(text, check)
  if (whole.isWhole) return [{ line: 1, ...verdictOf(whole) }]
  const verdicts: CodeVerdict[] = []
  for (const { line, text: piece } of pieces(text)) verdicts.push(...(await piecewise(line, piece, check)))
  return verdicts
}

/** A code, or one and what stands below it and is none. */
async function piecewise(line: number, piece: string, check: Check): Promise<CodeVerdict[]> {
  const code = await judged(piece, check)
  const [first = '', ...rest] = piece.split('\n')
  if (code.isWhole || rest.every(isBlank)) return [{ line, ...verdictOf(code) }]
  const alone = await judged(first, check)
  if (!alone.isWhole) return [{ line, ...verdictOf(code) }]
  const below = line + 1 + rest.findIndex((text) => !isBlank(text))
  return [
    { line, ...verdictOf(alone) },
    { line: below, ...verdictOf(await judged(rest.join('\n'), check)) },
  ]
}

/** Each from a line that begins like a code up to the next such line; what stands before the first is one too. */
function pieces(text: string): { line: number; text: string }[] {
  const found: { line: number; lines: string[] }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const last = found.at(-1)
    if (last === undefined ? isBlank(line) : !isCode(line)) last?.lines.push(line)
    else found.push({ line: index + 1, lines: [line] })
  }
  return found.map(({ line, lines }) => ({ line, text: lines.join('\n') }))
}

/** Its lines joined as they are, then without the blanks at their edges: what was signed may have blanks of its own. */
async function judged(text: string, check: Check): Promise<CheckedCode> {
  const lines = text.split('\n')
  const joined = [lines, text.split(/\r?\n/), lines.map((line) => line.trim())].map((parts) => parts.join('').trim())
  const [last = '', ...earlier] = [...new Set(joined)].toReversed()
  for (const candidate of earlier.toReversed()) {
    const one = await check(candidate)
    if (one.isWhole) return one
  }
  return check(last)
}

function verdictOf({ isWhole: _, ...verdict }: CheckedCode): Omit<CodeVerdict, 'line'> {
  return verdict
}

function isBlank(line: string): boolean {
  return line.trim() === ''
}
