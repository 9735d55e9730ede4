import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '../../../base/thrown.ts'
import { FEW_FILES, freeSpaceOf } from '../../journal/disk/free-space.ts'
import type { KeyName } from '../../state/state-directory.ts'
import { lossOf, lostKeys } from '../../state/state-directory.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const MEBIBYTE = 1024 * 1024
const SPACE_LEAST_BYTES = 64 * MEBIBYTE
const SPACE_WANTED_BYTES = 1024 * MEBIBYTE
const ENTRIES_MAX = 5000

/** Owner, mode and keys of the state directory. */
export function checkState(state: string): Finding[] {
  const stats = statSync(state, { throwIfNoEntry: false })
  if (stats === undefined) return [ok('state', `${state} will be made at the first start`)]
  if (!stats.isDirectory())
    return [failure('state', `${state} is not a directory`, 'correct "state" in the configuration')]
  if (isOfAnother(state)) {
    return [
      failure(
        'state',
        `${state} belongs to ${nameOf(stats.uid)}`,
        `repeat as root, or: sudo -u ${nameOf(stats.uid)} fiskal-edge doctor`,
      ),
    ]
  }
  const pipes = pipesIn(state)
  if (pipes.length > 0)
    return pipes.map((path) =>
      failure('state', `${path} is a pipe or a device: a program that opens it waits forever`, `rm ${path}`),
    )
  const findings = [checkOwner(state, stats.uid), ...checkKeys(state)].filter((finding) => finding !== undefined)
  if ((stats.mode & 0o077) !== 0) findings.push(caution('state', `${state} is open to others`, `chmod 700 ${state}`))
  return findings.length > 0 ? findings : [ok('state', `${state}, of ${nameOf(stats.uid)}`)]
}

/** Only another program can have put a pipe or device into the state; it blocks its readers. */
export function pipesIn(state: string): string[] {
  if (statSync(state, { throwIfNoEntry: false })?.isDirectory() !== true || isOfAnother(state)) return []
  try {
    return entries(state).filter((path) => {
      const entry = lstatSync(path, { throwIfNoEntry: false })
      return entry?.isFIFO() || entry?.isCharacterDevice() || entry?.isBlockDevice()
    })
  } catch (error) {
    // The check that needs the file reports the error.
    if (codeOf(error) === undefined) throw error
    return []
  }
}

/** True if the folder belongs to a user whose files this one may not examine. */
export function isOfAnother(state: string): boolean {
  const own = process.getuid?.()
  const owner = statSync(state, { throwIfNoEntry: false })?.uid
  return owner !== undefined && own !== 0 && own !== owner
}

/** A command that root ran while the service was stopped left files that the service cannot write. */
function checkOwner(state: string, uid: number): Finding | undefined {
  const foreign = entries(state).find((path) => lstatSync(path, { throwIfNoEntry: false })?.uid !== uid)
  if (foreign === undefined || !existsSync(foreign)) return undefined
  const owner = nameOf(lstatSync(foreign).uid)
  return failure(
    'state',
    `${foreign} belongs to ${owner}, its directory to ${nameOf(uid)}: the agent cannot work with it`,
    `chown -R ${nameOf(uid)}: ${state}`,
  )
}

/**
 * Reads folder by folder: a recursive `readdirSync` follows links and does not end in a loop. A state on its own disk has
 * the folder of its file system (fsck(8)), which belongs to root.
 */
export function entries(state: string): string[] {
  const paths: string[] = []
  const folders = [state]
  for (let folder = folders.shift(); folder !== undefined && paths.length < ENTRIES_MAX; folder = folders.shift()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (path === join(state, 'lost+found')) continue
      paths.push(path)
      if (entry.isDirectory()) folders.push(path)
    }
  }
  return paths.slice(0, ENTRIES_MAX)
}

/**
 * The agent does not replace it: a new key could not decrypt what the old one encrypted, nor continue its signatures.
 */
function checkKeys(state: string): Finding[] {
  return lostKeys(state).map((name) =>
    failure(
      'keys',
      `${lossOf(state, name)}: ${LOSS[name]}`,
      name === 'checkpoint.key'
        ? 'fiskal-edge journal reopen makes a new one, in a new epoch; the agent does not start without it'
        : 'bring it back from a backup: fiskal-edge restore FILE --keys-only; the agent does not start without it',
    ),
  )
}

const LOSS: Readonly<Record<KeyName, string>> = {
  'seal.key': 'PINs, AES keys and data for the tax office cannot be opened',
  'checkpoint.key': 'the journal cannot be continued under its own name',
}

/** `fiskal-edge`, or the uid if there is no such account. */
function nameOf(uid: number): string {
  try {
    const rows = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((row) => row.split(':'))
    return rows.find(([, , id]) => id === String(uid))?.[0] ?? String(uid)
  } catch {
    return String(uid)
  }
}

export function checkSpace(state: string): Finding {
  const { freeBytes: free, freeFiles } = freeSpaceOf(existingFolder(state))
  const message = `${Math.floor(free / MEBIBYTE)} MiB free`
  if (free < SPACE_LEAST_BYTES) return failure('disk space', message, 'free some: without it nothing can be sold')
  if (freeFiles !== undefined && freeFiles < FEW_FILES)
    return failure(
      'disk space',
      `${message}, but room for ${freeFiles} more files only`,
      'remove some that are not needed (df -i): exports and backups need a few, and so does a start',
    )
  if (free < SPACE_WANTED_BYTES) return caution('disk space', message, 'a year of a busy till takes about 1 GiB')
  return ok('disk space', message)
}

/** The folder, or the nearest existing one above it. */
export function existingFolder(path: string): string {
  let folder = path
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}
