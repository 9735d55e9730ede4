import type { Json } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import type { Tse, TseIdentity, TseNumbers, TseSignature, TseSkipped } from '../../../drivers/ports/tse.ts'
import { isRetiredTse } from '../../devices/enrolment.ts'
import { journalledNumbers } from '../../devices/journalled-numbers.ts'
import type { LostEnd } from '../../devices/lost-ends.ts'
import { lostEnds } from '../../devices/lost-ends.ts'
import type { LostSearch, LostTransaction } from '../../devices/lost-transactions.ts'
import { LOST_MAX, unknownTransactions } from '../../devices/lost-transactions.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { unrecordedStarts } from '../../devices/unrecorded-starts.ts'
import { FiskalError } from '../../errors.ts'
import { registerIdOf } from '../../journal/documents/registers.ts'
import type { AdoptedTransaction, Facts, FactsOf, SetAsideReason, TseLog } from '../../journal/event-facts.ts'
import type { Marks, NewEvent } from '../../journal/events.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Aside } from '../../journal/set-aside.ts'
import { asidesOf, firstAfter, setAside } from '../../journal/set-aside.ts'
import type { LawRules, RecoveredBon } from '../../laws/law.ts'
import { newestSession } from '../guards.ts'
import { lawOfKind, lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { closingWithoutSession, isBetweenSessions } from '../selling/left-over.ts'
import { newestLoss, restoredEpoch, takeOverOf } from './restored-epoch.ts'

export type AdoptionParts = Pick<TillParts, 'journal' | 'laws' | 'newId' | 'clock'>

/** The extra steps of a take-over: none for a technician's command. */
export type TakeOverOptions = LostSearch & {
  /** Numbers to set aside before the bons of a round get theirs. `isLast`: no later round follows. */
  readonly asidesFor: (view: View, round: LostRound, isLast: boolean) => readonly PlannedAside[]
  /** True if receipts without a signature may have been among those of the register. */
  readonly isUnlimited: (register: string) => boolean
  /** True if a number is set aside for each lost end. */
  readonly withEnds: boolean
  /** Recorded with the counters that a unit skips, whose logs cannot be read. */
  readonly whenSkipped: (view: View) => readonly NewEvent[]
}
export type PlannedAside = Aside & { readonly why: SetAsideReason }

/** Journalled in one round. `isAfterGap`: the unit deleted others before these, which are lost for good. */
export type LostRound = {
  readonly losses: readonly JudgedLoss[]
  readonly ends: readonly LostEnd[]
  readonly isAfterGap: boolean
}

const BY_COMMAND: TakeOverOptions = {
  othersMax: Number.POSITIVE_INFINITY,
  isOver: () => false,
  asidesFor: () => [],
  isUnlimited: () => false,
  withEnds: false,
  whenSkipped: () => [],
}

/**
 * Continues with a TSE that is ahead of the journal: see {@link takeOverLost}. Throws `unprocessable_entity` for a device
 * that is not a TSE, not ahead, or not the enrolled one; DeviceError.
 */
export async function adoptTse(device: DeviceSupervisor, parts: AdoptionParts): Promise<Json> {
  const { reported, skipped, notes } = await takeOverLost(device, parts, BY_COMMAND)
  const isFound = reported.length > 0 || skipped !== undefined
  if (!isFound && !(await recordsAsked(device, parts)))
    throw new FiskalError('unprocessable_entity', `${device.id} has nothing that the journal does not know.`)
  await device.connectAnew()
  const more = { ...(skipped && { skipped }), ...(notes.length > 0 && { notes }) }
  return { device: device.id, state: device.state, lost_transactions: reported, ...more }
}

/**
 * After a restore the journal records that the unit was asked, even if it has nothing more. False if that is recorded.
 */
async function recordsAsked(device: DeviceSupervisor, parts: AdoptionParts): Promise<boolean> {
  const { id } = device
  const { journal } = parts
  const isPart = await hasLostLogs(device, parts)
  return journal.commit('outcome', (view) => {
    const epoch = restoredEpoch(journal)
    const isNew = epoch !== undefined && takeOverOf({ view }, epoch, id) === 'none'
    return { events: isNew ? [adoptedEvent(id, [], isPart ? { part: true } : {})] : [], result: isNew }
  })
}

/**
 * True if the unit no longer has the last transaction of the journal, and may have had later ones: its logs were deleted,
 * and not by this journal alone. A unit that does not report its last transaction shows it by its oldest log.
 */
export async function hasLostLogs(
  { id, device: { unit } }: DeviceSupervisor,
  { journal: { view, headSeq }, laws }: Pick<AdoptionParts, 'journal' | 'laws'>,
): Promise<boolean> {
  const { last } = journalledNumbers(view, headSeq, id)
  if (unit.kind !== 'tse' || last.transaction === 0 || (await unit.recall(last.transaction)) !== undefined) return false
  const { given } = await unit.health()
  if (given !== undefined) return given.transaction > last.transaction
  const { serial } = await unit.identity()
  const orphans = lawOfKind(laws, 'tse')?.orphans
  return (await orphans?.joinsArchives(unit, view, serial, last.signatureCounter)) !== true
}

/**
 * Journals what a TSE signed and the journal lost, by number, as the device reports it. A lost bon of a register gets
 * the next receipt number and is in the books. Open transactions are journalled with their start and ended by the
 * reconciliation; one that was ended without a recorded start gets its start. A TSE whose counters were set back
 * continues above those of the journal. Nothing is signed. Throws `unprocessable_entity` for a device that is not a TSE
 * or not the enrolled one; DeviceError.
 */
export async function takeOverLost(
  device: DeviceSupervisor,
  parts: AdoptionParts,
  options: TakeOverOptions,
): Promise<{ reported: AdoptedTransaction[]; skipped: TseSkipped | undefined; notes: string[] }> {
  const { journal, laws } = parts
  const tse = device.device.unit.kind === 'tse' ? device.device.unit : undefined
  if (tse === undefined)
    throw new FiskalError('unprocessable_entity', `${device.id} is not a TSE: it has no counters to adopt.`)
  refuseOther(device, journal.view, device.identity?.serial)
  const journalNumbers = journalledNumbers(journal.view, journal.headSeq, device.id).last
  // Recorded before the device continues above them: after a crash in between they are skipped again.
  const skipped = await tse.adopt?.(journalNumbers, (counters) => {
    const more = { signature_counters: { from: counters.from, to: counters.to } }
    return journal.record((view) => [...options.whenSkipped(view), adoptedEvent(device.id, [], more)])
  })
  await tse.open()
  const identity = await tse.identity()
  refuseOther(device, journal.view, identity.serial)
  // A transaction that ends between the two queries is in neither; a repeated adoption finds it.
  let more: readonly LostTransaction[] = await unrecordedStarts(journal.view, journal.headSeq, identity.serial, tse)
  let ends = options.withEnds ? await endsAfter(journalNumbers, journal.view, device.id, tse) : []
  const from = await lawOfKind(laws, 'tse')?.orphans?.firstAfterDeletion(tse, journalNumbers.transaction)
  const search = { ...options, ...(from !== undefined && { from }) }
  const reported: AdoptedTransaction[] = []
  const bons: Find[] = []
  for (let isLast = false; !isLast; more = []) {
    const lost = await unknownTransactions(journal.view, () => journal.headSeq, device.id, tse, search)
    isLast = lost.length < LOST_MAX || options.isOver()
    const judged = [...more, ...lost].map((transaction) => judgedLoss(laws, journal.view, transaction, identity))
    const losses = await Promise.all(judged)
    const reached = isLast ? Number.POSITIVE_INFINITY : Math.max(...losses.map(endCounter))
    const isAfterGap = from !== undefined
    const round = { losses, ends: ends.filter(({ counter }) => counter <= reached), isAfterGap }
    ends = ends.filter(({ counter }) => counter > reached)
    const finds = await journalRound(device, parts, options, { round, isLast, bons })
    reported.push(...finds.map(toJson))
    bons.push(...finds.filter(({ receipt }) => receipt !== undefined))
    for (const { recall } of finds) noteTimes(device, recall)
  }
  const notes = new Set(bons.flatMap(({ bon }) => bon?.note ?? []))
  return { reported, skipped, notes: [...notes] }
}

function noteTimes({ time }: DeviceSupervisor, { start, finish }: JudgedLoss['recall']): void {
  for (const log of [start, finish]) if (log) time?.recorded(log.logTimeMs)
}

/** A start that was killed has set those of its rounds aside. */
async function endsAfter(journalNumbers: TseNumbers, view: View, device: string, tse: Tse): Promise<LostEnd[]> {
  const ends = await lostEnds(view, device, tse)
  return ends.filter(({ counter }) => counter > journalNumbers.signatureCounter)
}

/** All of a round and its record in one commit: a crash leaves none of them half taken over. */
function journalRound(
  device: DeviceSupervisor,
  parts: AdoptionParts,
  { asidesFor, isUnlimited }: TakeOverOptions,
  { round, isLast, bons }: { round: LostRound; isLast: boolean; bons: readonly Find[] },
): Promise<Find[]> {
  const { losses, ends } = round
  if (losses.length === 0 && ends.length === 0) return Promise.resolve([])
  const { journal } = parts
  return journal.commit('outcome', (view) => {
    // If it was retired in the meantime, it has no part in the numbers of its successor.
    refuseOther(device, view, losses[0]?.serial)
    const asides = asidesFor(view, round, isLast)
    const numbers = numbered(journal, view, round, asides, isUnlimited)
    const finds = numbers.filter((find) => 'recall' in find)
    const closed = isLast ? closingsFor(parts, view, [...bons, ...finds], asides) : []
    const lost = numbers.map((find) => ('recall' in find ? lostEvent(view, device.id, find) : eventOf(find)))
    const adopted = adoptedEvent(device.id, losses, round.isAfterGap ? { part: true } : {})
    return { events: [...asides.map(eventOf), ...lost, ...closed, adopted], result: finds }
  })
}

/** A lost transaction; if it is a bon of its register, what the law makes of it. */
export type JudgedLoss = LostTransaction & {
  law: LawRules | undefined
  serial: string
  bon: RecoveredBon | undefined
}

/**
 * `receipt`: the number of a bon; `paper`: those of which its paper has one, if that is another number; `isBySignatures`:
 * receipts without a signature may have been between them.
 */
type Find = JudgedLoss & { receipt?: number; paper?: { from: number; to: number }; isBySignatures?: true }

export async function judgedLoss(
  laws: readonly LawRules[],
  view: View,
  lost: LostTransaction,
  identity: TseIdentity,
): Promise<JudgedLoss> {
  const law = lawOfRegister(laws, view.register(lost.register)?.shown ?? {})
  return { ...lost, law, serial: identity.serial, bon: await law?.orphans?.recovered(lost.recall, identity) }
}

/**
 * A bon gets its number when it ends: in this order the numbers match the paper, if nothing else was lost. A lost
 * end takes its number too, which is set aside; unless all numbers of its register up to the last one on paper are.
 */
function numbered(
  journal: Pick<Journal, 'chains'>,
  view: View,
  { losses, ends }: LostRound,
  asides: readonly PlannedAside[],
  isUnlimited: TakeOverOptions['isUnlimited'],
): (Find | PlannedAside)[] {
  const next = new Map<string, number>()
  const papers = new Map<string, Find['paper']>()
  for (const { register } of [...losses, ...ends]) {
    const planned = asides.filter((aside) => aside.register === register && aside.kind === 'bon')
    next.set(register, Math.max(view.nextReceiptNumber(register), ...planned.map(({ to }) => to + 1)))
    papers.set(register, paperNumbers(journal, view, register, planned))
  }
  const take = (register: string): number => {
    const number = next.get(register) ?? view.nextReceiptNumber(register)
    next.set(register, number + 1)
    return number
  }
  return [...losses, ...ends]
    .sort((a, b) => endCounter(a) - endCounter(b))
    .flatMap((find): (Find | PlannedAside)[] => {
      const { register } = find
      const paper = papers.get(register)
      if ('recall' in find) {
        const other = paper === undefined ? isUnlimited(register) && { isBySignatures: true as const } : { paper }
        return [find.bon === undefined ? find : { ...find, receipt: take(register), ...other }]
      }
      if (paper !== undefined) return []
      const number = take(register)
      return [{ register, kind: 'bon', from: number, to: number, why: 'lost_end' }]
    })
}

function endCounter(find: LostTransaction | LostEnd): number {
  if ('counter' in find) return find.counter
  const { start, finish } = find.recall
  return (finish ?? start)?.signatureCounter ?? 0
}

export function eventOf({ why, ...aside }: PlannedAside): NewEvent {
  return setAside(aside, why)
}

/**
 * The newest numbers that were set aside for unknown bons since the loss, with those right before them, and those that
 * were given again; undefined if none was.
 */
function paperNumbers(
  journal: Pick<Journal, 'chains'>,
  view: View,
  register: string,
  planned: readonly Aside[],
): { from: number; to: number } | undefined {
  const { base, kept } = newestLoss(journal) ?? { base: journal.chains.at(-1)?.base ?? 0, kept: undefined }
  const recorded = asidesOf(view, register).filter(
    ({ kind, seq, why }) => kind === 'bon' && seq > base && why !== 'lost_end',
  )
  const all = [...recorded, ...planned]
  const newest = all.pop()
  if (newest === undefined) return undefined
  let { from } = newest
  let before = all.pop()
  for (; before !== undefined && before.to === from - 1; before = all.pop()) from = before.from
  const isFirst = before === undefined && kept !== undefined
  return { from: isFirst ? Math.min(from, firstAfter(view, register, 'bon', kept)) : from, to: newest.to }
}

/** Bons that no open session will contain get a separate closing: their cash is not that of the next one. */
function closingsFor(
  parts: AdoptionParts,
  view: View,
  finds: readonly Find[],
  asides: readonly PlannedAside[],
): NewEvent[] {
  const bons = finds.filter(({ receipt }) => receipt !== undefined)
  return [...new Set(bons.map(({ register }) => register))].flatMap((id) => {
    const own = bons.filter(({ register }) => register === id)
    const register = view.register(id)?.shown
    const [{ law } = { law: undefined }] = own
    const isSettling = view.everyIntent().some(({ op }) => registerIdOf(view, op) === id)
    if (law?.closingBooks === undefined || register === undefined || isSettling || !isBetweenSessions(view, id))
      return []
    const amountLeft = formatCents(BigInt(own.reduce((sum, { bon }) => sum + (bon?.cash ?? 0), 0)))
    const passed = asides.filter(({ register, kind }) => register === id && kind === 'z')
    const z = Math.max(view.nextZNumber(id), ...passed.map(({ to }) => to + 1))
    return [closingWithoutSession(parts, { z, law, books: law.closingBooks }, register, amountLeft)]
  })
}

/** Without transactions: everything that the unit had signed is in the journal. */
export function adoptedEvent(
  device: string,
  lost: readonly LostTransaction[],
  more: Omit<Facts['tse.adopted'], 'device' | 'transactions'> = {},
): NewEvent {
  const transactions = lost.map(({ number }) => number)
  return { kind: 'tse.adopted', op: device, body: { facts: { device, transactions, ...more } } }
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
  const { number, register, receipt, bon } = find
  const isOpen = find.recall.finish === undefined && find.isEnded !== true
  const session = isBetweenSessions(view, register) ? undefined : newestSession(view, register)?.id
  const body: Marks & FactsOf<'transaction.lost'> = {
    facts: toJson(find),
    transaction: { device, number, state: isOpen ? 'open' : 'closed' },
    ...(receipt !== undefined && { receipt: { register, number: receipt } }),
    ...(receipt !== undefined && session !== undefined && { session: { id: session, register, ...cashOf(bon) } }),
  }
  return { kind: 'transaction.lost', op: '', body }
}

function cashOf(bon: RecoveredBon | undefined): Pick<NonNullable<Marks['session']>, 'cash' | 'foreign'> {
  return { cash: bon?.cash ?? 0, ...(bon?.foreign && { foreign: bon.foreign }) }
}

function toJson({ number, register, recall, serial, receipt, paper, isBySignatures }: Find): AdoptedTransaction {
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
    ...(paper !== undefined && { paper_numbers: paper }),
    ...(isBySignatures === true && { numbered_by: 'signatures' }),
  }
}

function signed(log: TseSignature | undefined): TseLog | null {
  if (log === undefined) return null
  const signature = Buffer.from(log.signature).toString('base64')
  return { log_time: rfc3339(log.logTimeMs), signature_counter: log.signatureCounter, signature }
}
