import { statfsSync } from 'node:fs'

/** What a disk has left. `freeFiles`: how many more files it takes; undefined where nothing limits them. */
export type Room = { freeBytes: number; totalBytes: number; freeFiles: number | undefined }

/** A start needs four, an export, a backup or an archive a few: below it somebody should look. */
export const FEW_FILES = 100

/** Of the disk that holds the directory. Throws what the system says. */
export function roomOf(directory: string): Room {
  const { bavail, blocks, bsize, files, ffree } = statfsSync(directory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree }
}

/** True where no file can be made, whatever room there is; false where it cannot be told. */
export function takesNoFile(directory: string): boolean {
  try {
    return roomOf(directory).freeFiles === 0
  } catch {
    return false
  }
}
