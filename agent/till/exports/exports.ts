import { createHmac, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { every, justAfter, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { abortable, writeDurably } from '../../../base/durable-file.ts'
import type { NewId } from '../../../base/ids.ts'
import { during } from '../../../base/lifetime.ts'
import type { TseExportFilter } from '../../../drivers/ports/tse.ts'
import type { CreateExport, LeftOutSession } from '../../contract/export.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { ownMembers } from '../../journal/documents/own-members.ts'
import { kindAmong } from '../../journal/event-kinds.ts'
import type { Members } from '../../journal/events.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { FileType } from '../administration.ts'
import type { Resource } from '../application.ts'
import { notFound, ownedDocument, requireMerchant } from '../guards.ts'
import { publicDocument } from '../recording/document.ts'
import type { Mutations } from '../recording/mutations.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Access, Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import type { ArchiveRange } from './archives.ts'
import { otherTses, planArchive, planRegisterArchive } from './archives.ts'
import { removeOldExports } from './export-files.ts'
import { completedJob, failedJob } from './job-outcome.ts'
import { writeJournalFile } from './journal-file.ts'

/** Files of one register, streamed from the journal. */
export type RegisterArchives = {
  dep7(register: string, range: ArchiveRange): AsyncIterable<string | Uint8Array>
  /** True where the DEP7 of a range is a part of the chain. */
  isPartial(register: string, range: ArchiveRange): boolean
  /** What is wrong in one that was written; empty where nothing is. */
  checkDep7(path: string, partial: boolean, signal: AbortSignal): Promise<readonly string[]>
  dep131(register: string, range: ArchiveRange): AsyncIterable<string | Uint8Array>
  material(register: string): AsyncIterable<string | Uint8Array>
}

/**
 * `resumes`: what a crash left of it is gone on with, where that can be. `withoutMissing`: archives of deleted logs that are
 * gone are left out and named.
 */
export type TseExportOptions = { resumes: boolean; withoutMissing: boolean }

/** The signed logs of TSEs: in the unit, and those that were taken out of it. */
export type TseLogs = {
  /** A verified archive in a file. */
  export(device: DeviceSupervisor, filter: TseExportFilter, path: string, options: TseExportOptions): Promise<Members>
  /** Ends what is under way. */
  stop(): Promise<void>
}

/** Closings that an auditor takes away, by their posting days; bounds in milliseconds since 1970, the second one exclusive. */
export type PackageSelection = {
  merchantId?: string | undefined
  registerId?: string | undefined
  fromMs: number
  toMs: number
}

/** DSFinV-K packages of a law whose closings are sessions. */
export type Packages = {
  /** Merchants that closed a session in the range. */
  merchants(selection: PackageSelection): ReadonlySet<string>
  leftOut(selection: PackageSelection): Promise<readonly LeftOutSession[]>
  /** Bons outside of any session that no closing has yet. */
  waitingBons(selection: PackageSelection): readonly { register_id: string; bons: number }[]
  /** Written, checked and only then in its place. Throws what is wrong with it, findings in `details`. */
  write(
    selection: PackageSelection,
    path: string,
    signal: AbortSignal,
  ): Promise<{ members: Members; leftOut: readonly LeftOutSession[] }>
}

export type ExportsOptions = {
  journal: Journal
  mutations: Mutations
  clock: Clock
  newId: NewId
  devices: ReadonlyMap<string, DeviceSupervisor>
  archives: RegisterArchives
  packages: Packages
  tseMemory: TseLogs
  stateDirectory: string
  exportDirectory: string
  /** Signs download links. */
  linkKey: Uint8Array
  /** `http://localhost:7070`, known once the agent listens. */
  baseUrl: () => string
  onError: (error: unknown) => void
}

type ExportType = CreateExport['type']
const LINK_LIFE_MS = 3_600_000
/** They are made one after the other, and each of a long journal takes minutes and gigabytes. */
const UNMADE_MAX = 16
const RETRY_AFTER_SECONDS = 60
/** Between looks for files that are old. */
const ROUND_MS = 86_400_000
/** Rows of a look for interrupted jobs. */
const JOBS_READ = 1000
const KINDS = {
  dsfinvk: { extension: 'zip', mediaType: 'application/zip' },
  tse_tar: { extension: 'tar', mediaType: 'application/x-tar' },
  dep7: { extension: 'json', mediaType: 'application/json' },
  dep131: { extension: 'csv', mediaType: 'text/csv' },
  journal: { extension: 'ndjson', mediaType: 'application/x-ndjson' },
} as const

/** Export jobs: journalled, written to disk beside the selling, offered by a signed link. A crash begins them anew; an archive of a TSE goes on. */
export class Exports {
  readonly #options: ExportsOptions
  readonly #stopping = new AbortController()
  #working: Promise<void> = Promise.resolve()
  /** Jobs that were asked for since the start and are not at their end. */
  #unmade = 0
  #endRounds = (): void => undefined

  constructor(options: ExportsOptions) {
    this.#options = options
  }

  /** Throws `rate_limit_exceeded` where many are still to be made. */
  async create(mutation: Mutation, input: CreateExport): Promise<Answer> {
    if (this.#unmade >= UNMADE_MAX) throw tooMany(this.#unmade)
    this.#unmade++
    let making = Promise.resolve()
    try {
      const id = this.#options.newId('exp')
      const answer = await this.#request(id, mutation, input)
      if (!answer.replayed) making = this.#enqueue(id)
      return answer
    } finally {
      void making.then(() => this.#unmade--)
    }
  }

  #request(id: string, mutation: Mutation, input: CreateExport): Promise<Answer> {
    const { mutations, clock } = this.#options
    return mutations.run(mutation, (view) => {
      const merchant = requireMerchant(mutation.merchantId)
      const range = { merchantId: merchant, from: input.from, to: input.to, registerId: input.register_id }
      this.#plan(view, input.type, range, mutation)
      const made = { id, status: 'pending', created_at: rfc3339(clock.now()), ...input }
      const set = { ...made, ...ownMembers({ merchantId: merchant }) }
      const body = {
        index: { type: 'export' as const, merchant },
        ...origin(mutation),
        set,
      }
      return singleStep({ kind: 'export.requested', op: id, body }, 202)
    })
  }

  /** Begins: makes what a crash or a stop interrupted, and removes old files, now and each day. */
  start(): void {
    const { journal, clock } = this.#options
    const { view } = journal
    for (let rows = view.resources('export', {}, 0, JOBS_READ); rows.length > 0; ) {
      for (const { id } of rows) if (view.exportJob(id)?.shown.status === 'pending') void this.#enqueue(id)
      rows = view.resources('export', {}, rows.at(-1)?.seq ?? 0, JOBS_READ)
    }
    const round = (): void => void this.#inTurn(() => this.#removeOld())
    round()
    this.#endRounds = every(clock, ROUND_MS, round)
  }

  async stop(): Promise<void> {
    this.#endRounds()
    this.#stopping.abort()
    await this.#options.tseMemory.stop()
    await this.#working
  }

  get(access: Access, id: string): Resource {
    const document = ownedDocument(this.#options.journal.view, 'export', access, id)
    const { status, type } = document.shown
    const isThere = status === 'completed' && existsSync(this.#pathOf(id, type))
    if (!isThere) return publicDocument(document)
    const expires = String(this.#options.clock.now() + LINK_LIFE_MS)
    const url = `${this.#options.baseUrl()}/v1/exports/${id}/file?signature=${this.#signatureOf(id, expires)}&expires=${expires}`
    return { ...publicDocument(document), download_url: url }
  }

  /** Throws `not_found` for a wrong or expired link as for a missing file: a guess learns nothing. */
  file(id: string, signature: string, expires: string): { path: string; fileName: string; mediaType: string } {
    const { type, status } = this.#options.journal.view.exportJob(id)?.shown ?? {}
    const right = timingSafeEqual(
      mac(this.#options.linkKey, signature),
      mac(this.#options.linkKey, this.#signatureOf(id, expires)),
    )
    const path = type && this.#pathOf(id, type)
    const offered = right && Number(expires) > this.#options.clock.now() && status === 'completed'
    if (!offered || type === undefined || path === undefined || !existsSync(path)) throw notFound('export', id)
    return { path, fileName: `${type}-${id}.${KINDS[type].extension}`, mediaType: KINDS[type].mediaType }
  }

  /** Writes an archive or the journal to a file of the technician's choice. The end belongs to the range. */
  write(type: FileType, range: ArchiveRange, path: string): Promise<Members> {
    const given = type === 'dsfinvk' ? { ...range, to: justAfter(range.to) } : range
    return this.#writeFile(type, given, path, false)
  }

  /** Of all registers; the end belongs to the range. */
  leftOut({ from, to }: Pick<ArchiveRange, 'from' | 'to'>): Promise<readonly LeftOutSession[]> {
    return this.#options.packages.leftOut(selectionOf({ from, to: justAfter(to) }))
  }

  /** Likewise. */
  waitingBons({ from, to }: Pick<ArchiveRange, 'from' | 'to'>): ReturnType<Packages['waitingBons']> {
    return this.#options.packages.waitingBons(selectionOf({ from, to: justAfter(to) }))
  }

  /** Events of the journal, in a process of its own. */
  writeJournal(task: ExportTask): Promise<Exported> {
    return writeJournalFile(task, this.#stopping.signal)
  }

  /** `resumes`: what a crash left of it is gone on with, where that can be. */
  async #writeFile(type: FileType, range: ArchiveRange, path: string, resumes: boolean): Promise<Members> {
    const { stateDirectory: directory } = this.#options
    if (type === 'journal') {
      const moments = { from: rfc3339(parseRfc3339(range.from) ?? 0), to: justAfter(range.to) }
      return { file: path, ...(await this.writeJournal({ directory, file: path, range: moments })) }
    }
    if (type === 'dsfinvk') return this.#writePackage(range, path)
    if (type !== 'tse_tar') return this.#writeRegister(type, range, path)
    return this.#writeTse(range, path, resumes)
  }

  async #writeTse(range: ArchiveRange, path: string, resumes: boolean): Promise<Members> {
    const { journal, clock, devices, tseMemory } = this.#options
    const plan = planArchive(journal.view, range, clock.now())
    const device = devices.get(plan.device)
    if (device === undefined) throw notFound('device', plan.device)
    // Its serial tells what was taken out of it.
    await device.look()
    const written = await tseMemory.export(device, plan.filter, path, {
      resumes,
      withoutMissing: range.withoutMissing === true,
    })
    const others = otherTses(journal.view, plan.registers, device.identity?.serial, range)
    return { file: path, device: plan.device, ...written, ...(others.length > 0 && { other_tses: others }) }
  }

  /** Throws what is wrong with a job before it begins. */
  #plan(view: View, type: ExportType, range: ArchiveRange, access: Access): void {
    const { registerId } = range
    const plans: Readonly<Record<ExportType, () => unknown>> = {
      dsfinvk: () => this.#planPackage(range),
      tse_tar: () => planArchive(view, range, this.#options.clock.now()),
      dep7: () => planRegisterArchive(view, range),
      dep131: () => planRegisterArchive(view, range),
      journal: () => registerId && ownedDocument(view, 'register', access, registerId),
    }
    plans[type]()
  }

  /** Throws `not_found`, `export_dsfinvk_no_closed_sessions`, 422 where the closings of several merchants are meant. */
  #planPackage(range: ArchiveRange): PackageSelection {
    const { journal, packages } = this.#options
    const { merchantId, registerId } = range
    if (registerId !== undefined && journal.view.resource(registerId)?.type !== 'register')
      throw notFound('register', registerId)
    if (registerId !== undefined && merchantId !== undefined)
      ownedDocument(journal.view, 'register', { merchantId }, registerId)
    const selection = selectionOf(range)
    const merchants = packages.merchants(selection)
    if (merchants.size === 0) {
      const message =
        'No session was closed for a business date in the range: there is nothing to export. One that is open is exported once it is closed.'
      throw new FiskalError('export_dsfinvk_no_closed_sessions', message, { from: range.from, to: range.to })
    }
    if (merchants.size === 1) return selection
    throw new FiskalError(
      'unprocessable_entity',
      'Several merchants have closings, and a package holds one: name register_id (--register of a command).',
      {
        pointer: '/register_id',
        merchants: [...merchants],
      },
    )
  }

  async #writePackage(range: ArchiveRange, path: string): Promise<Members> {
    const selection = this.#planPackage(range)
    const { members, leftOut } = await this.#options.packages.write(selection, path, this.#stopping.signal)
    return { file: path, ...members, open_session_excluded: leftOut.length > 0, left_out: leftOut }
  }

  async #writeRegister(
    type: Exclude<FileType, 'dsfinvk' | 'journal' | 'tse_tar'>,
    range: ArchiveRange,
    path: string,
  ): Promise<Members> {
    const { journal, archives } = this.#options
    const register = planRegisterArchive(journal.view, range)
    const content = type === 'rksv_crypto' ? archives.material(register) : archives[type](register, range)
    const partial = type === 'dep7' && archives.isPartial(register, range)
    const written = await writeDurably(path, abortable(content, this.#stopping.signal), 0o600)
    return { file: path, register_id: register, ...(partial && { partial }), ...written }
  }

  #enqueue(id: string): Promise<void> {
    let state = 'queued'
    const act = async (): Promise<void> => {
      state = 'running'
      await this.#work(id)
      await this.#removeOld()
    }
    return during(
      'job',
      () => ({ name: `export ${id}`, state }),
      () => this.#inTurn(act),
    )
  }

  /** One at a time: exports are in no hurry, selling is. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(act).catch(this.#options.onError)
    return this.#working
  }

  #removeOld(): Promise<void> {
    const { exportDirectory, journal, clock } = this.#options
    return removeOldExports(exportDirectory, journal.view, clock.now())
  }

  /** A package and an archive are checked where they are written. What a command writes it checks itself. */
  async #writeChecked(type: ExportType, range: ArchiveRange, path: string): Promise<Members> {
    const written = await this.#writeFile(type, range, path, true)
    if (type !== 'dep7') return written
    const { archives } = this.#options
    const findings = await archives.checkDep7(path, written['partial'] === true, this.#stopping.signal)
    return findings.length === 0 ? written : { ...written, findings }
  }

  async #work(id: string): Promise<void> {
    const { journal, clock } = this.#options
    if (this.#stopping.signal.aborted) return
    const job = journal.view.exportJob(id)
    if (job === undefined) throw new Error(`there is no export ${id}`)
    const { type, from, to, register_id: registerId } = job.shown
    const range = { merchantId: job.own.merchantId, from, to, registerId }
    let set: Members
    try {
      const written = await this.#writeChecked(type, range, this.#pathOf(id, type))
      set = completedJob(written, rfc3339(clock.now()))
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      set = failedJob(error)
    }
    await journal.record(() => [
      { kind: kindAmong(['export.completed', 'export.failed'], `export.${set['status']}`), op: id, body: { set } },
    ])
  }

  #pathOf(id: string, type: ExportType): string {
    return join(this.#options.exportDirectory, `${id}.${KINDS[type].extension}`)
  }

  #signatureOf(id: string, expires: string): string {
    return mac(this.#options.linkKey, `${id}\n${expires}`).toString('base64url')
  }
}

function selectionOf({ merchantId, registerId, from, to }: ArchiveRange): PackageSelection {
  return { merchantId, registerId, fromMs: parseRfc3339(from) ?? 0, toMs: parseRfc3339(to) ?? 0 }
}

function tooMany(waiting: number): FiskalError {
  const message = `${waiting} exports are still to be made, one after the other: ask for more once those are there.`
  return new FiskalError('rate_limit_exceeded', message, { waiting }, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}

function mac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
