import { membersIn, numberIn, textIn } from './checked.ts'
import type { StoredParts } from './documents/document.ts'

/*
 * The answer of a TSE about the transaction of a document, in the event that has it. The event may be from a foreign
 * file: a member that is missing or of another type is undefined.
 */

/** `at`: its log time, RFC 3339. */
export type StartOfDocument = {
  readonly serial: string | undefined
  readonly client: string | undefined
  readonly transaction: number | undefined
  readonly at: string | undefined
}

export type EndOfDocument = {
  readonly serial: string | undefined
  readonly counter: number | undefined
  readonly at: string | undefined
  readonly signature: string | undefined
  readonly processData: string | undefined
}

/** Undefined unless the event sets it. */
export function startOfDocument({ law }: StoredParts): StartOfDocument | undefined {
  const value = law['transaction']
  if (value === undefined) return undefined
  const { serial, client, transaction, started_at: at } = membersIn(value) ?? {}
  return { serial: textIn(serial), client: textIn(client), transaction: numberIn(transaction), at: textIn(at) }
}

/**
 * The law signs an opening of the drawer that the answer does not show as signed. Undefined unless the event sets it.
 */
export function endOfDocument({ shown, law }: StoredParts): EndOfDocument | undefined {
  const information = membersIn(shown['fiscal_information'] ?? law['signed'])
  const end = information?.['end_event']
  if (end === undefined) return undefined
  const { transaction_counter: counter, signed_at: at, signature, process_data: processData } = membersIn(end) ?? {}
  return {
    serial: textIn(information?.['tss_serial_number']),
    counter: numberIn(counter),
    at: textIn(at),
    signature: textIn(signature),
    processData: textIn(processData),
  }
}
