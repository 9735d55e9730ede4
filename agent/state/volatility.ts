import { readlink, realpath, statfs } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Mount } from './mounts.ts'
import { layersOf, mountOf } from './mounts.ts'
import { emptied, temporaryAbove } from './temporary.ts'

/**
 * Why a folder's files do not survive a power cut, or a stop (`emptied`); `unseen`: its disk cannot be examined from
 * here.
 */
export type Volatility = { readonly kind: 'volatile' | 'emptied' | 'unseen'; readonly why: string }

/** statfs(2): tmpfs, ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])
/** A block device in memory, and a part of one. */
const MEMORY_DEVICE = /^(zram|ram)\d+(p\d+)?$/

/** Undefined if the folder is on a disk that keeps it. Throws the system's error about the path. */
export async function volatilityOf(folder: string): Promise<Volatility | undefined> {
  const found = await diskVolatility(folder)
  const above = found?.kind === 'volatile' ? undefined : temporaryAbove(await realpath(folder))
  // A volume that is mounted below it stays.
  if (above === undefined || (await mountOf(folder))?.folder.startsWith(`${above}/`) === true) return found
  return { kind: 'emptied', why: emptied(folder, above) }
}

async function diskVolatility(folder: string): Promise<Volatility | undefined> {
  let layers = 0
  for await (const { at, mount, isUnseen } of layersOf(folder)) {
    const { type } = await statfs(at)
    if (IN_MEMORY.has(type)) return { kind: 'volatile', why: `${at} is in memory (tmpfs)` }
    const device = mount && (await memoryDevice(mount))
    if (device !== undefined) return { kind: 'volatile', why: `${at} is in memory (${device})` }
    if (mount?.type !== 'overlay') return undefined
    if (isUnseen) return { kind: 'unseen', why: `${at} is in the upper layer of an overlay that is not seen from here` }
    layers++
  }
  return { kind: 'unseen', why: `${folder} is on more than ${layers} overlays` }
}

/** On btrfs the number of the file system is not that of a device: its source is. */
async function memoryDevice({ disk, source }: Mount): Promise<string | undefined> {
  const link = await readlink(`/sys/dev/block/${disk}`).catch(() => '')
  return [basename(link), basename(source)].find((name) => MEMORY_DEVICE.test(name))
}
