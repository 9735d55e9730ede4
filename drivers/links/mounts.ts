import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** File systems of removable drives: others may be remote, and access to them may hang. */
const PLUGGED = new Set(['vfat', 'exfat', 'msdos', 'ext2', 'ext3', 'ext4', 'fuseblk'])
const MOUNTS_MAX = 64

/**
 * Folders on which a removable drive with that file is mounted, unless this process has the file open (proc(5), Linux).
 */
export async function mountedWith(file: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8').catch(() => '')).split('\n')
  const open = await openFiles()
  const folders: string[] = []
  for (const line of lines) {
    const [, escaped = '', type = ''] = line.split(' ')
    if (!PLUGGED.has(type) || folders.length >= MOUNTS_MAX) continue
    const folder = escaped.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    )
    const path = join(folder, file)
    const isThere = await stat(path).then(
      (facts) => facts.isFile(),
      () => false,
    )
    if (isThere && !open.has(path)) folders.push(folder)
  }
  return folders
}

/** Changes with each mount and unmount of a removable drive. */
export async function mountsMark(): Promise<string> {
  const lines = (await readFile('/proc/self/mounts', 'utf8').catch(() => '')).split('\n')
  return lines.filter((line) => PLUGGED.has(line.split(' ')[2] ?? '')).join('\n')
}

async function openFiles(): Promise<ReadonlySet<string>> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const paths = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')))
  return new Set(paths)
}
