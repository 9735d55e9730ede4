import type { Clock } from '../../base/clock.ts'
import { localDate, PLAUSIBLE_MS, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import { CLOCK_SUSPECT } from '../devices/error-verdict.ts'
import { missingDevices } from '../devices/missing-devices.ts'
import { deviceReport, warningsOf } from '../devices/report.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { FiskalError } from '../errors.ts'
import { isConfirmed, openTasks } from '../journal/confirmed-tasks.ts'
import { holderWords, processWords } from '../journal/disk/holders.ts'
import type { Space, SpaceState } from '../journal/disk/space.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import type { LogWatch, LongReader } from '../journal/log-watch.ts'
import type { NewerProgram } from '../journal/newer-program.ts'
import { newerProgram } from '../journal/newer-program.ts'
import type { LawRules, RegisterTrouble, Task } from '../laws/law.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { Application } from '../till/application.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import { overviewOf } from '../till/reading/overview.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import { machineTaskOf } from '../till/technician/machine-task.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { urgencyOf } from '../tls/expiry.ts'
import type { Meters } from '../watch/meters.ts'
import type { MetricsOptions } from '../watch/metrics.ts'
import { metricsText } from '../watch/metrics.ts'
import type { Warning } from '../watch/warnings.ts'
import { bySeverity, reportedWarningOf, warningOf } from '../watch/warnings.ts'
import { forgottenOperations } from './forgotten-operations.ts'
import { unresolvedWarnings } from './journal-warnings.ts'
import type { MachineChange } from './machine.ts'
import { longSessionWarnings } from './session-warnings.ts'

export type Phase = 'starting' | 'serving' | 'stopping'

export type WatchOptions = {
  journal: Journal
  devices: ReadonlyMap<string, DeviceSupervisor>
  laws: readonly LawRules[]
  receiptLaws: readonly ReceiptLaw[]
  space: Space
  meters: Meters
  clock: Clock
  phase: () => Phase
  sync: Application['sync']
  /** Why no new sales are accepted, other than a full disk. */
  damage: () => FiskalError | undefined
  /** Tasks of the laws for a person, confirmed or not. */
  tasks: () => readonly Task[]
  /** Causes, other than devices, that prevent registers from recording. */
  registerTroubles: () => readonly RegisterTrouble[]
  clockKeeper: Pick<ClockKeeper, 'timeToCome' | 'steppedBySeconds'>
  /** The machine of the journal is another one. */
  machineChange: MachineChange | undefined
  unresolved: Pick<UnresolvedOutcomes, 'all'>
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
}

const SLOW_SYNC_SECONDS = 0.02
/** Tasks are read from the documents of registers, certificates from files: not at every request. */
const READ_KEPT_NS = 60_000_000_000n

export function watchOf(options: WatchOptions): Watch {
  const { space, clock } = options
  const ofJournal = (look: () => Warning[]) => cached(clock, READ_KEPT_NS, unlessHeld(look))
  const lateTasks = ofJournal(() => lateTasksOf(options))
  const certificates = cached(clock, READ_KEPT_NS, options.certificates)
  const missing = ofJournal(() => missingOf(options))
  const forgotten = ofJournal(() => forgottenOf(options))
  const longSessions = unlessHeld(() => longSessionWarnings(options))
  const newer = newerWarnings(options.journal.read(newerProgram))
  const otherMachine = unlessHeld(() => machineWarnings(options))
  const warnings = (disk: SpaceState = space.state()): readonly Warning[] =>
    bySeverity([
      ...agentWarnings(options, disk),
      ...newer,
      ...otherMachine(),
      ...options.placeWarnings(),
      ...certificateWarnings(certificates(), clock.now()),
      ...missing(),
      ...deviceWarnings(options),
      ...unresolvedElsewhere(options),
      ...syncWarnings(options),
      ...longSessions(),
      ...lateTasks(),
      ...forgotten(),
    ])
  const readiness = (): ReturnType<Application['readiness']> => readinessOf(options, warnings, missing().length === 0)
  return {
    readiness,
    overview: (access) => overviewOf(lookOf(options, readiness, warnings), access),
    metrics: () =>
      metricsText({ ...options, certificates, warnings: () => warnings(), ready: () => readiness().ready }),
  }
}

function lookOf(
  options: WatchOptions,
  readiness: Application['readiness'],
  warnings: () => readonly Warning[],
): OverviewOptions {
  const { devices, clock, sync, damage, startedAtMs } = options
  return {
    ...options,
    startedAtMs,
    readiness,
    isDamaged: () => damage() !== undefined,
    around: () => {
      const reports = [...devices.values()].map((device) => deviceReport(device, clock.now()))
      return { devices: reports, sync: [...sync()], warnings: [...warnings()] }
    },
  }
}

function readinessOf(
  { phase, devices, space, sync }: WatchOptions,
  warnings: (disk: SpaceState) => readonly Warning[],
  isComplete: boolean,
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
  const shown = { details, warnings: warnings(disk).map((warning) => ({ ...warning })) }
  const now = phase()
  if (now !== 'serving') return { ready: false, state: now, ...shown }
  if (disk.level === 'full') return { ready: false, state: 'no_storage', ...shown }
  const well = isComplete && [...devices.values()].every((device) => device.usable)
  return { ready: true, state: well ? 'ready' : 'degraded', ...shown }
}

function agentWarnings(
  { journal, clock, damage, meters, backupTrouble, registerTroubles, clockKeeper, logWatch }: WatchOptions,
  disk: SpaceState,
): Warning[] {
  const troubles = registerTroubles().map(({ code, detail }) => warningOf(code, { detail }))
  const hasClockWarning = troubles.some(({ code }) => code === 'clock_implausible')
  const damaged = damage()
  const unsaved = backupTrouble()
  const { holders } = journal.lock
  const { longReader } = logWatch
  const differing = journal.differences.newest
  const warnings: (Warning | undefined)[] = [
    damaged && warningOf('journal_damaged', { detail: damaged.message }),
    differing === undefined ? undefined : warningOf('projections_differ', { detail: differing }),
    holders === undefined ? undefined : warningOf('journal_held', { detail: holderWords(holders) }),
    longReader === undefined ? undefined : warningOf('long_reader', { detail: readerWords(longReader) }),
    disk.level === 'full' ? warningOf('disk_full') : undefined,
    disk.level === 'low' ? warningOf('disk_low', { detail: freeSpaceWords(disk) }) : undefined,
    slowDisk(journal.between.slowSyncs.slowestMs, meters.fsyncSecondsP99),
    unsaved === undefined ? undefined : warningOf('backup_overdue', { detail: unsaved }),
    // The empty folder of an unmounted disk looks like a new shop, and all tills are refused.
    journal.view.eldestMerchant() === undefined ? warningOf('merchant_missing') : undefined,
    hasClockWarning ? undefined : clockWarning(clock.now(), clockKeeper),
    ...troubles,
  ]
  return warnings.filter((warning) => warning !== undefined)
}

/** Until a person has confirmed that this is the shop's machine. */
function machineWarnings({ journal: { view }, machineChange }: WatchOptions): Warning[] {
  if (machineChange === undefined || isConfirmed(view, machineTaskOf(machineChange.known))) return []
  return [warningOf('machine_changed')]
}

/** One sync that held every till for seconds, or most of them for longer than a fast disk takes. */
function slowDisk(slowestMs: number | undefined, p99: number | undefined): Warning | undefined {
  if (slowestMs !== undefined)
    return warningOf('disk_slow', { detail: `a sync of ${(slowestMs / 1000).toFixed(1)} s within 15 minutes` })
  if (p99 === undefined || p99 <= SLOW_SYNC_SECONDS) return undefined
  return warningOf('disk_slow', { detail: `sync p99 ${Math.round(p99 * 1000)} ms` })
}

function newerWarnings(newer: NewerProgram | undefined): Warning[] {
  if (newer === undefined) return []
  const { version, unknownEvents: count } = newer
  const detail = `written by fiskal-edge ${version || 'of a newer version'}; ${count} of the newest events are of kinds that this one does not know`
  return [warningOf('journal_newer', { detail })]
}

/** A clock that is lost or set back: an empty battery, a machine without a clock, a wrong setting. */
function clockWarning(
  nowMs: number,
  { timeToCome: toComeMs, steppedBySeconds: stepped }: WatchOptions['clockKeeper'],
): Warning | undefined {
  if (toComeMs !== undefined) {
    const step = stepped === undefined ? '' : `; it stepped by ${stepped} s`
    const detail = `it says ${rfc3339(nowMs)}, an event of the journal is of ${rfc3339(toComeMs)}${step}`
    return warningOf('clock_implausible', { detail })
  }
  return nowMs < PLAUSIBLE_MS ? warningOf('clock_implausible') : undefined
}

function readerWords({ pids, bytes }: LongReader): string {
  return `${processWords(pids)}, log ${Math.floor(bytes / 1e6)} MB`
}

function freeSpaceWords({ freeBytes, lowWaterBytes, freeFiles }: SpaceState): string {
  const bytes = `${Math.floor(freeBytes / 1e6)} MB free`
  return freeBytes < lowWaterBytes || freeFiles === undefined ? bytes : `${bytes}, but room for ${freeFiles} files only`
}

function certificateWarnings(held: readonly HeldCertificate[], nowMs: number): Warning[] {
  return held.flatMap((certificate) => {
    const urgency = urgencyOf(certificate, nowMs)
    if (urgency === 'none') return []
    const { use, holder, beginsAtMs, expiresAtMs } = certificate
    const ends = localDate(expiresAtMs, 'UTC')
    if (use === 'target')
      return [
        warningOf(`target_certificate_${urgency === 'soon' ? 'expiring' : 'invalid'}`, { target: holder, due: ends }),
      ]
    const detail = holder === '' ? use : `${use} ${holder}`
    if (urgency === 'early')
      return [warningOf('tls_certificate_not_yet_valid', { due: localDate(beginsAtMs, 'UTC'), detail })]
    return [
      warningOf(urgency === 'soon' ? 'tls_certificate_expiring' : 'tls_certificate_expired', { due: ends, detail }),
    ]
  })
}

/** By a suspect clock no age is known. */
function forgottenOf({ journal, clock, clockKeeper }: WatchOptions): Warning[] {
  return clockKeeper.timeToCome === undefined ? forgottenOperations(journal.view, clock.now()) : []
}

function missingOf({ journal: { view }, devices }: WatchOptions): Warning[] {
  return [...missingDevices(allRegisters(view), (id) => devices.has(id))].map(([device, names]) =>
    warningOf('device_missing', { device, detail: names.join(', ') }),
  )
}

/** Without `clock_suspect`: the warning about the clock covers it. */
function deviceWarnings({ devices, clock }: WatchOptions): Warning[] {
  return [...devices.values()].flatMap((device) =>
    warningsOf(device, clock.now())
      .filter(({ code }) => code !== CLOCK_SUSPECT)
      .map(({ code, message, due }) => reportedWarningOf(code, { device: device.id, detail: message, due })),
  )
}

/** Devices that were removed from the configuration: they have no report. */
function unresolvedElsewhere({ devices, unresolved }: WatchOptions): Warning[] {
  const elsewhere = unresolved.all().filter(({ device }) => !devices.has(device))
  return [...new Set(elsewhere.map(({ device }) => device))].flatMap((device) =>
    unresolvedWarnings(elsewhere.filter((outcome) => outcome.device === device)).map(({ code, message }) =>
      warningOf(code, { device, detail: message }),
    ),
  )
}

function syncWarnings({ sync }: WatchOptions): Warning[] {
  return sync().flatMap((row) => {
    const target = String(row['target'])
    const { state, warning } = row
    const error = row['last_error'] as { code?: unknown; message?: unknown } | null | undefined
    const detail = typeof error?.message === 'string' ? error.message : undefined
    // The state of the current epoch hides that of the previous one.
    const stranded = Number(row['stranded']) > 0 ? [warningOf('sync_stranded', { target, detail })] : []
    if (state === 'stalled' && error?.code === 'stale-epoch')
      return [...stranded, warningOf('sync_replaced', { target, detail })]
    if (state === 'stalled' && error?.code === 'sync_claim_unproven')
      return [...stranded, warningOf('sync_claim_unproven', { target, detail })]
    if (state === 'stalled' || state === 'forked') return [...stranded, warningOf(`sync_${state}`, { target, detail })]
    return typeof warning === 'string' ? [...stranded, reportedWarningOf(warning, { target, detail })] : stranded
  })
}

/** `task list` shows a task from the start; after its due date it is a warning too. */
function lateTasksOf({ journal, tasks, clock }: WatchOptions): Warning[] {
  const today = localDate(clock.now(), SHOP_ZONE)
  return openTasks(journal.view, tasks())
    .filter(({ due }) => due < today)
    .map(({ title, due }) => warningOf('task_overdue', { due, detail: title }))
}

/** While the journal cannot be read, the warnings stay as they were: they neither end nor hide the one about the journal. */
function unlessHeld(look: () => Warning[]): () => Warning[] {
  let seen: Warning[] = []
  return () => {
    try {
      seen = look()
    } catch (error) {
      if (!(error instanceof FiskalError) || error.code !== 'storage_unavailable') throw error
    }
    return seen
  }
}

function cached<T>(clock: Clock, forNs: bigint, make: () => T): () => T {
  let latest: { value: T; at: bigint } | undefined
  return () => {
    const now = clock.mono()
    if (latest === undefined || now - latest.at > forNs) latest = { value: make(), at: now }
    return latest.value
  }
}
