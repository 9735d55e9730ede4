import { readFileSync, realpathSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A row of `/proc/self/mountinfo` (proc(5)). `disk` is the number of its file system: one for all mounts and subvolumes of
 * it; `root` is the path within it.
 */
export type Mount = {
  readonly id: string
  readonly disk: string
  readonly root: string
  readonly folder: string
  readonly type: string
  readonly source: string
  /** The options of the file system. */
  readonly options: readonly string[]
}

/** open(2): works on a folder without read permission, and does not trigger an automount. Node does not export it. */
const O_PATH = 0o10000000
/** An overlay may be on top of another one. */
const LAYERS_MAX = 8

/**
 * The mount that the kernel names for an open folder: st_dev differs between the subvolumes of one btrfs file system, and
 * between a file of an overlay and its folder. Undefined if the mount is not visible from here, as below another root.
 * Throws the system's error about the path.
 */
export function mountOf(path: string): Promise<Mount | undefined> {
  return withOpen(path, mountOfOpen)
}

/** A folder with its mount, and that of each overlay below it; `isUnseen`: what is below this one is not seen from here. */
type Layer = { readonly at: string; readonly mount: Mount | undefined; readonly isUnseen: boolean }

/** From the top down, to the file system below all overlays. Throws the system's error about the path. */
export async function* layersOf(folder: string, look = mountOf): AsyncGenerator<Layer> {
  let at = folder
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const mount = await look(at)
    const upper = mount?.type === 'overlay' ? await seenUpper(mount) : undefined
    yield { at, mount, isUnseen: upper === undefined }
    if (upper === undefined) return
    at = upper
  }
}

/** The number of the file system of a path. Throws the system's error about the path. */
export function diskOf(path: string): Promise<string> {
  return withOpen(path, diskOfOpen)
}

/** The same for an open file: the path may lead elsewhere a moment later. */
export async function diskOfOpen(file: FileHandle): Promise<string> {
  const mount = await mountOfOpen(file)
  return mount?.disk ?? numberOf((await file.stat({ bigint: true })).dev)
}

/** All mounts; a later one on the same folder hides earlier ones. */
export function mountsIn(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const words = line.split(' ')
    const [id = '', , disk = '', root = '', folder = ''] = words
    const [type = '', source = '', options = ''] = words.slice(words.indexOf('-', 6) + 1)
    return id === ''
      ? []
      : [
          {
            id,
            disk,
            root: unescaped(root),
            folder: unescaped(folder),
            type,
            source: unescaped(source),
            options: options.split(',').map(unescaped),
          },
        ]
  })
}

/** Files and folders below this one on which something is mounted, with the path as given. Empty without the table. */
export function mountsWithin(folder: string): string[] {
  const above = `${realpathSync(folder)}/`
  try {
    return mountsIn(readFileSync('/proc/self/mountinfo', 'utf8'))
      .filter((mount) => mount.folder.startsWith(above))
      .map((mount) => join(folder, mount.folder.slice(above.length)))
  } catch {
    return []
  }
}

/**
 * Uses the mount that the kernel names for the open file: on btrfs its `st_dev` is not in the table, nor is that of a
 * file on an overlay.
 */
async function mountOfOpen({ fd }: FileHandle): Promise<Mount | undefined> {
  const id = /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
  return mountsIn(await readFile('/proc/self/mountinfo', 'utf8')).find((mount) => mount.id === id)
}

/** Asynchronous, as everything here: a share whose server is unreachable may block the caller. */
async function withOpen<Result>(path: string, look: (file: FileHandle) => Promise<Result>): Promise<Result> {
  const file = await open(path, O_PATH)
  try {
    return await look(file)
  } finally {
    await file.close()
  }
}

/** In the notation of the kernel (makedev(3)). */
function numberOf(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn & 0xffffffffn)
  return `${major}:${minor}`
}

/**
 * Blanks, tabs, line ends and backslashes are written in octal, also in fstab(5); in options of an overlay commas too.
 */
export function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/**
 * In a container the paths of an overlay are those of its host: here both must exist, on one file system, as the kernel
 * requires.
 */
async function seenUpper({ options }: Mount): Promise<string | undefined> {
  const optionOf = (key: string) => options.find((one) => one.startsWith(key))?.slice(key.length)
  const [upper, work] = [optionOf('upperdir='), optionOf('workdir=')]
  // A relative path starts at the folder of the process that mounted the overlay.
  if (upper?.startsWith('/') !== true || work === undefined) return undefined
  const [first, second] = await Promise.all([upper, work].map((path) => stat(path).catch(() => undefined)))
  return first?.isDirectory() === true && first.dev === second?.dev ? upper : undefined
}
