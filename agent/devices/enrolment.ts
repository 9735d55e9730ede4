import { canonicalJson } from '../../base/canonical.ts'
import { rfc3339 } from '../../base/clock.ts'
import type { SignatureCard, SignatureCardIdentity } from '../../drivers/ports/signature-card.ts'
import type { Tse, TseIdentity, TseInventory } from '../../drivers/ports/tse.ts'
import { membersIn } from '../journal/checked.ts'
import type { TseInventoryRecord, TseRecord, Unit } from '../journal/documents/records.ts'
import { tseId, unitId } from '../journal/documents/records.ts'
import type { Marks, NewEvent } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import { deviceEvents } from './device-events.ts'
import { uncertifiedMembers } from './uncertified.ts'

/**
 * A signature unit as the journal has it, also after the unit was removed. Certificates are DER, the signing one first.
 */
export type EnrolledUnit = {
  serial: string
  vda: string
  certificates: readonly Uint8Array[]
  token?: NonNullable<Unit['token']>
  /** RFC 3339 UTC. */
  enrolledAt: string
}

/**
 * Journals serial, trust provider and certificates of a unit, so that receipts and exports need no unit. The first unit
 * is enrolled automatically; another one replaces it only if a technician requests it (`replace`). A trust provider
 * that was corrected in the configuration holds from then on; so do issuers that were added there, and the model of a
 * token that an earlier version did not ask for.
 */
export function enrolUnit(
  journal: Journal,
  device: string,
  card: Pick<SignatureCard, 'uncertified'>,
  identity: SignatureCardIdentity,
  nowMs: number,
  replace = false,
): Promise<void> {
  const { serial, vda, certificates, token } = identity
  return journal.record((view) => {
    const enrolled = view.enrolledSerial(device)
    const shownUnit = enrolled === serial ? view.unit(serial)?.shown : undefined
    const held = shownUnit?.certificates ?? []
    const given = certificates.map((der) => Buffer.from(der).toString('base64'))
    const isOther = enrolled !== undefined && enrolled !== serial
    if (isOther && !replace) return []
    const set: Unit = {
      enrolled_at: shownUnit?.enrolled_at ?? rfc3339(nowMs),
      device,
      serial,
      vda,
      // Known issuers stay.
      certificates: held.length > given.length ? held : given,
      ...(token !== undefined && { token }),
      ...uncertifiedMembers(view, card, identity),
    }
    if (shownUnit !== undefined && holds(shownUnit, { ...set, device: shownUnit.device })) return []
    return [enrolment(view, 'unit.enrolled', set)]
  })
}

function holds(unit: Unit, members: Unit): boolean {
  return canonicalJson({ ...unit, ...members }) === canonicalJson(unit)
}

/**
 * A technician enrols this printer for the shop: another matricola replaces the enrolled one. `former`: what the journal
 * keeps of that one.
 */
export function enrolPrinter(
  journal: Journal,
  device: string,
  serial: string,
  nowMs: number,
  former?: (view: View, at: string) => readonly NewEvent[],
): Promise<void> {
  return journal.record((view) => {
    if (view.enrolledSerial(device) === serial) return []
    const at = rfc3339(nowMs)
    const formerEvents = former?.(view, at) ?? []
    return [...formerEvents, enrolment(view, 'printer.enrolled', { enrolled_at: at, device, serial })]
  })
}

/** A unit may return to its device id: its document is made once. */
function enrolment(view: View, kind: 'unit.enrolled' | 'printer.enrolled', set: Unit): NewEvent {
  const { device, serial } = set
  const index = view.unit(serial) === undefined && { index: { kind: 'unit' as const } }
  return { kind, op: unitId(serial), body: { ...index, enrolled: { device, serial }, set } }
}

/** Serial and trust provider of a device's unit, read for every receipt; undefined if none was ever connected. */
export function unitNameOf(view: View, device: string): { serial: string; vda: string } | undefined {
  const serial = view.enrolledSerial(device)
  const unit = serial === undefined ? undefined : view.unit(serial)?.shown
  return unit && { serial: unit.serial, vda: String(unit.vda) }
}

/** The signature unit with that certificate serial; undefined for one that was never enrolled here, and for a printer. */
export function enrolledUnit(view: View, serial: string): EnrolledUnit | undefined {
  const { vda, certificates, token, enrolled_at: enrolledAt = '' } = view.unit(serial)?.shown ?? {}
  if (vda === undefined || certificates === undefined) return undefined
  const ders = certificates.map((text) => Buffer.from(text, 'base64'))
  return { serial, vda, certificates: ders, ...(token !== undefined && { token }), enrolledAt }
}

/**
 * The event that journals a TSE: key and certificate when it is first connected, and what the notice to the tax office
 * asks about it whenever that changes. Closings and notices are made from these, also after the unit was removed.
 */
export function tseRecord(
  view: View,
  device: string,
  tse: Pick<Tse, 'uncertified'>,
  identity: TseIdentity,
  configured?: TseInventory,
): NewEvent[] {
  const { serial, algorithm, timeFormat, publicKey, certificates } = identity
  const op = tseId(serial)
  const [certificate] = certificates
  const shownTse = view.tse(serial)?.shown
  const marked = uncertifiedMembers(view, tse, identity)
  const isMarked = marked.uncertified === true && shownTse?.uncertified !== true
  const members = { ...(isMarked && marked), ...inventoryMembers(shownTse, identity, configured) }
  if (certificate === undefined) return []
  if (shownTse !== undefined)
    return Object.keys(members).length === 0 ? [] : [{ kind: 'tse.facts_recorded', op, body: { set: members } }]
  const set: TseRecord = {
    device,
    serial,
    algorithm,
    time_format: timeFormat,
    public_key: Buffer.from(publicKey).toString('base64'),
    certificate: Buffer.from(certificate).toString('base64'),
    ...members,
  }
  return [{ kind: 'tse.facts_recorded', op, body: { ...tseIndex(view, serial), set } }]
}

/** The inventory if it differs from the recorded one; the unit knows its own number. */
function inventoryMembers(
  recorded: TseRecord | undefined,
  { bsiId }: TseIdentity,
  configured: TseInventory | undefined,
): Pick<TseRecord, 'inventory'> {
  const { kind, kindCode } = configured ?? {}
  const number = bsiId ?? configured?.bsiId
  const members: TseInventoryRecord = {
    ...(number !== undefined && { bsi_id: number }),
    ...(kind !== undefined && { kind }),
    ...(kindCode !== undefined && { kind_code: kindCode }),
  }
  const inventory = Object.keys(members).length === 0 ? null : members
  return canonicalJson(inventory) === canonicalJson(recorded?.inventory ?? null) ? {} : { inventory }
}

/** For the first event of a TSE of any kind: a TSE without a certificate is archived and retired, but not recorded. */
export function tseIndex(view: Pick<View, 'tse'>, serial: string): Pick<Marks, 'index'> {
  return view.tse(serial) === undefined ? { index: { kind: 'tse' } } : {}
}

/** Serial numbers of the TSEs with which registers have sold, in the order of their first use. */
export function tsesOf(view: View, registers: readonly string[]): string[] {
  const serials = new Set<string>()
  for (const id of registers) {
    for (const event of deviceEvents(view, id)) {
      const { tse_serial: serial } = membersIn(bodyOf(event).set?.['fiscalization']) ?? {}
      if (typeof serial === 'string') serials.add(serial)
    }
  }
  return [...serials]
}

/**
 * Another id of this configuration under which the unit is enrolled; undefined if it is enrolled under this one. An id
 * that was renamed in the file is no longer in it, so the unit continues under the new one.
 */
export function otherIdOf(
  view: Pick<View, 'enrolledSerial' | 'enrolments'>,
  isConfigured: (device: string) => boolean,
  device: string,
  serial: string,
): string | undefined {
  if (view.enrolledSerial(device) === serial) return undefined
  return view.enrolments().find((each) => each.serial === serial && isConfigured(each.device))?.device
}

/** True for a TSE that was taken out of use. */
export function isRetiredTse(view: View, serial: string): boolean {
  return view.tse(serial)?.shown.retired_at !== undefined
}
