import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { every, justAfter, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { during } from '../../../base/lifetime.ts'
import { Mutex } from '../../../base/mutex.ts'
import type { CreateExport, LeftOutSession } from '../../contract/export.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { Members } from '../../journal/events.ts'
import { everyId } from '../../journal/every-id.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'
import type { ExportRange, ExportType, WaitingBons } from '../../laws/export-type.ts'
import { spanOf } from '../../laws/export-type.ts'
import { ownedDocument, refuseForeignRegister, requireMerchant, soleRegister } from '../guards.ts'
import type { TillParts } from '../parts.ts'
import { publicDocument } from '../recording/answers.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Access, Answer, Mutation, Resource } from '../requests.ts'
import { origin } from '../requests.ts'
import type { SignedLink } from './download-links.ts'
import { DownloadLinks } from './download-links.ts'
import { ExportEnds } from './export-ends.ts'
import { removeOldExports } from './export-files.ts'
import type { JobOutcome } from './job-outcome.ts'
import { completedJob, failedJob } from './job-outcome.ts'
import { writeJournalFile } from './journal-file.ts'

export type ExportsOptions = Pick<TillParts, 'journal' | 'mutations' | 'clock' | 'newId'> & {
  /** The export types of each law, by name. */
  types: Readonly<Record<string, ExportType>>
  stateDirectory: string
  exportDirectory: string
  /** Signs download links. */
  linkKey: Uint8Array
  /** `http://localhost:7070`, known when the agent listens. */
  baseUrl: () => string
  onError: (error: unknown) => void
}

/** A finished file. */
export type ExportFile = { path: string; fileName: string; mediaType: string }

/** Exports are made one at a time, and one of a long journal takes minutes and gigabytes. */
const UNMADE_MAX = 16
const RETRY_AFTER_SECONDS = 60
/** Interval between removals of old files. */
const ROUND_MS = 86_400_000
/**
 * Export jobs: journalled, written to disk while tills sell, offered by a signed link. A crash restarts them; the
 * archive of a TSE continues.
 */
export class Exports {
  readonly #options: ExportsOptions
  readonly #types: Readonly<Record<string, ExportType>>
  readonly #links: DownloadLinks
  readonly #ends: ExportEnds
  readonly #stopping = new AbortController()
  /** One at a time: exports are not urgent, sales are. */
  readonly #mutex = new Mutex()
  /** Jobs that were requested since the start and have not ended. */
  #unmade = 0
  #endRounds = (): void => undefined

  constructor(options: ExportsOptions) {
    this.#options = options
    this.#types = { ...options.types, journal: this.#journalType() }
    this.#ends = new ExportEnds(options.clock)
    this.#links = new DownloadLinks(options.clock, options.linkKey)
  }

  /** Throws `rate_limit_exceeded` if too many are waiting. */
  async create(mutation: Mutation, input: CreateExport): Promise<Answer> {
    if (this.#unmade >= UNMADE_MAX) throw tooMany(this.#unmade)
    this.#unmade++
    let making = Promise.resolve()
    try {
      const id = this.#options.newId('exp')
      const answer = await this.#request(id, mutation, input).catch(async (error: unknown) => {
        throw await this.#explained(error, mutation, input)
      })
      if (!answer.replayed) making = this.#enqueue(id)
      return answer
    } finally {
      void making.then(() => this.#unmade--)
    }
  }

  /** A refusal is explained outside of the commit, which must not wait for long reads. */
  async #explained(error: unknown, mutation: Mutation, input: CreateExport): Promise<unknown> {
    if (!(error instanceof FiskalError)) return error
    const { explainRefusal } = this.#typeOf(input.type)
    return (await explainRefusal?.(error, rangeOf(mutation, input))) ?? error
  }

  #request(id: string, mutation: Mutation, input: CreateExport): Promise<Answer> {
    const { mutations, clock } = this.#options
    return mutations.run(mutation, (view) => {
      const merchant = requireMerchant(mutation.merchantId)
      const range = rangeOf(mutation, input)
      const { isSecret, plan } = this.#typeOf(input.type)
      if (isSecret) throw unknownType(input.type)
      plan(view, range)
      const set = { id, status: 'pending', created_at: rfc3339(clock.now()), ...input }
      const body = {
        index: { kind: 'export' as const, merchant },
        ...origin(mutation),
        set,
        own: { merchant_id: merchant },
      }
      return singleStep({ kind: 'export.requested', op: id, body }, 202)
    })
  }

  /** Starts: makes exports that a crash or a stop interrupted, and removes old files, now and every day. */
  start(): void {
    const { journal, clock } = this.#options
    const { view } = journal
    for (const id of everyId(view, 'export')) if (view.exportJob(id)?.shown.status === 'pending') void this.#enqueue(id)
    const round = (): void => void this.#inTurn(() => this.#removeOld())
    round()
    this.#endRounds = every(clock, ROUND_MS, round)
  }

  async stop(): Promise<void> {
    this.#endRounds()
    this.#stopping.abort()
    this.#ends.noteAll()
    await Promise.all(Object.values(this.#types).map((type) => type.stop?.()))
    await this.#mutex.settled()
  }

  get(access: Access, id: string): Resource {
    const document = ownedDocument(this.#options.journal.view, 'export', access, id)
    if (this.#fileOf(document) === undefined) return publicDocument(document)
    return { ...publicDocument(document), download_url: `${this.#options.baseUrl()}${this.#links.linkTo(id)}` }
  }

  /** Undefined for a wrong or expired link as for a missing file, so that guessing reveals nothing. */
  linkedFile(id: string, link: SignedLink): ExportFile | undefined {
    const job = this.#options.journal.view.exportJob(id)
    return this.#links.isValid(id, link) && job !== undefined ? this.#fileOf(job) : undefined
  }

  /**
   * The file of an export that the caller may see; a pending one is waited for, up to 10 s or until `gone`. Throws
   * `not_found`, `shutting_down`.
   */
  async file(access: Access, id: string, gone: AbortSignal): Promise<ExportFile> {
    const mayEnd = this.#jobOf(access, id).shown.status === 'pending' && !this.#stopping.signal.aborted
    if (mayEnd) await this.#ends.wait(id, gone)
    const job = this.#jobOf(access, id)
    const file = this.#fileOf(job)
    if (file !== undefined) return file
    const { status } = job.shown
    if (status === 'pending' && this.#stopping.signal.aborted)
      throw new FiskalError('shutting_down', 'The agent is stopping.')
    throw new FiskalError('not_found', NO_FILE[status], { resource: 'export', id, status })
  }

  /** Writes an archive or the journal to a file of the technician's choice. The end of the range is inclusive. */
  async write(type: string, range: ExportRange, path: string): Promise<Members> {
    const { endIsExclusive, write } = this.#typeOf(type)
    const given = endIsExclusive ? { ...range, to: justAfter(range.to) } : range
    return write(given, path, { resumes: false, signal: this.#stopping.signal })
  }

  /** Sessions of all registers; the end of the range is inclusive. */
  async leftOut({ from, to }: Pick<ExportRange, 'from' | 'to'>): Promise<readonly LeftOutSession[]> {
    const span = spanOf({ from, to: justAfter(to) })
    return (await Promise.all(Object.values(this.#types).map((type) => type.leftOut?.(span) ?? []))).flat()
  }

  /** Bons of all registers; the end of the range is inclusive. */
  waitingBons({ from, to }: Pick<ExportRange, 'from' | 'to'>): readonly WaitingBons[] {
    const span = spanOf({ from, to: justAfter(to) })
    return Object.values(this.#types).flatMap((type) => type.waitingBons?.(span) ?? [])
  }

  /** Writes events of the journal in a child process. */
  writeJournal(task: ExportTask): Promise<Exported> {
    return writeJournalFile(task, this.#stopping.signal)
  }

  /** The export of the journal itself, independent of any law. */
  #journalType(): ExportType {
    const { stateDirectory: directory } = this.#options
    return {
      extension: 'ndjson',
      mediaType: 'application/x-ndjson',
      plan: (view, { merchantId, registerId }) => {
        if (registerId !== undefined) ownedDocument(view, 'register', { merchantId }, registerId)
      },
      write: async ({ from, to }, file) => {
        const range = { from: rfc3339(parseRfc3339(from) ?? 0), to: justAfter(to) }
        return { file, ...(await this.writeJournal({ directory, file, range })) }
      },
    }
  }

  /** Throws `unprocessable_entity` for a type that no law of this agent makes. */
  #typeOf(name: string): ExportType {
    const type = Object.hasOwn(this.#types, name) ? this.#types[name] : undefined
    if (type === undefined) throw unknownType(name)
    return type
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

  #inTurn(act: () => Promise<void>): Promise<void> {
    return this.#mutex.run(act).catch(this.#options.onError)
  }

  #removeOld(): Promise<void> {
    const { exportDirectory, journal, clock } = this.#options
    return removeOldExports(exportDirectory, journal.view, clock.now())
  }

  /** Packages and archives are checked while they are written. A command checks the others itself. */
  async #writeChecked(name: string, range: ExportRange, path: string): Promise<Members> {
    const { signal } = this.#stopping
    const type = this.#typeOf(name)
    const written = await type.write(range, path, { resumes: true, signal })
    const findings = (await type.check?.(path, written, signal)) ?? []
    return findings.length === 0 ? written : { ...written, findings }
  }

  async #work(id: string): Promise<void> {
    const { journal, clock } = this.#options
    if (this.#stopping.signal.aborted) return
    const job = journal.view.exportJob(id)
    if (job === undefined) throw new Error(`there is no export ${id}`)
    const { type, from, to, register_id: registerId } = job.shown
    const range = { merchantId: job.own.merchant_id, from, to, registerId }
    let outcome: JobOutcome
    try {
      const written = await this.#writeChecked(type, range, this.#pathOf(id, type))
      outcome = completedJob(written, rfc3339(clock.now()))
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      outcome = failedJob(error)
    }
    await journal.record(() => [{ op: id, ...outcome }])
    this.#ends.note(id)
  }

  /** A register key reaches the exports of that register, if their files have nothing else. */
  #jobOf(access: Access, id: string): DocumentOf<'export'> {
    const job = ownedDocument(this.#options.journal.view, 'export', access, id)
    refuseForeignRegister(access.caller, soleRegister(job), 'export', id)
    return job
  }

  /** Undefined before it is completed, and after its file was removed. */
  #fileOf({ id, shown: { status, type } }: DocumentOf<'export'>): ExportFile | undefined {
    if (status !== 'completed') return undefined
    const path = this.#pathOf(id, type)
    if (!existsSync(path)) return undefined
    const { extension, mediaType } = this.#typeOf(type)
    return { path, fileName: `${type}-${id}.${extension}`, mediaType }
  }

  #pathOf(id: string, type: string): string {
    return join(this.#options.exportDirectory, `${id}.${this.#typeOf(type).extension}`)
  }
}

/** Why an export that its caller may see has no file. */
const NO_FILE = {
  pending: 'The export is not completed yet: request its file again when it is.',
  completed: 'The file of this export was removed: create a new export.',
  failed: 'The export failed and has no file: the export itself names the reason.',
} as const

function rangeOf({ merchantId }: Mutation, { from, to, register_id: registerId }: CreateExport): ExportRange {
  return { merchantId, from, to, registerId }
}

function unknownType(name: string): FiskalError {
  return new FiskalError('unprocessable_entity', `No law here has an export ${name}.`, { pointer: '/type' })
}

function tooMany(waiting: number): FiskalError {
  const message = `${waiting} exports are still waiting, they are made one at a time: request more when they are complete.`
  return new FiskalError('rate_limit_exceeded', message, { waiting }, { retryAfterSeconds: RETRY_AFTER_SECONDS })
}
