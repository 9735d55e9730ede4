import { localDate, PLAUSIBLE_MS, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { errorFields } from '../../base/log.ts'
import { missingDevices } from '../devices/missing-devices.ts'
import { FiskalError } from '../errors.ts'
import { shortList } from '../journal/books/findings.ts'
import { isConfirmed } from '../journal/confirmed-tasks.ts'
import { holderWords, processWords } from '../journal/disk/holders.ts'
import type { SpaceState } from '../journal/disk/space.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { Later } from '../journal/later-work.ts'
import type { LongReader } from '../journal/log-watch.ts'
import type { NewerProgram } from '../journal/newer-program.ts'
import { newerProgram } from '../journal/newer-program.ts'
import type { RegisterTrouble } from '../laws/law.ts'
import { machineTaskOf } from '../till/technician/machine-task.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { urgencyOf } from '../tls/expiry.ts'
import type { About, Warning } from '../watch/warnings.ts'
import { warningOf } from '../watch/warnings.ts'
import { deviceWarnings, unresolvedElsewhere, unsignedWarnings } from './device-warnings.ts'
import type { DutyLook } from './duty-look.ts'
import { authorityWarnings, dutyWarnings } from './duty-warnings.ts'
import { forgottenOperations } from './forgotten-operations.ts'
import { keptAMinute } from './kept-a-minute.ts'
import { longSessionWarnings } from './session-warnings.ts'
import { syncWarnings } from './sync-warnings.ts'
import type { WatchOptions } from './watch-options.ts'

type Look = () => readonly Warning[]

const SLOW_SYNC_SECONDS = 0.02

/**
 * Everything that can be wrong, as it is now. Never throws: a part that cannot be read, such as a held or damaged journal,
 * stays as it was. It neither ends nor hides the warning about the journal.
 */
export function warningLook(
  options: WatchOptions,
  certificates: () => readonly HeldCertificate[],
  duties: () => DutyLook,
): Look {
  const { clock, journal, log } = options
  const newer = newerWarnings(journal.read(newerProgram), journal.view.laterWork())
  const often = (look: Look): Look => kept(log, look)
  const rare = (look: Look): Look => keptAMinute(clock, often(look))
  const looks = [
    often(() => ownWarnings(options)),
    often(() => troubleWarnings(options)),
    often(() => merchantWarnings(options)),
    () => newer,
    often(() => machineWarnings(options)),
    often(options.placeWarnings),
    often(() => channelWarnings(options)),
    often(() => certificateWarnings(certificates(), clock.now())),
    rare(() => missingWarnings(options)),
    ...[...options.devices.values()].map((device) => often(() => deviceWarnings(options, device))),
    often(() => unresolvedElsewhere(options)),
    often(() => unsignedWarnings(options)),
    often(() => syncWarnings(options)),
    often(() => longSessionWarnings(options)),
    often(() => lateTasksOf(options)),
    often(() => dutyWarnings(duties().list)),
    often(() => authorityWarnings(options)),
    rare(() => forgottenOf(options)),
  ]
  return () => looks.flatMap((look) => look())
}

/** As it was at the last look that succeeded. Another error than one of the journal is logged once. */
function kept(log: Log, look: Look): Look {
  let seen: readonly Warning[] = []
  let reported = ''
  return () => {
    try {
      seen = look()
    } catch (error) {
      const isOfJournal = error instanceof FiskalError && error.code === 'storage_unavailable'
      if (!isOfJournal && reported !== String(error)) log.error(errorFields(error), 'a warning could not be looked for')
      if (!isOfJournal) reported = String(error)
    }
    return seen
  }
}

/** The agent's own measurements: reads nothing. */
function ownWarnings({ journal, clock, damage, meters, backupTrouble, clockKeeper, logWatch, space }: WatchOptions) {
  const disk = space.state()
  const damaged = damage()
  const unsaved = backupTrouble()
  const { holders } = journal.lock
  const { longReader } = logWatch
  const differing = journal.differences.newest
  const warnings: (Warning | undefined)[] = [
    damaged && warningOf('journal_damaged', { detail: damaged.message }),
    differing === undefined ? undefined : warningOf('projections_differ', { detail: differing }),
    holders && warningOf('journal_held', { detail: holderWords(holders), fields: { pid: holders[0]?.pid } }),
    longReader && longReaderWarning(longReader),
    disk.level === 'full' ? warningOf('disk_full') : undefined,
    disk.level === 'low' ? warningOf('disk_low', { detail: freeSpaceWords(disk) }) : undefined,
    slowDisk(journal.between.slowSyncs.slowestMs, meters.fsyncSecondsP99),
    unsaved === undefined ? undefined : warningOf('backup_overdue', { detail: unsaved }),
    clockWarning(clock.now(), clockKeeper),
  ]
  return warnings.filter((warning) => warning !== undefined)
}

/** Registers that record nothing, whatever the state of their devices. */
function troubleWarnings({ registerTroubles }: WatchOptions): Warning[] {
  return registerTroubles().map((trouble) =>
    // The clock is one, whichever register has to wait for it.
    trouble.code === 'clock_implausible'
      ? warningOf(trouble.code, { detail: trouble.detail })
      : warningOf(trouble.code, { about: aboutRegisters(trouble), detail: trouble.detail }),
  )
}

function aboutRegisters({ registers }: RegisterTrouble): About {
  const [first = '', ...others] = registers
  return others.length === 0 ? { kind: 'register', id: first } : { kind: 'registers', id: registers.join(' ') }
}

/** The empty folder of an unmounted disk looks like a new shop, and all tills are refused. */
function merchantWarnings({ journal }: WatchOptions): Warning[] {
  return journal.view.eldestMerchant() === undefined ? [warningOf('merchant_missing')] : []
}

/** Channels for alerts that took nothing for a day. */
function channelWarnings({ undelivered }: WatchOptions): Warning[] {
  return undelivered().map((id) => warningOf('alerts_undelivered', { about: { kind: 'channel', id }, detail: id }))
}

function longReaderWarning({ pids, bytes }: LongReader): Warning {
  const detail = `${processWords(pids)}, log ${Math.floor(bytes / 1e6)} MB`
  return warningOf('long_reader', { detail, fields: { pid: pids[0], bytes } })
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

function newerWarnings(newer: NewerProgram | undefined, open: readonly Later[]): Warning[] {
  if (newer === undefined) return []
  const { version, unknownEvents: count } = newer
  const left = open.map(({ op, what, version: knows }) => `${op} (${what}, ${knows})`)
  const waiting = left.length === 0 ? '' : `; only the newer one can end ${shortList(left)}`
  const detail = `written by fiskal-edge ${version || 'of a newer version'}; ${count} of the newest events are of kinds that this one does not know${waiting}`
  return [warningOf('journal_newer', { detail })]
}

/** A clock that is lost or set back: an empty battery, a machine without a clock, a wrong setting. */
function clockWarning(
  nowMs: number,
  { timeToCome: toComeMs, passedEnd, steppedBySeconds: stepped }: WatchOptions['clockKeeper'],
): Warning | undefined {
  const thenMs = toComeMs ?? passedEnd
  if (thenMs !== undefined) {
    const step = stepped === undefined ? '' : `; it stepped by ${stepped} s`
    const than = toComeMs === undefined ? 'the certificate of a TSE ended at' : 'an event of the journal is of'
    const detail = `it says ${rfc3339(nowMs)}, ${than} ${rfc3339(thenMs)}${step}`
    return warningOf('clock_implausible', { detail })
  }
  return nowMs < PLAUSIBLE_MS ? warningOf('clock_implausible') : undefined
}

function freeSpaceWords({ freeBytes, lowWaterBytes, freeFiles }: SpaceState): string {
  const bytes = `${Math.floor(freeBytes / 1e6)} MB free`
  return freeBytes < lowWaterBytes || freeFiles === undefined ? bytes : `${bytes}, but room for ${freeFiles} files only`
}

function certificateWarnings(held: readonly HeldCertificate[], nowMs: number): Warning[] {
  return held.flatMap((certificate) => {
    const urgency = urgencyOf(certificate, nowMs)
    if (urgency === 'none') return []
    const { use, holder, file, beginsAtMs, expiresAtMs } = certificate
    const ends = localDate(expiresAtMs, 'UTC')
    if (use === 'target')
      return [
        warningOf(`target_certificate_${urgency === 'soon' ? 'expiring' : 'invalid'}`, { target: holder, due: ends }),
      ]
    const about = { kind: 'certificate', id: file } as const
    const detail = holder === '' ? use : `${use} ${holder}`
    if (urgency === 'early')
      return [warningOf('tls_certificate_not_yet_valid', { about, due: localDate(beginsAtMs, 'UTC'), detail })]
    return [
      warningOf(urgency === 'soon' ? 'tls_certificate_expiring' : 'tls_certificate_expired', {
        about,
        due: ends,
        detail,
      }),
    ]
  })
}

/** By a suspect clock no age is known. */
function forgottenOf({ journal, clock, clockKeeper }: WatchOptions): Warning[] {
  return clockKeeper.timeToCome === undefined ? forgottenOperations(journal.view, clock.now()) : []
}

function missingWarnings({ journal: { view }, devices }: WatchOptions): Warning[] {
  return [...missingDevices(allRegisters(view), (id) => devices.has(id))].map(([device, names]) =>
    warningOf('device_missing', { device, detail: names.join(', '), isTrouble: true }),
  )
}

/** `duty list` shows a task from the start; after its due date it is a warning too. */
function lateTasksOf({ tasks, clock }: WatchOptions): Warning[] {
  const today = localDate(clock.now(), SHOP_ZONE)
  return tasks()
    .filter(({ due }) => due < today)
    .map(({ id, title, due }) => warningOf('duty_overdue', { about: { kind: 'duty', id }, due, detail: title }))
}
