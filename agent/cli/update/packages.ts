import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceConcurrently } from '../../../base/durable-file.ts'
import { isAtLeast } from '../../../base/version.ts'
import { ServiceError } from '../service/host.ts'
import { KEPT, LOG, run } from './commands.ts'

/** dpkg-query(1), "Package states". */
const STATUS = ['db:Status-Status', 'Version', 'Config-Version'].map((field) => `\${${field}}`).join('\t')
const WHOLE: ReadonlySet<string> = new Set(['installed', 'triggers-awaited', 'triggers-pending'])
const HALF: ReadonlySet<string> = new Set(['half-installed', 'unpacked', 'half-configured'])

/** The members of the control file of a package. */
export type Package = {
  readonly file: string
  /** As dpkg has it. */
  readonly version: string
  /** The oldest program that opens the journal after this one has written to it. */
  readonly minSafeVersion: string
}

/** Throws `update_no_package` for anything else than a package of this program for this machine. */
export function packageOf(file: string): Package {
  if (!existsSync(file)) throw new ServiceError('update_no_package', `There is no file ${file}. Nothing was changed.`)
  const control = run('dpkg-deb', ['-f', file])
  if (!control.isDone)
    throw new ServiceError('update_no_package', unreadable(file, 'is not a package, or its beginning is damaged'))
  const field = fieldsOf(control.out)
  const [name, architecture] = [field('Package'), field('Architecture')]
  const own = run('dpkg', ['--print-architecture']).out.trim()
  if (name !== 'fiskal-edge' || architecture !== own)
    throw new ServiceError(
      'update_no_package',
      `${file} is ${name} for ${architecture}, and not fiskal-edge for ${own}. Nothing was changed.`,
    )
  return {
    file,
    version: field('Version'),
    minSafeVersion: field('Fiskal-Edge-Min-Safe'),
  }
}

/** Reads the whole package: its facts are at the beginning, and a file that was cut off has them too. */
export function demandWhole({ file }: Package): void {
  if (run('dpkg-deb', ['--fsys-tarfile', file], { ignoresOutput: true }).isDone) return
  throw new ServiceError('update_package_damaged', unreadable(file, 'is cut off or damaged'))
}

function unreadable(file: string, why: string): string {
  return `${file} ${why}: copy or download it again, and compare its size. Nothing was changed. The text of dpkg is in ${LOG}.`
}

/** The package of this program in the database of dpkg. `isHalf`: an installation was interrupted or failed. */
export type Installed = { readonly version: string; readonly isHalf: boolean }

/** Throws `update_not_packaged` if it was not installed as a package. */
export function installedPackage(): Installed {
  const status = run('dpkg-query', ['-W', `-f=${STATUS}`, 'fiskal-edge'], { isLogged: false })
  const [state = '', version = '', configured = ''] = status.isDone ? status.out.trim().split('\t') : []
  if (WHOLE.has(state)) return { version, isHalf: false }
  // The version that was configured last is the one that sold.
  if (HALF.has(state)) return { version: configured || version, isHalf: true }
  throw new ServiceError(
    'update_not_packaged',
    'fiskal-edge was not installed by its package here: a clone is updated with git pull and npm ci. Nothing was changed.',
  )
}

/** In the form of control files, one a line. */
function fieldsOf(control: string): (name: string) => string {
  return (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? ''
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

/** The newest first. A copy that cannot be read is removed: no step back could use it. */
export function keptPackages(): Package[] {
  if (!existsSync(KEPT)) return []
  return readdirSync(KEPT)
    .filter((name) => name.endsWith('.deb'))
    .flatMap((name) => readOrRemove(join(KEPT, name)))
    .sort((a, b) => (isAtLeast(a.version, b.version) ? -1 : 1))
}

function readOrRemove(file: string): Package[] {
  try {
    return [packageOf(file)]
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    rmSync(file, { force: true })
    return []
  }
}
