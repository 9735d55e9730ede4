import { parseRfc3339 } from '../../../base/clock.ts'
import type { RecordedBon } from '../../../verify/dsfinvk/bon-table.ts'
import type { Closing } from '../../../verify/dsfinvk/register-bons.ts'
import { RegisterBons } from '../../../verify/dsfinvk/register-bons.ts'
import { BookState } from '../../journal/books/book-state.ts'
import type { StoredParts } from '../../journal/documents/document.ts'
import { NO_PARTS } from '../../journal/documents/document.ts'
import { isOperationKind } from '../../journal/documents/kind.ts'
import { lawNameIn, partsOf, partsWith, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventBody, Members, StoredEvent } from '../../journal/events.ts'
import { isEarlyAnswer } from '../../journal/progress.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import { isCashMovement, sumsOf } from './books/operation-sums.ts'
import { isDrawerOpening } from './drawer-opening.ts'
import type { JournalledDocument } from './journalled-document.ts'
import { journalledDocument } from './journalled-document.ts'
import { lostContent } from './lost-content.ts'
import { isOurs } from './shapes.ts'
import { stateOf } from './state.ts'

type Read = Pick<StoredEvent, 'seq' | 'kind' | 'op' | 'at' | 'body'>
/** `number`: its receipt number, since `second`, while its end is still being settled. */
type Begun = {
  parts: StoredParts
  register: string
  session: string | undefined
  number?: number
  second: number
  isAnsweredEarly: boolean
}

type Content = Omit<RecordedBon, 'second'>

const LAW = 'KassenSichV'

/** Records the bons of German registers from the events of a journal, from the first on. Holds documents that are open at the same time. */
export class JournalledBons {
  readonly registers = new Map<string, RegisterBons>()
  readonly #begun = new Map<string, Begun>()
  readonly #state = new BookState()
  /** The closing of a register whose last bon, that of the operation `op`, has no number yet. */
  readonly #waiting = new Map<RegisterBons, Closing & { op: string }>()

  /** The journal may come from anyone. Throws for an event that this program does not write. */
  note({ seq, kind, op, at, body: text }: Read): void {
    const body = JSON.parse(text) as EventBody
    const { receipt, session } = body
    this.#begin(op, body)
    const begun = this.#begun.get(op)
    const own = receipt && this.registers.get(receipt.register)
    if (own !== undefined && receipt !== undefined) {
      const second = Math.floor((parseRfc3339(at) ?? 0) / 1000)
      if (op === '') own.table.record(receipt.number, { ...ofTransaction(kind, body), second })
      else if (begun !== undefined) this.#number(own, op, begun, { number: receipt.number, second, session })
    }
    if (begun?.number !== undefined) this.#take(op, begun, begun.number)
    const z = sessionPartsOf(body)?.own.zNumber
    if (session !== undefined && z !== undefined) this.#close(session, z, op)
    else if (own !== undefined) this.#closeWaiting(own, op)
    this.#state.note(seq, at, op, body)
  }

  #begin(op: string, body: EventBody): void {
    const { index } = body
    const parts = partsOf(body)
    const law = (parts.shown['fiscalization'] as Members | null | undefined)?.['regime']
    if (law === LAW && !this.registers.has(op)) this.registers.set(op, new RegisterBons())
    const isBon = index !== undefined && (isOperationKind(index.kind) || index.kind === 'drawer_opening')
    if (isBon && index.register != null && this.registers.has(index.register))
      this.#begun.set(op, {
        parts: NO_PARTS,
        register: index.register,
        session: index.session,
        second: 0,
        isAnsweredEarly: false,
      })
    const begun = this.#begun.get(op)
    if (begun === undefined) return
    begun.parts = partsWith(begun.parts, body)
    if (isEarlyAnswer(body)) begun.isAnsweredEarly = true
    if (body.answer !== undefined) begun.isAnsweredEarly = false
  }

  #number(
    own: RegisterBons,
    op: string,
    begun: Begun,
    { number, second, session }: { number: number; second: number; session: EventBody['session'] | undefined },
  ): void {
    Object.assign(begun, { number, second })
    // The bon of an opening or of a close is of its session.
    if (session?.set?.['state'] !== undefined && session.id === begun.session) return
    const running = this.#state.sessionOf(begun.register)?.id
    const isIn = begun.session === undefined ? running !== undefined : begun.session === running
    if (!isIn && this.#waiting.get(own)?.op !== op) own.late.push(number)
  }

  #take(op: string, { parts, register, second, isAnsweredEarly }: Begun, number: number): void {
    const document = journalledDocument(parts)
    const table = this.registers.get(register)?.table
    const bon = ofDocument(document, parts)
    if (bon !== undefined) table?.record(number, { ...bon, second })
    if (stateOf(document).fiscal.state !== 'pending' && !isAnsweredEarly) this.#begun.delete(op)
  }

  /** The bon of the close itself is the last of its closing. */
  #close({ id, register, sales }: NonNullable<EventBody['session']>, z: number, op: string): void {
    const own = this.registers.get(register)
    const counted = this.#state.salesIn(id)
    const last = this.#state.lastReceipt(register)
    const session = sales === undefined || counted === undefined ? undefined : { recorded: sales, counted, last }
    const begun = this.#begun.get(op)
    const isRecorded = begun !== undefined && lawNameIn(begun.parts) !== undefined
    if (!isRecorded) this.#begun.delete(op)
    if (own === undefined) return
    if (isRecorded && begun.number === undefined) this.#waiting.set(own, { z, op, session })
    else this.#closeNow(own, { z, session })
  }

  #closeWaiting(own: RegisterBons, op: string): void {
    const closing = this.#waiting.get(own)
    if (closing?.op === op) this.#closeNow(own, closing)
  }

  #closeNow(own: RegisterBons, closing: Closing): void {
    own.close(closing)
    this.#waiting.delete(own)
  }
}

/** Undefined for a document without a bon. The sum comes from members of the journal, not from the rows of the writer. */
function ofDocument(document: JournalledDocument, parts: StoredParts): Content | undefined {
  const { signed } = stateOf(document)
  const facts = isOurs(signed) ? signed : undefined
  const { shown } = parts
  const isBon = isDrawerOpening(document) || isCashMovement(shown) || shown['line_items'] !== undefined
  if (!isBon) return undefined
  return {
    transaction: facts?.transaction_number ?? 0,
    counter: facts?.end_event.transaction_counter ?? 0,
    cents: grossOf(parts),
  }
}

function ofTransaction(kind: string, body: EventBody): Content {
  const { transaction = 0, counter = 0, finished, process_type: type, process_data: data } = transactionFacts(body)
  if (kind !== 'transaction.lost') return { transaction, counter, cents: 0 }
  const lost = lostContent(type ?? '', data ?? '')
  if (lost === undefined) throw new RangeError(`the TSE's data for transaction ${transaction} is not a bon`)
  const gross = lost.type === 'AVSonstige' ? [] : lost.gross
  return { transaction, counter: finished?.signature_counter ?? 0, cents: Number(sumIn(gross)) }
}

/** UMS_BRUTTO; NaN if an amount is not readable. */
function grossOf(parts: StoredParts): number {
  try {
    return Number(sumIn(sumsOf(parts).kinds))
  } catch {
    return Number.NaN
  }
}

function sumIn(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, cents) => sum + cents, 0n)
}
