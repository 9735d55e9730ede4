import type { Json } from '../../../base/canonical.ts'
import type { Clock } from '../../../base/clock.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { NewId } from '../../../base/ids.ts'
import { formatCents } from '../../../base/money.ts'
import type { TseIdentity, TseSignature } from '../../../drivers/ports/tse.ts'
import { isRetiredTse } from '../../devices/enrolment.ts'
import { journalledNumbers } from '../../devices/journalled-numbers.ts'
import type { LostTransaction } from '../../devices/lost-transactions.ts'
import { unknownTransactions } from '../../devices/lost-transactions.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { unrecordedStarts } from '../../devices/unrecorded-starts.ts'
import { FiskalError } from '../../errors.ts'
import { registerIdOf } from '../../journal/documents.ts'
import type { AdoptedTransaction, Facts, FactsOf, TseLog } from '../../journal/event-facts.ts'
import type { Marks, NewEvent } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'
import { closingWithoutSession, isBetweenSessions } from '../selling/left-over.ts'
import { newestSession } from '../selling/session-state.ts'

export type AdoptionParts = {
  journal: Journal
  laws: readonly LawRules[]
  newId: NewId
  clock: Clock
}

/**
 * Continues with a TSE that is ahead of the journal: what it signed and the journal lost is journalled by number, as
 * the device reports it, and the device is used again. A lost bon of a register gets its receipt number back and is in
 * the books: no later bon has that number. Open transactions are journalled with their start and ended by the
 * reconciliation; one that was ended without a recorded start gets its start. A TSE whose counters were set back
 * continues above those of the journal. Nothing is signed. Throws `unprocessable_entity` for a device that is not a
 * TSE, not ahead, or not the enrolled one; DeviceError.
 */
export async function adoptTse(device: DeviceSupervisor, parts: AdoptionParts): Promise<Json> {
  const { journal, laws } = parts
  const tse = device.device.unit.kind === 'tse' ? device.device.unit : undefined
  if (tse === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} is not a TSE: it has no counters to adopt.`)
  refuseOther(device, journal.view, device.identity?.serial)
  const known = journalledNumbers(journal.view, journal.headSeq, device.id).last
  // Recorded before the device continues above them: after a crash in between they are skipped again.
  const skipped = await tse.adopt?.(known, (counters) => {
    const more = { signature_counters: { from: counters.from, to: counters.to } }
    return journal.record(() => [adopted(device.id, [], more)])
  })
  await tse.open()
  const identity = await tse.identity()
  refuseOther(device, journal.view, identity.serial)
  // A transaction that ends between the two queries is in neither; a repeated adoption finds it.
  const ended = await unrecordedStarts(journal.view, journal.headSeq, identity.serial, tse)
  const lost = [...ended, ...(await unknownTransactions(journal.view, () => journal.headSeq, device.id, tse))]
  if (lost.length === 0 && skipped === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} has nothing that the journal does not know.`)
  const found = await Promise.all(lost.map((transaction) => judged(laws, journal.view, transaction, identity)))
  // All of them and their record in one commit: a crash must not leave a part to adopt.
  const reported = await journal.commit('outcome', (view) => {
    // If it was retired in the meantime, it has no part in the numbers of its successor.
    refuseOther(device, view, identity.serial)
    const finds = numbered(view, found)
    const events = finds.map((find) => lostEvent(view, device.id, find))
    const record = lost.length === 0 ? [] : [adopted(device.id, lost)]
    return { events: [...events, ...closingsFor(parts, view, finds), ...record], result: finds.map(toJson) }
  })
  for (const { recall } of lost)
    for (const log of [recall.start, recall.finish]) if (log) device.time?.recorded(log.logTimeMs)
  await device.connectAnew()
  return { device: device.id, state: device.state, lost_transactions: reported, ...(skipped && { skipped }) }
}

/** A lost transaction; if it is a bon of its register, the cash that it moved; `receipt` is its number. */
type Find = LostTransaction & {
  law: LawRules | undefined
  serial: string
  cash: number | undefined
  receipt?: number
}

async function judged(
  laws: readonly LawRules[],
  view: View,
  lost: LostTransaction,
  identity: TseIdentity,
): Promise<Find> {
  const law = lawOfRegister(laws, view.register(lost.register)?.shown ?? {})
  const bon = await law?.orphans?.recovered(lost.recall, identity)
  return { ...lost, law, serial: identity.serial, cash: bon?.cash }
}

/** A bon gets its number when it ends: in this order the numbers match the paper, if nothing else was lost. */
function numbered(view: View, found: readonly Find[]): Find[] {
  const next = new Map<string, number>()
  const ended = ({ recall: { start, finish } }: Find): number => (finish ?? start)?.signatureCounter ?? 0
  return [...found]
    .sort((a, b) => ended(a) - ended(b))
    .map((find) => {
      if (find.cash === undefined) return find
      const receipt = next.get(find.register) ?? view.nextReceiptNumber(find.register)
      next.set(find.register, receipt + 1)
      return { ...find, receipt }
    })
}

/** Bons that no open session will contain get a separate closing: their cash is not that of the next one. */
function closingsFor(parts: AdoptionParts, view: View, finds: readonly Find[]): NewEvent[] {
  const bons = finds.filter(({ receipt }) => receipt !== undefined)
  return [...new Set(bons.map(({ register }) => register))].flatMap((id) => {
    const own = bons.filter(({ register }) => register === id)
    const register = view.register(id)?.shown
    const [{ law } = { law: undefined }] = own
    const isSettling = view.openIntents().some(({ op }) => registerIdOf(view, op) === id)
    if (law?.books === undefined || register === undefined || isSettling || !isBetweenSessions(view, id)) return []
    const left = formatCents(BigInt(own.reduce((sum, { cash = 0 }) => sum + cash, 0)))
    return [closingWithoutSession(parts, view, { law, books: law.books }, register, left)]
  })
}

function adopted(
  device: string,
  lost: readonly LostTransaction[],
  more: Omit<Facts['device.adopted'], 'device' | 'transactions'> = {},
): NewEvent {
  const transactions = lost.map(({ number }) => number)
  return { kind: 'device.adopted', op: device, body: { facts: { device, transactions, ...more } } }
}

/** Signatures of another TSE are not losses of this journal; the journal has everything that a retired one signed. */
function refuseOther({ id }: DeviceSupervisor, view: View, serial: string | undefined): void {
  if (serial === undefined) return
  const enrolled = view.enrolledSerial(id)
  const isRetired = isRetiredTse(view, serial)
  if (!isRetired && (enrolled === undefined || enrolled === serial)) return
  const why = isRetired ? 'was retired' : `is not the enrolled one (${enrolled})`
  throw new FiskalError('unprocessable_entity', `The TSE ${serial} ${why}: plug in the one that this shop uses.`, {
    device_id: id,
  })
}

/** The cash of a bon belongs to the session that contains it. */
function lostEvent(view: View, device: string, find: Find): NewEvent {
  const { number, register, receipt, cash = 0 } = find
  const isOpen = find.recall.finish === undefined && find.isEnded !== true
  const session = isBetweenSessions(view, register) ? undefined : newestSession(view, register)?.id
  const body: Marks & FactsOf<'transaction.lost'> = {
    facts: toJson(find),
    transaction: { device, number, state: isOpen ? 'open' : 'closed' },
    ...(receipt !== undefined && { receipt: { register, number: receipt } }),
    ...(receipt !== undefined && session !== undefined && { session: { id: session, register, cash } }),
  }
  return { kind: 'transaction.lost', op: '', body }
}

function toJson({ number, register, recall, serial, receipt }: Find): AdoptedTransaction {
  const { clientId, start, finish } = recall
  return {
    transaction: number,
    register_id: register,
    client: clientId,
    serial,
    receipt_number: receipt ?? null,
    started: signed(start),
    finished: signed(finish),
    process_type: finish?.processType ?? null,
    process_data: finish === undefined ? null : Buffer.from(finish.processData).toString('utf8'),
  }
}

function signed(log: TseSignature | undefined): TseLog | null {
  if (log === undefined) return null
  const signature = Buffer.from(log.signature).toString('base64')
  return { log_time: rfc3339(log.logTimeMs), signature_counter: log.signatureCounter, signature }
}
