import type { TseHealth } from '../../drivers/ports/tse.ts'
import type { Json } from '../canonical.ts'
import { rfc3339 } from '../clock.ts'
import { CERTIFICATE_NOTICE_MS } from '../regimes/regime.ts'
import { certificateHolder } from '../regimes/rksv/certificate.ts'
import { outageNotice } from '../regimes/rksv/outage.ts'
import type { ForeignTransaction } from './device.ts'
import { printerHealth, printerWarnings } from './printer-health.ts'
import type { DeviceSupervisor } from './supervisor.ts'
import type { Warning } from './warning.ts'

const DAY_MS = 86_400_000
const FORECAST_WARNING_MS = 60 * DAY_MS
const FOREIGN_TOLD = 5
const SIGNATURES_WARNING = 100_000
const SKEW_WARNING_MS = 60_000

/** One row of GET /v1/devices: what the technician and the till want to know. */
export function deviceReport(device: DeviceSupervisor, nowMs: number): Record<string, Json> {
  const warnings = warningsOf(device, nowMs)
  const load = device.device.load()
  return {
    id: device.id,
    driver: device.device.driver,
    kind: device.device.unit.kind,
    state: device.state === 'ready' && warnings.length > 0 ? 'degraded' : device.state,
    serial: device.identity?.serial ?? null,
    since: rfc3339(device.since),
    warnings,
    health: healthOf(device, nowMs),
    queue: { waiting: load.waiting, expected_wait_ms: Math.round(load.expectedWaitMs) },
  }
}

function healthOf({ health, asCard }: DeviceSupervisor, nowMs: number): Record<string, Json> {
  if (health === undefined) return {}
  if ('paper' in health) return printerHealth(health, nowMs)
  const common = { certificate_expires_at: rfc3339(health.certificateExpiresAtMs), description: health.description }
  if (!('signaturesLeft' in health)) return { ...common, ...holderOf(asCard?.identity?.certificates) }
  return {
    ...common,
    memory_used_percent: Math.round(health.memoryUsedPercent * 100) / 100,
    signatures_left: health.signaturesLeft,
    clock_skew_ms: health.clockSkewMs,
    open_transactions: health.openTransactions,
  }
}

/** Whom the certificate of a signature unit names as owner of the register, where it names one. */
function holderOf(certificates: readonly Uint8Array[] | undefined): Record<string, Json> {
  const [certificate] = certificates ?? []
  const holder = certificate && certificateHolder(certificate)
  return holder === undefined ? {} : { certificate_holder: holder }
}

/** What is wrong with a device, by the codes of drivers and laws. */
export function warningsOf(device: DeviceSupervisor, nowMs: number): Warning[] {
  const { health, trouble, refusal, concerns } = device
  const reasons = [trouble, refusal].flatMap((reason) => (reason === undefined ? [] : [{ ...reason }]))
  const warnings: Warning[] = [...reasons, ...concerns]
  if (device.asCard !== undefined && !device.usable) warnings.push(outageWarning(device.since, nowMs))
  if (health === undefined) return warnings
  if ('paper' in health) return [...warnings, ...printerWarnings(health, nowMs)]
  // One that was never set up has no certificate to tell of.
  if (!health.initialised) return warnings
  if ('signaturesLeft' in health) warnings.push(...tseWarnings(health, device, nowMs))
  if (device.foreignTransactions.length > 0) warnings.push(foreignWarning(device.id, device.foreignTransactions))
  const isTold = warnings.some(({ code }) => code === 'certificate_expired')
  if (!isTold && health.certificateExpiresAtMs - nowMs < CERTIFICATE_NOTICE_MS)
    warnings.push(certificateWarning(health.certificateExpiresAtMs, nowMs, 'signaturesLeft' in health))
  return warnings
}

/** Of a card the end is no alarm: it may go on signing (§ 15 Abs. 3 RKSV). */
function certificateWarning(endsAtMs: number, nowMs: number, isTse: boolean): Warning {
  const due = rfc3339(endsAtMs).slice(0, 10)
  const hasEnded = endsAtMs <= nowMs
  const code = hasEnded && isTse ? 'certificate_expired' : 'certificate_expiring'
  return { code, message: `The certificate ${hasEnded ? 'ended' : 'ends'} on ${due}: order a new device.`, due }
}

function foreignWarning(id: string, transactions: readonly ForeignTransaction[]): Warning {
  const told = transactions.slice(0, FOREIGN_TOLD).map(({ number, client }) => `${number} (client ${client})`)
  const more = transactions.length > FOREIGN_TOLD ? ` and ${transactions.length - FOREIGN_TOLD} more` : ''
  const message = `Open on the device for clients that are no registers of this agent: ${told.join(', ')}${more}. They are left alone until "fiskal-edge device end-foreign ${id}".`
  return { code: 'foreign_transactions', message }
}

/** The day of an end that is near enough to be told. */
function dueSoon(endAtMs: number | undefined, nowMs: number): string | undefined {
  if (endAtMs === undefined || endAtMs - nowMs >= FORECAST_WARNING_MS) return undefined
  return rfc3339(endAtMs).slice(0, 10)
}

/** § 17 RKSV: what the shop must know and do while a signature unit is out. */
function outageWarning(sinceMs: number, nowMs: number): Warning {
  const { code, message, dueMs } = outageNotice(sinceMs, nowMs)
  return { code, message, ...(dueMs !== undefined && { due: rfc3339(dueMs).slice(0, 10) }) }
}

function tseWarnings(
  health: TseHealth,
  { id, forecast, memoryWarningPercent }: DeviceSupervisor,
  nowMs: number,
): Warning[] {
  const warnings: Warning[] = []
  const full = dueSoon(forecast.memoryEndAtMs, nowMs)
  if (health.memoryUsedPercent >= memoryWarningPercent || full !== undefined) {
    const until = full === undefined ? '' : `, and full on ${full} if it goes on like this`
    const message = `The memory of the device is filling up${until}: "fiskal-edge device archive ${id} --delete" empties it.`
    warnings.push({ code: 'memory_low', message, ...(full !== undefined && { due: full }) })
  }
  const spent = dueSoon(forecast.signaturesEndAtMs, nowMs)
  if (health.signaturesLeft < SIGNATURES_WARNING || spent !== undefined) {
    const until = spent === undefined ? '' : `, until ${spent} if it goes on like this`
    const message = `${health.signaturesLeft} signatures are left${until}: order a new device.`
    warnings.push({ code: 'signatures_low', message, ...(spent !== undefined && { due: spent }) })
  }
  if (health.replacementNeeded === true) {
    const message = 'The unit says that its memory is worn out and that it has to be replaced: order a new device.'
    warnings.push({ code: 'replacement_needed', message })
  }
  if (Math.abs(health.clockSkewMs) > SKEW_WARNING_MS) {
    warnings.push({
      code: 'clock_skew',
      message: 'The clocks of device and host differ: check the time of the host, then set that of the device.',
    })
  }
  return warnings
}
