import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { CodedError } from '../../base/thrown.ts'
import { checkpointSigner } from '../journal/checkpoint.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { acquireLock } from '../journal/disk/lock.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { Renewal } from '../journal/event-facts.ts'
import { eventRange } from '../journal/event-table.ts'
import { bodyOf } from '../journal/events.ts'
import { segmentFrom } from '../journal/export.ts'
import type { Journal } from '../journal/journal.ts'
import { SEGMENT_DIRECTORY, sealEvents, sealedEnd, sealOf } from '../journal/seal.ts'
import { makeCheckpointKey, makeFolder } from '../state/state-directory.ts'
import { settleArchives } from './archives-loading.ts'
import type { LossLaw } from './chained-registers.ts'
import { closeLostChains, demandWord } from './chained-registers.ts'
import type { EarlierRestores } from './earlier-restores.ts'
import { restoresNote } from './earlier-restores.ts'
import type { SegmentLine } from './format.ts'
import type { LastNumbers } from './last-numbers.ts'
import { demandLastNumbers } from './last-numbers.ts'
import type { Loaded, LoadOptions } from './load.ts'
import { loadBackup } from './load.ts'
import type { MachineReading } from './marks-at-rest.ts'
import { marksAtRest } from './marks-at-rest.ts'
import { beginPlacing, finishPlacing, givePlacingUp, place } from './place.ts'
import { demandOlder } from './present-state.ts'
import { requireSpaceForFile } from './staging-space.ts'
import { atRest } from './state-at-rest.ts'

export type RestoreOptions = LoadOptions &
  MachineReading & {
    stateDirectory: string
    /** The technician's statement about receipts that were made after the last event in the backup. */
    word: 'none' | 'nothing_lost' | 'close_registers'
    /** The last numbers on paper, as the technician read them. */
    lastNumbers?: LastNumbers
    /** Undefined if nothing says whether the backup was restored before. */
    earlierRestores?: EarlierRestores | undefined
    laws: readonly LossLaw[]
    clock: Clock
    random: (length: number) => Uint8Array
  }

/**
 * `filled`: events that came from the tails. `left_out`: those of them that the newest epoch does not contain.
 * `keys_of_tails`: valid keys that the tails alone issued. `closed`: registers whose chain of receipts ended here; `remedies`: what to do, for each of them.
 */
export type Restored = {
  created_at: string
  events: number
  filled: number
  left_out: number
  epoch: number
  chain: string
  secrets: boolean
  /** The seal of the backup confirms its journal. */
  sealed: boolean
  complete: boolean
  /** How often this backup was restored before; null if nothing says it, or this restore could not be added. */
  restored_before: number | null
  /** The last receipt of each register. */
  receipts: readonly { register: string; name: string; receipt_number: number }[]
  keys_of_tails: readonly TailKey[]
  closed: readonly string[]
  remedies: readonly string[]
  /** Number of restored archives of TSEs. */
  archives: number
  /** Archives in the journal that no TSE holds and that were not restored. */
  archives_missing: readonly string[]
}

type TailKey = { id: string; kind: string; register: string | null; created_at: string }

type Renewed = Omit<Restored, 'archives' | 'archives_missing' | 'restored_before'>

/**
 * For a caller that downloads the backup first, for hours perhaps: until then no other restore and no agent can begin.
 * Throws StateLockedError, `restore_finished`.
 */
export function lockForRestore(stateDirectory: string, fault?: (point: string) => void): Lock {
  makeFolder(stateDirectory)
  const lock = acquireLock(stateDirectory)
  try {
    // It is unknown whether the interrupted one had the same backup.
    if (finishPlacing(stateDirectory, fault))
      throw new CodedError(
        'restore_finished',
        `An interrupted restore has now been completed: ${stateDirectory} contains the restored state, ` +
          'and the replaced one is next to it. Start the agent. Nothing else was done.',
      )
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Replaces the present state with that of a backup, as a new epoch under a new key, so that it cannot be confused with
 * a journal that continued elsewhere. The new state is prepared next to the old one and then placed in one step. Throws
 * RefillError, `state_newer`, `receipts_may_be_missing`, `restores_note_unusable`, `passphrase_missing`, `passphrase_wrong`, StateLockedError and the
 * system's errors; nothing is changed then. Throws `restore_finished` if it had to complete an interrupted restore
 * first. `held`: a lock of {@link lockForRestore}, which the caller releases.
 */
export async function restoreBackup(options: RestoreOptions, held?: Lock): Promise<Restored> {
  const { stateDirectory, fault } = options
  const lock = held ?? lockForRestore(stateDirectory, fault)
  try {
    await requireSpaceForFile(stateDirectory, options.file)
    const staging = beginPlacing(stateDirectory)
    const loaded = await loadBackup(options, staging)
    demandOlder(stateDirectory, staging)
    const renewed = await renew(options, staging, loaded)
    const archives = await settleArchives(stateDirectory, staging, loaded.archives)
    // Before it is in effect: one too many leaves out numbers, one too few gives them twice.
    const isAdded = options.earlierRestores?.add(rfc3339(options.clock.now())) === true
    if (renewed.complete && !isAdded)
      throw new CodedError(
        'restores_note_unusable',
        `${restoresNote(options.file)} cannot be written: without it a second restore of this final backup would give numbers twice. Copy the backup to a disk with space, and restore it from there. Nothing was changed.`,
      )
    place(stateDirectory, fault)
    return { ...renewed, ...archives, restored_before: isAdded ? (options.earlierRestores?.count ?? null) : null }
  } catch (error) {
    givePlacingUp(stateDirectory)
    throw error
  } finally {
    if (held === undefined) lock.release()
  }
}

type Segment = { file: string; end: string }

/** The segments of the backup, and those that later events seal. */
function sealedSegments(journal: Pick<Journal, 'chains' | 'read'>, held: readonly SegmentLine[]): Segment[] {
  const heldFiles = new Set(held.map(({ file }) => file))
  const seals = journal.chains.flatMap(({ chainId }) => journal.read((db) => sealEvents(db, chainId)).map(sealOf))
  const later = seals.flatMap((seal) => {
    const end = sealedEnd(seal)
    return end === undefined || heldFiles.has(seal.file) ? [] : [{ file: seal.file, end }]
  })
  return [...held.map(({ file, end }) => ({ file, end })), ...later]
}

/** Registers that have given a receipt, each with its last one. */
function receiptsOf({ view }: Pick<Journal, 'view'>): Restored['receipts'] {
  return allRegisters(view).flatMap(({ id, name }) => {
    const last = view.lastReceiptNumber(id)
    return last === 0 ? [] : [{ register: id, name, receipt_number: last }]
  })
}

/**
 * The seal covers the backup alone. The tails are under the key of the machine that was lost, which its root has: an event of
 * his there would open the restored agent to him.
 */
function keysOfTails(journal: Pick<Journal, 'view' | 'read'>, fromBackup: number, filled: number): TailKey[] {
  const issued = new Set<string>()
  journal.read((db) => {
    for (const event of eventRange(db).iterate(fromBackup, fromBackup + filled, filled)) {
      const { key } = bodyOf(event)
      if (key !== undefined) issued.add(key.id)
    }
  })
  const valid = journal.view.keys().filter(({ id, revoked_at }) => issued.has(id) && revoked_at === null)
  return valid.map(({ id, kind, register, created_at }) => ({ id, kind, register, created_at }))
}

/** Opens the journal as a new epoch that names its origin, makes the sealed segments again, and closes it. */
async function renew(options: RestoreOptions, staging: string, loaded: Loaded): Promise<Renewed> {
  const { fault, word, laws, lastNumbers, earlierRestores } = options
  const { header, fromBackup, filled, leftOut, sealed } = loaded
  const before = earlierRestores?.count ?? 0
  // After the first restore of it others may have sold.
  const complete = loaded.complete && earlierRestores?.count === 0
  const signer = checkpointSigner(makeCheckpointKey(staging))
  const lost = complete ? 'nothing' : word === 'nothing_lost' ? 'nothing_by_word' : 'unknown'
  const { created_at: backup_created_at } = header
  const renewal: Renewal = {
    ...{ reason: 'restore' as const, backup_created_at, events_filled: filled, lost, sealed },
    ...(before > 0 && { restored_before: before }),
    ...(lastNumbers !== undefined && { last_receipts: lastNumbers.receipts, last_closings: lastNumbers.closings }),
  }
  const machine = await marksAtRest(options, options.stateDirectory, staging)
  return atRest(staging, signer, { ...options, renewal, machine }, async (journal) => {
    if (!complete) demandWord(journal.view, laws, word)
    if (lastNumbers !== undefined) demandLastNumbers(journal.view, laws, lastNumbers)
    const closed =
      complete || word !== 'close_registers'
        ? []
        : await closeLostChains(journal, laws, journal.clockWatch.eventClock.now())
    for (const segment of sealedSegments(journal, loaded.segments)) {
      await segmentFrom({ directory: staging, folder: join(staging, SEGMENT_DIRECTORY), ...segment, signer })
    }
    fault('restore.renewed')
    const { headSeq: events, chain, chains } = journal
    const epoch = chains.at(-1)?.epoch ?? 0
    const secrets = header.secrets !== null && !options.withoutSecrets
    return {
      created_at: header.created_at,
      events,
      filled,
      left_out: leftOut,
      epoch,
      chain,
      secrets,
      sealed,
      complete,
      receipts: receiptsOf(journal),
      keys_of_tails: keysOfTails(journal, fromBackup, filled),
      closed: closed.map(({ id }) => id),
      remedies: closed.map(({ remedy }) => remedy),
    }
  })
}
