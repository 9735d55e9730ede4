import { existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Config } from '../../agent-config.ts'
import type { Mount } from '../../state/mounts.ts'
import { mountsIn } from '../../state/mounts.ts'
import { foldersIn } from './drop-in.ts'
import type { System } from './files.ts'
import { at, DROP_IN, OWN_UNITS, put, readable } from './files.ts'
import { foldersOfFstab, MADE_BY, mountUnits } from './mount-units.ts'

const BY_UUID = '/dev/disk/by-uuid'

/** The mount points in use now, those in /etc/fstab, and those in the installed drop-in (`installed`). */
export function mountPointsOf(system: System, installed = readable(at(system, DROP_IN)) ?? ''): string[] {
  const mounted = system.root === '/' ? mounts() : []
  const belonging = foldersOfFstab(readable(at(system, '/etc/fstab')) ?? '')
  return [...mounted.map(({ folder }) => folder), ...belonging, ...foldersIn(installed)]
}

/**
 * Writes the mount units of the TSEs whose drives are mounted on this machine. Returns the written paths, and the
 * remaining steps.
 */
export function writeMountUnits(system: System, config: Config): { written: string[]; remainingSteps: string[] } {
  // The drives of another system are not connected to this machine.
  if (system.root !== '/') return { written: [], remainingSteps: [] }
  const fstab = readable('/etc/fstab') ?? ''
  const { units, remainingSteps } = mountUnits(config, { mounts: mounts(), fstab, exists: existsSync, uuidOf })
  for (const { place, text, wants } of units) {
    put(system, place, text)
    mkdirSync(dirname(wants), { recursive: true })
    rmSync(wants, { force: true })
    symlinkSync(join('..', basename(place)), wants)
  }
  return { written: units.map(({ place }) => place), remainingSteps }
}

/** Returns the removed paths. */
export function removeMountUnits(system: System): string[] {
  const folder = at(system, OWN_UNITS)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const own = names.filter((name) => name.endsWith('.mount') && readable(join(folder, name))?.startsWith(MADE_BY))
  for (const name of own) {
    rmSync(join(folder, name))
    for (const wants of names.filter((other) => other.endsWith('.device.wants'))) {
      const link = join(folder, wants, name)
      if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link)
    }
  }
  return own.map((name) => join(OWN_UNITS, name))
}

function mounts(): Mount[] {
  return mountsIn(readable('/proc/self/mountinfo') ?? '')
}

function uuidOf(source: string): string | undefined {
  const names = existsSync(BY_UUID) ? readdirSync(BY_UUID) : []
  const device = realpathSync(source)
  return names.find((name) => realpathSync(join(BY_UUID, name)) === device)
}
