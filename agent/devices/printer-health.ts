import type { Json } from '../../base/canonical.ts'
import { DAY_MS, localDate, parseRfc3339, rfc3339 } from '../../base/clock.ts'
import type { RtHealth } from '../../drivers/ports/rt-printer.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'

/** D.Lgs. 127/2015 art. 2 c. 6-ter: what was sold is transmitted within 12 days. */
const TRANSMISSION_DAYS = 12
const TRANSMISSION_WARNING_DAYS = 3
const SKEW_WARNING_MS = 60_000
/** Share of the files that a printer holds before it refuses to sell. */
const PENDING_WARNING_SHARE = 0.8

/** Why a printer that answers cannot print; undefined when it can. */
export function printerObstacle({ paper, cover, memory, inService }: RtHealth): Trouble | undefined {
  if (!inService) return { code: 'out_of_service', message: 'The printer is not in service: call its technician.' }
  if (memory === 'full') return { code: 'memory_full', message: 'The detail memory is full: a technician changes it.' }
  if (paper === 'out') return { code: 'paper_out', message: 'The printer has no paper.' }
  if (cover === 'open') return { code: 'cover_open', message: 'The cover of the printer is open.' }
  return undefined
}

/** `health` of a printer in GET /v1/devices. */
export function printerHealth(health: RtHealth, nowMs: number): Record<string, Json> {
  const oldestMs = oldestPendingMs(health)
  return {
    paper: health.paper,
    cover: health.cover,
    memory: health.memory,
    in_service: health.inService,
    pending_files: health.pendingFiles ?? null,
    pending_files_max: health.pendingFilesMax ?? null,
    oldest_pending_at: oldestMs === undefined ? null : rfc3339(oldestMs),
    oldest_pending_days: oldestMs === undefined ? null : Math.max(0, Math.floor((nowMs - oldestMs) / DAY_MS)),
    periodic_check: health.periodicCheck,
    periodic_check_due: health.periodicCheck !== 'ok',
    clock_skew_ms: health.clockSkewMs ?? null,
    document_open: health.documentOpen,
    closures: health.z,
    description: health.description,
  }
}

/** Before the law's limits stop the shop. */
export function printerWarnings(health: RtHealth, nowMs: number): Warning[] {
  return [...pendingWarnings(health, nowMs), ...stateWarnings(health)]
}

function pendingWarnings(health: RtHealth, nowMs: number): Warning[] {
  const { pendingFiles = 0, pendingFilesMax } = health
  const warnings: Warning[] = []
  if (pendingFilesMax !== undefined && pendingFiles >= pendingFilesMax * PENDING_WARNING_SHARE) {
    const message = `${pendingFiles} of ${pendingFilesMax} files wait for the tax office: at the limit the printer stops selling.`
    warnings.push({ code: 'printer_transmission_pending', message: `${message} Check its network connection.` })
  }
  const oldestMs = oldestPendingMs(health)
  if (oldestMs === undefined) return warnings
  const dueMs = oldestMs + TRANSMISSION_DAYS * DAY_MS
  if (dueMs - nowMs > (TRANSMISSION_DAYS - TRANSMISSION_WARNING_DAYS) * DAY_MS) return warnings
  const due = localDate(dueMs, 'Europe/Rome')
  const message = `A file waits for the tax office since ${localDate(oldestMs, 'Europe/Rome')} and must be sent by ${due}.`
  return [...warnings, { code: 'printer_transmission_due', message, due }]
}

function stateWarnings({ memory, paper, periodicCheck, clockSkewMs }: RtHealth): Warning[] {
  const warnings: Warning[] = []
  if (memory === 'nearly_full')
    warnings.push({ code: 'device_memory_low', message: 'The detail memory is nearly full: order its change.' })
  if (paper === 'low') warnings.push({ code: 'printer_paper_low', message: 'The paper is nearly used up.' })
  if (periodicCheck !== 'ok') {
    const words = periodicCheck === 'expired' ? 'is overdue' : 'is due soon'
    warnings.push({
      code: 'printer_periodic_check_due',
      message: `The periodic check or certificate of the printer ${words}: call its technician.`,
    })
  }
  if (Math.abs(clockSkewMs ?? 0) > SKEW_WARNING_MS) {
    warnings.push({
      code: 'device_clock_skew',
      message: 'The clocks of printer and host differ: check the time of the host, then that of the printer.',
    })
  }
  return warnings
}

/** The printer reports local time of Rome; read as if it were of the winter, which is exact enough for days. */
function oldestPendingMs({ oldestPendingAt }: RtHealth): number | undefined {
  if (oldestPendingAt === undefined) return undefined
  const withSeconds = oldestPendingAt.length === 16 ? `${oldestPendingAt}:00` : oldestPendingAt
  return parseRfc3339(`${withSeconds}+01:00`)
}
