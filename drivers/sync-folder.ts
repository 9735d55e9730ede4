import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Without it a power cut may undo a new name in the folder. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
