import { parseRfc3339 } from '../../../base/clock.ts'
import type { TseExportFilter } from '../../../drivers/ports/tse.ts'
import type { Law } from '../../contract/laws.ts'
import type { Register } from '../../contract/register.ts'
import { tsesOf } from '../../devices/enrolment.ts'
import { FiskalError } from '../../errors.ts'
import type { BoundRegister } from '../../journal/documents.ts'
import { allRegisters, registerIds } from '../../journal/documents.ts'
import type { View } from '../../journal/projections/view.ts'
import { notFound } from '../guards.ts'

/** Of a merchant, or of all, and of one register where it is named. */
export type ArchiveRange = {
  merchantId?: string | undefined
  registerId?: string | undefined
  /** Of one TSE with all that it signed, by the id of the device. */
  deviceId?: string | undefined
  /** Archives of deleted logs that are gone are left out and named. */
  withoutMissing?: true | undefined
  from: string
  to: string
}
export type ArchivePlan = { device: string; filter: TseExportFilter; registers: readonly string[] }

/**
 * Which TSE's archive a request means, and how it is filtered. One file holds one TSE: where several would be needed
 * a register must be named (422). A range that covers everything is the whole archive, unfiltered, where the TSE signs for
 * nobody else: no merchant is given what another one signed.
 */
export function planArchive(view: View, range: ArchiveRange, nowMs: number): ArchivePlan {
  const { merchantId } = range
  const registers = fiscalized(view, merchantId, 'KassenSichV')
  const wanted = wantedOf(view, registers, range)
  if (range.registerId !== undefined && wanted.length === 0)
    throw withoutArchive(view, merchantId, range.registerId, 'is not fiscalized with a TSE')
  const devices = [...new Set(wanted.map((register) => register.fiscal_device))]
  const [device] = devices
  if (device === undefined)
    throw new FiskalError('unprocessable_entity', 'No register is fiscalized with a TSE yet.', { pointer: '/type' })
  if (devices.length > 1) {
    throw new FiskalError(
      'unprocessable_entity',
      'Several TSEs are in use, and a file holds one: name register_id (--register of a command).',
      {
        pointer: '/register_id',
        devices,
      },
    )
  }
  const asked = new Set(wanted.map(({ id }) => id))
  const shared = fiscalized(view, undefined, 'KassenSichV').some(
    (register) => register.fiscal_device === device && !asked.has(register.id),
  )
  if (shared && wanted.length > 1) {
    const message =
      'The TSE signs for other merchants too, and an archive is of one register or of all: name register_id (--register of a command).'
    throw new FiskalError('unprocessable_entity', message, { pointer: '/register_id', devices })
  }
  const meant = range.registerId === undefined && range.deviceId === undefined ? registers : wanted
  return {
    device,
    filter: { ...timeFilter(view, range, nowMs), ...(shared && clientFilter(wanted)) },
    registers: meant.map(({ id }) => id),
  }
}

function wantedOf(
  view: View,
  registers: readonly BoundRegister[],
  { registerId, deviceId }: ArchiveRange,
): readonly BoundRegister[] {
  if (deviceId !== undefined) return registers.filter(({ fiscal_device }) => fiscal_device === deviceId)
  return registerId === undefined ? inUse(view, registers) : registers.filter(({ id }) => id === registerId)
}

/** Serial numbers of other TSEs that may have signed in the range for these registers: their logs are in other archives. */
export function otherTses(
  view: View,
  registers: readonly string[],
  present: string | undefined,
  { from }: ArchiveRange,
): string[] {
  const fromMs = parseRfc3339(from) ?? 0
  return tsesOf(view, registers).filter((serial) => {
    const retiredAt = view.members(`tse_${serial}`)?.['retired_at']
    return serial !== present && (typeof retiredAt !== 'string' || (parseRfc3339(retiredAt) ?? 0) >= fromMs)
  })
}

/** Without those that ended with a TSE that was retired, where there are others: nothing is asked of that any more. */
function inUse(view: View, registers: readonly BoundRegister[]): readonly BoundRegister[] {
  const enrolled = registers.filter(({ fiscal_device }) => view.enrolledSerial(fiscal_device) !== undefined)
  return enrolled.length > 0 ? enrolled : registers
}

/** A shop's registers; who has more knows their ids. */
const NAMED_MAX = 10

/**
 * Which register's receipts a request means, under a law that chains them: one file holds one chain, so where there are
 * several a register must be named (422).
 */
export function planRegisterArchive(view: View, { merchantId, registerId }: ArchiveRange): string {
  const registers = fiscalized(view, merchantId, 'RKSV').map(({ id }) => id)
  const chained = registers.filter((id) => view.chainState(id) !== undefined)
  if (registerId !== undefined) {
    if (chained.includes(registerId)) return registerId
    throw withoutArchive(view, merchantId, registerId, 'has no Startbeleg')
  }
  const [register, ...more] = chained
  if (register === undefined)
    throw new FiskalError('unprocessable_entity', 'No register has a Startbeleg yet.', { pointer: '/type' })
  if (more.length === 0) return register
  const names = chained.slice(0, NAMED_MAX).map((id) => `${view.chainState(id)?.['cash_box_id']} is ${id}`)
  const rest = chained.length > NAMED_MAX ? ', …' : ''
  throw new FiskalError(
    'unprocessable_entity',
    `Several registers have receipts, and a file holds one: name register_id (--register of a command). ${names.join(', ')}${rest}`,
    { pointer: '/register_id', registers: chained },
  )
}

/** Of a register that is there, what it lacks. */
function withoutArchive(view: View, merchantId: string | undefined, id: string, lack: string): FiskalError {
  const isKnown = registerIds(view, merchantId).includes(id)
  if (!isKnown) return notFound('register', id)
  return new FiskalError('unprocessable_entity', `Register ${id} ${lack}.`, { pointer: '/register_id' })
}

function fiscalized(view: View, merchantId: string | undefined, law: Law): BoundRegister[] {
  const isUnder = (register: Register): register is BoundRegister => register.fiscalization?.regime === law
  return allRegisters(view, merchantId).filter(isUnder)
}

function clientFilter([register]: readonly BoundRegister[]): TseExportFilter {
  const client = register?.fiscalization.client_id ?? undefined
  return client === undefined ? {} : { clientId: client }
}

function timeFilter(view: View, range: ArchiveRange, nowMs: number): TseExportFilter {
  const first = parseRfc3339(view.event(1)?.at ?? '') ?? 0
  const from = parseRfc3339(range.from) ?? 0
  const to = parseRfc3339(range.to) ?? nowMs
  return { ...(from > first && { timeFromMs: from }), ...(to < nowMs && { timeToMs: to }) }
}
