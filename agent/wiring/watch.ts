import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import { deviceReport } from '../devices/report.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { FiskalError } from '../errors.ts'
import type { Space } from '../journal/disk/space.ts'
import type { Journal } from '../journal/journal.ts'
import type { LogWatch } from '../journal/log-watch.ts'
import type { LawRules, RegisterTrouble, Task } from '../laws/law.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { Application } from '../till/application.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import { overviewOf } from '../till/reading/overview.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import type { Meters } from '../watch/meters.ts'
import type { MetricsOptions } from '../watch/metrics.ts'
import { metricsText } from '../watch/metrics.ts'
import type { StandingWarning } from '../watch/standing-warnings.ts'
import { StandingWarnings, shownWarning } from '../watch/standing-warnings.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import type { Warning } from '../watch/warnings.ts'
import type { MachineChange } from './machine.ts'
import { cached, warningLook } from './warning-sources.ts'

export type Phase = 'starting' | 'serving' | 'stopping'

export type WatchOptions = {
  journal: Journal
  devices: ReadonlyMap<string, DeviceSupervisor>
  laws: readonly LawRules[]
  receiptLaws: readonly ReceiptLaw[]
  space: Space
  meters: Meters
  clock: Clock
  log: Log
  phase: () => Phase
  sync: Application['sync']
  /** True if that target has refused our token for long. */
  isTokenRefused: (target: string) => boolean
  /** Why no new sales are accepted, other than a full disk. */
  damage: () => FiskalError | undefined
  /** Tasks of the laws for a person, confirmed or not. */
  tasks: () => readonly Task[]
  /** Causes, other than devices, that prevent registers from recording. */
  registerTroubles: () => readonly RegisterTrouble[]
  clockKeeper: Pick<ClockKeeper, 'timeToCome' | 'steppedBySeconds'>
  /** The machine of the journal is another one. */
  machineChange: MachineChange | undefined
  unresolved: Pick<UnresolvedOutcomes, 'all' | 'of'>
  unsigned: UnsignedReceipts
  logWatch: Pick<LogWatch, 'longReader'>
  /** Why there is no backup of today or yesterday. */
  backupTrouble: () => string | undefined
  /** Warnings about the disks of the state and its copies. */
  placeWarnings: () => readonly Warning[]
  /** The certificates that tills on the network and targets need; read from their files. */
  certificates: () => readonly HeldCertificate[]
  startedAtMs: number
  /** The units that can sign for a register of that device, itself first. */
  unitsOf: (device: string) => readonly string[]
} & Pick<MetricsOptions, 'stateDirectory' | 'version' | 'failingSince' | 'processFigures'>

/** The agent as seen from outside: readiness, warnings, metrics. */
export type Watch = {
  readiness: Application['readiness']
  metrics: Application['metrics']
  overview: Application['overview']
  warnings: StandingWarnings
}

const CERTIFICATES_KEPT_NS = 60_000_000_000n

export function watchOf(options: WatchOptions): Watch {
  const { clock, log } = options
  const certificates = cached(clock, CERTIFICATES_KEPT_NS, options.certificates)
  const warnings = new StandingWarnings({ look: warningLook(options, certificates), clock, log })
  const readiness = (standing = warnings.list()) => readinessOf(options, standing)
  return {
    warnings,
    readiness: () => readiness(),
    overview: (access) => overviewOf(lookOf(options, readiness), access),
    metrics: () => {
      const standing = warnings.list()
      return metricsText({ ...options, certificates, warnings: standing, ready: () => readiness(standing).ready })
    },
  }
}

function lookOf(options: WatchOptions, readiness: Application['readiness']): OverviewOptions {
  const { devices, clock, sync, damage, startedAtMs, unsigned } = options
  return {
    ...options,
    startedAtMs,
    readiness,
    isDamaged: () => damage() !== undefined,
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
  const states = Object.fromEntries([...devices.values()].map((device) => [device.id, device.state]))
  const disk = space.state()
  const details = {
    devices: states,
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
