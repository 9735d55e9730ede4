import type { Json } from '../../base/canonical.ts'
import { DAY_MS, localDate, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import type { OpenedDevice } from '../../drivers/ports/device.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { TseHealth } from '../../drivers/ports/tse.ts'
import { certificateWarnings, certificationEndMs } from './certificate.ts'
import { clockSkewOf } from './clock-skew.ts'
import type { ForeignTransaction, UnitReport } from './device.ts'
import { CLOCK_SUSPECT } from './error-verdict.ts'
import type { Forecast } from './forecast.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'

/** Facts about a TSE that it does not report itself. */
type Watched = {
  readonly id: string
  readonly device: Pick<OpenedDevice, 'certifiedUntil'>
  readonly lastReport: UnitReport | undefined
  readonly time: Pick<TimeGate, 'skewMs'> | undefined
  readonly trouble: Trouble | undefined
  readonly refusal: Trouble | undefined
  readonly forecast: Pick<Forecast, 'memoryEndAtMs' | 'signaturesEndAtMs'>
  readonly memoryWarningPercent: number
  readonly foreignTransactions: readonly ForeignTransaction[]
  readonly isEnrolled: boolean
}

/** How full a TSE may be before a person is warned, unless the configuration says otherwise. */
export const MEMORY_WARNING_PERCENT = 80
const FORECAST_WARNING_MS = 60 * DAY_MS
const FOREIGN_SHOWN = 5
const SIGNATURES_WARNING = 100_000
const OPEN_WARNING_PERCENT = 80
const SKEW_WARNING_MS = 60_000

/** Why a TSE that answers cannot work; undefined if it can. */
export function tseObstacle({ disabled }: TseHealth): Trouble | undefined {
  return disabled ? { code: 'disabled', message: 'The TSE was put out of service.' } : undefined
}

/** A TSE that was never set up has no PINs, clients or time: the first report is that fact, not the list of them. */
export function uninitialisedTrouble(health: TseHealth | undefined): Trouble | undefined {
  return health?.initialised === false ? { code: 'not_initialised', message: 'The TSE was never set up.' } : undefined
}

/** `health` of a TSE in GET /v1/devices. */
export function tseHealth(health: TseHealth, clockSkewMs: number | undefined): Record<string, Json> {
  return {
    certificate_expires_at: rfc3339(health.certificateExpiresAtMs),
    description: health.description,
    memory_used_percent: Math.round(health.memoryUsedPercent * 100) / 100,
    signatures_left: health.signaturesLeft,
    clock_skew_ms: clockSkewMs ?? null,
    open_transactions: health.openTransactions,
  }
}

/** Before it stops the shop, or its day to be exchanged has come. */
export function tseWarnings(health: TseHealth, device: Watched, nowMs: number): Warning[] {
  const pins = pinWarnings(health, device)
  // A TSE that was never set up has no certificate.
  if (!health.initialised) return pins
  return [
    ...pins,
    ...memoryWarnings(health, device, nowMs),
    ...signatureWarnings(health, device, nowMs),
    ...stateWarnings(health, device),
    ...openWarnings(health, device),
    ...foreignWarnings(health, device),
    ...endWarnings(health, device, nowMs),
  ]
}

/**
 * A refused PIN is not an outage of a unit that signs without a login: only commands that need the login fail. Without
 * a warning that its outage already gives.
 */
function pinWarnings({ refusedPin }: TseHealth, { trouble, refusal }: Watched): Warning[] {
  const isReported = [trouble, refusal].some((reason) => reason?.code === refusedPin?.code)
  return refusedPin === undefined || isReported ? [] : [{ ...refusedPin, code: `device_${refusedPin.code}` }]
}

function memoryWarnings(
  { memoryUsedPercent }: TseHealth,
  { id, forecast, memoryWarningPercent }: Watched,
  nowMs: number,
): Warning[] {
  const full = dueSoon(forecast.memoryEndAtMs, nowMs)
  if (memoryUsedPercent < memoryWarningPercent && full === undefined) return []
  const until = full === undefined ? '' : `, and full on ${full} at this rate`
  const message = `The memory of the device is filling up${until}: "fiskal-edge device archive ${id} --delete" empties it.`
  return [{ code: 'device_memory_low', message, ...(full !== undefined && { due: full }) }]
}

function signatureWarnings({ signaturesLeft }: TseHealth, { forecast }: Watched, nowMs: number): Warning[] {
  const spent = dueSoon(forecast.signaturesEndAtMs, nowMs)
  if (signaturesLeft >= SIGNATURES_WARNING && spent === undefined) return []
  const until = spent === undefined ? '' : `, until ${spent} at this rate`
  const message = `${signaturesLeft} signatures are left${until}: order a new device.`
  return [{ code: 'device_signatures_low', message, ...(spent !== undefined && { due: spent }) }]
}

/** The day of an end that is near enough to report. */
function dueSoon(endAtMs: number | undefined, nowMs: number): string | undefined {
  if (endAtMs === undefined || endAtMs - nowMs >= FORECAST_WARNING_MS) return undefined
  return localDate(endAtMs, SHOP_ZONE)
}

function stateWarnings({ replacementNeeded }: TseHealth, device: Watched): Warning[] {
  const warnings: Warning[] = []
  if (replacementNeeded === true) {
    const message = 'The unit says that its memory is worn out and that it has to be replaced: order a new device.'
    warnings.push({ code: 'device_replacement_needed', message })
  }
  // The suspect clock of a host is reported already, and no clock is to be set by it.
  if (device.trouble?.code !== CLOCK_SUSPECT && Math.abs(clockSkewOf(device) ?? 0) > SKEW_WARNING_MS) {
    warnings.push({
      code: 'device_clock_skew',
      message: 'The clocks of device and host differ: check the time of the host, then set that of the device.',
    })
  }
  return warnings
}

/** Without a warning that the unit gives itself once it is full. */
function openWarnings({ openTransactions, maxOpenTransactions }: TseHealth, { trouble, refusal }: Watched): Warning[] {
  const isReported = [trouble, refusal].some((reason) => reason?.code === 'open_transactions_full')
  if (isReported || openTransactions * 100 < maxOpenTransactions * OPEN_WARNING_PERCENT || openTransactions === 0)
    return []
  const message = `${openTransactions} of the ${maxOpenTransactions} sales that the device takes at a time are open: complete or void those that are no longer needed.`
  return [{ code: 'tse_open_transactions_high', message }]
}

/** Without a register of ours a unit is asked for nothing that may want a login or a self-test: it reports a number alone. */
function foreignWarnings({ openTransactions }: TseHealth, device: Watched): Warning[] {
  const { id, foreignTransactions: transactions } = device
  if (!device.isEnrolled && device.trouble === undefined && openTransactions > 0) {
    const what = openTransactions === 1 ? '1 transaction' : `${openTransactions} transactions`
    const message = `${what} of another program: open on the device, which no register of this journal uses yet.`
    return [{ code: 'tse_foreign_transactions', message }]
  }
  if (transactions.length === 0) return []
  const shown = transactions.slice(0, FOREIGN_SHOWN).map(({ number, client, isStartLost }) => {
    return `${number} (client ${client || '?'}${isStartLost === true ? ', of a lost part of the journal' : ''})`
  })
  const more = transactions.length > FOREIGN_SHOWN ? ` and ${transactions.length - FOREIGN_SHOWN} more` : ''
  const message = `Open on the device, and not begun by a register of this journal: ${shown.join(', ')}${more}. They are left alone until "fiskal-edge device abort-foreign ${id}".`
  return [{ code: 'tse_foreign_transactions', message }]
}

/** Not what the unit says itself, as soon as it refuses for it. */
function endWarnings({ certificateExpiresAtMs }: TseHealth, watched: Watched, nowMs: number): Warning[] {
  const isReported = [watched.trouble, watched.refusal].some((reason) => reason?.code === 'certificate_expired')
  if (isReported) return []
  const certifiedToMs = certificationEndMs(watched.device) ?? Number.POSITIVE_INFINITY
  return certifiedToMs < certificateExpiresAtMs
    ? certificateWarnings(certifiedToMs, nowMs, 'device_certificate_expired', 'certification by the BSI')
    : certificateWarnings(certificateExpiresAtMs, nowMs, 'device_certificate_expired')
}
