import { readlink, stat, statfs } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Mount } from './mounts.ts'
import { mountOf } from './mounts.ts'

/** Why a folder's files do not survive a power cut; `unseen`: its disk cannot be examined from here. */
export type Volatility = { readonly kind: 'volatile' | 'unseen'; readonly why: string }

/** statfs(2): tmpfs, ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])
/** A block device in memory, and a part of one. */
const MEMORY_DEVICE = /^(zram|ram)\d+(p\d+)?$/
/** An overlay may be on top of another one. */
const LAYERS_MAX = 8

/** Undefined if the folder is on a disk that keeps it. Throws the system's error about the path. */
export async function volatilityOf(folder: string): Promise<Volatility | undefined> {
  let at = folder
  for (let layer = 0; layer < LAYERS_MAX; layer++) {
    const { type } = await statfs(at)
    if (IN_MEMORY.has(type)) return { kind: 'volatile', why: `${at} is in memory (tmpfs)` }
    const mount = await mountOf(at)
    const device = mount && (await memoryDevice(mount))
    if (device !== undefined) return { kind: 'volatile', why: `${at} is in memory (${device})` }
    if (mount?.type !== 'overlay') return undefined
    const upper = await seenUpper(mount)
    if (upper === undefined)
      return { kind: 'unseen', why: `${at} is in the upper layer of an overlay that is not seen from here` }
    at = upper
  }
  return { kind: 'unseen', why: `${folder} is on more than ${LAYERS_MAX} overlays` }
}

/** On btrfs the number of the file system is not that of a device: its source is. */
async function memoryDevice({ disk, source }: Mount): Promise<string | undefined> {
  const link = await readlink(`/sys/dev/block/${disk}`).catch(() => '')
  return [basename(link), basename(source)].find((name) => MEMORY_DEVICE.test(name))
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
