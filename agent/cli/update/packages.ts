import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceConcurrently } from '../../../base/durable-file.ts'
import { isAtLeast } from '../../journal/program-versions.ts'
import { ServiceError } from '../service/host.ts'
import { run } from './commands.ts'

/**
 * Private to root: files from this folder are installed by root. Not the daemon's cache, which each installation
 * empties.
 */
export const KEPT = '/var/cache/fiskal-edge-packages'

/** The members of the control file of a package. */
export type Package = {
  readonly file: string
  readonly version: string
  /** The schema version to which it migrates the journal. */
  readonly schema: number
  /** The oldest program that opens the journal after its migrations. */
  readonly minSafeVersion: string
}

/** Throws `update_no_package` for anything else than a package of this program for this machine. */
export function packageOf(file: string): Package {
  if (!existsSync(file)) throw new ServiceError('update_no_package', `There is no file ${file}. Nothing was changed.`)
  const field = fieldsOf(run('dpkg-deb', '-f', file))
  const [name, architecture] = [field('Package'), field('Architecture')]
  const own = run('dpkg', '--print-architecture').trim()
  if (name !== 'fiskal-edge' || architecture !== own)
    throw new ServiceError(
      'update_no_package',
      `${file} is ${name} for ${architecture}, and not fiskal-edge for ${own}. Nothing was changed.`,
    )
  return {
    file,
    version: field('Version'),
    schema: Number(field('Fiskal-Edge-Schema')),
    minSafeVersion: field('Fiskal-Edge-Min-Safe'),
  }
}

/** The installed version. Throws `update_not_packaged` if it was not installed as a package. */
export function installedVersion(): string {
  const field = fieldsOf(dpkgStatus())
  if (field('Status').endsWith(' installed')) return field('Version')
  throw new ServiceError(
    'update_not_packaged',
    'fiskal-edge was not installed by its package here: a clone is updated with git pull and npm ci. Nothing was changed.',
  )
}

/** In the form of control files, one a line. */
function fieldsOf(control: string): (name: string) => string {
  return (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? ''
}

function dpkgStatus(): string {
  try {
    return run('dpkg', '-s', 'fiskal-edge')
  } catch {
    // It does not know it.
    return ''
  }
}

/** Keeps the package where an update finds it, with one other: the installed one, if its file exists (`before`). */
export function keep(given: Package, installed: string): { kept: Package; before: Package | undefined } {
  mkdirSync(KEPT, { recursive: true, mode: 0o700 })
  const file = join(KEPT, `fiskal-edge_${given.version}.deb`)
  if (given.file !== file) replaceConcurrently(file, readFileSync(given.file), 0o600)
  const others = keptPackages().filter(({ version }) => version !== given.version)
  const before = others.find(({ version }) => version === installed)
  const wanted = before ?? others[0]
  for (const other of others) if (other !== wanted) rmSync(other.file)
  return { kept: { ...given, file }, before }
}

/** The newest first. */
export function keptPackages(): Package[] {
  if (!existsSync(KEPT)) return []
  return readdirSync(KEPT)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => packageOf(join(KEPT, name)))
    .sort((a, b) => (isAtLeast(a.version, b.version) ? -1 : 1))
}
