import type { OpenDocument } from '../rt/simulated-document.ts'
import type { Parameters } from './simulator-grammar.ts'
import { Refusal, refuse } from './simulator-refusal.ts'

/** 999,999.99 per line. */
const LINE_MAX_CENTS = 99_999_999

// The commands that add to an open document. All throw Refusal.

/** `=R`: goods, or a deduction with `/&`. */
export function enterGoods(document: OpenDocument, department: number, parameters: Parameters): void {
  const price = Number(parameters['$'] ?? 0)
  const text = parameters['('] ?? ''
  const thousandths = Math.round(Number(parameters['*'] ?? 1) * 1000)
  const isDeduction = parameters['&'] !== undefined
  if (price > LINE_MAX_CENTS || (price * thousandths) / 1000 > LINE_MAX_CENTS) throw new Refusal('ES0001')
  refuse(
    isDeduction ? document.deduct(department, price, text) : document.addLine(department, price, thousandths, text),
  )
}

/** `=V+`, `=V-`, `=%+`, `=%-`: a value, or a share of the preceding entry. */
export function enterAdjustment(document: OpenDocument, code: string, parameters: Parameters): void {
  const sign = code.endsWith('+') ? 1 : -1
  const value = Number(parameters['*'] ?? parameters['$'] ?? 0)
  const cents = (base: number) => sign * (code.startsWith('V') ? value : Math.round((base * value) / 100))
  refuse(document.adjust(cents, parameters['('] ?? ''))
}

/** `="`: a text, a lottery code or a tax code. */
export function enterText(document: OpenDocument, parameters: Parameters): void {
  const words = parameters['('] ?? ''
  switch (parameters['?']) {
    case 'A':
      document.texts.push(words)
      return
    case 'L':
      if (!/^[A-Z0-9]{8}$/.test(words)) throw new Refusal('ES0001')
      document.lottery = words
      return
    case 'C':
      if (!/^([A-Za-z0-9]{16}|\d{11})$/.test(words)) throw new Refusal('ES0001')
      document.taxCode = words
      return
    default:
      if (parameters['?'] !== undefined) throw new Refusal('EG0002')
  }
}

/** `=a`. */
export function cancelLastEntry(document: OpenDocument | undefined): void {
  if (!document || document.payments.length > 0) throw new Refusal('EG0005')
  refuse(document.cancelLast())
}
