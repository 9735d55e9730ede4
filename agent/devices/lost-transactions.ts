import { DeviceError } from '../../drivers/errors.ts'
import type { Tse, TseRecall } from '../../drivers/ports/tse.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { View } from '../journal/projections/view.ts'
import { journalledNumbers } from './journalled-numbers.ts'
import type { Trouble } from './usable.ts'

/**
 * A transaction of a register of this journal that the journal does not contain; without `recall.finish` it is open on
 * the device. `isEnded`: the journal has only its end, `recall` has its start.
 */
export type LostTransaction = { number: number; register: string; recall: TseRecall; isEnded?: true }

type Journalled = Pick<View, 'everyIntent' | 'bodyAt' | 'portionNaming' | 'resources' | 'register'>

export const LOST_MAX = 2000
/** Transactions of others between two of ours, on a TSE that several agents share. */
const OTHERS_MAX = 64

/**
 * How far the device is searched. A probe must be brief; a take-over needs all of them. `from`: the first number that
 * the unit has, if it deleted those before.
 */
export type LostSearch = { readonly othersMax: number; readonly isOver: () => boolean; readonly from?: number }
const BRIEF: LostSearch = { othersMax: OTHERS_MAX, isOver: () => false }

/**
 * The transactions that the device finished after the last journalled one: an old backup was restored, or a disk rolled
 * back. Empty if all are known, and if that cannot be determined (nothing of the device among the last 20,000 events).
 * Asks the device from the next number on; one question if nothing is missing. Throws DeviceError.
 */
export async function lostTransactions(
  view: Journalled,
  headSeq: () => number,
  device: string,
  tse: Pick<Tse, 'recall'>,
): Promise<LostTransaction[]> {
  return (await unknownTransactions(view, headSeq, device, tse)).filter(({ recall }) => recall.finish !== undefined)
}

/**
 * The same including open transactions: their starts are signed. Leaves out those of a client with a start of unknown
 * outcome, which may have begun one of them. At most {@link LOST_MAX}: the later ones follow when these are journalled.
 */
export async function unknownTransactions(
  view: Journalled,
  headSeq: () => number,
  device: string,
  tse: Pick<Tse, 'recall'>,
  { othersMax, isOver, from = 0 }: LostSearch = BRIEF,
): Promise<LostTransaction[]> {
  let seen = headSeq()
  const { transactions, last, isWhole } = journalledNumbers(view, seen, device)
  let knownNumbers = transactions
  const registers = registersByClient(view, device)
  if (!isWhole || registers.size === 0) return []
  const lostTransactions: LostTransaction[] = []
  let others = 0
  const first = Math.max(last.transaction + 1, from)
  for (let number = first; lostTransactions.length < LOST_MAX && others < othersMax && !isOver(); number++) {
    const recall = await tse.recall(number)
    if (recall === undefined) break
    // Read now: later, tills may have sold more than the search covers.
    if (headSeq() !== seen) {
      seen = headSeq()
      knownNumbers = journalledNumbers(view, seen, device).transactions
    }
    // Sold since, and so are all later ones: a start is journalled before its finish is sent.
    if (knownNumbers.has(number)) break
    const register = registers.get(recall.clientId)
    if (register !== undefined && isUnknown(view, device, recall)) lostTransactions.push({ number, register, recall })
    others = register === undefined ? others + 1 : 0
  }
  return lostTransactions
}

function isUnknown(view: Journalled, device: string, { finish, clientId }: TseRecall): boolean {
  const isStarting = view.everyIntent().some(({ seq }) => {
    const { act } = view.bodyAt(seq)
    return act?.device === device && act.name === 'start' && act['client'] === clientId
  })
  return finish !== undefined || !isStarting
}

/** In words, for the technician. */
export function describeLost(lost: readonly LostTransaction[]): string {
  const [first, last] = [lost[0]?.number, lost.at(-1)?.number]
  const numbers = first === last ? `transaction ${first}` : `${lost.length} transactions from ${first} to ${last}`
  return `The TSE has ${numbers} of this shop that the journal does not know: was an old backup restored?`
}

export function registersByClient(view: Journalled, device: string): Map<string, string> {
  const registers = new Map<string, string>()
  for (const { id, fiscal_device, fiscalization } of allRegisters(view)) {
    const client = fiscalization?.client_id ?? undefined
    if (fiscal_device === device && client !== undefined) registers.set(client, id)
  }
  return registers
}

/**
 * The trouble of a TSE that is ahead of the journal; undefined for other devices, and if it cannot be determined now. A
 * TSE that was never set up has signed nothing, and is not asked: a driver may have to log in for an answer, with PINs
 * that it does not have.
 */
export async function aheadOf(
  journal: { readonly view: Journalled; readonly headSeq: number },
  id: string,
  unit: { readonly kind: string; readonly recall?: Tse['recall'] },
  health: object & { readonly initialised?: boolean },
): Promise<Trouble | undefined> {
  const { recall } = unit
  if (recall === undefined || health.initialised === false) return undefined
  try {
    const tse = { recall: recall.bind(unit) }
    const lost = await lostTransactions(journal.view, () => journal.headSeq, id, tse)
    if (lost.length === 0) return undefined
    return {
      code: 'tse_ahead',
      message: `${describeLost(lost)} "fiskal-edge device adopt ${id}" journals them and continues.`,
    }
  } catch (error) {
    // It is asked again at the next connection; what it cannot answer now must not keep the till from selling.
    if (error instanceof DeviceError) return undefined
    throw error
  }
}
