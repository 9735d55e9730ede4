import type { KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rfc3339 } from '../../base/clock.ts'
import { CodedError, codeOf } from '../../base/thrown.ts'
import { readChains } from '../journal/chains.ts'
import { checkpointSigner } from '../journal/checkpoint.ts'
import type { Lock } from '../journal/disk/lock.ts'
import { acquireLock } from '../journal/disk/lock.ts'
import { wasMoved } from '../journal/moved-journal.ts'
import { demandBegun, JournalMissingError, readJournal } from '../journal/reader.ts'
import type { Unsigned } from '../journal/signed-head.ts'
import { unsignedHead, unsignedRenewal } from '../journal/signed-head.ts'
import { makeCheckpointKey, presentCheckpointKey, readCheckpointKey } from '../state/state-directory.ts'
import { forgetMove } from './last.ts'
import type { BackupOptions } from './make.ts'
import type { MachineReading } from './marks-at-rest.ts'
import { marksAtRest } from './marks-at-rest.ts'
import { finishPlacing } from './place.ts'
import { atRest } from './state-at-rest.ts'

type Resting = Parameters<typeof atRest>[2]
/** `path`: that of the backup. */
type Ending = Resting & Pick<BackupOptions, 'stateDirectory' | 'path'>
type Parts = Omit<BackupOptions, 'clock'> & Resting

/** Some work is open, and the other machine could not learn how it ended. */
class UnsettledError extends Error {
  override readonly name = 'UnsettledError'
  readonly code = 'not_settled'
}

/**
 * Ends the journal of a stopped agent before the backup from which another machine continues: this machine will not
 * sell from it again, so that nothing can be missing there. May be repeated. Returns the lock; until the caller
 * releases it, no other process can enter. Throws StateLockedError while the agent runs.
 */
export async function endJournal(options: Ending): Promise<Lock> {
  const lock = lockState(options.stateDirectory)
  try {
    await appendEnd(options)
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Begins a new epoch of a journal that was handed over and never restored elsewhere, that has lost its checkpoint key,
 * or that ends with unsigned events (`unsigned`). If it was handed over, its last backup must not be restored any
 * longer. Throws StateLockedError, `nothing_to_reopen`.
 */
export async function reopenJournal(
  options: Pick<Parts, 'stateDirectory' | 'clock' | 'random' | 'fault'> & MachineReading,
): Promise<{ wasMoved: boolean; unsigned: Unsigned | undefined }> {
  const { stateDirectory } = options
  const lock = lockState(stateDirectory)
  try {
    // A lost key is replaced: the new epoch announces the new one.
    const present = presentCheckpointKey(stateDirectory)
    if (present !== undefined && (await isAtWork(options, present)))
      throw new CodedError(
        'nothing_to_reopen',
        'This journal was not moved, and checkpoint.key is its own and confirms it: start the agent; it continues. Nothing was changed.',
      )
    const { renewal: afterUnsigned, ...reopened } = readJournal(stateDirectory, (db) => {
      const unsigned = unsignedHead(db)
      const renewal = unsigned && unsignedRenewal(readChains(db), unsigned)
      return { wasMoved: wasMoved(db), unsigned, renewal }
    })
    const key = present ?? makeCheckpointKey(stateDirectory)
    // Before the journal continues: a machine that sells must not report that another one does.
    await forgetMove(stateDirectory)
    const renewal = afterUnsigned ?? { reason: present === undefined ? 'checkpoint_key_lost' : 'reopened' }
    const machine = await marksAtRest(options, stateDirectory)
    return await atRest(stateDirectory, checkpointSigner(key), { ...options, renewal, machine }, () => reopened)
  } finally {
    lock.release()
  }
}

/** True if the journal was not ended here, its key is present, and its events are signed. */
async function isAtWork(
  options: Pick<Parts, 'stateDirectory' | 'clock' | 'random' | 'fault'>,
  key: KeyObject,
): Promise<boolean> {
  try {
    return await atRest(options.stateDirectory, checkpointSigner(key), options, () => true)
  } catch (error) {
    if (['journal_moved', 'journal_key_wrong', 'journal_unsigned'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

function lockState(stateDirectory: string) {
  if (!existsSync(stateDirectory)) throw new JournalMissingError(stateDirectory)
  const lock = acquireLock(stateDirectory)
  try {
    finishPlacing(stateDirectory)
    // Opening an empty journal here would begin it without an agent.
    readJournal(stateDirectory, (db) => demandBegun(db, stateDirectory))
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

async function appendEnd(options: Ending): Promise<void> {
  const { stateDirectory } = options
  try {
    const signer = checkpointSigner(readCheckpointKey(stateDirectory))
    await atRest(stateDirectory, signer, options, async (journal) => {
      const open = journal.view.everyIntent().length
      if (open > 0) {
        throw new UnsettledError(
          `${open} acts of a device have no outcome yet: start the agent with the device connected, stop it, and repeat.`,
        )
      }
      const facts = { at: rfc3339(journal.clockWatch.eventClock.now()), file: options.path }
      await journal.record(() => [{ kind: 'journal.moved', op: '', body: { facts } }])
    })
  } catch (error) {
    // Ended before: the backup is made again.
    if (codeOf(error) !== 'journal_moved') throw error
  }
}
