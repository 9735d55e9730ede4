import type { Json } from '../../../../base/canonical.ts'
import type { Clock } from '../../../../base/clock.ts'
import { monoMs, pause, rfc3339 } from '../../../../base/clock.ts'
import type { Tse } from '../../../../drivers/ports/tse.ts'
import type { OpenNumber } from '../../../devices/journalled-start.ts'
import { journalledStart } from '../../../devices/journalled-start.ts'
import { clientOfOpen } from '../../../devices/open-client.ts'
import { FiskalError } from '../../../errors.ts'
import { registerIdOf } from '../../../journal/documents/registers.ts'
import type { Journal } from '../../../journal/journal.ts'

/** A transaction that is open on a TSE, with its start as the journal has it. `operation` is undefined for an adopted one. */
export type OpenTransaction = {
  readonly number: number
  readonly client: string
  readonly operation: string | undefined
  readonly register: { readonly id: string; readonly name: string } | undefined
  readonly sinceMs: number
}

export type OpenTransactionsOptions = { journal: Journal; clock: Clock; signal: AbortSignal }

/** The outcome of a running start is journalled within this time. */
const STARTING_MS = 30_000
const LOOK_MS = 50
const NAMED = 20
const MINUTE_MS = 60_000

/**
 * The transactions that are open on a unit before its logs are deleted: the unit cannot return their starts afterwards,
 * so each must be in the journal. Throws `unprocessable_entity` for one that is not, DeviceError.
 */
export async function journalledOpen(
  device: string,
  tse: Tse,
  { journal, clock, signal }: OpenTransactionsOptions,
): Promise<OpenTransaction[]> {
  const latestMs = monoMs(clock) + STARTING_MS
  let open = await tse.openTransactions()
  for (;;) {
    const rows = new Map(journal.view.deviceTransactions(device).map((row) => [row.number, row]))
    const recorded = open.flatMap((number) => journalled(journal, device, rows.get(number)) ?? [])
    if (recorded.length === open.length) return recorded
    const numbers = new Set(recorded.map(({ number }) => number))
    const unknown = open.filter((number) => !numbers.has(number))
    const isSettling = isStarting(journal, device) && monoMs(clock) < latestMs && !signal.aborted
    if (!isSettling) throw await unknownStart(device, tse, unknown)
    await pause(clock, LOOK_MS, signal)
    // It may be over by now.
    const still = new Set(await tse.openTransactions())
    open = open.filter((number) => still.has(number))
  }
}

/** As the answer of the command lists them. */
export function listed(open: readonly OpenTransaction[], nowMs: number): Json[] {
  return open.map(({ number, operation, register, sinceMs }) => ({
    transaction: number,
    operation_id: operation ?? null,
    register_id: register?.id ?? null,
    register: register?.name ?? null,
    opened_at: rfc3339(sinceMs),
    age_minutes: Math.max(0, Math.floor((nowMs - sinceMs) / MINUTE_MS)),
  }))
}

/** The unit does not delete while they are open; the archive is kept. */
export function keptForOpen(
  device: string,
  open: readonly OpenTransaction[],
  { nowMs, file }: { nowMs: number; file: string | undefined },
): FiskalError {
  const named = open.slice(0, NAMED).map((one) => wordsOf(one, nowMs))
  const more = open.length > NAMED ? ` and ${open.length - NAMED} more` : ''
  const archiveNote = file === undefined ? '' : ` The archive is kept (${file}).`
  return new FiskalError(
    'open_operations',
    `The TSE ${device} does not delete its logs while transactions are open: ${named.join(', ')}${more}. Complete or void them, then repeat the command.${archiveNote}`,
    {
      device_id: device,
      operation_ids: open.flatMap(({ operation }) => operation ?? []),
      open_transactions: listed(open, nowMs),
    },
  )
}

function journalled(journal: Journal, device: string, row: OpenNumber | undefined): OpenTransaction | undefined {
  const start = row && journalledStart(journal, device, row)
  if (row === undefined || start === undefined) return undefined
  const { view } = journal
  const operation = row.op === '' ? undefined : row.op
  const id = operation === undefined ? undefined : registerIdOf(view, operation)
  const register = id === undefined ? undefined : { id, name: view.register(id)?.shown.name ?? id }
  return { number: row.number, client: start.client, operation, register, sinceMs: start.atMs }
}

function isStarting({ view }: Journal, device: string): boolean {
  return view.everyIntent().some((row) => row.device === device && view.bodyAt(row.seq).act?.name === 'start')
}

/** Refuses the deletion: the TSE alone has the logs of these starts. */
async function unknownStart(device: string, tse: Tse, unknown: readonly number[]): Promise<FiskalError> {
  const named = await Promise.all(
    unknown
      .slice(0, NAMED)
      .map(async (number) => `${number} (client ${(await clientOfOpen(tse, number)).client ?? '?'})`),
  )
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : ''
  const message = `The journal does not have the start of transactions that are open on ${device}: ${named.join(', ')}${more}. Nothing is deleted. Finish them at the system that began them, or end them: "fiskal-edge device abort-foreign ${device}".`
  return new FiskalError('unprocessable_entity', message, { device_id: device, transactions: [...unknown] })
}

function wordsOf({ number, operation, register, sinceMs }: OpenTransaction, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - sinceMs) / MINUTE_MS))
  const age = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${operation ?? `transaction ${number}`} (${register?.name ?? 'adopted'}, open for ${age})`
}
