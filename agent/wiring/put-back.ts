import type { Log } from '../../base/log.ts'
import { errorFields } from '../../base/log.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import { birthOf, noteBirth, notedBirth } from '../journal/file-mark.ts'
import type { Journal } from '../journal/journal.ts'
import type { HeldAfter } from '../journal/put-back.ts'
import type { AfterRestore } from '../till/technician/after-restore.ts'

type Parts = {
  directory: string
  journal: Journal
  log: Log
  afterRestore: Pick<AfterRestore, 'noteShown'>
  /** Asks the targets for events after the end of the journal. */
  askTargets: () => Promise<HeldAfter | undefined>
}

const PUT_BACK =
  'the state was put back: an epoch begins, and the numbers that may be on paper are set aside. See fiskal-edge duty list'

/**
 * Compares the file of the journal with the one that the last start noted, before the first sale. Another one was put back,
 * and is a loss: an epoch records it. A state without such a note is not one, unless a target proves it. Returns a function
 * that notes the present file, to be called once the numbers are set aside: a start that was killed before asks again.
 */
export async function comparedFile({ directory, journal, log, afterRestore, askTargets }: Parts): Promise<() => void> {
  const [birth, noted] = [birthOf(directory), notedBirth(directory)]
  const note = (): void => {
    if (birth === undefined || birth === noted) return
    try {
      noteBirth(directory, birth)
    } catch (error) {
      log.warn(errorFields(error), 'the file of the journal could not be noted: the next start tries it again')
    }
  }
  if (birth !== undefined && birth === noted) return note
  if (allRegisters(journal.view).length === 0) return note
  const isOther = birth !== undefined && noted !== undefined
  const isRecorded = journal.chains.some(({ opening }) => opening.file === birth)
  const held = await askTargets()
  const proven = held?.chainId === journal.chain ? held.proven : undefined
  if (isOther && !isRecorded) await journal.beginEpoch({ reason: 'rollback', file: birth, ...proven })
  else if (proven !== undefined) await journal.beginEpoch({ reason: 'rollback', ...proven })
  else {
    afterRestore.noteShown(held?.proven.shown ?? 0)
    return note
  }
  log.error({ code: 'rollback' }, PUT_BACK)
  return note
}
