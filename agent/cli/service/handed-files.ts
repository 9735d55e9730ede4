import type { Stats } from 'node:fs'
import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { codeOf } from '../../../base/thrown.ts'
import type { Config } from '../../agent-config.ts'
import { namedPaths } from '../../agent-config.ts'
import { escapedPath } from '../../config/unit-name.ts'
import type { System } from './files.ts'
import { at, OWN_UNITS, put } from './files.ts'

/** The folder in which fiskal-edge-secret@.service keeps its copies. */
export const COPIES = '/run/fiskal-edge-secrets'
const TEMPLATE = 'fiskal-edge-secret@'
/** systemd.unit(5). */
const UNIT_NAME_BYTES_MAX = 255
const OTHERS_WRITE = 0o022
/** The limit of the kernel (path_resolution(7)). */
const LINKS_MAX = 40

/** The units that pass one file on; `copy` is its name in {@link COPIES}. */
export type HandedUnits = {
  readonly file: string
  readonly copy: string
  readonly path: string
  readonly service: string
  /** The file's folder, and the folders of links in its path: only there a changed link is noticed. */
  readonly folders: readonly string[]
}

/** The folders of a path. `opened`: a folder that another user than root may change. */
export type Way = { readonly folders: readonly string[]; readonly opened?: string }

/**
 * The instances for the files of that configuration that systemd passes on, existing or not: those with a path that
 * only root can change, because systemd reads there as root and follows each link.
 */
export function handedUnits(config: Config, wayTo: (path: string) => Way): HandedUnits[] {
  return namedPaths(config).flatMap((file) => {
    const copy = escapedPath(file)
    const [path, service] = [`${TEMPLATE}${copy}.path`, `${TEMPLATE}${copy}.service`]
    const { folders, opened } = wayTo(file)
    const isHanded = opened === undefined && service.length <= UNIT_NAME_BYTES_MAX
    return isHanded ? [{ file, copy, path, service, folders }] : []
  })
}

/** Only root can create a missing file if the folders are root's. */
export function wayIn(system: System): (path: string) => Way {
  const root = statSync(at(system, '/')).uid
  const isOpen = (folder: string): boolean => {
    const { uid, mode } = statSync(at(system, folder))
    return uid !== root || (mode & OTHERS_WRITE) !== 0
  }
  return (path) => {
    const folders = new Set([dirname(path)])
    let folder = '/'
    let links = 0
    const parts = partsOf(path)
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (isOpen(folder) || links > LINKS_MAX) return { folders: [...folders], opened: folder }
      const next = join(folder, part)
      const entry = entryOf(at(system, next))
      if (entry?.isSymbolicLink()) {
        links++
        folders.add(folder)
        // A path of that system, whose root is a folder here.
        parts.unshift(...partsOf(resolve(folder, readlinkSync(at(system, next)))))
        folder = '/'
      } else if (entry?.isDirectory()) folder = next
      else break
    }
    return { folders: [...folders] }
  }
}

/** Undefined if the file does not exist, or this user may not examine it. */
function entryOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === 'EACCES') return undefined
    throw error
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

/** The drop-ins of the template's instances: place → text. */
export function instanceDropIns(units: readonly HandedUnits[]): ReadonlyMap<string, string> {
  return new Map(
    units.map(({ path, folders }) => {
      const lines = folders.map((folder) => `PathChanged=${folder.replaceAll('%', '%%')}`)
      const text = [
        '# Made by "fiskal-edge service install": a link that is switched shows here.',
        '[Path]',
        ...lines,
        '',
      ]
      return [join(OWN_UNITS, `${path}.d`, 'folders.conf'), text.join('\n')]
    }),
  )
}

/** The existing drop-ins of instances. */
export function foundDropIns(system: System): string[] {
  const folder = at(system, OWN_UNITS)
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter((name) => name.startsWith(TEMPLATE) && name.endsWith('.path.d'))
    .map((name) => join(OWN_UNITS, name, 'folders.conf'))
}

/** Writes the drop-ins of these units and removes all others. */
export function writeInstanceDropIns(system: System, units: readonly HandedUnits[]): void {
  const wanted = instanceDropIns(units)
  for (const [place, text] of wanted) put(system, place, text)
  for (const place of foundDropIns(system))
    if (!wanted.has(place)) rmSync(dirname(at(system, place)), { recursive: true })
}
