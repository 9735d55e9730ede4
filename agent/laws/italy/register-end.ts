import type { Register } from '../../contract/register.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import { isUnderLaw, registerIds } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import type { Conclusion, DueReceipts, Failed, Moment } from '../law.ts'
import { decommissioned } from '../registration.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { openEmergency } from './emergency.ts'
import { FACTS } from './facts.ts'
import type { PrintedPeriod } from './open-period.ts'
import { periodWords } from './open-period.ts'
import { romeDay } from './rome-time.ts'
import type { PrinterCount } from './state.ts'
import { stateMembers } from './state.ts'

/** The law's state of a register that has ended: its printer, and what no closing of that has counted. */
export type RegisterEnd = { readonly serial: string; readonly period?: PrintedPeriod }

/** `ending`: the last Z could not be made; null: it was. The stored members are frozen. */
type Stored = { readonly end?: RegisterEnd; readonly ending?: true | null }

type Reader = Pick<View, 'register' | 'resources' | 'enrolledSerial' | 'unit'>

/**
 * A printer that is broken, replaced or away: a register ends without it, and a person may say what its paper shows. One
 * without paper makes its Z soon.
 */
export const AWAY: ReadonlySet<string> = new Set([
  'unavailable',
  'timeout',
  'garbled',
  'foreign',
  'printer_replaced',
  'out_of_service',
  'memory_full',
])

function storedOf({ law }: DocumentOf<'register'>): Stored {
  return (law?.state ?? {}) as Stored
}

/** The members with which a register ends. */
export function endMembers(end: RegisterEnd) {
  return { end } satisfies Stored
}

/** True while another register uses the printer, or is about to. */
export function isShared(view: Reader, register: string, serial: string): boolean {
  return registerIds(view).some((id) => id !== register && printersOf(view, view.register(id)).includes(serial))
}

/** The printers that registers use, or are about to. */
export function printersInUse(view: Reader): ReadonlySet<string> {
  return new Set(registerIds(view).flatMap((id) => printersOf(view, view.register(id))))
}

function printersOf(view: Reader, register: DocumentOf<'register'> | undefined): string[] {
  if (register === undefined || !isItalian(register.shown) || !isUnderLaw(register.shown)) return []
  const coming = register.own.pending?.shown['fiscal_device']
  const devices = [register.shown.fiscal_device, ...(typeof coming === 'string' ? [coming] : [])]
  return devices.flatMap((device) => (device === null ? [] : (view.enrolledSerial(device) ?? [])))
}

function isItalian({ fiscalization }: Register): boolean {
  return fiscalization?.regime === FACTS.name
}

/** The end of a register whose printer is down: its last Z follows. Undefined if the request is refused instead. */
export function endedAway(document: RecordedDocument, failed: Failed, { goal, at }: Moment): Conclusion | undefined {
  if (document.kind !== 'register' || goal !== 'decommissioned' || !AWAY.has(failed.code)) return undefined
  const ending = { ending: true } satisfies Stored
  return { set: decommissioned(at), law: { ...stateMembers({ print: 'none' }), ...ending } }
}

/** The last Z of a register that has ended is made, or was not needed. */
export function settlesEnd(document: RecordedDocument, conclusion: Conclusion, isOver: boolean): Conclusion {
  if (document.kind !== 'closing' || document.shown.type !== 'final' || !isOver) return conclusion
  const register = document.shown.register_id
  const settled = { kind: 'register.end_completed' as const, op: register, body: { law: { ending: null } } }
  const cause = conclusion.set === undefined ? {} : stateMembers({ facts: { cause: 'final' } })
  return {
    ...conclusion,
    law: { ...conclusion.law, ...cause },
    events: [...(conclusion.events ?? []), settled],
  }
}

/** The last Z of a register that ended while its printer was down. */
export function lastClosings(view: Reader): DueReceipts {
  const owes = (register: DocumentOf<'register'>): boolean => {
    const { ending, end } = storedOf(register)
    if (ending !== true || end === undefined) return false
    const isThere = view.enrolledSerial(register.shown.fiscal_device ?? '') === end.serial
    const isOut = openEmergency(view, end.serial) !== undefined
    return isThere && !isOut && !isShared(view, register.id, end.serial)
  }
  return {
    due: (register) => (owes(register) ? { set: { type: 'final' } } : undefined),
    waits: (register) => owes(register),
  }
}

/** For each printer that no register uses any longer: it is to be taken out of use at the tax office. */
export function endTasks(view: Reader & Pick<View, 'chainState'>): Task[] {
  const last = new Map<string, DocumentOf<'register'>>()
  const inUse = printersInUse(view)
  for (const id of registerIds(view)) {
    const register = view.register(id)
    const serial = register && endedAt(view, register)
    if (register === undefined || serial === undefined || inUse.has(serial)) continue
    const other = last.get(serial)?.shown.decommissionedAt ?? ''
    if ((register.shown.decommissionedAt ?? '') >= other) last.set(serial, register)
  }
  return [...last].map(([serial, register]) => endTask(serial, register))
}

/** Matricola of the printer with which a register ended; undefined for one that has not. */
function endedAt(view: Pick<View, 'chainState'>, register: DocumentOf<'register'>): string | undefined {
  const { fiscalization_status: status, fiscalization } = register.shown
  if (!isItalian(register.shown) || status !== 'decommissioned') return undefined
  const { serial } = (view.chainState(register.id) ?? {}) as Partial<PrinterCount>
  return storedOf(register).end?.serial ?? serial ?? fiscalization?.tse_serial ?? undefined
}

function endTask(serial: string, register: DocumentOf<'register'>): Task {
  const { shown, id } = register
  const { ending, end } = storedOf(register)
  const on = romeDay(shown.decommissionedAt ?? '')
  const owed =
    ending === true
      ? [
          instruction(
            'The printer did not answer: its last Z could not be made. The agent makes it when the printer answers again.',
          ),
          ...(end?.period === undefined ? [] : periodWords(end.period)),
          instruction(
            'If the printer is broken: first state "fuori servizio", by a technician or at the portal (Fatture e Corrispettivi), and the sums there.',
          ),
        ]
      : []
  return {
    id: `printer-end-${serial}`,
    ...DUTY_KINDS.printerEnd,
    title: `Take printer ${serial} out of use at the tax office`,
    due: on,
    register_id: id,
    ...(shown.fiscal_device !== null && { device_id: shown.fiscal_device }),
    instructions: [
      instruction('Register {}, the last one of the printer, ended on {}.', shown.name, on),
      ...owed,
      instruction(
        'Disattivazione if another taxpayer or shop will use the printer, dismissione if it is not used again: by a technician at the printer, or at the portal.',
      ),
    ],
  }
}
