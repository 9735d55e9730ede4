import { randomUUID } from 'node:crypto'
import { createWriteStream, lstatSync, rmSync } from 'node:fs'
import { lchown, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { syncNow } from '../../../base/durable-file.ts'
import { temporaryName } from '../../../base/temporary-name.ts'
import { CodedError, codeOf } from '../../../base/thrown.ts'
import { HAND_OVER } from '../../state/state-directory.ts'
import { withoutLitter } from '../files/without-litter.ts'
import { shownWhile } from '../terminal/progress.ts'
import { AS_IT_LIES } from './owner.ts'

/**
 * Lets the daemon write a file next to its own exports, and moves it to `path` as a file of the caller: the unit has no
 * access to homes or to the /tmp of others. Returns the answer of `write` with the new name.
 */
export async function handedOver<Answer>(
  state: string,
  path: string,
  write: (path: string) => Promise<Answer>,
): Promise<Answer> {
  const copy = join(state, 'exports', `${HAND_OVER}${randomUUID()}`)
  const clear = (): void => rmSync(copy, { force: true })
  return withoutLitter(clear, async () => {
    try {
      const answer = await shownWhile(basename(path), copy, () => write(copy))
      await move(copy, path)
      return typeof answer === 'object' && answer !== null && 'file' in answer ? { ...answer, file: path } : answer
    } finally {
      await rm(copy, { force: true })
    }
  })
}

/** Moves the file completely or not at all, also to another disk and over a file that appears in the meantime. */
async function move(from: string, to: string): Promise<void> {
  const temporary = temporaryName(to)
  await withoutLitter(
    () => rmSync(temporary, { force: true }),
    () => shownWhile(`${basename(to)} to its place`, temporary, () => moveOver(from, temporary, to)),
  )
}

async function moveOver(from: string, temporary: string, to: string): Promise<void> {
  try {
    const isRenamed = await bring(from, temporary)
    demandPlain(temporary)
    const [uid, gid] = [process.getuid?.(), process.getgid?.()]
    // A copy already belongs to the caller, as far as a stick stores owners: one that is mounted for another user
    // permits no chown.
    if (isRenamed && uid === 0 && gid !== undefined) await lchown(temporary, uid, gid)
    await rename(temporary, to)
    syncNow(dirname(to))
  } catch (error) {
    // The file may contain an unencrypted key. The first error is the one to report.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Returns false if the file was copied to another disk. */
async function bring(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    demandPlain(from)
    // A new file: an existing one may be a link to another place, or open in another user's process.
    await rm(to, { force: true })
    const source = await open(from, AS_IT_LIES)
    await pipeline(source.createReadStream(), createWriteStream(to, { flags: 'wx', mode: 0o600, flush: true }))
    return false
  }
}

/** The agent writes no links and no files with a second name: another program did. */
function demandPlain(path: string): void {
  const stats = lstatSync(path)
  if (!stats.isFile() || stats.nlink > 1)
    throw new CodedError(
      'not_the_file',
      'The file in exports of the state directory is not the one that the agent has written: nothing was copied.',
    )
}
