import { numberIn, textIn } from './checked.ts'
import type { OrphanTransaction, TseLog } from './event-facts.ts'
import type { EventBody } from './events.ts'

/**
 * The facts about a TSE transaction without a document: the agent aborted it (`started_ms`, `counter`, `time_ms`,
 * `signature`) or adopted it (`started`, `finished`).
 */
export type TransactionFacts = {
  readonly law?: string | undefined
  readonly register_id?: string | undefined
  readonly operation_id?: string | null | undefined
  readonly serial?: string | undefined
  readonly client?: string | undefined
  readonly transaction?: number | undefined
  readonly receipt_number?: number | undefined
  readonly started_ms?: number | undefined
  readonly counter?: number | undefined
  readonly time_ms?: number | undefined
  readonly signature?: string | undefined
  readonly started?: LogFacts | undefined
  readonly finished?: LogFacts | undefined
  readonly process_type?: string | undefined
  readonly process_data?: string | undefined
  readonly paper_numbers?: { readonly from: number; readonly to: number } | undefined
}

type LogFacts = { readonly [Member in keyof TseLog]?: TseLog[Member] | undefined }
type Claimed<Facts> = { readonly [Member in keyof Facts]?: unknown }

const NONE: TransactionFacts = {}

/**
 * Reads members, never the kind, and checks each: the event may be from a foreign file. A member that is missing, null or of
 * another type is undefined.
 */
export function transactionFacts({ facts }: EventBody): TransactionFacts {
  const found = objectIn<TransactionFacts>(facts)
  if (found === undefined) return NONE
  return {
    law: textIn(found.law),
    register_id: textIn(found.register_id),
    operation_id: textIn(found.operation_id),
    serial: textIn(found.serial),
    client: textIn(found.client),
    transaction: numberIn(found.transaction),
    receipt_number: numberIn(found.receipt_number),
    started_ms: numberIn(found.started_ms),
    counter: numberIn(found.counter),
    time_ms: numberIn(found.time_ms),
    signature: textIn(found.signature),
    started: logIn(found.started),
    finished: logIn(found.finished),
    process_type: textIn(found.process_type),
    process_data: textIn(found.process_data),
    paper_numbers: rangeIn(found.paper_numbers),
  }
}

/** The facts of the intent of an abort; undefined if law or register is missing. */
export function orphanTransaction(body: EventBody): OrphanTransaction | undefined {
  const { law, register_id, operation_id = null, started_ms } = transactionFacts(body)
  if (law === undefined || register_id === undefined) return undefined
  return { law, register_id, operation_id, ...(started_ms !== undefined && { started_ms }) }
}

function rangeIn(value: unknown): { from: number; to: number } | undefined {
  const found = objectIn<{ from: number; to: number }>(value)
  const [from, to] = [numberIn(found?.from), numberIn(found?.to)]
  return from === undefined || to === undefined ? undefined : { from, to }
}

function logIn(value: unknown): LogFacts | undefined {
  const found = objectIn<LogFacts>(value)
  return (
    found && {
      log_time: textIn(found.log_time),
      signature_counter: numberIn(found.signature_counter),
      signature: textIn(found.signature),
    }
  )
}

function objectIn<Facts>(value: unknown): Claimed<Facts> | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}
