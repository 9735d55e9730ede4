import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compareHeads } from '../journal/compare-heads.ts'
import { JOURNAL_FILE } from '../journal/database.ts'

/** An older or different state must not replace the present one. */
class NewerStateError extends Error {
  override readonly name = 'NewerStateError'
  readonly code = 'state_newer'
}

/** Throws NewerStateError unless the restored journal contains all events of the present one. */
export function demandOlder(stateDirectory: string, staging: string): void {
  if (!existsSync(join(stateDirectory, JOURNAL_FILE))) return
  const { relation, present, restored } = compareHeads(stateDirectory, staging)
  if (relation === 'older') return
  const keep = `keep it and move it away first (mv ${stateDirectory} ${stateDirectory}.old)`
  if (relation === 'newer')
    throw new NewerStateError(
      `The state in ${stateDirectory} is newer than the backup (${present} events, the backup has ${restored}): ` +
        `there is nothing to restore; if it is broken anyway, ${keep}.`,
    )
  throw new NewerStateError(
    `The state in ${stateDirectory} is ${relation === 'damaged' ? 'damaged' : 'of another journal'}: ${keep}.`,
  )
}
