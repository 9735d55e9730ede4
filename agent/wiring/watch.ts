import { isTrialDevice } from '../devices/certification.ts'
import { deviceReport } from '../devices/report.ts'
import type { Application } from '../till/application.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import { overviewOf } from '../till/reading/overview.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { metricsText } from '../watch/metrics.ts'
import type { StandingWarning } from '../watch/standing-warnings.ts'
import { StandingWarnings, shownWarning } from '../watch/standing-warnings.ts'
import type { DutyLook } from './duty-look.ts'
import { dutyLook } from './duty-look.ts'
import { keptAMinute } from './kept-a-minute.ts'
import { upkeepLook } from './upkeep.ts'
import { warningLook } from './warning-sources.ts'
import type { WatchOptions } from './watch-options.ts'

/** The agent as seen from outside: readiness, warnings, metrics. */
export type Watch = {
  readiness: Application['readiness']
  metrics: Application['metrics']
  overview: Application['overview']
  warnings: StandingWarnings
}

export function watchOf(options: WatchOptions): Watch {
  const { clock, log } = options
  const certificates = keptAMinute(clock, options.certificates)
  const duties = dutyLook(options.journal, options.dutyList)
  const warnings = new StandingWarnings({ look: warningLook(options, certificates, duties), clock, log })
  const readiness = (standing = warnings.list()) => readinessOf(options, standing)
  const look = lookOf(options, readiness, certificates, duties)
  return {
    warnings,
    readiness: () => readiness(),
    overview: (access) => overviewOf(look, access),
    metrics: () => {
      const standing = warnings.list()
      return metricsText({
        ...options,
        certificates,
        duties,
        warnings: standing,
        ready: () => readiness(standing).ready,
      })
    },
  }
}

function lookOf(
  options: WatchOptions,
  readiness: Application['readiness'],
  certificates: () => readonly HeldCertificate[],
  duties: () => DutyLook,
): OverviewOptions {
  const { devices, clock, sync, damage, unsigned } = options
  return {
    ...options,
    readiness,
    isDamaged: () => damage() !== undefined,
    authorities: () => duties().shown,
    upkeep: upkeepLook(options, certificates),
    unsignedOf: (register) => unsigned.of(register),
    around: () => {
      const reports = [...devices.values()].map((device) => deviceReport(device, clock.now()))
      return { devices: reports, sync: [...sync()] }
    },
  }
}

function readinessOf(
  { phase, devices, space, sync }: WatchOptions,
  standing: readonly StandingWarning[],
): ReturnType<Application['readiness']> {
  const disk = space.state()
  const details = {
    devices: [...devices.values()].map(({ id, state }) => ({ id, state })),
    ...([...devices.values()].some(isTrialDevice) && { certified: false }),
    disk: { level: disk.level, free_bytes: disk.freeBytes },
    // An unreachable target neither stops sales nor makes the state degraded: its warning says since when.
    sync: sync().map(({ target, state, warning }) => ({
      target: target ?? null,
      state: state ?? null,
      warning: warning ?? null,
    })),
  }
  const shown = { details, warnings: standing.map(shownWarning) }
  const now = phase()
  if (now !== 'serving') return { ready: false, state: now, ...shown }
  if (disk.level === 'full') return { ready: false, state: 'no_storage', ...shown }
  const isComplete = !standing.some(({ code, device = '' }) => code === 'device_missing' && !devices.has(device))
  const well = isComplete && [...devices.values()].every((device) => device.usable)
  return { ready: true, state: well ? 'ready' : 'degraded', ...shown }
}
