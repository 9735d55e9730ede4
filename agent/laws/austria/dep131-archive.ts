import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../base/clock.ts'
import { DAY_MS, every, localDate, rfc3339 } from '../../../base/clock.ts'
import { writeDurably } from '../../../base/durable-file.ts'
import { named } from '../../../base/lifetime.ts'
import type { Log } from '../../../base/log.ts'
import { codeOf, messageOf } from '../../../base/thrown.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import { writeDep131 } from './dep131.ts'
import { DUTY_KINDS } from './duty-kinds.ts'

export type Dep131ArchiveOptions = {
  /** Folder of the files, e.g. on a disk of the back office; created if missing, but its parent is not. */
  folder: string
  /** Older files are removed if at least as many newer ones exist: the law requires seven years (§ 132 Abs. 1 BAO). */
  keepDays: number
  view: Pick<View, 'portionAfter' | 'document' | 'event'>
  /** Last event of the journal. */
  headSeq: () => number
  /** Registers with a Startbeleg. */
  registers: () => readonly ArchivedRegister[]
  /** Throws if the disk of the folder is not mounted. */
  demandPlace: (folder: string) => Promise<void>
  clock: Clock
  log: Log
}

/** A register with its Kassen-ID and the ids of the devices that sign for it. */
type ArchivedRegister = { id: string; cashBoxId: string; units: readonly string[] }

/**
 * Calendar date of writing and last event in it; the next file continues after that event if the journal still has it.
 */
type Kept = { name: string; date: string; seq: number; hash: string }

const FIRST_AFTER_MS = 30_000
const LOOK_EVERY_MS = 600_000
const SEQ_DIGITS = 12
const HASH_BYTES = 4
/** File name: Kassen-ID, date, sequence number of the last event and the first digits of its hash. */
const SHAPE = /^dep131-(.{1,32})-(\d{4}-\d\d-\d\d)-(\d{12})(?:-([0-9a-f]{8}))?\.csv$/

/**
 * Writes DEP131 of each register once a day automatically, while tills sell: everything since the previous file, so
 * that the files together are the whole protocol, whatever the clock did. After a folder was emptied it starts from the
 * beginning.
 */
export class Dep131Archive {
  readonly #options: Dep131ArchiveOptions
  #end = async (): Promise<void> => undefined
  #stopped = false
  #failure: { since: string; reason: string } | undefined

  constructor(options: Dep131ArchiveOptions) {
    this.#options = options
  }

  start(): void {
    const clock = named(this.#options.clock, 'daily DEP131')
    this.#end = every(clock, LOOK_EVERY_MS, () => this.write(), FIRST_AFTER_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
  }

  /** Tasks for a person while the files cannot be written. */
  tasks(): Task[] {
    if (this.#failure === undefined) return []
    const { since, reason } = this.#failure
    return [
      {
        id: `dep131-archive-${since}`,
        ...DUTY_KINDS.dailyArchive,
        title: 'The daily DEP131 cannot be written',
        due: since,
        instructions: [
          instruction('The agent cannot write to {}: {}.', this.#options.folder, reason),
          instruction('Check the folder of "rksv.dep131" in the configuration, its disk and its rights.'),
          instruction(
            'The agent retries every ten minutes and continues where it stopped; then this duty ends automatically.',
          ),
        ],
      },
    ]
  }

  /** Writes the files due today. Never throws: a file that cannot be written becomes a task. */
  async write(): Promise<void> {
    const { folder, registers, demandPlace, clock, log } = this.#options
    const today = localDate(clock.now(), 'Europe/Vienna')
    try {
      await demandPlace(folder)
      await makeFolder(folder)
      const byRegister = await keptIn(folder)
      for (const register of registers()) {
        if (this.#stopped) return
        await this.#writeRegister(register, byRegister.get(register.cashBoxId) ?? [], today)
      }
      this.#failure = undefined
    } catch (error) {
      const reason = messageOf(error)
      this.#failure ??= { since: today, reason }
      log.error({ path: folder, message: reason, code: 'dep131_failed' }, 'the daily DEP131 could not be written')
    }
  }

  async #writeRegister(
    { id, cashBoxId, units }: ArchivedRegister,
    files: readonly Kept[],
    today: string,
  ): Promise<void> {
    const { folder, view } = this.#options
    // Not "today or later": a file from a clock that ran ahead would postpone all others until then.
    if (files.some(({ date }) => date === today)) return
    // A restored or rolled back journal reuses sequence numbers of lost events.
    const last = files.findLast(({ seq, hash }) => hash === this.#hashAt(seq))
    const toSeq = this.#options.headSeq()
    const selection = { ...ALWAYS, units, afterSeq: last?.seq ?? 0, toSeq }
    const name = `dep131-${cashBoxId}-${today}-${String(toSeq).padStart(SEQ_DIGITS, '0')}-${this.#hashAt(toSeq)}.csv`
    await writeDurably(join(folder, name), writeDep131(view, id, selection), 0o600)
    for (const old of this.#outdated(files)) await rm(join(folder, old.name), { force: true })
  }

  /** The first digits of the hash of that event: it covers all earlier events, so it identifies this history. */
  #hashAt(seq: number): string {
    const { hash = Buffer.alloc(HASH_BYTES) } = this.#options.view.event(seq) ?? {}
    return hash.toString('hex', 0, HASH_BYTES)
  }

  /** Older than configured, and as many days were written since: a clock that runs ahead by years removes no file. */
  #outdated(files: readonly Kept[]): Kept[] {
    const { keepDays, clock } = this.#options
    const oldest = rfc3339(clock.now() - keepDays * DAY_MS).slice(0, 10)
    return files.slice(0, -keepDays).filter(({ date }) => date < oldest)
  }
}

const ALWAYS = { from: '', to: '~' }

/** Creates only the last level: an unmounted disk must not be mistaken for an empty one. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** The files of each register, oldest first. */
async function keptIn(folder: string): Promise<Map<string, Kept[]>> {
  const byRegister = new Map<string, Kept[]>()
  for (const name of (await readdir(folder)).sort()) {
    const [, cashBoxId = '', date = '', seq = '', hash = ''] = SHAPE.exec(name) ?? []
    if (cashBoxId === '') continue
    const files = byRegister.get(cashBoxId) ?? []
    files.push({ name, date, seq: Number(seq), hash })
    byRegister.set(
      cashBoxId,
      files.sort((a, b) => a.seq - b.seq),
    )
  }
  return byRegister
}
