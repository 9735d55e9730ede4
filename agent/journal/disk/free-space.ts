import { statfsSync } from 'node:fs'

/** Free space of a disk. `freeFiles`: how many more files it can hold; undefined if it has no such limit. */
export type FreeSpace = { freeBytes: number; totalBytes: number; freeFiles: number | undefined }

/** A start needs four files, an export, a backup or an archive a few: below this number a person should look. */
export const FEW_FILES = 100

/** Free space of the disk that holds the directory. Throws the system's error. */
export function freeSpaceOf(directory: string): FreeSpace {
  const { bavail, blocks, bsize, files, ffree } = statfsSync(directory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree }
}

/** True if no file can be made, whatever space is free; false if that cannot be determined. */
export function takesNoFile(directory: string): boolean {
  try {
    return freeSpaceOf(directory).freeFiles === 0
  } catch {
    return false
  }
}
