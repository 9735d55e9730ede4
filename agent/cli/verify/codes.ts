import { LAWS } from '../../laws/laws.ts'
import type { CheckedCode, Given, Verdict } from '../../laws/verify-rules.ts'

/** One code of a text, and the line in which it begins. */
export type CodeVerdict = Pick<Verdict, 'valid' | 'summary' | 'findings' | 'uncertified'> & { line: number }

/** The rules of the laws for codes. The first one checks text that begins like none of them. */
const CODES = LAWS.flatMap(({ verify }) => verify?.codes ?? [])

/** True for a text that is a receipt's code or begins like one. */
export function isCode(text: string): boolean {
  return ruleFor(text.trimStart()) !== undefined
}

function ruleFor(code: string): (typeof CODES)[number] | undefined {
  return CODES.find(({ start }) => start.test(code))
}

type Check = (code: string) => Promise<CheckedCode>

/** Returns a check that selects the law by the beginning of the code. */
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
 * Checks a text with one or more codes. A code may continue on the next lines, as receipts print it; a line that begins like
 * a code begins the next one. The files of `given` are read only if a code needs them.
 */
export async function judgeCodes(text: string, given: Given): Promise<CodeVerdict[]> {
  const check = checkOver(given)
  // A continued line may begin like another code: a text that verifies as a whole is one code.
  const whole = await judged(text, check)
  if (whole.isWhole) return [{ line: 1, ...verdictOf(whole) }]
  const verdicts: CodeVerdict[] = []
  for (const { line, text: piece } of pieces(text)) verdicts.push(...(await piecewise(line, piece, check)))
  return verdicts
}

/** One verdict on a code, or two: on a code and on the text below that does not belong to it. */
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

/** Splits the text before each line that begins like a code. Text before the first code is a piece too. */
function pieces(text: string): { line: number; text: string }[] {
  const groups: { line: number; lines: string[] }[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const last = groups.at(-1)
    if (last === undefined ? isBlank(line) : !isCode(line)) last?.lines.push(line)
    else groups.push({ line: index + 1, lines: [line] })
  }
  return groups.map(({ line, lines }) => ({ line, text: lines.join('\n') }))
}

/** Checks the joined lines unchanged first, then trimmed: the signed text may itself have blanks at a line break. */
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
