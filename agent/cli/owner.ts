import { closeSync, constants, fchownSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs'
import { codeOf } from '../thrown.ts'

const ENTRIES_MAX = 100_000
/** What lies there may have been put by the owner to have something of root's given to him: no link is followed. */
const AS_IT_LIES = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

type Owner = { uid: number; gid: number }

/**
 * Gives what root made in a state directory to whom the directory belongs: a command that root runs while the service is
 * stopped must leave nothing that the service cannot write. Does nothing for any other user.
 */
export function giveToOwner(state: string): void {
  if (process.getuid?.() !== 0) return
  const owner = statSync(state, { throwIfNoEntry: false })
  if (owner === undefined || owner.uid === 0) return
  const folder = openSync(state, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    giveEntries(folder, owner, ENTRIES_MAX)
  } finally {
    closeSync(folder)
  }
}

/** Each by the folder that was opened, whatever has its name by now. Returns how many more may be looked at. */
function giveEntries(folder: number, owner: Owner, most: number): number {
  let left = most
  const place = `/proc/self/fd/${folder}`
  for (const name of readdirSync(place)) {
    if (left-- <= 0) return 0
    const entry = opened(`${place}/${name}`)
    if (entry === undefined) continue
    try {
      const found = fstatSync(entry)
      // Another name of a file may stand anywhere.
      if (found.uid === 0 && (found.isDirectory() || (found.isFile() && found.nlink === 1)))
        fchownSync(entry, owner.uid, owner.gid)
      if (found.isDirectory()) left = giveEntries(entry, owner, left)
    } finally {
      closeSync(entry)
    }
  }
  return left
}

/** Undefined where it is a link, a socket, or gone. */
function opened(path: string): number | undefined {
  try {
    return openSync(path, AS_IT_LIES)
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return undefined
  }
}
