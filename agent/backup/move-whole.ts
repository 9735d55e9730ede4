import { copyFileSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'
import { codeOf } from '../../base/thrown.ts'

/**
 * An overlay renames no folder of its lower layer, nothing is renamed to another disk, and a folder on which a disk is
 * mounted keeps its name. A folder that was moved in part is not replaced by the rest of it.
 */
const BY_CONTENT: ReadonlySet<string | undefined> = new Set(['EXDEV', 'EBUSY', 'ENOTEMPTY', 'EEXIST'])

/**
 * Moves a file or a folder by one rename. If the system refuses it, moves a folder by its content and copies a file. An
 * interrupted move is completed by the next one. The folder of a mounted disk remains, empty. `moved` is called after
 * each step.
 */
export function moveWhole(from: string, to: string, moved: () => void = () => undefined): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!BY_CONTENT.has(codeOf(error))) throw error
    if (lstatSync(from).isDirectory()) moveContent(from, to, moved)
    else if (codeOf(error) === 'EXDEV') copyOver(from, to)
    else throw error
  }
  // In this order also after a power cut.
  for (const changed of [dirname(to), dirname(from)]) syncNow(changed)
  moved()
}

function moveContent(from: string, to: string, moved: () => void): void {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(from)) moveWhole(join(from, name), join(to, name), moved)
  try {
    rmdirSync(from)
  } catch (error) {
    if (codeOf(error) !== 'EBUSY') throw error
  }
}

function copyOver(from: string, to: string): void {
  const temporary = `${to}.tmp`
  copyFileSync(from, temporary)
  syncNow(temporary)
  renameSync(temporary, to)
  syncNow(dirname(to))
  rmSync(from)
}
