import type { Clock } from '../../base/clock.ts'
import { every } from '../../base/clock.ts'
import { named } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/thrown.ts'
import { FiskalError } from '../errors.ts'
import { isOfJournal } from '../journal/verify/findings.ts'
import type { JournalReport } from '../journal/verify/journal.ts'
import type { BookError, DailyReport } from './in-child.ts'
import { verifyInChild } from './in-child.ts'

type Verdict = 'valid' | 'copies_differ' | 'damaged'

export type IntegrityOptions = { stateDirectory: string; clock: Clock; log: Log }

/**
 * Selling has begun and the first rush is over; an agent that crashes right after its start does not start a child each
 * time.
 */
const FIRST_AFTER_MS = 60_000
const AGAIN_AFTER_MS = 24 * 3_600_000

const COPIES =
  'The journal verifies, but data made from it differs: selling continues. "fiskal-edge journal verify" names it; ' +
  '"fiskal-edge journal rebuild" makes projections again, and a copy of "segments" restores a sealed file.'

/**
 * Verifies the whole journal while the tills sell, after each start and then daily, in a child of lowest priority that
 * resumes where the last one stopped. Damage stops new work: a broken chain proves nothing. A missing sealed file, a
 * projection that differs, or an archive of a TSE that contradicts the journal is reported and blocks no sale: the
 * journal is the truth. All of it is in `proof.json`, and so in the doctor.
 */
export class Integrity {
  readonly #options: IntegrityOptions
  readonly #stopping = new AbortController()
  #end: () => void = () => undefined
  #damage: FiskalError | undefined
  #verdict: Verdict | undefined

  constructor(options: IntegrityOptions) {
    this.#options = options
  }

  start(): void {
    const clock = named(this.#options.clock, 'verification of the journal')
    this.#end = every(clock, AGAIN_AFTER_MS, () => this.#verify(), FIRST_AFTER_MS)
  }

  /** The refusal of new work after damage was found. */
  refusal(): FiskalError | undefined {
    return this.#damage
  }

  /** The result of the newest verification since the start; undefined before the end of the first one. */
  get verdict(): Verdict | undefined {
    return this.#verdict
  }

  stop(): void {
    this.#end()
    this.#stopping.abort()
  }

  /** A read that failed once looks the same as a page that is damaged for good, and must not close a shop. */
  async #confirmedReport(): Promise<DailyReport> {
    const { stateDirectory, log } = this.#options
    const report = await verifyInChild(stateDirectory, this.#stopping.signal)
    if (!isDamage(report)) return report
    log.warn({ seq: report.firstBadSeq }, 'the journal does not verify: it is read again')
    return verifyInChild(stateDirectory, this.#stopping.signal)
  }

  #reportCopies({ findings, differing }: DailyReport): void {
    const { log } = this.#options
    const copies = findings.filter(({ part }) => part !== 'books')
    if (copies.length > 0) log.error({ count: copies.length, code: 'copies_damaged' }, COPIES)
    for (const error of differing) this.#report(error)
  }

  #report({ seq, code, text }: BookError): void {
    this.#options.log.error({ seq, code }, text)
  }

  async #verify(): Promise<void> {
    const { log } = this.#options
    try {
      const report = await this.#confirmedReport()
      for (const error of report.kept) this.#report(error)
      if (report.failure !== undefined)
        log.warn({ message: report.failure }, 'archives of TSEs were not compared, or findings not stored')
      this.#verdict = report.valid ? 'valid' : isDamage(report) ? 'damaged' : 'copies_differ'
      if (report.valid) log.info({ events: report.events }, 'the journal verifies')
      else if (!isDamage(report)) this.#reportCopies(report)
      else {
        const seq = report.firstBadSeq ?? 0
        const place = seq === 0 ? '' : ` at seq ${seq}`
        const message = `The journal is damaged${place}: do not sell, keep the disk, restore the last backup.`
        this.#damage = new FiskalError('storage_unavailable', message, { reason: 'journal_damaged', seq })
        log.error({ seq, code: 'journal_damaged' }, message)
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      log.warn({ message: messageOf(error) }, 'the journal could not be verified')
    }
  }
}

function isDamage({ firstBadSeq, findings }: JournalReport): boolean {
  return firstBadSeq !== undefined || findings.some(isOfJournal)
}
