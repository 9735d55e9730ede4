import { lchownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ENTRIES_MAX = 100_000

/**
 * Gives what root made in a state directory to whom the directory belongs: a command that root runs while the service is
 * stopped must leave nothing that the service cannot write. Does nothing for any other user.
 */
export function giveToOwner(state: string): void {
  if (process.getuid?.() !== 0) return
  const owner = statSync(state, { throwIfNoEntry: false })
  if (owner === undefined || owner.uid === 0) return
  const names = readdirSync(state, { recursive: true, encoding: 'utf8' }).slice(0, ENTRIES_MAX)
  for (const name of names) {
    const path = join(state, name)
    if (lstatSync(path, { throwIfNoEntry: false })?.uid === 0) lchownSync(path, owner.uid, owner.gid)
  }
}
