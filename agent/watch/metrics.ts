import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { parseRfc3339 } from '../../base/clock.ts'
import { lastBackup } from '../backup/last.ts'
import { clockSkewOf } from '../devices/clock-skew.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Space } from '../journal/disk/space.ts'
import type { Journal } from '../journal/journal.ts'
import { JOURNAL_FILE } from '../journal/journal-file.ts'
import type { ProcessFigures } from '../process/process-figures.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import type { Family } from './exposition.ts'
import { exposition, gauge } from './exposition.ts'
import type { Meters } from './meters.ts'
import type { StandingWarning } from './standing-warnings.ts'

export type MetricsOptions = {
  stateDirectory: string
  version: string
  meters: Meters
  journal: Journal
  devices: ReadonlyMap<string, DeviceSupervisor>
  space: Space
  clock: Clock
  sync: () => readonly { readonly [member: string]: Json | undefined }[]
  /** The start of a target's failure, in milliseconds since 1970; undefined if it does not fail. */
  failingSince: (target: string) => number | undefined
  warnings: readonly StandingWarning[]
  /** The certificates that tills on the network and targets need, read from their files. */
  certificates: () => readonly HeldCertificate[]
  /** `oldest`: when the oldest one of a law that the agent does itself began, in milliseconds since 1970. */
  duties: () => DutyFigures
  /** True if operations are accepted. */
  ready: () => boolean
  /** Undefined if unknown: in a command or a test. */
  processFigures: (() => ProcessFigures) | undefined
}

type DutyFigures = {
  readonly counts: readonly { readonly regime: string; readonly state: string; readonly count: number }[]
  readonly oldest: ReadonlyMap<string, number>
}

const DEVICE_STATES = ['ready', 'degraded', 'down', 'foreign'] as const

/** All metrics in the format of Prometheus. No label or value reveals a customer, a sale or a secret. */
export function metricsText(options: MetricsOptions): string {
  return exposition([
    ...agentFamilies(options),
    ...options.meters.families(),
    ...deviceFamilies(options),
    ...journalFamilies(options),
    ...syncFamilies(options),
    ...processFamilies(options.processFigures?.()),
  ])
}

function agentFamilies({ version, ready, warnings, certificates, duties, clock }: MetricsOptions): Family[] {
  return [
    gauge('fiskal_build_info', 'The version that runs.', [[{ version }, 1]]),
    gauge('fiskal_ready', '1 while operations are accepted.', [[{}, ready() ? 1 : 0]]),
    gauge(
      'fiskal_warning',
      '1 for each active warning, with its code and its device or target, or the key of one that is about something else.',
      warnings.map(({ code, severity, device, target, about, key }) => [
        {
          ...{ code, severity },
          ...(device !== undefined && { device }),
          ...(target !== undefined && { target }),
          ...(about !== undefined && { key }),
        },
        1,
      ]),
    ),
    ...dutyFamilies(duties(), clock.now()),
    gauge(
      'fiskal_tls_certificate_expiry_timestamp_seconds',
      'Expiry of a certificate that tills on the network or the sync need, seconds since 1970.',
      certificates().map(({ use, holder, expiresAtMs }) => [
        { use, ...(holder !== '' && { [use === 'target' ? 'target' : 'register']: holder }) },
        Math.round(expiresAtMs / 1000),
      ]),
    ),
  ]
}

function dutyFamilies({ counts, oldest }: DutyFigures, nowMs: number): Family[] {
  return [
    gauge(
      'fiskal_duties',
      'Duties to an authority or of the shop, by law and state.',
      counts.map(({ regime: law, state, count }) => [{ law, state }, count]),
    ),
    gauge(
      'fiskal_duty_oldest_seconds',
      'Since the first event of the oldest automatic duty that is not confirmed; missing if none has begun.',
      [...oldest].map(([law, ms]) => [{ law }, Math.max(0, (nowMs - ms) / 1000)]),
    ),
  ]
}

function deviceFamilies({ devices, clock }: MetricsOptions): Family[] {
  const all = [...devices.values()]
  const each = (name: string, help: string, figure: (device: DeviceSupervisor) => number | undefined): Family =>
    gauge(
      name,
      help,
      all.map((device) => [{ device: device.id }, figure(device)]),
    )
  return [
    each('fiskal_device_up', '1 while a fiscal device may be used.', ({ usable }) => (usable ? 1 : 0)),
    gauge(
      'fiskal_device_state',
      '1 for the state that the device is in.',
      all.flatMap(({ id, state }) =>
        DEVICE_STATES.map((name) => [{ device: id, state: name }, state === name ? 1 : 0] as const),
      ),
    ),
    each('fiskal_device_state_seconds', 'How long it has been in that state.', ({ since }) =>
      Math.max(0, (clock.now() - since) / 1000),
    ),
    each('fiskal_device_queue_length', 'Acts in the queue.', ({ device }) => device.load().waiting),
    each(
      'fiskal_device_signatures_left',
      'Signatures that a TSE can still make.',
      ({ tseHealth }) => tseHealth?.signaturesLeft,
    ),
    each('fiskal_device_memory_used_ratio', 'Memory of a TSE in use, 0 to 1.', ({ tseHealth }) => {
      const used = tseHealth?.memoryUsedPercent
      return used === undefined ? undefined : used / 100
    }),
    each('fiskal_device_pending_files', 'Files of a printer that wait for the tax office.', ({ lastReport }) =>
      lastReport?.kind === 'fiscal_printer' ? lastReport.health.pendingFiles : undefined,
    ),
    each('fiskal_device_clock_skew_seconds', 'Clock of a device less that of the machine.', (device) => {
      const skewMs = clockSkewOf(device)
      return skewMs === undefined ? undefined : skewMs / 1000
    }),
    each(
      'fiskal_device_certificate_expiry_timestamp_seconds',
      'Expiry of its certificate, seconds since 1970.',
      ({ reported: { certificateEndsAtMs: endsAtMs } }) =>
        endsAtMs === undefined ? undefined : Math.round(endsAtMs / 1000),
    ),
  ]
}

function journalFamilies({ journal, space, stateDirectory, clock }: MetricsOptions): Family[] {
  const backupMs = parseRfc3339(lastBackup(stateDirectory)?.created_at ?? '')
  const { freeBytes, totalBytes, level } = space.state()
  const sizeOf = (suffix: string): number | undefined =>
    statSync(join(stateDirectory, JOURNAL_FILE + suffix), { throwIfNoEntry: false })?.size
  return [
    gauge('fiskal_journal_head_seq', 'The newest event.', [[{}, journal.headSeq]]),
    gauge('fiskal_journal_bytes', 'Files of the journal.', [
      [{ file: 'database' }, sizeOf('')],
      [{ file: 'wal' }, sizeOf('-wal')],
    ]),
    gauge('fiskal_backup_age_seconds', 'Age of the last backup; missing if no backup exists.', [
      [{}, backupMs === undefined ? undefined : Math.max(0, (clock.now() - backupMs) / 1000)],
    ]),
    gauge('fiskal_disk_free_bytes', 'Free space on the disk of the state directory.', [[{}, freeBytes]]),
    gauge('fiskal_disk_size_bytes', 'Size of that disk.', [[{}, totalBytes]]),
    gauge('fiskal_disk_full', '1 while a full disk prevents new sales.', [[{}, level === 'full' ? 1 : 0]]),
  ]
}

function syncFamilies({ sync, failingSince, clock }: MetricsOptions): Family[] {
  const rows = sync().map((row) => ({ target: String(row['target']), row }))
  const each = (
    name: string,
    help: string,
    figure: (row: { readonly [member: string]: Json | undefined }, target: string) => number | undefined,
  ): Family =>
    gauge(
      name,
      help,
      rows.map(({ target, row }) => [{ target }, figure(row, target)]),
    )
  const numberOf = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined)
  const secondsIn = (ms: Json | undefined): number | undefined => (typeof ms === 'number' ? ms / 1000 : undefined)
  // Always present, so that its absence can raise an alarm; without targets it is 0.
  const unacked = rows.map(({ target, row }) => [{ target }, numberOf(row['unacked'])] as const)
  return [
    gauge(
      'fiskal_sync_unacked_events',
      'Events that the target has not acknowledged.',
      unacked.length > 0 ? unacked : [[{ target: 'none' }, 0]],
    ),
    each('fiskal_sync_oldest_unacked_seconds', 'Age of the oldest of them.', (row) =>
      numberOf(row['oldest_unacked_seconds']),
    ),
    each('fiskal_sync_target_up', '1 while the target accepts events.', (row) => (takesEvents(row) ? 1 : 0)),
    each(
      'fiskal_sync_target_failing_seconds',
      'Duration of its current failure; missing if it does not fail.',
      (_row, target) => {
        const since = failingSince(target)
        return since === undefined ? undefined : Math.max(0, (clock.now() - since) / 1000)
      },
    ),
    each('fiskal_sync_target_backup_age_seconds', 'Age of the newest backup that is complete at the target.', (row) => {
      const { state, created_at: createdAt } = (row['backup'] ?? {}) as { state?: Json; created_at?: Json }
      const madeMs = state === 'stored' ? parseRfc3339(String(createdAt)) : undefined
      return madeMs === undefined ? undefined : Math.max(0, (clock.now() - madeMs) / 1000)
    }),
    each('fiskal_sync_target_clock_skew_seconds', 'Its clock less that of the machine.', (row) =>
      secondsIn(row['clock_skew_ms']),
    ),
  ]
}

/** A target that asks to wait is reachable, but accepts no events. */
function takesEvents(row: { readonly [member: string]: Json | undefined }): boolean {
  const { code } = (row['last_error'] ?? {}) as { code?: Json }
  const asksToWait = code === 'busy' && row['unacked'] !== 0
  return (row['state'] === 'current' || row['state'] === 'behind') && !asksToWait
}

function processFamilies(figures: ProcessFigures | undefined): Family[] {
  if (figures === undefined) return []
  const lag = figures.loopLagSeconds
  return [
    gauge('process_resident_memory_bytes', 'Memory of the process.', [[{}, figures.residentBytes]]),
    gauge('nodejs_heap_size_used_bytes', 'Memory of its objects.', [[{}, figures.heapUsedBytes]]),
    gauge('nodejs_external_memory_bytes', 'Memory of its buffers.', [[{}, figures.externalBytes]]),
    { ...gauge('process_cpu_seconds_total', 'Processor time.', [[{}, figures.cpuSeconds]]), type: 'counter' },
    gauge('process_start_time_seconds', 'When it began, seconds since 1970.', [[{}, figures.startedAtMs / 1000]]),
    gauge('process_open_fds', 'Open files and connections.', [[{}, figures.openFiles]]),
    gauge('fiskal_event_loop_lag_seconds', 'Delay of the event loop since the last scrape.', [
      [{ quantile: '0.5' }, lag?.p50],
      [{ quantile: '0.99' }, lag?.p99],
      [{ quantile: '1' }, lag?.max],
    ]),
  ]
}
