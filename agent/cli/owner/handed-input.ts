import {
  closeSync,
  createReadStream,
  createWriteStream,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CodedError } from '../../../base/thrown.ts'
import { AS_IT_LIES, mayRead } from './owner.ts'

type OpenedFile = { path: string; descriptor: number }

/**
 * A file, with the files next to it that belong to it, or a folder: opened by root for a process that continues as
 * another user.
 */
export type HandedInput = { path: string; isFolder: boolean; files: readonly OpenedFile[] }

/**
 * `companions`: names of files in the same folder that belong to a file. If another user's link leads there, nothing is
 * opened: that user may or may not be able to read it. Throws the system's error.
 */
export function openInput(named: string, companions?: RegExp): HandedInput {
  const path = realpathSync(named)
  const isFolder = statSync(path).isDirectory()
  if (isLedByOthers(resolve(named))) return { path, isFolder, files: [] }
  const folder = isFolder ? path : dirname(path)
  const names = readdirSync(folder).filter((name) => isFolder || name === basename(path) || companions?.test(name))
  const files = names.map((name) => join(folder, name)).filter((file) => lstatSync(file).isFile())
  return { path, isFolder, files: files.flatMap(opened) }
}

/** A file in the folder of another user, opened for root: throws `not_the_file` if a link of that user leads there. */
export function readAsItLies(named: string): Readable {
  return createReadStream('', { fd: openAsItLies(named) })
}

function openAsItLies(named: string): number {
  if (process.getuid?.() !== 0) return openSync(named, 'r')
  const [file] = isLedByOthers(resolve(named)) ? [] : opened(realpathSync(named))
  if (file === undefined) throw new CodedError('not_the_file', `${named} is a link of another user: rm ${named}`)
  return file.descriptor
}

/** Empty if the path is another file by now. */
function opened(path: string): OpenedFile[] {
  const descriptor = openSync(path, AS_IT_LIES)
  if (readlinkSync(`/proc/self/fd/${descriptor}`) === path) return [{ path, descriptor }]
  closeSync(descriptor)
  return []
}

/** True if a link in the path does not belong to root. */
function isLedByOthers(path: string): boolean {
  let at = '/'
  for (const part of path.split('/')) {
    at = join(at, part)
    const stats = lstatSync(at)
    if (!stats.isSymbolicLink()) continue
    if (stats.uid !== 0 || isLedByOthers(resolve(dirname(at), readlinkSync(at)))) return true
    at = realpathSync(at)
  }
  return false
}

/** A path that this user can read: the file itself, or a copy in `folder`. Closes it. */
export async function reachInput({ path, isFolder, files }: HandedInput, folder: string): Promise<string> {
  if (files.every((file) => mayRead(file.path))) {
    for (const { descriptor } of files) closeSync(descriptor)
    return path
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const file of files) {
    const target = createWriteStream(join(folder, basename(file.path)), { flags: 'wx', mode: 0o600 })
    await pipeline(createReadStream('', { fd: file.descriptor }), target)
  }
  return isFolder ? folder : join(folder, basename(path))
}
