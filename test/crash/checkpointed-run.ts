import type { ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journalPath } from '../../agent/journal/journal-file.ts'
import type { Checkpointed } from '../../agent/journal/log-watch.ts'
import { readJournal } from '../../agent/journal/reader.ts'
import { verifyJournal } from '../../agent/journal/verify/journal.ts'
import { runInChild, runTasksBy } from '../../base/child/run.ts'
import { BUILD_LIMIT_MS, within } from '../waits.ts'
import type { Ended } from './agent-process.ts'
import { contradictions } from './checkpointed-journal.ts'
import { spawnNode } from './daemon.ts'
import type { Seeded } from './seeded.ts'
import { seeded } from './seeded.ts'
import { emptyWatermark, newestWatermark } from './watermark.ts'

/** As the agent does when its log is large, here all the time. */
const CHECKPOINT = {
  name: 'checkpoint',
  entry: new URL('../../agent/journal/checkpoint-child.ts', import.meta.url),
  heapMb: 16,
  limitMs: BUILD_LIMIT_MS,
}
const COMMITS_LEAST = 20
const COMMITS_MOST = 400
/** Then the next journal begins: the disk is not filled, and each one is verified as a whole. */
const JOURNAL_BYTES = 200_000_000

export type CheckpointedReport = {
  readonly broken: readonly string[]
  kills: number
  journals: number
  commits: number
  checkpoints: number
  snapshots: number
}

/**
 * One process commits to a journal, one checkpoints its log, one reads, and the first two are killed at seeded moments.
 * After each kill count, head and the last committed event are compared with what was promised.
 */
export class CheckpointedRun {
  readonly #random: Seeded
  readonly #broken: string[] = []
  readonly #report: CheckpointedReport = {
    ...{ broken: this.#broken, kills: 0, journals: 0, commits: 0, checkpoints: 0, snapshots: 0 },
  }

  constructor(seed: number) {
    // The checkpoints are killed, too.
    runTasksBy()
    this.#random = seeded(seed)
  }

  /** Ends after the kill that follows `seconds` and the first checkpoint, or after the first contradiction. */
  async run(seconds: number): Promise<CheckpointedReport> {
    const untilMs = performance.now() + seconds * 1000
    const goOn = (): boolean =>
      this.#broken.length === 0 && (performance.now() < untilMs || this.#report.checkpoints === 0)
    while (goOn()) await this.#journal(goOn)
    return this.#report
  }

  async #journal(goOn: () => boolean): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'checkpointed-'))
    const place = { folder: join(folder, 'state'), mark: join(folder, 'mark'), key: join(folder, 'key') }
    mkdirSync(place.folder)
    emptyWatermark(place.mark)
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(place.key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
    try {
      await this.#kills(place, goOn)
      await this.#verify(place)
      this.#report.journals += 1
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #kills(place: Place, goOn: () => boolean): Promise<void> {
    const database = journalPath(place.folder)
    await this.#writeUntilKilled(place)
    const reader = readerOf(place)
    while (goOn() && statSync(database).size < JOURNAL_BYTES) {
      const stopping = new AbortController()
      const checkpoints = this.#checkpoint(database, stopping.signal)
      await this.#writeUntilKilled(place)
      stopping.abort()
      await checkpoints
      this.#compare(place)
    }
    const { snapshots, said } = await reader.end()
    this.#report.snapshots += snapshots
    this.#broken.push(...said)
  }

  async #writeUntilKilled({ folder, key, mark }: Place): Promise<void> {
    const seed = String(this.#random.below(0xffffffff))
    const writer = spawnNode(['test/crash/checkpointed-writer.ts', folder, key, mark, seed])
    const most = COMMITS_LEAST + this.#random.below(COMMITS_MOST)
    let commits = 0
    const ended = endOf(writer)
    writer.stdout?.on('data', (dots: string) => {
      commits += dots.length
      if (commits >= most) writer.kill('SIGKILL')
    })
    const kill = (): boolean => writer.kill('SIGKILL')
    const { errors, signal, code } = await within(`${most} commits`, ended, kill)
    // A start that finds the end of a checkpoint is refused, and the service starts it again.
    if (errors.includes('journal_held')) return
    if (signal !== 'SIGKILL') this.#broken.push(`the writer ended with ${code}: ${errors}`)
    this.#report.kills += 1
    this.#report.commits += commits
  }

  /** The last one is killed with the writer. */
  async #checkpoint(database: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await runInChild<Checkpointed>(CHECKPOINT, { database }, signal)
        this.#report.checkpoints += 1
      } catch (error) {
        // A writer that is about to reset the log refuses it, as in the agent.
        if (!signal.aborted && !String(error).includes('database is locked')) this.#broken.push(`checkpoint: ${error}`)
      }
    }
  }

  #compare({ folder, mark }: Place): void {
    const contradictionsFound = readJournal(folder, (db) => contradictions(db, newestWatermark(mark)))
    this.#broken.push(...contradictionsFound.map((what) => `after a kill: ${what}`))
  }

  async #verify({ folder }: Place): Promise<void> {
    const { valid, findings } = await verifyJournal(folder, { laws: [], projections: false })
    if (!valid) this.#broken.push(`not valid: ${JSON.stringify(findings)}`)
  }
}

type Place = { readonly folder: string; readonly mark: string; readonly key: string }

function readerOf({ folder, mark }: Place) {
  const reader = spawnNode(['test/crash/checkpointed-reader.ts', folder, mark])
  const ended = endOf(reader)
  const kill = (): boolean => reader.kill('SIGKILL')
  return {
    async end(): Promise<{ snapshots: number; said: string[] }> {
      reader.kill('SIGTERM')
      const { out, errors, code } = await within('the end of the reader', ended, kill)
      const lines = out.split('\n').filter((line) => line !== '')
      const last = /^(\d+) snapshots$/.exec(lines.at(-1) ?? '')
      if (last === null) return { snapshots: 0, said: [...lines, `the reader ended with ${code}: ${errors}`] }
      return { snapshots: Number(last[1]), said: lines.slice(0, -1) }
    },
  }
}

function endOf(child: ChildProcess): Promise<Ended & { out: string }> {
  let out = ''
  let errors = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return new Promise<Ended & { out: string }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out, errors }))
  })
}
