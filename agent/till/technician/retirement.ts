import type { Json } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import { isUncertifiedDevice } from '../../devices/certification.ts'
import { deviceEvents } from '../../devices/device-events.ts'
import { isRetiredTse, tseIndex } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Trouble } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import { tseId } from '../../journal/documents/records.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import type { NewEvent } from '../../journal/events.ts'
import { factsOf } from '../../journal/events.ts'
import { notFound } from '../../journal/not-found.ts'
import type { IntentRow, View } from '../../journal/projections/view.ts'
import { orphanTransaction } from '../../journal/transaction-facts.ts'
import type { LawRules, Outcome } from '../../laws/law.ts'
import type { Retirable } from '../administration.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Reconciliation } from '../recording/reconciliation.ts'
import { answersAt, otherLineOf } from './answering-unit.ts'
import { refuseStranding, refuseUncertified } from './stranded-registers.ts'

export type RetirementOptions = Pick<TillParts, 'journal' | 'recorder' | 'laws' | 'devices' | 'clock'> & {
  reconciliation: Reconciliation
}

const RETIRED = 'retired'

/**
 * Ends the use of a TSE that is lost, broken or replaced. An unsigned bon is never signed later: every bon that waits
 * for it is concluded so, with the reason. Its registers continue with the TSE that replaces it under the same device
 * id, or with `successor`, which may be named later: by the same command, then only for the registers. A session may be
 * open, and its closing shows both. Throws `not_found`, `fiscalization_conflict`, `reconciling` while an act on it is
 * running.
 */
export async function retireTse(
  options: RetirementOptions,
  id: string,
  { reason, successor }: { reason: string; successor?: string | undefined },
): Promise<Json> {
  const { journal, recorder, reconciliation, laws, devices, clock } = options
  const { serial, isRetired } = await demandRetirable(options, id, successor)
  if (isRetired && successor !== undefined) return handOverRegisters(options, id, successor)
  const device = tseOf(devices, id)
  const next = successor === undefined ? device : tseOf(devices, successor)
  await device.look()
  if (next !== device) await next.look()
  refuseUncertified(journal.view, id, isUncertifiedDevice(journal.view, next))
  refuseWhileUsed(journal.view, device)
  const failure = { code: RETIRED, message: `The TSE ${serial} is retired: ${reason}` }
  const concluded = await giveUpActs(options, id, { kind: 'failed', ...failure })
  const registers = await journal.commit('outcome', (view) => {
    // The TSE that has replaced it since is not meant.
    if (unitInUse(view, id) !== serial) throw conflict(id, retiredMeanwhile(id, serial))
    refuseWhileUsed(view, device)
    const intents = view.openIntents().filter((row) => row.device === id)
    const [carried] = intents.filter((row) => row.op !== '' || recorder.carries(row.seq))
    if (carried !== undefined) throw stillActing(id)
    const at = rfc3339(clock.now())
    const moved = registersOf(view, id)
    const retired: NewEvent = {
      kind: 'tse.retired',
      op: tseId(serial),
      body: {
        ...tseIndex(view, serial),
        set: { retired_at: at, retirement: reason },
        enrolled: { device: id, serial: null },
      },
    }
    const events = [
      ...intents.map(abortFailed(view, failure)),
      ...lostTransactions(view, id, failure, at, laws),
      ...(successor === undefined ? [] : moved.map((register) => movedTo(register, successor, at))),
      retired,
    ]
    // The next sale of a till, perhaps in this group, must not begin on it.
    return { events, result: moved, appended: () => device.judge() }
  })
  await device.connectAnew()
  if (next !== device) await next.connectAnew()
  await reconciliation.takeOver(next)
  return { device: id, serial, ...handedOver(id, registers, concluded, next) }
}

/** The TSE that would be retired, and whether it answers. Throws like {@link retireTse}. */
export async function retirable(
  options: RetirementOptions,
  id: string,
  successor: string | undefined,
): Promise<Retirable> {
  const { serial, isRetired } = await demandRetirable(options, id, successor)
  if (isRetired) return { serial, state: RETIRED, answers: false, isRetired }
  const device = tseOf(options.devices, id)
  // The state may be minutes old, and a person decides by it.
  if (device.usable) await device.isReached()
  const answers = await answersAt(device, options.clock, serial)
  if (answers) await device.look()
  return { serial, state: device.state, answers, isRetired }
}

/** All other lines are asked whether the TSE answers there: one that works stays. */
async function demandRetirable(
  { journal: { view }, laws, devices, clock }: RetirementOptions,
  id: string,
  successor: string | undefined,
): Promise<{ serial: string; isRetired: boolean }> {
  // One that answers and is not enrolled may be the successor of the last one.
  const serial = devices.get(id)?.usable === true ? view.enrolledSerial(id) : unitInUse(view, id)
  const retired = serial === undefined ? lastRetired(view, id) : undefined
  if (retired !== undefined) {
    if (successor === undefined || successor === id || registersOf(view, id).length === 0)
      throw conflict(id, nothingToRetire(view, id))
    for (const tse of [id, tseOf(devices, successor).id]) refuseStranding(view, laws, { id: tse, kind: 'tse' })
    return { serial: retired, isRetired: true }
  }
  if (serial !== undefined && !devices.has(id)) throw goneFromConfiguration(id)
  const device = tseOf(devices, id)
  const next = successor === undefined ? device : tseOf(devices, successor)
  for (const tse of [device, next]) refuseStranding(view, laws, { id: tse.id, kind: 'tse' })
  if (serial === undefined) throw conflict(id, nothingToRetire(view, id))
  const line = await otherLineOf(devices, clock, { device, serial })
  if (line !== undefined) throw conflict(id, answersElsewhere({ id, serial, line }))
  return { serial, isRetired: false }
}

/** It is retired and nothing waits for it; only its registers do, if the successor has another id. */
async function handOverRegisters(
  { journal, reconciliation, devices, clock }: RetirementOptions,
  id: string,
  successor: string,
): Promise<Json> {
  const next = tseOf(devices, successor)
  await next.look()
  refuseUncertified(journal.view, id, isUncertifiedDevice(journal.view, next))
  const registers = await journal.commit('outcome', (view) => {
    const moved = registersOf(view, id)
    // A TSE plugged in under that id in the meantime has its registers.
    if (moved.length === 0 || view.enrolledSerial(id) !== undefined) throw conflict(id, nothingToRetire(view, id))
    const at = rfc3339(clock.now())
    return { events: moved.map((register) => movedTo(register, successor, at)), result: moved }
  })
  await next.connectAnew()
  await reconciliation.takeOver(next)
  return handedOver(id, registers, 0, next)
}

function handedOver(
  device: string,
  registers: readonly string[],
  concluded: number,
  next: DeviceSupervisor,
): Record<string, Json> {
  return {
    device,
    registers: [...registers],
    concluded,
    successor: next.id,
    // The old one may still be plugged in: it is not a successor.
    successor_serial: next.usable ? (next.identity?.serial ?? null) : null,
  }
}

/** The configuration entry determines what the TSE had open and its successor. */
function goneFromConfiguration(id: string): FiskalError {
  const words = `There is no device ${id} in the configuration, but registers used it: restore its entry in "devices", as it was or with the new TSE, restart the agent, and retire it then.`
  return new FiskalError('not_found', words, { resource: 'device', id })
}

function tseOf(devices: ReadonlyMap<string, DeviceSupervisor>, id: string): DeviceSupervisor {
  const device = devices.get(id)
  if (device === undefined) throw notFound('device', id)
  if (device.device.unit.kind === 'tse') return device
  throw conflict(
    id,
    `Device ${id} is not a TSE. A card or printer is not retired: "fiskal-edge device init ${id}" replaces it with another one.`,
  )
}

/** Also if the command is repeated because its answer was lost: reports what it did. */
function nothingToRetire(view: View, id: string): string {
  const retired = lastRetired(view, id)
  if (retired === undefined) return `No TSE is enrolled for device ${id}: there is nothing to retire.`
  const { retired_at: at, retirement: reason } = view.tse(retired)?.shown ?? {}
  const words = `The TSE ${retired} of device ${id} was retired at ${at} (${reason})`
  const isAwaited = view.enrolledSerial(id) === undefined && registersOf(view, id).length > 0
  return isAwaited
    ? `${words}; its registers wait for another one of that id. One of another id takes them over with --successor OTHER.`
    : `${words}, and no register waits for another one: nothing is left to do.`
}

/**
 * Serial number of the enrolled TSE of that device id, else of the one that was connected last: a journal that was set back
 * may have nothing else of a unit with which a register sold.
 */
function unitInUse(view: View, id: string): string | undefined {
  return view.enrolledSerial(id) ?? lastSeen(view, id, (serial) => !isRetiredTse(view, serial))
}

/** Serial number of the TSE of that device id that was retired last. */
function lastRetired(view: View, id: string): string | undefined {
  return lastSeen(view, id, (serial) => isRetiredTse(view, serial))
}

/** The last TSE of that device id that is meant. */
function lastSeen(view: View, id: string, isMeant: (serial: string) => boolean): string | undefined {
  let seen: string | undefined
  for (const event of deviceEvents(view, id)) {
    const { serial } = factsOf(event, 'device.changed') ?? {}
    if (serial != null && serial !== seen && view.tse(serial) !== undefined && isMeant(serial)) seen = serial
  }
  return seen
}

function answersElsewhere({ id, serial, line }: { id: string; serial: string; line: string }): string {
  return `The TSE ${serial} of ${id} works: it answers at the line of ${line}. Correct the lines of the two entries, "fiskal-edge doctor" shows them. Nothing was done.`
}

function retiredMeanwhile(id: string, serial: string): string {
  return `The TSE ${serial} of device ${id} was just retired by another command: nothing is left to do.`
}

function conflict(id: string, message: string): FiskalError {
  return new FiskalError('fiscalization_conflict', message, { device_id: id })
}

/**
 * Concludes what was left open on the lost unit, as not done: no one can find out otherwise. Returns the number of acts.
 * Throws `reconciling` while one of them is running.
 */
async function giveUpActs({ journal, recorder }: RetirementOptions, id: string, failed: Outcome): Promise<number> {
  const rows = journal.view.openIntents().filter((row) => row.op !== '' && row.device === id)
  for (const row of rows) await recorder.concludeAs(row, failed)
  return rows.length
}

function stillActing(id: string): FiskalError {
  return new FiskalError(
    'reconciling',
    `An act on device ${id} is running: try again when it has ended.`,
    { device_id: id },
    { retryAfterSeconds: 5 },
  )
}

/** A unit that has reported one of these ends no transaction: what no operation waits for stays open in it. */
const ENDS_NOTHING: ReadonlySet<string> = new Set(['memory_full', 'signatures_exhausted', 'certificate_expired'])

/** A TSE that answers must end what it began before it is retired, if it can. */
function refuseWhileUsed(view: View, device: DeviceSupervisor): void {
  if (!device.usable) return
  const ends = !ENDS_NOTHING.has(device.refusal?.code ?? '')
  const isWaitedFor = (op: string): boolean => ends || view.operationRow(op)?.status === 'open'
  const open = view.deviceTransactions(device.id).flatMap(({ op }) => (isWaitedFor(op) ? [op] : []))
  if (open.length === 0 && view.openIntents().every((row) => row.device !== device.id)) return
  throw new FiskalError(
    'open_operations',
    `The TSE ${device.id} answers and has open transactions: complete or void their operations first.`,
    { device_id: device.id, operation_ids: open.filter((op) => op !== '') },
  )
}

/** Including those not fiscalized yet: nothing else assigns them another device. */
function registersOf(view: View, device: string): string[] {
  return allRegisters(view)
    .filter((register) => register.fiscal_device === device && register.fiscalization_status !== 'decommissioned')
    .map(({ id }) => id)
}

function movedTo(register: string, successor: string, at: string): NewEvent {
  return { kind: 'register.device_changed', op: register, body: { set: { fiscal_device: successor, updated_at: at } } }
}

/** The end of an orphan transaction that cannot be reconciled any longer: it gives no bon. */
function abortFailed(view: View, failure: Trouble): (row: IntentRow) => NewEvent {
  return ({ seq }) => {
    const facts = { ...orphanTransaction(view.bodyAt(seq)), ...failure }
    return { kind: 'transaction.abort_failed', op: '', body: { ref: seq, facts } }
  }
}

/** Transactions that were started on it and not finished. The law ends an operation that is still open. */
function lostTransactions(
  view: View,
  device: string,
  failure: Trouble,
  at: string,
  laws: readonly LawRules[],
): NewEvent[] {
  return view.deviceTransactions(device).map(({ number, op }): NewEvent => {
    const transaction = { device, number, state: 'closed' as const }
    const document = view.operation(op)
    const lost = document?.shown.status === 'open' ? lawOf(laws, document)?.orphans?.lost : undefined
    if (document === undefined || lost === undefined) {
      const facts = { ...failure, transaction: number, operation_id: op === '' ? null : op }
      return { kind: 'transaction.lost', op: '', body: { transaction, facts } }
    }
    return { kind: 'transaction.lost', op, body: { transaction, ...lost(document, failure, at) } }
  })
}
