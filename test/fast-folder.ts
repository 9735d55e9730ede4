import { readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const MEMORY_DISK = '/dev/shm'
/** Several times what all tests hold at one moment. */
const ROOM = 3 * 2 ** 30

/**
 * A memory disk with space that runs programs, if there is one. Syncs of a disk cost hundreds of times its own, and a
 * disk that is busy elsewhere fails the test of a card.
 */
export function fastFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_DISK)
    return bavail * bsize > ROOM && runsPrograms(MEMORY_DISK) ? MEMORY_DISK : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** Containers often forbid it there. */
function runsPrograms(mountPoint: string): boolean {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
  const options = mounts.map((line) => line.split(' ')).findLast(([, at]) => at === mountPoint)?.[3]
  return options?.split(',').includes('noexec') === false
}
