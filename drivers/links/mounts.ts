import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Of drives that one plugs in: others may be far away, and a look at them may hang. */
const PLUGGED = new Set(['vfat', 'exfat', 'msdos', 'ext2', 'ext3', 'ext4', 'fuseblk'])
const MOUNTS_MAX = 64

/** Folders on which a plugged-in drive with that file is mounted, which this process has not open (proc(5), Linux). */
export async function mountedWith(file: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8').catch(() => '')).split('\n')
  const open = await openFiles()
  const found: string[] = []
  for (const line of lines) {
    const [, escaped = '', type = ''] = line.split(' ')
    if (!PLUGGED.has(type) || found.length >= MOUNTS_MAX) continue
    const folder = escaped.replace(/\\([0-7]{3})/g, (_all, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    )
    const path = join(folder, file)
    const isThere = await stat(path).then(
      (facts) => facts.isFile(),
      () => false,
    )
    if (isThere && !open.has(path)) found.push(folder)
  }
  return found
}

/** Another one after each mount and unmount of a drive that one plugs in. */
export async function mountsMark(): Promise<string> {
  const lines = (await readFile('/proc/self/mounts', 'utf8').catch(() => '')).split('\n')
  return lines.filter((line) => PLUGGED.has(line.split(' ')[2] ?? '')).join('\n')
}

async function openFiles(): Promise<ReadonlySet<string>> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const paths = await Promise.all(names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => '')))
  return new Set(paths)
}
