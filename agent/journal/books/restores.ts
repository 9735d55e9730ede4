import { textIn } from '../checked.ts'
import { confirmationOf } from '../confirmed-tasks.ts'
import { serialOfUnit, tseId, unitId } from '../documents/records.ts'
import type { EventBody } from '../events.ts'
import { claimedFacts } from '../events.ts'
import { isUnprovenRollback } from '../put-back.ts'
import type { BookState } from './book-state.ts'
import type { DeviceLogs } from './device-logs.ts'
import type { AdoptedReceipt, NotedEvent } from './law-books.ts'

/**
 * A unit that the journal knew before a restore. `isCompared`: later events show what it did until then: it was adopted, its logs
 * were read from the last known counter on, or the events contain its own counters. `receipts`, `cents`: those that it had
 * signed and the journal did not have.
 */
export type RestoredUnit = {
  readonly device: string
  readonly serial: string
  readonly isCompared: boolean
  readonly receipts: number
  readonly cents: number
}

/** `counted`: the serial number of the unit whose own counters an event contains. */
type Read = { readonly counted?: string | undefined; readonly adopted?: AdoptedReceipt | undefined }

/**
 * An epoch that began because the journal continues without some earlier events: by a restore, or because a target has
 * more (`rollback`) or other ones (`fork`). `reason`: of the person who confirmed its task.
 */
export type Restore = {
  readonly cause: 'restore' | 'rollback' | 'fork'
  readonly seq: number
  readonly at: string
  readonly epoch: number
  /** True if the state was put back, and no target proves it. */
  readonly isPutBack: boolean
  /** The time of the backup, or of the newest event of a state that was put back; empty without one. */
  readonly madeAt: string
  /**
   * `nothing`: the backup ended the journal, which says nothing about sales after it, e.g. of a second restore of it;
   * anything else is the word of a person, or `unknown`.
   */
  readonly lost: string
  /** Events after the backup that were brought from other copies. */
  readonly filled: number
  readonly isUnsealed: boolean
  readonly reason?: string
  readonly units: readonly RestoredUnit[]
}

type Unit = {
  readonly device: string
  /** The highest signature counter at the restore, and the archives that existed. */
  readonly counter: number
  readonly files: ReadonlySet<string>
  isAdopted: boolean
  /** It no longer had all that it had signed. */
  isAdoptedInPart: boolean
  /** Later events contain its own counters. */
  isCounted: boolean
  receipts: number
  cents: number
}
const UNIT = unitId('')
const TSE = tseId('')
const CAUSES = ['restore', 'rollback', 'fork'] as const
/** Members of an opening, of any reason. */
type Claims = Readonly<Record<string, unknown>>
type ReadRestore = Omit<Restore, 'units' | 'reason'> & { reason?: string; readonly units: Map<string, Unit> }
type Sources = {
  readonly state: Pick<BookState, 'serialOf'>
  readonly logs: Pick<DeviceLogs, 'highestCounter' | 'keptArchives'>
}

/** True for an epoch that only a person can explain: by a restore, or a state that was put back without a target's proof. */
export function isRestore({ cause, isPutBack }: Pick<Restore, 'cause' | 'isPutBack'>): boolean {
  return cause === 'restore' || isPutBack
}

/**
 * True once a person gave a reason. A unit shows what it signed, never what was sold without it: unsigned, on another unit,
 * or as an entry.
 */
export function isExplained({ reason }: Pick<Restore, 'reason'>): boolean {
  return reason !== undefined
}

/** The unit of each restore that no later event compares. */
export function uncompared({ units }: Pick<Restore, 'units'>): RestoredUnit[] {
  return units.filter(({ isCompared }) => !isCompared)
}

/** The epochs of a journal that began by a restore, and what is known of the time between backup and restore. */
export class Restores {
  readonly #sources: Sources | undefined
  readonly #restores: ReadRestore[] = []
  #lastAt = ''
  /** The device of each unit that any event names, by its serial number, until it was replaced or retired. */
  readonly #known = new Map<string, string>()
  /** The enrolled one of each device. */
  readonly #enrolled = new Map<string, string | null>()

  /** Without the books only the restores themselves are read, e.g. in a part of a journal. */
  constructor(sources?: Sources) {
    this.#sources = sources
  }

  note({ seq, kind, op, at }: NotedEvent, body: EventBody, { counted, adopted }: Read = {}): void {
    if (this.#sources !== undefined) this.#know(kind, op, body)
    if (kind === 'journal.opened') this.#open(seq, at, body)
    this.#lastAt = at
    if (this.#restores.length === 0) return
    if (kind === 'duty.confirmed') this.#explain(op, body)
    if (kind === 'tse.adopted') this.#adopt(body)
    if (counted !== undefined) for (const unit of this.#unitsOf(counted)) unit.isCounted = true
    // It was signed between the newest restore and its backup.
    const unit = adopted && this.#restores.at(-1)?.units.get(adopted.serial)
    if (adopted === undefined || unit === undefined) return
    unit.receipts += 1
    unit.cents += Number(adopted.cents)
  }

  /** The oldest first. */
  all(): Restore[] {
    return this.#restores.map(({ units, ...restore }) => ({
      ...restore,
      units: [...units].map(([serial, unit]) => {
        const { device, receipts, cents } = unit
        const isAdopted = unit.isAdopted && !unit.isAdoptedInPart
        return {
          device,
          serial,
          isCompared: isAdopted || unit.isCounted || this.#isRead(serial, unit),
          receipts,
          cents,
        }
      }),
    }))
  }

  #open(seq: number, at: string, body: EventBody): void {
    const opening = claimedFacts<'journal.opened'>({ body })
    const cause = CAUSES.find((each) => each === opening.reason)
    if (cause === undefined) return
    const isPutBack = isUnprovenRollback(opening)
    const { epoch, backup_created_at: backupAt, lost, events_filled: filled, sealed } = opening as Claims
    const madeAt = isPutBack ? this.#lastAt : (textIn(backupAt) ?? '')
    this.#restores.push({
      ...{ cause, isPutBack, seq, at, epoch: Number(epoch), madeAt, lost: textIn(lost) ?? 'unknown' },
      ...{ filled: typeof filled === 'number' ? filled : 0, isUnsealed: sealed === false },
      units: new Map(this.#units()),
    })
  }

  /** One that was only connected counts: a register may have begun to sell with it after the backup. */
  #know(kind: string, op: string, { enrolled, set }: EventBody): void {
    const serial = op.startsWith(UNIT) ? serialOfUnit(op) : op.startsWith(TSE) ? op.slice(TSE.length) : ''
    const device = textIn(set?.['device'])
    if (enrolled !== undefined) {
      this.#known.delete(this.#enrolled.get(enrolled.device) ?? '')
      this.#enrolled.set(enrolled.device, enrolled.serial)
      if (enrolled.serial !== null) this.#known.set(enrolled.serial, enrolled.device)
    } else if (serial !== '' && device !== undefined) this.#known.set(serial, device)
    if (kind === 'tse.retired') this.#known.delete(serial)
  }

  /**
   * The units that can show what was sold after the backup: one that did nothing before it may have signed since. A retired
   * unit does nothing after the backup that this journal could miss.
   */
  #units(): [string, Unit][] {
    if (this.#sources === undefined) return []
    const { logs } = this.#sources
    const known = [...this.#known].sort(([, one], [, other]) => (one < other ? -1 : one > other ? 1 : 0))
    return known.map(([serial, device]) => {
      const archives = logs.keptArchives(serial)
      const files = new Set(archives.map(({ file }) => file))
      const counter = Math.max(logs.highestCounter(serial), ...archives.map(({ last }) => last))
      const unit = { device, counter, files, isAdopted: false, isAdoptedInPart: false, isCounted: false }
      return [serial, { ...unit, receipts: 0, cents: 0 }]
    })
  }

  #explain(op: string, { set }: EventBody): void {
    const reason = textIn(set?.['reason'])
    if (reason === undefined || reason.trim() === '') return
    for (const restore of this.#restores) if (op === confirmationOf(`epoch-${restore.epoch}`)) restore.reason = reason
  }

  #adopt(body: EventBody): void {
    const { device, part, signature_counters: skipped } = claimedFacts<'tse.adopted'>({ body })
    const serial = this.#sources?.state.serialOf(String(device))
    if (serial === undefined) return
    for (const unit of this.#unitsOf(serial)) {
      unit.isAdopted = true
      unit.isAdoptedInPart ||= part === true || skipped !== undefined
    }
  }

  /** Logs that begin after the last counter of the backup, at the latest, leave nothing out. */
  #isRead(serial: string, { counter, files }: Unit): boolean {
    const archives = this.#sources?.logs.keptArchives(serial) ?? []
    return archives.some(({ file, first, last }) => !files.has(file) && first <= counter + 1 && last >= counter)
  }

  #unitsOf(serial: string): Unit[] {
    return this.#restores.flatMap(({ units }) => units.get(serial) ?? [])
  }
}
