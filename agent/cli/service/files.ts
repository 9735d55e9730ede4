import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { replaceConcurrently } from '../../../base/durable-file.ts'

/** The folder of this program: a clone, or that of the package. */
export const PROGRAM = resolve(import.meta.dirname, '..', '..', '..')
/** The path in the unit in `systemd/`. */
const PACKAGE_FOLDER = '/opt/fiskal-edge'
const PACKAGED_UNITS = '/usr/lib/systemd/system'
/** A unit in this folder takes precedence over the package's. */
export const OWN_UNITS = '/etc/systemd/system'

export const UNIT = 'fiskal-edge.service'
/** Includes the templates that pass files on. */
export const UNITS = [UNIT, 'fiskal-edge-secret@.path', 'fiskal-edge-secret@.service'] as const
type UnitName = (typeof UNITS)[number]
export const DROP_IN = join(OWN_UNITS, `${UNIT}.d`, '10-configuration.conf')
/** Depends on the devices of this configuration. */
export const USB_RULES = '/etc/udev/rules.d/61-fiskal-edge-usb.rules'
export const CONFIG = '/etc/fiskal-edge/agent.json'

/** The files that a clone installs (file of `systemd/` → place in the system); the package brings its own. */
const PLACES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(UNITS.map((name) => [name, join(OWN_UNITS, name)])),
  'sysusers.conf': '/etc/sysusers.d/fiskal-edge.conf',
  'tmpfiles.conf': '/etc/tmpfiles.d/fiskal-edge.conf',
  '60-fiskal-edge.rules': '/etc/udev/rules.d/60-fiskal-edge.rules',
}

/** The files of a system under `root`; `/` is this machine. */
export type System = { readonly root: string }

export function at({ root }: System, path: string): string {
  return join(root, path)
}

/** True if the Debian package of this program brings the unit. */
export function isPackaged(system: System): boolean {
  return readable(at(system, join(PACKAGED_UNITS, UNIT)))?.includes(`ExecStart=${PROGRAM}/`) ?? false
}

/** The unit for this program. */
export function unitText(name: UnitName): string {
  const text = readFileSync(join(PROGRAM, 'systemd', name), 'utf8')
  const isClone = existsSync(join(PROGRAM, 'node_modules', '.bin', 'fiskal-edge'))
  const command = isClone ? `${PROGRAM}/node_modules/.bin/fiskal-edge` : `${PROGRAM}/bin/fiskal-edge`
  return text.replaceAll(`${PACKAGE_FOLDER}/bin/fiskal-edge`, command).replaceAll(PACKAGE_FOLDER, PROGRAM)
}

/** The unit that systemd reads: a file in /etc takes precedence over the package's. */
export function installedUnit(system: System, name: UnitName = UNIT): { path: string; text: string } | undefined {
  for (const path of [join(OWN_UNITS, name), join(PACKAGED_UNITS, name)]) {
    const text = readable(at(system, path))
    if (text !== undefined) return { path, text }
  }
  return undefined
}

/** Writes the files that a clone needs, and leaves those of the package alone. Returns the written paths. */
export function writeFiles(system: System): string[] {
  if (isPackaged(system)) return []
  return Object.entries(PLACES).map(([name, place]) => {
    const unit = UNITS.find((known) => known === name)
    const text = unit === undefined ? readFileSync(join(PROGRAM, 'systemd', name), 'utf8') : unitText(unit)
    put(system, place, text)
    return place
  })
}

/** Returns the removed paths. */
export function removeFiles(system: System): string[] {
  const places = [...Object.values(PLACES), DROP_IN, USB_RULES].filter((place) => existsSync(at(system, place)))
  for (const place of places) rmSync(at(system, place))
  return places
}

/** Writes atomically: half a unit starts nothing, and half a configuration passes for the shop's own. */
export function put(system: System, place: string, text: string): void {
  const named = at(system, place)
  mkdirSync(dirname(named), { recursive: true })
  const file = existsSync(named) ? realpathSync(named) : named
  replaceConcurrently(file, text, 0o644)
}

export function readable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
