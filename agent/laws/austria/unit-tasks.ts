import type { OutageGround } from '../../contract/duty-ground.ts'
import type { Task } from '../duty.ts'
import type { Instruction } from '../instruction.ts'
import { instruction } from '../instruction.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { FACTS } from './facts.ts'
import { menu, REASON_TEXTS, unitNumber, unitNumbers } from './finanzonline-words.ts'
import { reportUntil } from './outage.ts'
import { weekAfter } from './stamp.ts'

export type UnitFacts = { device: string; serial: string; vda: string; enrolledOn: string }

/** Registered under another provider it is another unit: after a correction it must be registered again. */
export function unitTaskId({ vda, serial }: Pick<UnitFacts, 'vda' | 'serial'>): string {
  return `finanzonline-unit-${vda}-${serial}`
}

export function unitTask({ device, serial, vda, enrolledOn }: UnitFacts): Task {
  return {
    id: unitTaskId({ vda, serial }),
    title: `Register signature unit ${device} in FinanzOnline`,
    ...DUTY_KINDS.unitRegistration,
    due: enrolledOn,
    device_id: device,
    instructions: [menu('Registrierung einer Signaturerstellungseinheit'), unitNumbers(vda, serial)],
  }
}

/** A unit that signs again although its end was reported, `endedOn`; `since`: local time of its return. */
export function unitAgainTask({ device, serial, vda }: UnitFacts, endedOn: string, since: string): Task {
  return {
    id: `finanzonline-unit-${vda}-${serial}-again-${endedOn}`,
    title: `Signature unit ${device} signs again: register it in FinanzOnline`,
    ...DUTY_KINDS.unitReturn,
    due: dateOf(since),
    device_id: device,
    instructions: [
      instruction('Its end of {} was reported in FinanzOnline, and it signs again since {}.', endedOn, since),
      unitNumbers(vda, serial),
      instruction('If FinanzOnline no longer accepts it, replace the unit: fiskal-edge device init {}.', device),
    ],
  }
}

/** A certificate that names another owner than the shop: its registration would belong to another company. */
export function holderTask(device: string, serial: string, holder: string, enrolledOn: string): Task {
  return {
    id: `unit-holder-${serial}`,
    title: `Check whose signature unit ${device} is`,
    ...DUTY_KINDS.unitHolder,
    due: enrolledOn,
    device_id: device,
    instructions: [
      instruction('Its certificate {} was issued to "{}": no merchant of this agent has that number.', serial, holder),
      instruction(
        'If the number of the merchant is a typing error, correct it: PATCH /v1/merchants/{id} with reason "correction".',
      ),
      instruction(FACTS.taxNumbers.otherCompany),
    ],
  }
}

/** `since`: the local time of its begin. */
export function unitOutageEndId(device: string, since: string): string {
  return `outage-end-${device}-${dateOf(since)}`
}

/**
 * Report that a unit works again after an outage that had to be reported (§ 17 RKSV), in local times like FinanzOnline.
 */
export function outageEndTask(device: string, serial: string, since: string, end: string): Task {
  return {
    id: unitOutageEndId(device, since),
    title: `Report the end of the outage of signature unit ${device} in FinanzOnline`,
    ...DUTY_KINDS.unitOutageEnd,
    due: weekAfter(end),
    device_id: device,
    instructions: [
      menu('Wiederinbetriebnahme einer Signaturerstellungseinheit'),
      unitNumber(serial),
      instruction('Beginn: {}.', since),
      instruction('Ende: {}.', end),
    ],
  }
}

/** A unit that was permanently replaced: final failure, theft, loss, or its planned end (§ 17 RKSV). */
export function unitEndTask(device: string, serial: string, since: string, successor: string): Task {
  return endOfUnit(device, serial, since, [instruction('Beginn: {}.', since), instruction('Now {} signs.', successor)])
}

/** A unit that was removed from the configuration; the time is unknown, only that of its last change of state. */
export function unitGoneTask(device: string, serial: string, lastSeen: string): Task {
  return endOfUnit(device, serial, lastSeen, [
    instruction('The configuration no longer has {}. Its last known change of state: {}.', device, lastSeen),
    instruction('To let the unit sign again, put it back there: then this duty ends automatically.'),
  ])
}

/** Prefix of the ids of tasks to report a unit's end; the date of the end follows. */
export function unitEndPrefix(serial: string): string {
  return `finanzonline-unit-end-${serial}-`
}

function endOfUnit(device: string, serial: string, on: string, facts: readonly Instruction[]): Task {
  return {
    id: `${unitEndPrefix(serial)}${dateOf(on)}`,
    title: `Report the end of the former signature unit of ${device} in FinanzOnline`,
    ...DUTY_KINDS.unitEnd,
    due: weekAfter(on),
    device_id: device,
    instructions: [
      menu('Außerbetriebnahme einer Signaturerstellungseinheit'),
      instruction('State the reason (Begründung) there.'),
      unitNumber(serial),
      ...facts,
    ],
  }
}

/** Report of an outage that has lasted 48 hours (§ 17 RKSV), in local time; `reason` if a person gave one. */
export function outageTask(device: string, serial: string, since: string, reason?: OutageGround): Task {
  return {
    id: `outage-${device}-${dateOf(since)}`,
    title: `Report the outage of signature unit ${device} in FinanzOnline`,
    ...DUTY_KINDS.unitOutage,
    due: reportUntil(since),
    device_id: device,
    instructions: [
      menu('Ausfall einer Signaturerstellungseinheit'),
      instruction('Report its end there, too.'),
      unitNumber(serial),
      instruction('Beginn: {}.', since),
      ...(reason === undefined ? [] : [REASON_TEXTS[reason]]),
    ],
  }
}

/** An expired certificate may continue to sign (§ 15 Abs. 3 RKSV), but a new unit must be available before. */
export function certificateTask(device: string, endsOn: string): Task {
  return {
    id: `certificate-${device}-${endsOn}`,
    title: `Order a new signature unit for ${device}`,
    ...DUTY_KINDS.certificate,
    due: endsOn,
    device_id: device,
    instructions: [
      instruction('The certificate ends on {}: an expired one can no longer be registered in FinanzOnline.', endsOn),
    ],
  }
}

function dateOf(stamp: string): string {
  return stamp.slice(0, 10)
}
