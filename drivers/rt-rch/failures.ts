import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { RchOutcome } from './reply.ts'

type Meaning = { code: DeviceErrorCode; text: string }

const meanings: Readonly<Record<string, Meaning>> = {
  ES0001: { code: 'refused', text: 'not allowed: price, department, amount or payment' },
  EG0002: { code: 'refused', text: 'syntax' },
  EG0003: { code: 'refused', text: 'unknown command' },
  EG0004: { code: 'refused', text: 'wrong key for this command' },
  EG0005: { code: 'refused', text: 'wrong sequence' },
  EG0020: { code: 'document_unknown', text: 'the referenced document is not in the memory' },
  EG0021: { code: 'document_reversed', text: 'already voided or returned' },
  EG0022: { code: 'amount_exceeded', text: 'more than is left of the referenced document' },
  ES0030: { code: 'closure_due', text: 'the period is open for more than 24 hours' },
  ES0031: { code: 'transmission_due', text: 'too many files wait for the tax office' },
  ES0032: { code: 'memory_full', text: 'the detail memory (DGFE) is full' },
  ES0033: { code: 'out_of_service', text: 'not in service or revoked' },
  ES0034: { code: 'clock_wrong', text: 'the clock is earlier than the last document' },
  EP0040: { code: 'paper_out', text: 'no paper' },
  ES0041: { code: 'cover_open', text: 'the cover is open' },
  EG0050: { code: 'busy', text: 'busy' },
}

/** An explicit refusal: the command was not executed. */
export function rchRefusal(outcome: RchOutcome, what: string): DeviceError {
  const meaning = meanings[outcome.code] ?? { code: 'refused', text: 'refused' }
  return new DeviceError(meaning.code, 'none', `${what}: ${meaning.text}`, outcome.code)
}

/** The same for a command that prints nothing: its code says nothing about a document. */
export function rchRefusalWithoutDocument(outcome: RchOutcome, what: string): DeviceError {
  const refusal = rchRefusal(outcome, what)
  const isOfDocument = ['document_unknown', 'document_reversed', 'amount_exceeded'].includes(refusal.code)
  return isOfDocument ? new DeviceError('refused', 'none', refusal.message, outcome.code) : refusal
}

export function isPaperOrCover(outcome: RchOutcome): boolean {
  return outcome.family === 'P' || outcome.code === 'EP0040' || outcome.code === 'ES0041'
}
