import type { Json } from '../../base/canonical.ts'
import { rfc3339 } from '../../base/clock.ts'
import { cardHealth, cardWarnings } from './card-health.ts'
import { isTrialDevice } from './certification.ts'
import { clockSkewOf } from './clock-skew.ts'
import type { UnitReport } from './device.ts'
import { printerHealth, printerWarnings } from './printer-health.ts'
import type { DeviceSupervisor } from './supervisor.ts'
import { tseHealth, tseWarnings } from './tse-health.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'
import { warningCodeOf } from './warning.ts'

/** A code of the driver may have no text. */
type Reported = Trouble & { readonly due?: never }

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
    ...(isTrialDevice(device) && { certified: false }),
    since: rfc3339(device.since),
    warnings,
    health: device.lastReport === undefined ? {} : healthOf(device.lastReport, device, nowMs),
    queue: { waiting: load.waiting, expected_wait_ms: Math.round(load.expectedWaitMs) },
  }
}

/** Warnings about a device, by the codes of drivers and laws. */
export function warningsOf(device: DeviceSupervisor, nowMs: number): (Warning | Reported)[] {
  const { trouble, refusal, concerns, lastReport, unsteadiness } = device
  // A unit may report its refusal as its trouble as well.
  const refused = refusal?.message === trouble?.message && refusal?.code === trouble?.code ? undefined : refusal
  const { kind } = device.device.unit
  const reasons = [trouble, refused].flatMap((reason) =>
    reason === undefined ? [] : [{ ...reason, code: warningCodeOf(kind, reason.code) }],
  )
  const reported = new Set(concerns.map(({ code }) => code))
  // The law may say more about the same.
  const own =
    lastReport === undefined ? [] : ownWarnings(lastReport, device, nowMs).filter(({ code }) => !reported.has(code))
  return [...reasons, ...concerns, ...unsteadiness, ...outageWarnings(device, nowMs), ...own]
}

function healthOf(last: UnitReport, device: DeviceSupervisor, nowMs: number): Record<string, Json> {
  switch (last.kind) {
    case 'tse':
      return tseHealth(last.health, clockSkewOf(device))
    case 'signature_card': {
      const [certificate] = last.identity.certificates
      return cardHealth(last.health, certificate && device.ownerIn?.(certificate))
    }
    case 'fiscal_printer':
      return printerHealth(last.health, nowMs)
  }
}

function ownWarnings(last: UnitReport, device: DeviceSupervisor, nowMs: number): Warning[] {
  switch (last.kind) {
    case 'tse':
      return tseWarnings(last.health, device, nowMs)
    case 'signature_card':
      return cardWarnings(last.health, nowMs)
    case 'fiscal_printer':
      return printerWarnings(last.health, nowMs)
  }
}

/** The law's warning about its outage. */
function outageWarnings({ usable, since, outageNotice }: DeviceSupervisor, nowMs: number): Warning[] {
  const notice = usable ? undefined : outageNotice?.(since, nowMs)
  if (notice === undefined) return []
  return [{ ...notice }]
}
