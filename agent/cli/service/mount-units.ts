import { join } from 'node:path'
import { TSE_DISKS } from '../../../drivers/tse-catalog.ts'
import type { Config } from '../../agent-config.ts'
import { escapedPath } from '../../config/unit-name.ts'
import type { Mount } from '../../state/mounts.ts'
import { unescaped } from '../../state/mounts.ts'
import { OWN_UNITS } from './files.ts'

/** The first line of each unit, by which "service uninstall" finds its own. */
export const MADE_BY = '# Made by "fiskal-edge service install" for a TSE that is a disk.'

/** Facts of the machine about its drives. */
export type Drives = {
  mounts: readonly Mount[]
  /** `/etc/fstab`. */
  fstab: string
  exists: (path: string) => boolean
  /** UUID of the file system on a block device; undefined if there is no UUID. */
  uuidOf: (source: string) => string | undefined
}

/** `wants` is the link through which systemd mounts the drive whenever it is connected. */
export type MountUnit = { place: string; text: string; wants: string }

/**
 * The mount units of the TSEs that are disks: one for each drive that is mounted now, at any place. A drive is
 * identified by its UUID. Drives in /etc/fstab are left to the shop.
 */
export function mountUnits(config: Config, drives: Drives): { units: MountUnit[]; remainingSteps: string[] } {
  const units: MountUnit[] = []
  const remainingSteps: string[] = []
  const mounted = drives.mounts.filter(({ source }) => source.startsWith('/dev/'))
  const taken = new Set<string>()
  for (const { id, driver, ...device } of config.devices) {
    const file = TSE_DISKS.get(driver)?.file
    const path = 'path' in device ? device.path : undefined
    if (file === undefined || path === undefined || isInFstab(drives.fstab, path)) continue
    const candidates = mounted.filter(({ source, folder }) => !taken.has(source) && drives.exists(join(folder, file)))
    const [drive, ...others] = candidates.filter(({ folder }) => folder === path).concat(candidates)
    const uuid = drive && drives.uuidOf(drive.source)
    const isOne = drive?.folder === path || others.every(({ source }) => source === drive?.source)
    if (drive === undefined || uuid === undefined || !isOne) {
      remainingSteps.push(
        `mount the drive of ${id} anywhere, alone, and run "fiskal-edge service install" again: it writes the mount unit`,
      )
      continue
    }
    taken.add(drive.source)
    units.push(unitOf(id, path, uuid, drive.type))
  }
  return { units, remainingSteps }
}

function unitOf(id: string, path: string, uuid: string, type: string): MountUnit {
  const what = `/dev/disk/by-uuid/${uuid}`
  const name = `${escapedPath(path)}.mount`
  const text = [
    MADE_BY,
    '[Unit]',
    `Description=Drive of the TSE ${id}`,
    '[Mount]',
    `What=${what}`,
    `Where=${path.replaceAll('%', '%%')}`,
    `Type=${type}`,
    'Options=nosuid,nodev,noexec,uid=fiskal-edge,gid=fiskal-edge,umask=0077',
    '',
  ].join('\n')
  return { place: join(OWN_UNITS, name), text, wants: join(OWN_UNITS, `${escapedPath(what)}.device.wants`, name) }
}

function isInFstab(text: string, path: string): boolean {
  return foldersOfFstab(text).includes(path)
}

/** fstab(5): the folders of its disks. */
export function foldersOfFstab(text: string): string[] {
  const rows = text.split('\n').filter((line) => !line.trim().startsWith('#'))
  return rows.map((line) => unescaped(line.trim().split(/\s+/)[1] ?? '')).filter((folder) => folder.startsWith('/'))
}
