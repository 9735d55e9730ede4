import { closeSync, fsyncSync, openSync } from 'node:fs'
import { errorCode } from './errors.ts'

/** Without it a power cut may undo a new name in the folder. Some file systems sync no folder: nothing more can be done there. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error
  } finally {
    closeSync(folder)
  }
}
