import { numberIn, textIn } from './checked.ts'
import type { StrayTransaction, TseLog } from './event-facts.ts'
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
}

type LogFacts = { readonly [Member in keyof TseLog]?: TseLog[Member] | undefined }
type Claimed<Facts> = { readonly [Member in keyof Facts]?: unknown }

const NONE: TransactionFacts = {}

/**
 * Reads members, never the kind, and checks each: the event may be from a foreign file. A member that is missing, null or of
 * another type is undefined.
 */
export function transactionFacts({ facts }: EventBody): TransactionFacts {
  const told = objectIn<TransactionFacts>(facts)
  if (told === undefined) return NONE
  return {
    law: textIn(told.law),
    register_id: textIn(told.register_id),
    operation_id: textIn(told.operation_id),
    serial: textIn(told.serial),
    client: textIn(told.client),
    transaction: numberIn(told.transaction),
    receipt_number: numberIn(told.receipt_number),
    started_ms: numberIn(told.started_ms),
    counter: numberIn(told.counter),
    time_ms: numberIn(told.time_ms),
    signature: textIn(told.signature),
    started: logIn(told.started),
    finished: logIn(told.finished),
    process_type: textIn(told.process_type),
    process_data: textIn(told.process_data),
  }
}

/** The facts of the intent of an abort; undefined if law or register is missing. */
export function strayTransaction(body: EventBody): StrayTransaction | undefined {
  const { law, register_id, operation_id = null, started_ms } = transactionFacts(body)
  if (law === undefined || register_id === undefined) return undefined
  return { law, register_id, operation_id, ...(started_ms !== undefined && { started_ms }) }
}

function logIn(value: unknown): LogFacts | undefined {
  const told = objectIn<LogFacts>(value)
  return (
    told && {
      log_time: textIn(told.log_time),
      signature_counter: numberIn(told.signature_counter),
      signature: textIn(told.signature),
    }
  )
}

function objectIn<Facts>(value: unknown): Claimed<Facts> | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}
