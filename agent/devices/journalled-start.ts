import { parseRfc3339 } from '../../base/clock.ts'
import type { Document } from '../journal/documents/document.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import { transactionFacts } from '../journal/transaction-facts.ts'
import { startOfDocument } from '../journal/tse-logs.ts'
import { newestNaming } from './journalled-numbers.ts'

type Journalled = Pick<View, 'portionNaming'> & { document(id: string): Document | undefined }

/** The start of a transaction as the journal has it. */
export type JournalledStart = { readonly client: string; readonly atMs: number }

/** A transaction that is open according to the journal; `op` is '' for one that was adopted. */
export type OpenNumber = { readonly number: number; readonly op: string }

/**
 * The start of an open transaction of a device: the unit may have deleted its log. Undefined if the journal has only its
 * number.
 */
export function journalledStart(
  journal: { readonly view: Journalled; readonly headSeq: number },
  device: string,
  { number, op }: OpenNumber,
): JournalledStart | undefined {
  const { view, headSeq } = journal
  if (op === '') return adoptedStart(view, headSeq, device, number)
  const document = view.document(op)
  const start = document && startOfDocument(document.parts)
  if (start?.transaction !== number) return undefined
  return startAt(start.client, start.at)
}

function adoptedStart(view: Journalled, headSeq: number, device: string, number: number): JournalledStart | undefined {
  for (const event of newestNaming(view, device, headSeq)) {
    const body = bodyOf(event)
    const { transaction } = body
    if (transaction?.device !== device || transaction.number !== number) continue
    const { client, started } = transactionFacts(body)
    const start = startAt(client, started?.log_time)
    if (start !== undefined) return start
  }
  return undefined
}

function startAt(client: string | undefined, at: string | undefined): JournalledStart | undefined {
  const atMs = at === undefined ? undefined : parseRfc3339(at)
  return client === undefined || atMs === undefined ? undefined : { client, atMs }
}
