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
  readonly numbered_by?: string | undefined
}

type LogFacts = { readonly [Member in keyof TseLog]?: TseLog[Member] | undefined }
type Claimed<Facts> = { readonly [Member in keyof Facts]?: unknown }

const NONE: TransactionFacts = {}

/**
 * Reads members, never the kind, and checks each: the event may be from a foreign file. A member that is missing, null or of
 * another type is undefined.
 */
export function transactionFacts({ facts }: EventBody): TransactionFacts {
  const members = objectIn<TransactionFacts>(facts)
  if (members === undefined) return NONE
  return {
    law: textIn(members.law),
    register_id: textIn(members.register_id),
    operation_id: textIn(members.operation_id),
    serial: textIn(members.serial),
    client: textIn(members.client),
    transaction: numberIn(members.transaction),
    receipt_number: numberIn(members.receipt_number),
    started_ms: numberIn(members.started_ms),
    counter: numberIn(members.counter),
    time_ms: numberIn(members.time_ms),
    signature: textIn(members.signature),
    started: logIn(members.started),
    finished: logIn(members.finished),
    process_type: textIn(members.process_type),
    process_data: textIn(members.process_data),
    paper_numbers: rangeIn(members.paper_numbers),
    numbered_by: textIn(members.numbered_by),
  }
}

/** The facts of the intent of an abort; undefined if law or register is missing. */
export function orphanTransaction(body: EventBody): OrphanTransaction | undefined {
  const { law, register_id, operation_id = null, started_ms } = transactionFacts(body)
  if (law === undefined || register_id === undefined) return undefined
  return { law, register_id, operation_id, ...(started_ms !== undefined && { started_ms }) }
}

function rangeIn(value: unknown): { from: number; to: number } | undefined {
  const range = objectIn<{ from: number; to: number }>(value)
  const [from, to] = [numberIn(range?.from), numberIn(range?.to)]
  return from === undefined || to === undefined ? undefined : { from, to }
}

function logIn(value: unknown): LogFacts | undefined {
  const log = objectIn<LogFacts>(value)
  return (
    log && {
      log_time: textIn(log.log_time),
      signature_counter: numberIn(log.signature_counter),
      signature: textIn(log.signature),
    }
  )
}

function objectIn<Facts>(value: unknown): Claimed<Facts> | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}
