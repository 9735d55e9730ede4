import { existsSync } from 'node:fs'
import { CodedError } from '../../base/thrown.ts'
import { compareHeads } from '../journal/compare-heads.ts'
import { journalPath } from '../journal/journal-file.ts'

/** Throws `state_newer` unless the restored journal contains all events of the present one. */
export function demandOlder(stateDirectory: string, staging: string): void {
  if (!existsSync(journalPath(stateDirectory))) return
  const { relation, present, restored } = compareHeads(stateDirectory, staging)
  if (relation === 'older') return
  const keep = `keep it and move it away first (mv ${stateDirectory} ${stateDirectory}.old)`
  if (relation === 'newer')
    throw new CodedError(
      'state_newer',
      `The state in ${stateDirectory} is newer than the backup (${present} events, the backup has ${restored}): ` +
        `there is nothing to restore; if it is broken anyway, ${keep}.`,
    )
  throw new CodedError(
    'state_newer',
    `The state in ${stateDirectory} is ${relation === 'damaged' ? 'damaged' : 'of another journal'}: ${keep}.`,
  )
}
