import { readFileSync, readlinkSync, statSync } from 'node:fs'

/** A process's use of a database: `all` keeps every other process out (locking_mode=EXCLUSIVE). */
export type Holder = { readonly pid: number; readonly use: 'write' | 'checkpoint' | 'recovery' | 'read' | 'all' }

/**
 * Bytes of the index (SQLite, os_unix.c: UNIX_SHM_BASE and wal.c: WAL_WRITE_LOCK …). An idle connection locks byte 128
 * only.
 */
const INDEX_BYTES: readonly (readonly [use: Holder['use'], first: number, last: number])[] = [
  ['write', 120, 120],
  ['checkpoint', 121, 121],
  ['recovery', 122, 122],
  ['read', 123, 127],
]
/**
 * A byte of the database file itself (SQLite file format §1.4, "The Lock-Byte Page"): without the index one process has
 * it alone.
 */
export const PENDING_BYTE = 1_073_741_824
const LAST_SHARED_BYTE = PENDING_BYTE + 511

type KernelLock = { pid: number; isWrite: boolean; inode: string; first: number; last: number }

/**
 * The other processes with locks on a database in WAL mode, as far as the kernel shows them: none of another PID
 * namespace, and none at all under ProcSubset=pid. Opens no file of the database: to close one would release our own
 * locks (fcntl_locking(2)).
 */
export function holdersOf(database: string): Holder[] {
  const [index, file] = [inodeOf(`${database}-shm`), inodeOf(database)]
  const holders = new Map<string, Holder>()
  const locks = kernelLocks()
  const own = locks.length === 0 ? 0 : Number(readlinkSync('/proc/self'))
  for (const { pid, isWrite, inode, first, last } of locks) {
    if (pid === own || pid <= 0) continue
    const uses = INDEX_BYTES.filter(([, from, to]) => inode === index && first <= to && from <= last).map(
      ([use]) => use,
    )
    if (inode === file && isWrite && first <= LAST_SHARED_BYTE && last >= PENDING_BYTE) uses.push('all')
    for (const use of uses) holders.set(`${pid} ${use}`, { pid, use })
  }
  return [...holders.values()]
}

/** Processes with a lock on that file, on any byte of it. Another file system may have the same inode number. */
export function lockersOf(path: string): number[] {
  const inode = inodeOf(path)
  return kernelLocks().flatMap((lock) => (lock.inode === inode && lock.pid > 0 ? [lock.pid] : []))
}

export function writersOf(database: string): Holder[] {
  return holdersOf(database).filter(isWriter)
}

/** True for a holder that prevents others from writing. */
export function isWriter({ use }: Holder): boolean {
  return use !== 'read' && use !== 'checkpoint'
}

/** `process 812`, or a general text if the kernel shows no process. */
export function holderWords(holders: readonly Holder[]): string {
  return processWords([...new Set(holders.map(({ pid }) => pid))])
}

export function processWords(pids: readonly number[]): string {
  if (pids.length === 0) return 'another program'
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}`
}

/** The device number of a lock is not that of stat(2) on overlay and btrfs: only inodes are compared. */
function inodeOf(path: string): string | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString()
}

/** Lines of proc_locks(5): `1: POSIX  ADVISORY  WRITE 9143 fe:00:2147138 120 120`; a waiting one has `->`. */
export function kernelLocks(): KernelLock[] {
  try {
    return readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter((line) => !line.includes('->'))
      .map((line) => {
        const [, , , mode, pid, file, first, last] = line.split(/\s+/)
        const inode = file?.split(':')[2] ?? ''
        const end = last === 'EOF' ? Number.MAX_SAFE_INTEGER : Number(last)
        return { pid: Number(pid), isWrite: mode === 'WRITE', inode, first: Number(first), last: end }
      })
      .filter(({ pid, first, last }) => Number.isInteger(pid) && Number.isInteger(first) && Number.isInteger(last))
  } catch {
    // Another operating system, or a sandbox that hides it.
    return []
  }
}
