import { CodedError } from '../../../base/thrown.ts'
import { bodyOf } from '../../journal/events.ts'
import { member } from '../daemon/admin-client.ts'
import type { EventSource, ReadEvent } from './source.ts'

/** A register by its id or its name. Throws `not_found`. */
export async function registerNamed(source: EventSource, wanted: string): Promise<string> {
  const names = new Map<string, unknown>()
  for (const { op, body } of await source({ prefix: 'reg_' })) {
    const name = bodyOf({ body }).set?.['name']
    names.set(op, name ?? names.get(op))
  }
  if (names.has(wanted)) return wanted
  const ids = [...names].flatMap(([id, name]) => (name === wanted ? [id] : []))
  const [id] = ids
  if (id === undefined) throw new CodedError('not_found', `The journal has no register ${wanted}: name its id (reg_…).`)
  if (ids.length > 1)
    throw new CodedError('not_found', `Several registers have the name ${wanted}. Name the id: ${ids.join(', ')}`)
  return id
}

/**
 * The operation of a number of a register, as it is on paper: the receipt number, in Italy the document number of the
 * printer (`0142-0001`). The newest one, because a printer may be replaced. Throws `not_found`.
 */
export async function operationNumbered(source: EventSource, register: string, number: string): Promise<string> {
  const isReceipt = /^\d+$/.test(number)
  const texts = isReceipt
    ? [`"receipt_number":"${number}"`, `"receipt":{"number":${number},"register":"${register}"}`]
    : [`"document_number":"${number}"`]
  for (const text of texts) {
    const events = (await source({ text })).filter(({ op }) => op !== '')
    for (const event of events.reverse()) if (await isOn(source, event, register, number)) return event.op
  }
  throw new CodedError(
    'not_found',
    `Register ${register} has no receipt ${number}: send the number on paper, or the id of the operation (op_…).`,
  )
}

async function isOn(source: EventSource, { op, body }: ReadEvent, register: string, number: string): Promise<boolean> {
  const { receipt, set } = bodyOf({ body })
  const facts = set?.['fiscal_information']
  const shown = member(facts, /^\d+$/.test(number) ? 'receipt_number' : 'document_number')
  if (shown === number) {
    const [first] = await source({ op })
    return first !== undefined && bodyOf(first).index?.register === register
  }
  return receipt?.register === register && String(receipt.number) === number
}

export function unknownOperation(id: string): Error {
  return new CodedError(
    'not_found',
    `The journal has no operation ${id}: check the id, or name the register and the number on paper.`,
  )
}
