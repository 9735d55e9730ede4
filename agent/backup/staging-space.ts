import { stat } from 'node:fs/promises'
import { freeSpaceOf } from '../journal/disk/free-space.ts'
import { reserveOf } from '../journal/disk/space.ts'
import { RefillError } from '../journal/refill.ts'
import type { BackupLine } from './format.ts'

/** Lines between two looks at the disk. */
const LINES = 2000

/** Refuses a backup that does not fit in addition to the reserve. Throws RefillError `backup_too_large`. */
export async function requireSpaceForFile(directory: string, file: string): Promise<void> {
  requireSpace(directory, (await stat(file)).size)
}

/** Throws RefillError `backup_too_large`. */
export function requireSpace(directory: string, bytes: number): void {
  const { freeBytes, totalBytes } = freeSpaceOf(directory)
  if (bytes <= freeBytes - reserveOf(totalBytes)) return
  throw new RefillError('backup_too_large', 'The backup does not fit on this disk. Free space, then repeat.')
}

/** Looks at the disk while a backup is unpacked: a small file may hold more than the disk. */
export class StagingSpace {
  readonly #directory: string
  #lines = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Throws RefillError `backup_too_large`. */
  demand({ t }: BackupLine): void {
    if (this.#lines++ % LINES > 0 && t !== 'content') return
    requireSpace(this.#directory, 0)
  }
}
