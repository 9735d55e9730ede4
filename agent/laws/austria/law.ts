import type { KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { parseRfc3339 } from '../../../base/clock.ts'
import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import type { OutageGround } from '../../contract/duty-ground.ts'
import { CERTIFICATE_NOTICE_MS } from '../../devices/certificate.ts'
import type { EnrolledUnit } from '../../devices/enrolment.ts'
import { enrolledUnit, unitNameOf } from '../../devices/enrolment.ts'
import type { Outage } from '../../devices/outages.ts'
import { MatteringOutages, readySince } from '../../devices/outages.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { confirmedTasks } from '../../journal/confirmed-tasks.ts'
import { merchantsByDevice } from '../../journal/documents/merchants.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { isPutBack } from '../../journal/put-back.ts'
import type { Duty, Task } from '../duty.ts'
import type { InParts, Law, LawParts, OpenLaw, RegisterTrouble } from '../law.ts'
import type { RegisterKeys } from '../register-keys.ts'
import { CardActs } from './acts.ts'
import { BindingClosings } from './binding-closings.ts'
import { ACTS } from './card-act.ts'
import { exchangeTasks, holderTasks } from './cards.ts'
import type { ChainState } from './chain-state.ts'
import { chainOfRegister } from './chain-state.ts'
import { Dep131Archive } from './dep131-archive.ts'
import { merchantOfUnit, UnitActs } from './duties.ts'
import { austrianExports } from './exports.ts'
import { FACTS } from './facts.ts'
import { LOSS_INSTRUCTIONS } from './loss-instructions.ts'
import { mustBeReported } from './outage.ts'
import { RECEIPT } from './receipt.ts'
import { RegisterArchives } from './register-archives.ts'
import { openRegisterDuties } from './register-duties.ts'
import type { Chained } from './register-facts.ts'
import { registerFacts } from './register-facts.ts'
import { groundOf, outageReports, reportOutage } from './reported-outages.ts'
import { ReceiptReports } from './reports.ts'
import { AustrianRules } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { SHAPES } from './shapes.ts'
import { dateOf, localStamp, wentBack } from './stamp.ts'
import { STATE } from './state.ts'
import {
  certificateTask,
  outageEndTask,
  outageTask,
  unitAgainTask,
  unitEndPrefix,
  unitEndTask,
  unitGoneTask,
  unitTask,
  unitTaskId,
} from './unit-tasks.ts'

/** Settings from agent.json. */
export type AustrianSettings = ValuesOf<typeof SETTINGS.keys>

export const AUSTRIAN_LAW = {
  ...FACTS,
  settings: SETTINGS,
  shapes: SHAPES,
  words: { acts: ACTS, state: STATE },
  receipt: RECEIPT,
  lossInstructions: LOSS_INSTRUCTIONS,
  open: openAustria,
} satisfies Law<AustrianSettings>

/** The law of Austria over this agent's units, journal and keys. */
function openAustria(options: LawParts<AustrianSettings>): OpenLaw {
  const { config, devices, journal, clock, registerKeys } = options
  const { view } = journal
  const aesKeyOf = (register: string): KeyObject => registerKeys.of(register)
  const unitsOf = (device: string): string[] => unitsOfDevice(config, device)
  const rules = new AustrianRules({
    aesKeyOf,
    holdsKey: (register) => registerKeys.holds(register),
    isPutBack: (register) => isPutBack(journal, register),
    unitsOf,
    usableSinceMs: (device) => usableSinceMs(devices.get(device)),
    isAwaited: (device) => devices.get(device)?.isAwaited === true,
    // From the journal, so that a unit has its name while it is down, too.
    unitNameOf: (device) => unitNameOf(view, device),
    acts: new CardActs({ cardOf: (id) => devices.get(id)?.asCard, clock }),
    reports: new ReceiptReports({ view, now: () => clock.now(), pause: () => setImmediate() }),
    clock,
  })
  const certificatesOf = (serial: string): { certificate: Uint8Array | undefined; issuers: readonly Uint8Array[] } => {
    const [certificate, ...issuers] = enrolledUnit(view, serial)?.certificates ?? []
    return { certificate, issuers }
  }
  const archives = new RegisterArchives({
    view,
    certificatesOf,
    aesKeyOf,
    now: () => clock.now(),
    unitsOf: (register) => unitsOfRegister(config, view, register),
  })
  const dep131 = dep131Of(options)
  const read = { closings: new BindingClosings(view), outages: new MatteringOutages(view, asksForReport) }
  return {
    rules,
    exports: austrianExports(view, archives),
    duties: () => dutiesOf(options, read, dep131?.tasks() ?? []),
    unitsOf,
    reportOutage: (view, id, asked) => reportOutage(view, read.outages, id, asked, clock.now()),
    registerTroubles: () => troublesOf(view, registerKeys, clock.now()),
    ...(dep131 !== undefined && { start: () => dep131.start(), stop: () => dep131.stop() }),
  }
}

function usableSinceMs(device: DeviceSupervisor | undefined): number | undefined {
  return device?.usable === true ? device.since : undefined
}

function troublesOf(view: View, keys: RegisterKeys, nowMs: number): RegisterTrouble[] {
  const going = [...chained(view)].filter(({ id }) => view.register(id)?.shown.fiscalization_status === 'fiscalized')
  // The clock is before the time of their last receipt.
  const late = going.filter(({ chain: { lastStamp: last } }) => last !== undefined && wentBack(nowMs, last))
  const keyless = going.filter(({ id }) => !keys.holds(id))
  const trouble = (code: RegisterTrouble['code'], of: readonly Chained[], detail: string): RegisterTrouble[] =>
    of.length === 0 ? [] : [{ code, detail, registers: of.map(({ id }) => id) }]
  return [
    ...trouble('clock_implausible', late, late[0] === undefined ? '' : lateChain(late[0].chain, nowMs)),
    ...trouble('register_key_lost', keyless, keyless.map(({ chain }) => chain.cashBoxId).join(', ')),
  ]
}

function lateChain({ cashBoxId: name, lastStamp: last }: ChainState, nowMs: number): string {
  return `it says ${localStamp(nowMs)}, the last receipt of ${name} is of ${last}: nothing is recorded there until then; if that is far off, decommission it and create a new register`
}

function dep131Of({ config, journal, places, clock, log }: LawParts<AustrianSettings>): Dep131Archive | undefined {
  const { dep131 } = config.rksv
  if (dep131 === undefined) return undefined
  const { view } = journal
  const registers = () =>
    [...chained(view)].map(({ id, chain }) => ({
      id,
      cashBoxId: chain.cashBoxId,
      units: unitsOfRegister(config, view, id),
    }))
  return new Dep131Archive({
    ...dep131,
    view,
    headSeq: () => journal.headSeq,
    registers,
    demandPlace: (folder) => places.demand(folder),
    clock,
    log,
  })
}

/** A unit, then its substitutes. */
function unitsOfDevice({ rksv }: AustrianSettings, device: string): string[] {
  return [device, ...(rksv.fallbacks[device] ?? [])]
}

function unitsOfRegister(config: AustrianSettings, view: View, register: string): string[] {
  const device = view.register(register)?.shown.fiscal_device ?? undefined
  return device === undefined ? [] : unitsOfDevice(config, device)
}

/** Registers with a Startbeleg. */
function* chained(view: View): Iterable<Chained> {
  for (const id of registerIds(view)) {
    const chain = chainOfRegister(view.chainState(id))
    if (chain !== undefined) yield { id, chain }
  }
}

/** Read once from the journal for all checks of the tasks. */
type Read = { closings: BindingClosings; outages: MatteringOutages }

/** One by one: a reader may let tills run between two of them. */
function* dutiesOf(
  { config, devices, journal, clock, registerKeys }: LawParts<AustrianSettings>,
  { closings, outages }: Read,
  ofArchives: readonly Task[],
): InParts<Duty> {
  const { view } = journal
  const unitsOf = (register: string): string[] => unitsOfRegister(config, view, register)
  const today = dateOf(clock.now())
  const cards = cardsOf(view, devices)
  const inUse = new Set(cards.filter(({ isGone }) => !isGone).map(({ serial }) => serial))
  const users = merchantsByDevice(view, (device) => unitsOfDevice(config, device))
  for (const card of cards) yield* unitDuties({ view, users, inUse, outages }, card, clock.now())
  for (const task of [...cards.flatMap((card) => againTasks(view, card)), ...ofArchives]) yield { task }
  yield* closings.read()
  for (const register of chained(view)) {
    const recorded = closings.of(register.id).map(({ shown }) => shown)
    const facts = registerFacts({ view, keys: registerKeys, outages, unitsOf }, recorded, register)
    if (facts === undefined) continue
    yield* openRegisterDuties({ view, keys: registerKeys, outages }, facts, today, clock.now())
  }
}

/** A place of a unit; `isGone` if it was removed from the configuration: duties for its unit remain. */
type Card = { id: string; serial: string; isGone: boolean; endsAtMs: number | undefined }
type Serials = ReadonlySet<string>

function cardsOf(view: View, devices: LawParts<unknown>['devices']): Card[] {
  const cards = view.enrolments().map(({ device: id, serial }) => ({ id, serial, supervisor: devices.get(id) }))
  return cards
    .filter(({ supervisor }) => supervisor === undefined || supervisor.asCard !== undefined)
    .map(({ id, serial, supervisor }) => {
      return { id, serial, isGone: supervisor === undefined, endsAtMs: supervisor?.reported.certificateEndsAtMs }
    })
}

type UnitParts = {
  view: View
  users: ReturnType<typeof merchantsByDevice>
  inUse: Serials
  outages: MatteringOutages
}

function unitDuties(parts: UnitParts, { id, serial, isGone, endsAtMs }: Card, nowMs: number): Duty[] {
  const { view, users, inUse, outages } = parts
  const unit = enrolledUnit(view, serial)
  if (unit === undefined) return []
  // A unit that signs under another id now is listed there.
  const isMoved = isGone && inUse.has(serial)
  const reports = outageReports(view, id)
  const ownOutages = outages
    .of(id)
    .filter(({ toMs }) => !isMoved || toMs !== undefined)
    .map((outage) => ({ ...outage, serial: outage.serial ?? serial, reason: groundOf(reports, outage.fromMs) }))
  // A unit that signed must be registered, even if it was replaced since.
  const formers = new Set(ownOutages.map((outage) => outage.serial).filter((one) => one !== serial && !inUse.has(one)))
  const lastSeenMs = outages.lastSeenMs(id) ?? parseRfc3339(unit.enrolledAt) ?? nowMs
  const merchant = merchantOfUnit(view, users.get(id))
  const actsOf = (one: string): UnitActs | undefined => {
    const known = enrolledUnit(view, one)
    return known && new UnitActs(view, known, merchant, unitTaskId(known))
  }
  return [
    ...[...formers].flatMap((former) => registrationDuties(id, enrolledUnit(view, former), actsOf(former))),
    ...(isMoved ? [] : registrationDuties(id, unit, actsOf(serial))),
    ...(isMoved ? [] : holderTasks(view, id, unit, enrolledOn(unit)).map((task) => ({ task }))),
    ...(isGone ? [] : exchangeTasks(id, serial, unit.token).map((task) => ({ task }))),
    ...ownOutages.flatMap((outage) => outageDuties(id, outage, inUse, actsOf(outage.serial), nowMs)),
    ...(isGone && !isMoved
      ? [{ task: unitGoneTask(id, serial, localStamp(lastSeenMs)), act: actsOf(serial)?.ended() }]
      : []),
    ...(endsAtMs !== undefined && endsAtMs - nowMs < CERTIFICATE_NOTICE_MS
      ? [{ task: certificateTask(id, dateOf(endsAtMs)) }]
      : []),
  ]
}

function registrationDuties(device: string, unit: EnrolledUnit | undefined, acts: UnitActs | undefined): Duty[] {
  if (unit === undefined) return []
  return [{ task: unitTask({ ...unit, device, enrolledOn: enrolledOn(unit) }), act: acts?.registered() }]
}

/** A unit whose end was reported (under any device id) and that signs again. */
function againTasks(view: View, { id, serial, isGone }: Card): Task[] {
  const unit = enrolledUnit(view, serial)
  if (unit === undefined || isGone) return []
  const prefix = unitEndPrefix(serial)
  return confirmedTasks(view, prefix).flatMap(({ id: end, seq }) => {
    const cameMs = readySince(view, id, serial, seq)
    const facts = { ...unit, device: id, enrolledOn: enrolledOn(unit) }
    return cameMs === undefined ? [] : [unitAgainTask(facts, end.slice(prefix.length), localStamp(cameMs))]
  })
}

function enrolledOn({ enrolledAt }: EnrolledUnit): string {
  return dateOf(parseRfc3339(enrolledAt) ?? 0)
}

/** For an outage that is over: it was long, or it ended with another unit. */
function asksForReport({ fromMs, toMs, serial, nextSerial }: Outage & { toMs: number }): boolean {
  return mustBeReported(toMs - fromMs) || nextSerial !== serial
}

/**
 * The end must be reported, too, even if the outage was over before its begin was reported. A unit that never came back
 * ended with the outage, however short; a unit that signs again, in this or another reader of the shop, did not.
 */
function outageDuties(
  device: string,
  { fromMs, toMs, serial, nextSerial = serial, reason }: Outage & { serial: string; reason: OutageGround | undefined },
  inUse: Serials,
  acts: UnitActs | undefined,
  nowMs: number,
): Duty[] {
  const since = localStamp(fromMs)
  const began: Duty[] = mustBeReported((toMs ?? nowMs) - fromMs)
    ? [{ task: outageTask(device, serial, since, reason), act: acts?.outage(fromMs, reason) }]
    : []
  if (toMs === undefined) return began
  if (nextSerial !== serial && !inUse.has(serial))
    return [...began, { task: unitEndTask(device, serial, since, nextSerial), act: acts?.ended() }]
  return began.flatMap((duty) => [
    duty,
    {
      task: outageEndTask(device, serial, since, localStamp(toMs)),
      act: acts?.outageEnd(toMs, duty.task.id),
    },
  ])
}
