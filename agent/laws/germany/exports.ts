import { parseRfc3339 } from '../../../base/clock.ts'
import type { TseExportFilter } from '../../../drivers/ports/tse.ts'
import { tsesOf } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { BoundRegister } from '../../journal/documents/registers.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { ExportRange, ExportSpan, ExportType } from '../export-type.ts'
import { registersUnder, spanOf, withoutArchive } from '../export-type.ts'
import type { GermanClosingBooks } from './closing-books.ts'
import { FACTS } from './facts.ts'
import type { TseMemory } from './memory/tse-memory.ts'

type GermanExportsOptions = {
  view: View
  now: () => number
  devices: ReadonlyMap<string, DeviceSupervisor>
  books: GermanClosingBooks
  memory: TseMemory
}

/** Closings that a message names; its details have all of them. */
const NAMED_MAX = 5

/** The closings of sessions (DSFinV-K), and the signed logs of TSEs: those in the unit and those taken out of it. */
export function germanExports(options: GermanExportsOptions): { dsfinvk: ExportType; tse_tar: ExportType } {
  return { dsfinvk: packages(options), tse_tar: tseLogs(options) }
}

function packages({ view, books }: GermanExportsOptions): ExportType {
  return {
    extension: 'zip',
    mediaType: 'application/zip',
    endIsExclusive: true,
    plan: (view, range) => void planPackage(view, books, range),
    explainRefusal: (refusal, range) => nothingPosted(refusal, books, range),
    write: async (range, path, { signal }) => {
      const span = await plannedPackage(view, books, range)
      const { members, leftOut } = await books.write(span, path, { signal, unchecked: range.unchecked === true })
      const isExcluded = leftOut.some(({ z_number: z }) => z === undefined)
      return { file: path, ...members, open_session_excluded: isExcluded, left_out: leftOut }
    },
    leftOut: (span) => books.leftOut(span),
    waitingBons: (span) => books.waitingBons(span),
  }
}

/** Throws `not_found`, `export_dsfinvk_no_closed_sessions`; 422 if the range covers several merchants. */
function planPackage(view: View, books: GermanClosingBooks, range: ExportRange): ExportSpan {
  const { merchantId, registerId } = range
  const row = registerId === undefined ? undefined : view.resource(registerId)
  const isTheirs = row?.type === 'register' && (merchantId === undefined || row.merchant === merchantId)
  if (registerId !== undefined && !isTheirs) throw notFound('register', registerId)
  const span = spanOf(range)
  const merchants = books.merchants(span)
  if (merchants.size === 0) {
    const message =
      'No closing has a business date in the range: there is nothing to export. A session that is open is exported once it is closed.'
    throw new FiskalError('export_dsfinvk_no_closed_sessions', message, { from: range.from, to: range.to })
  }
  if (merchants.size === 1) return span
  throw new FiskalError(
    'unprocessable_entity',
    'Several merchants have closings, and a package holds one: name register_id (--register of a command).',
    {
      pointer: '/register_id',
      merchants: [...merchants],
    },
  )
}

async function plannedPackage(view: View, books: GermanClosingBooks, range: ExportRange): Promise<ExportSpan> {
  try {
    return planPackage(view, books, range)
  } catch (error) {
    throw error instanceof FiskalError ? await nothingPosted(error, books, range) : error
  }
}

/** Names the closings that have the sales of the range: each shop that closes after midnight has such days. */
async function nothingPosted(
  refusal: FiskalError,
  books: GermanClosingBooks,
  range: ExportRange,
): Promise<FiskalError> {
  if (refusal.code !== 'export_dsfinvk_no_closed_sessions') return refusal
  const leftOut = await books.leftOut(spanOf(range))
  const closed = leftOut.filter(({ z_number: z }) => z !== undefined)
  const named = closed
    .slice(0, NAMED_MAX)
    .map((one) => `closing ${one.z_number} of register ${one.register_id} (business date ${one.business_date})`)
  const more = closed.length > named.length ? [`${closed.length - named.length} more`] : []
  const elsewhere = [...named, ...more].join(', ')
  const message =
    closed.length === 0
      ? refusal.message
      : `No closing has a business date in the range. Its sales are in ${elsewhere}.`
  return new FiskalError(refusal.code, message, { ...refusal.details, left_out: leftOut })
}

function tseLogs({ view, now, devices, memory }: GermanExportsOptions): ExportType {
  return {
    extension: 'tar',
    mediaType: 'application/x-tar',
    plan: (view, range) => void planArchive(view, range, now()),
    write: async (range, path, { resumes }) => {
      const plan = planArchive(view, range, now())
      const device = devices.get(plan.device)
      if (device === undefined) throw notFound('device', plan.device)
      // Its serial number names the archives that were taken out of it.
      await device.look()
      const { withoutMissing = false, unchecked = false } = range
      const written = await memory.export(device, plan.filter, path, { resumes, withoutMissing, unchecked })
      const others = otherTses(view, plan.registers, device.identity?.serial, range)
      return { file: path, device: plan.device, ...written, ...(others.length > 0 && { other_tses: others }) }
    },
    stop: () => memory.stop(),
  }
}

type ArchivePlan = { device: string; filter: TseExportFilter; registers: readonly string[] }

/**
 * The TSE of an archive request and its filter. One file holds one TSE: if several would be needed, a register must be
 * named (422). A range that covers everything is the whole, unfiltered archive if the TSE signs only for this merchant:
 * no merchant gets the logs of another.
 */
function planArchive(view: View, range: ExportRange, nowMs: number): ArchivePlan {
  const { merchantId } = range
  const registers = registersUnder(view, merchantId, FACTS.name)
  const wanted = wantedOf(view, registers, range)
  if (range.registerId !== undefined && wanted.length === 0)
    throw withoutArchive(view, merchantId, range.registerId, 'is not fiscalized with a TSE')
  const named = range.deviceId !== undefined && wanted.length > 0 ? [range.deviceId] : undefined
  const devices = named ?? [...new Set(wanted.flatMap((register) => register.fiscal_device ?? []))]
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
  const shared = registersUnder(view, undefined, FACTS.name).some(
    (register) => hasUsed(view, register, device) && !asked.has(register.id),
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
  { registerId, deviceId }: ExportRange,
): readonly BoundRegister[] {
  if (deviceId !== undefined) return registers.filter((register) => hasUsed(view, register, deviceId))
  return registerId === undefined ? inUse(view, registers) : registers.filter(({ id }) => id === registerId)
}

/** True for a register of that device, and for one that its unit signed for before. */
function hasUsed(view: View, { id, fiscal_device: present }: BoundRegister, device: string): boolean {
  const serial = view.enrolledSerial(device)
  return present === device || (serial !== undefined && tsesOf(view, [id]).includes(serial))
}

/**
 * Serial numbers of other TSEs that may have signed for these registers in the range: their logs are in other archives.
 */
function otherTses(
  view: View,
  registers: readonly string[],
  present: string | undefined,
  { from }: ExportRange,
): string[] {
  const fromMs = parseRfc3339(from) ?? 0
  return tsesOf(view, registers).filter((serial) => {
    const retiredAt = view.tse(serial)?.shown.retired_at
    return serial !== present && (retiredAt === undefined || (parseRfc3339(retiredAt) ?? 0) >= fromMs)
  })
}

/**
 * Without registers whose use ended with a retired TSE, if there are others: nothing is requested from it any longer.
 */
function inUse(view: View, registers: readonly BoundRegister[]): readonly BoundRegister[] {
  const enrolled = registers.filter(
    ({ fiscal_device: device }) => device !== null && view.enrolledSerial(device) !== undefined,
  )
  return enrolled.length > 0 ? enrolled : registers
}

function clientFilter([register]: readonly BoundRegister[]): TseExportFilter {
  const client = register?.fiscalization.client_id ?? undefined
  return client === undefined ? {} : { clientId: client }
}

function timeFilter(view: View, range: ExportRange, nowMs: number): TseExportFilter {
  const first = parseRfc3339(view.event(1)?.at ?? '') ?? 0
  const from = parseRfc3339(range.from) ?? 0
  const to = parseRfc3339(range.to) ?? nowMs
  return { ...(from > first && { timeFromMs: from }), ...(to < nowMs && { timeToMs: to }) }
}
