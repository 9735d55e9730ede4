import { FiskalError } from '../../errors.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import type { Goal, LawChange } from '../law.ts'
import { isPaidAlike } from './payments.ts'
import type { PrintState } from './state.ts'
import { printOf, resting, stateMembers } from './state.ts'

/** The printed part of an operation that stopped in the middle, and how to print the rest. */
export type HalfDone = { stands: string; rest: string }

export function halfDone({ id, kind }: RecordedDocument, { printed }: PrintState): HalfDone | undefined {
  if (printed.length === 0) return undefined
  const end = `If it can never be printed: fiskal-edge operation end ${id}.`
  switch (kind) {
    case 'void':
      return {
        stands: 'The return of the exchange is annulled, its sale is not',
        rest: `The same void annuls the sale alone. ${end}`,
      }
    case 'return':
      return {
        stands: `${printed.length} of the resi of the return ${printed.length === 1 ? 'is' : 'are'} printed, the rest is not`,
        rest: `The same completion prints the rest alone. ${end}`,
      }
    case 'sale':
      return {
        stands: 'The return of the sale is printed, what it sells is not',
        rest: `The same completion prints the rest alone. ${end}`,
      }
    default:
      return {
        stands: 'The return of the exchange is printed, its sale is not',
        rest: `The same completion prints the sale alone. ${end}`,
      }
  }
}

/** Throws `unprocessable_entity` if the payments of this completion differ from those paid out by the printed reso. */
export function refusePaidOtherwise({ paidOut }: PrintState, planned: PrintState['paidOut']): void {
  if (paidOut === undefined || planned === undefined || isPaidAlike(paidOut, planned)) return
  const words = paidOut.map(({ method, amount }) => `${amount} (${method})`).join(', ')
  throw new FiskalError('unprocessable_entity', `Its payments are not those that were paid out: ${words}`, {
    pointer: '/payments',
  })
}

/** The same refusal for an operation of which one document is printed already. */
export function whileStanding(error: FiskalError, standing: HalfDone | undefined): FiskalError {
  if (standing === undefined) return error
  const { code, message, details } = error
  const words = `${standing.stands}: ${message.replace(/\.$/, '')}. ${standing.rest}`
  return new FiskalError(code, words, details, { fiscalEffect: 'recorded' })
}

/** The state of a new try of a refused reversal: its printed documents count. */
export function retried(refused: RecordedDocument): LawChange['law'] {
  const print = resting(printOf(refused))
  return print === 'none' ? {} : stateMembers({ print })
}

/** A reso of the operation is printed, so it cannot be voided: it must be completed. */
export function returnStands({ id, kind }: RecordedDocument): FiskalError {
  const printed = kind === 'return' ? `A part of return ${id}` : `The return of ${kind} ${id}`
  return new FiskalError('operation_invalid_state', `${printed} is printed: complete it.`, {
    operation_id: id,
    status: 'open',
  })
}

/** True if the goal is reached: the document or register has what its printer reported. */
export function isEnded(document: RecordedDocument, goal: Goal): boolean {
  switch (document.kind) {
    case 'register':
      return document.shown.fiscalization_status === goal
    case 'drawer_opening':
      return false
    default:
      return document.shown.fiscal_information !== null
  }
}
