import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { Json } from '../../../../base/canonical.ts'
import { monoMs, pause, rfc3339 } from '../../../../base/clock.ts'
import { syncDirectory } from '../../../../base/durable-file.ts'
import { Mutex } from '../../../../base/mutex.ts'
import { DeviceError } from '../../../../drivers/errors.ts'
import type { TseExportFilter } from '../../../../drivers/ports/tse.ts'
import { tseIndex } from '../../../devices/enrolment.ts'
import { FiskalError } from '../../../errors.ts'
import { tseId } from '../../../journal/documents/records.ts'
import type { LawParts } from '../../law.ts'
import type { ArchiveFile, WrittenArchive } from './archive-file.ts'
import { archiveMembers, writeArchive } from './archive-file.ts'
import type { Deletion, DeletionRefusal, KeptArchive, StoredMemory } from './kept-archives.ts'
import { deletedCounter, memoryFacts, removedLogs } from './kept-archives.ts'
import type { OpenTransaction } from './open-transactions.ts'
import { journalledOpen, keptForOpen, listed } from './open-transactions.ts'
import { portionFolder, tidyPortions } from './portion-file.ts'
import { readFacts } from './read-facts.ts'
import { inOrder, joinedFiles, portionsIn, readableFiles, spansOf, unitFolder } from './read-portions.ts'
import { isUnread, TseArchives } from './tse-archives.ts'
import type { Unit } from './unit.ts'
import { readableUnitOf, unitOf } from './unit.ts'
import type { WatchedDevice } from './watched-device.ts'

/** Used memory of a TSE, in percent, at which its logs are archived, and deleted (undefined: never automatically). */
export type MemoryPolicy = { archiveAtPercent: number; deleteAtPercent?: number | undefined }

export type TseMemoryOptions = Pick<LawParts<unknown>, 'journal' | 'clock' | 'onError' | 'fault'> & {
  /** False if disk space is too low for an archive. */
  hasRoom: () => boolean
  /** `archives` in the state directory. */
  directory: string
  policy: MemoryPolicy
}

type ExportOptions = { resumes: boolean; withoutMissing: boolean; unchecked: boolean }

/** A failed attempt is not repeated earlier. */
const RETRY_MS = 3_600_000
/** An existing archive is replaced only after this much growth. */
const GROWTH_PERCENT = 5
/** Acts that were running when the archive was read must be concluded before any of their logs are deleted. */
const SETTLING_MS = 30_000
const LOOK_MS = 200

/**
 * Takes the logs out of TSEs before they are full: archived, verified and fsynced, then deleted in the unit if a
 * technician or the configuration requests it. A deletion is journalled as an intent with the digest of the archive;
 * after a lost answer or a crash it is reconciled by asking the unit for a transaction of that archive.
 */
export class TseMemory {
  readonly #options: TseMemoryOptions
  readonly #stopping = new AbortController()
  readonly #archives: TseArchives
  readonly #nextTryMs = new Map<string, number>()
  /** By device. */
  readonly #mutexes = new Map<string, Mutex>()
  /** Work that yields to everything else on its device. */
  readonly #yielding = new Map<string, AbortController>()

  constructor(options: TseMemoryOptions) {
    this.#options = options
    const { clock, hasRoom } = options
    this.#archives = new TseArchives({ clock, signal: this.#stopping.signal, hasRoom })
  }

  /**
   * Writes the archive for a filter including the logs that the unit has deleted: complete, verified and fsynced, with
   * `findings` if the unit holds faulty data. Waits for a running deletion, so that each log is either in the unit or
   * here. `resumes`: continues what a crash left at that path, if the unit supports it. `withoutMissing`: archives of
   * deleted logs whose files are missing are skipped and listed in `missing_archives`. `unchecked`: the caller verifies
   * the archive. Throws FiskalError, DeviceError.
   */
  export(
    device: WatchedDevice,
    filter: TseExportFilter,
    path: string,
    options: ExportOptions,
  ): Promise<WrittenArchive> {
    return this.#alone(device.id, () => this.#exportNow(device, filter, path, options))
  }

  /**
   * A technician's command; it waits for running work. Without a deletion it also accepts a retired or disabled unit,
   * whose logs are nowhere else. Throws FiskalError, DeviceError; the answer names what was deleted.
   */
  archive(device: WatchedDevice, deletes: boolean): Promise<Json> {
    return this.#alone(device.id, () =>
      this.#archiveNow(deletes ? unitOf(device) : readableUnitOf(device), deletes, false),
    )
  }

  /** After each probe of a healthy device: reconciles an interrupted deletion, then applies the policy. */
  look(device: WatchedDevice): void {
    const { onError } = this.#options
    try {
      const work = this.#dueWork(device)
      if (work !== undefined) void this.#alone(device.id, work).catch(onError)
    } catch (error) {
      // A journal that cannot be read is not a fault of the device.
      onError(error)
    }
  }

  #dueWork(device: WatchedDevice): (() => Promise<void>) | undefined {
    const { clock, policy } = this.#options
    const { tseHealth: health } = device
    if (this.#mutexes.get(device.id)?.isTaken || device.asTse?.usable !== true) return undefined
    if (health === undefined) return undefined
    if (monoMs(clock) < (this.#nextTryMs.get(device.id) ?? Number.NEGATIVE_INFINITY)) return undefined
    const unit = unitOf(device)
    const facts = memoryFacts(this.#options.journal.view, unit.serial)
    const used = health.memoryUsedPercent
    const deletes = policy.deleteAtPercent !== undefined && used >= policy.deleteAtPercent
    const last = facts.archives.at(-1)
    const isNew = last === undefined || last.deleted_at !== null || used >= last.memory_percent + GROWTH_PERCENT
    const isDue = deletes || (used >= policy.archiveAtPercent && isNew)
    if (facts.deletion === undefined && !isDue) return undefined
    return async () => {
      this.#nextTryMs.set(device.id, monoMs(clock) + RETRY_MS)
      if (facts.deletion !== undefined) await this.#settle(unit, facts.deletion)
      if (isDue) await this.#archiveNow(unit, deletes, true)
      this.#nextTryMs.delete(device.id)
    }
  }

  /** Work on the unit that yields: its signal is aborted when an archive is requested or the agent stops. */
  async whileUnused(device: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const yielding = new AbortController()
    const signal = AbortSignal.any([this.#stopping.signal, yielding.signal])
    await this.#alone(device, async () => {
      this.#yielding.set(device, yielding)
      await work(signal).finally(() => this.#yielding.delete(device))
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.idle()
  }

  /** Waits until no work is running. */
  async idle(): Promise<void> {
    await Promise.all([...this.#mutexes.values()].map((mutex) => mutex.settled()))
  }

  #alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    this.#yielding.get(id)?.abort()
    const mutex = this.#mutexes.get(id) ?? new Mutex()
    this.#mutexes.set(id, mutex)
    return mutex.run(work)
  }

  async #exportNow(
    device: WatchedDevice,
    filter: TseExportFilter,
    path: string,
    { resumes, withoutMissing, unchecked }: ExportOptions,
  ): Promise<WrittenArchive> {
    const { journal, directory } = this.#options
    const serial = device.asTse?.identity?.serial ?? journal.view.enrolledSerial(device.id)
    const removed = serial === undefined ? [] : removedLogs(journal.view, serial, directory)
    const removedUpTo = serial === undefined ? 0 : deletedCounter(memoryFacts(journal.view, serial).archives)
    const missing = withoutMissing ? removed.filter((file) => !existsSync(file)) : []
    const held = removed.filter((file) => !missing.includes(file))
    const options = { resumes, removed: held, removedUpTo, asHeld: true, hasGaps: missing.length > 0 }
    const missed = missing.map((file) => relative(directory, file))
    const gone = missed.length > 0 && { missing_archives: missed }
    try {
      if (unchecked) return { ...(await this.#archives.writeUnchecked(device, filter, path, options)), ...gone }
      return { ...archiveMembers(await this.#archives.write(device, filter, path, options)), ...gone }
    } catch (error) {
      if (serial === undefined) throw error
      return { ...(await this.#readBefore(serial, filter, path, error, withoutMissing)), ...gone }
    }
  }

  /**
   * Logs that were taken out of or read back from a unit before it became unreadable: still signed, still proof. The
   * result has `unread`. Throws `failure` if the unit may be readable later, or if nothing is kept.
   */
  async #readBefore(
    serial: string,
    filter: TseExportFilter,
    path: string,
    failure: unknown,
    isForAudit: boolean,
  ): Promise<WrittenArchive> {
    const { journal, directory, hasRoom } = this.#options
    const { readTo, unreadable } = readFacts(journal.view, serial)
    if (!isUnread(failure) || (unreadable === undefined && !isForAudit)) throw failure
    const copies = inOrder([
      ...memoryFacts(journal.view, serial)
        .archives.map((archive) => ({
          path: join(directory, archive.file),
          first: archive.first_counter,
          last: archive.last_counter,
        }))
        .filter((archive) => existsSync(archive.path)),
      ...(await portionsIn(join(directory, portionFolder(serial)))),
    ])
    const files = await readableFiles(copies)
    if (files.length === 0) throw failure
    const logs = (): AsyncIterable<Uint8Array> => joinedFiles(files, filter)
    const written = await writeArchive({ path, logs, serial, resumes: false, filtered: true, asHeld: true, hasRoom })
    const { code, message } = failure
    const until = readTo === undefined ? {} : { until: rfc3339(readTo.time_ms) }
    return { ...archiveMembers(written), unread: { serial, code, message, counters: spansOf(files), ...until } }
  }

  async #archiveNow(unit: Unit, deletes: boolean, mustBeIdle: boolean): Promise<Json> {
    const { deletion } = memoryFacts(this.#options.journal.view, unit.serial)
    if (deletion !== undefined) await this.#settle(unit, deletion)
    const removedUpTo = deletedCounter(memoryFacts(this.#options.journal.view, unit.serial).archives)
    const folder = await this.#tidyFolder(unit.serial)
    const path = join(folder, 'new.tar')
    if (!deletes) {
      const archive = await this.#placed(
        unit,
        await this.#archives.write(unit.device, {}, path, { resumes: true, mustBeIdle, removedUpTo }),
      )
      await this.#record(unit, 'tse.archived', archive, {})
      return answerFor(unit, archive)
    }
    return this.#deleteNow(unit, path, mustBeIdle)
  }

  async #deleteNow(unit: Unit, path: string, isUnasked: boolean): Promise<Json> {
    const { journal, clock } = this.#options
    const open = await this.#journalledOpen(unit)
    const seen: KeptArchive[] = []
    const failure = await this.#archives
      .handOver(unit.device, path, isUnasked, async (written) => {
        const archive = await this.#intended(unit, written)
        seen.push(archive)
        return { lastCounter: archive.last_counter }
      })
      .then(() => undefined)
      .catch((error: unknown) => error)
    this.#options.fault('tse.deletion_answered')
    const intent = memoryFacts(journal.view, unit.serial).deletion
    const archive = seen.at(-1)
    if (isKeptForOpen(failure)) {
      if (intent !== undefined) await this.#notDeleted(unit, failure.code, isUnasked ? open.length : undefined)
      throw keptForOpen(unit.device.id, open, { nowMs: clock.now(), file: archive?.file })
    }
    if (archive === undefined || intent === undefined) throw failure
    const isRefused = failure instanceof DeviceError && failure.effect === 'none'
    const isDeleted = isRefused ? await this.#notDeleted(unit, failure.code) : await this.#settle(unit, intent)
    if (!isDeleted) throw failure ?? new DeviceError('refused', 'none', 'the TSE has not deleted the archived logs')
    const answer = answerFor(unit, { ...archive, deleted_at: rfc3339(clock.now()) })
    return open.length === 0 ? answer : { ...answer, open_transactions: listed(open, clock.now()) }
  }

  #journalledOpen({ device, tse }: Unit): Promise<OpenTransaction[]> {
    return journalledOpen(device.id, tse, { ...this.#options, signal: this.#stopping.signal })
  }

  /** Stores the archive and journals the intent: from here on the unit may delete. Throws if it must not. */
  async #intended(unit: Unit, written: ArchiveFile): Promise<KeptArchive> {
    const { lastFinished } = written.report
    const archive = await this.#placed(unit, written)
    if (lastFinished === undefined)
      throw new FiskalError('unprocessable_entity', `There is no sale in the archive of ${unit.device.id} to delete.`)
    await this.#concluded(unit.device.id)
    // A transaction may have begun since; a unit that signs nothing during its export has begun none.
    if (unit.tse.exportsExclusively !== true) await this.#journalledOpen(unit)
    const { file, last_counter } = archive
    const intended_at = rfc3339(this.#options.clock.now())
    const deletion: Deletion = { file, last_counter, transaction: lastFinished, intended_at }
    await this.#record(unit, 'tse.deletion_intended', archive, { deletion })
    this.#options.fault('tse.deletion_intended')
    return archive
  }

  /** Asks the unit for a transaction that it was commanded to delete. Throws DeviceError if it cannot be asked. */
  async #settle(unit: Unit, { file, transaction }: Deletion): Promise<boolean> {
    await unit.tse.open()
    const { serial } = await unit.tse.identity()
    if (serial !== unit.serial)
      throw new DeviceError('foreign', 'none', `The TSE that answers is ${serial}, the deletion was of ${unit.serial}.`)
    if ((await unit.tse.recall(transaction)) !== undefined) return this.#notDeleted(unit, 'not_executed')
    const { journal, clock } = this.#options
    const { archives, refused } = memoryFacts(journal.view, unit.serial)
    const deleted_at = rfc3339(clock.now())
    const set: StoredMemory = {
      archives: archives.map((archive) => (archive.file === file ? { ...archive, deleted_at } : archive)),
      deletion: null,
      ...(refused !== undefined && { deletion_refused: null }),
    }
    await journal.record(() => [{ kind: 'tse.deleted', op: tseId(unit.serial), body: { set } }])
    return true
  }

  /** `open`: how many transactions were in the way of a deletion that the configuration requires. */
  async #notDeleted(unit: Unit, code: string, open?: number): Promise<false> {
    const at = rfc3339(this.#options.clock.now())
    const refused: DeletionRefusal | undefined = open === undefined ? undefined : { at, open }
    const set: StoredMemory = { deletion: null, ...(refused !== undefined && { deletion_refused: refused }) }
    const body = { set, facts: { device: unit.device.id, code } }
    await this.#options.journal.record(() => [{ kind: 'tse.deletion_failed', op: tseId(unit.serial), body }])
    return false
  }

  /** Waits until the outcomes of all acts in the archive are journalled: the unit is not asked about them again. */
  async #concluded(device: string): Promise<void> {
    const { journal, clock } = this.#options
    const open = (): number[] =>
      journal.view
        .everyIntent()
        .filter((row) => row.op !== '' && row.device === device)
        .map(({ seq }) => seq)
    const before = new Set(open())
    const latestMs = monoMs(clock) + SETTLING_MS
    while (open().some((seq) => before.has(seq))) {
      if (monoMs(clock) >= latestMs || this.#stopping.signal.aborted)
        throw new FiskalError('reconciling', `Acts on ${device} are not settled: nothing is deleted now.`)
      await pause(clock, LOOK_MS, this.#stopping.signal)
    }
  }

  /** Gives a verified archive its name. Throws if it belongs to another unit or does not continue the kept ones. */
  async #placed(unit: Unit, { report, bytes, sha256 }: ArchiveFile): Promise<KeptArchive> {
    const { directory, journal, clock } = this.#options
    const { serial, firstCounter = 0, lastCounter = 0, logs } = report
    const deletedUpTo = deletedCounter(memoryFacts(journal.view, unit.serial).archives)
    if (serial !== unit.serial)
      throw new FiskalError('unprocessable_entity', `The archive is of TSE ${serial}, not of ${unit.serial}.`)
    if (deletedUpTo > 0 && firstCounter !== deletedUpTo + 1) {
      const message = `The archive begins with log ${firstCounter}; those up to ${deletedUpTo} were kept before.`
      throw new FiskalError('unprocessable_entity', message)
    }
    const folder = unitFolder(unit.serial)
    const file = join(folder, `${firstCounter}-${lastCounter}.tar`)
    await rename(join(directory, folder, 'new.tar'), join(directory, file))
    await syncDirectory(join(directory, folder))
    const used = unit.device.tseHealth?.memoryUsedPercent ?? 0
    return {
      file,
      bytes,
      sha256,
      first_counter: firstCounter,
      last_counter: lastCounter,
      logs,
      memory_percent: Math.round(used * 100) / 100,
      archived_at: rfc3339(clock.now()),
      deleted_at: null,
    }
  }

  /** An archive whose logs are still in the unit is replaced by the next one. */
  async #record(
    unit: Unit,
    kind: 'tse.archived' | 'tse.deletion_intended',
    archive: KeptArchive,
    more: Omit<StoredMemory, 'archives'>,
  ): Promise<void> {
    const { directory, journal } = this.#options
    const { serial } = unit
    const { archives } = memoryFacts(journal.view, serial)
    const others = archives.filter(({ deleted_at, file }) => deleted_at !== null && file !== archive.file)
    const set = { archives: [...others, archive], ...more }
    await journal.record((view) => [{ kind, op: tseId(serial), body: { ...tseIndex(view, serial), set } }])
    await this.#tidyFolder(serial)
    const { readTo } = readFacts(journal.view, serial)
    await tidyPortions(directory, serial, readTo?.counter ?? 0, [...others, archive])
  }

  /** Removes all files but those in the journal and those that an attempt can continue. */
  async #tidyFolder(serial: string): Promise<string> {
    const { directory, journal } = this.#options
    const folder = join(directory, unitFolder(serial))
    // The archive is the only copy of what a unit deletes: it must survive a power cut.
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncDirectory(directory)
    const { archives } = memoryFacts(journal.view, serial)
    const recorded = new Set(archives.map(({ file }) => basename(file)))
    for (const name of await readdir(folder))
      if (!recorded.has(name) && !name.endsWith('.part')) await rm(join(folder, name), { force: true })
    return folder
  }
}

function isKeptForOpen(failure: unknown): failure is DeviceError {
  return failure instanceof DeviceError && failure.code === 'transactions_open' && failure.effect === 'none'
}

function answerFor(unit: Unit, archive: KeptArchive): { readonly [member: string]: Json } {
  return { device: unit.device.id, serial: unit.serial, ...archive }
}
